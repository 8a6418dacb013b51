//! A token in which anything was changed is no token.

use sealpass_jose::{KeyRing, base64url};

use crate::support::{TYP, claims, judge, rings};

fn sealed() -> impl Iterator<Item = (KeyRing, String)> {
    rings().into_iter().map(|keys| {
        let token = keys.seal(TYP, &claims()).unwrap();
        assert_eq!(judge(&keys, &token).as_deref(), Ok("ada"), "untouched");
        (keys, token)
    })
}

#[test]
fn every_bit_of_the_text_flipped_is_refused() {
    for (keys, token) in sealed() {
        let mut tried = 0;
        for index in 0..token.len() {
            for bit in 0..8 {
                let mut bytes = token.clone().into_bytes();
                bytes[index] ^= 1 << bit;
                // A flipped top bit is no UTF-8, and no `&str`.
                let Ok(flipped) = String::from_utf8(bytes) else { continue };
                assert!(judge(&keys, &flipped).is_err(), "byte {index} bit {bit}: {flipped}");
                tried += 1;
            }
        }
        assert_eq!(tried, token.len() * 7);
    }
}

#[test]
fn every_bit_of_every_decoded_part_flipped_is_refused() {
    for (keys, token) in sealed() {
        let parts: Vec<Vec<u8>> =
            token.split('.').map(|part| base64url::decode(part.as_bytes()).unwrap()).collect();
        let mut tried = 0;
        for (part, bytes) in parts.iter().enumerate() {
            for bit in 0..bytes.len() * 8 {
                let mut parts = parts.clone();
                parts[part][bit / 8] ^= 1 << (bit % 8);
                let flipped = join(&parts);
                assert!(judge(&keys, &flipped).is_err(), "part {part} bit {bit}: {flipped}");
                tried += 1;
            }
        }
        assert_eq!(tried, parts.concat().len() * 8);
    }
}

#[test]
fn every_truncation_is_refused() {
    for (keys, token) in sealed() {
        for length in 0..token.len() {
            assert!(judge(&keys, &token[..length]).is_err(), "the first {length}");
            assert!(judge(&keys, &token[token.len() - length..]).is_err(), "the last {length}");
        }
    }
}

#[test]
fn a_truncated_tag_or_signature_of_every_length_is_refused() {
    for (keys, token) in sealed() {
        let (rest, proof) = token.rsplit_once('.').unwrap();
        let proof = base64url::decode(proof.as_bytes()).unwrap();
        for length in 0..proof.len() {
            let short = format!("{rest}.{}", base64url::encode(&proof[..length]));
            let expected = if length == 0 { "token_part_empty" } else { "token_encoding" };
            assert_eq!(judge(&keys, &short), Err(expected), "{length} bytes");
        }
        let long = format!("{rest}.{}", base64url::encode(&[&proof[..], &[0]].concat()));
        assert_eq!(judge(&keys, &long), Err("token_encoding"));
    }
}

#[test]
fn an_initialization_vector_of_another_length_is_refused() {
    let (keys, token) = sealed().next().unwrap();
    let parts: Vec<&str> = token.split('.').collect();
    for length in [1, 8, 11, 13, 16, 32] {
        let vector = base64url::encode(&vec![0; length]);
        let token = format!("{}..{vector}.{}.{}", parts[0], parts[3], parts[4]);
        assert_eq!(judge(&keys, &token), Err("token_encoding"), "{length} bytes");
    }
}

#[test]
fn parts_of_two_tokens_do_not_mix() {
    for (keys, token) in sealed() {
        let other = keys.seal(TYP, &crate::support::claims_with("sub", "eve")).unwrap();
        let theirs: Vec<&str> = other.split('.').collect();
        let ours: Vec<&str> = token.split('.').collect();
        for part in 1..ours.len() {
            let mut mixed = ours.clone();
            mixed[part] = theirs[part];
            let same = mixed == ours;
            assert_eq!(judge(&keys, &mixed.join(".")).is_ok(), same, "part {part}");
        }
    }
}

#[test]
fn a_second_spelling_of_a_token_is_refused() {
    for (keys, token) in sealed() {
        for (name, spelling) in [
            ("trailing newline", format!("{token}\n")),
            ("leading space", format!(" {token}")),
            ("trailing dot", format!("{token}.")),
            ("leading dot", format!(".{token}")),
            ("padding", format!("{token}=")),
            ("double padding", format!("{token}==")),
            ("padding inside", token.replacen('.', "=.", 1)),
            ("newline inside", token.replacen('.', "\n.", 1)),
            ("tab inside", token.replacen('.', "\t.", 1)),
            ("null inside", token.replacen('.', "\0.", 1)),
            ("standard alphabet", format!("{token}+/")),
            ("percent", token.replacen('.', "%2E", 1)),
        ] {
            assert!(judge(&keys, &spelling).is_err(), "{name}: {spelling}");
        }
    }
}

/// The last character of a part may have bits that encode nothing: only zeros are accepted.
#[test]
fn base64url_malleability_is_refused() {
    let alphabet: Vec<char> =
        ('A'..='Z').chain('a'..='z').chain('0'..='9').chain("-_".chars()).collect();
    for (keys, token) in sealed() {
        let parts: Vec<&str> = token.split('.').collect();
        for part in 0..parts.len() {
            let Some(last) = parts[part].chars().last() else { continue };
            for other in alphabet.iter().filter(|other| **other != last) {
                let mut parts: Vec<String> = parts.iter().map(ToString::to_string).collect();
                parts[part].pop();
                parts[part].push(*other);
                assert!(judge(&keys, &parts.join(".")).is_err(), "part {part} ends in {other}");
            }
        }
    }
}

fn join(parts: &[Vec<u8>]) -> String {
    parts.iter().map(|part| base64url::encode(part)).collect::<Vec<_>>().join(".")
}
