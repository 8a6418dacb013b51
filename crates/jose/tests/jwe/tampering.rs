//! Tokens that were changed on their way.

use sealpass_jose::{Base64UrlError, base64url};
use sealpass_jose::{
    ContentEncryption, Curve, JweAlgorithm, Key, Part, UnverifiedToken, VerifyError,
};

use crate::keys::Kind;
use crate::{open, parts, refusal, seal};

/// One of each way to bring a key, with both kinds of content encryption.
fn samples() -> [(Kind, Key); 7] {
    use ContentEncryption::{A128CbcHs256, A128Gcm, A256CbcHs512, A256Gcm};
    [
        (Kind::new(JweAlgorithm::Dir), A256Gcm),
        (Kind::new(JweAlgorithm::Dir), A256CbcHs512),
        (Kind::new(JweAlgorithm::A192Kw), A128CbcHs256),
        (Kind::new(JweAlgorithm::A256GcmKw), A128Gcm),
        (Kind::over(JweAlgorithm::EcdhEs, Curve::X25519), A256Gcm),
        (Kind::over(JweAlgorithm::EcdhEsA128Kw, Curve::P256), A128CbcHs256),
        (Kind::new(JweAlgorithm::RsaOaep256), A256Gcm),
    ]
    .map(|(kind, enc)| (kind, kind.key(enc)))
}

const NAMES: [Part; 5] = [
    Part::Header,
    Part::EncryptedKey,
    Part::InitializationVector,
    Part::Ciphertext,
    Part::AuthenticationTag,
];

#[test]
fn every_truncation_of_every_part_is_refused() {
    for (kind, key) in samples() {
        let token = seal(&key, b"some content that is longer than a block");
        assert!(open(&key, &token).is_ok());
        for (index, name) in NAMES.iter().enumerate() {
            for length in 0..parts(&token)[index].len() {
                let mut parts = parts(&token);
                parts[index].truncate(length);
                let truncated = parts.join(".");
                // An empty part has not even the shape of a token.
                if UnverifiedToken::parse(&truncated).is_ok() {
                    let refused = open(&key, &truncated);
                    assert!(refused.is_err(), "{kind}: {name} of {length} characters");
                }
            }
        }
    }
}

#[test]
fn every_bit_flipped_in_a_part_behind_the_header_is_one_error() {
    for (kind, key) in samples() {
        let token = seal(&key, b"some content that is longer than a block");
        for (index, name) in NAMES.iter().enumerate().skip(1) {
            let bytes = base64url::decode(parts(&token)[index].as_bytes()).unwrap();
            for bit in 0..bytes.len() * 8 {
                let mut flipped = bytes.clone();
                flipped[bit / 8] ^= 1 << (bit % 8);
                let mut parts = parts(&token);
                parts[index] = base64url::encode(&flipped);
                let refused = refusal(&key, &parts.join("."));
                assert_eq!(refused, VerifyError::NotAuthentic, "{kind}: bit {bit} of {name}");
            }
        }
    }
}

#[test]
fn every_bit_flipped_in_the_header_is_refused() {
    for (kind, key) in samples() {
        let token = seal(&key, b"some content that is longer than a block");
        let header = base64url::decode(parts(&token)[0].as_bytes()).unwrap();
        for bit in 0..header.len() * 8 {
            let mut flipped = header.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let mut parts = parts(&token);
            parts[0] = base64url::encode(&flipped);
            assert!(open(&key, &parts.join(".")).is_err(), "{kind}: bit {bit}");
        }
    }
}

#[test]
fn an_initialization_vector_or_a_tag_of_another_length_is_refused_before_any_key_is_used() {
    for (kind, key) in samples() {
        let token = seal(&key, b"content");
        for index in [2, 4] {
            let right = base64url::decode(parts(&token)[index].as_bytes()).unwrap().len();
            for length in (1..=40).filter(|length| *length != right) {
                let mut parts = parts(&token);
                parts[index] = base64url::encode(&vec![0; length]);
                let refused = refusal(&key, &parts.join("."));
                let reason = Base64UrlError::Length { length: parts[index].len() };
                let expected = VerifyError::Encoding { part: NAMES[index], reason };
                assert_eq!(refused, expected, "{kind}: {length}");
            }
        }
    }
}

#[test]
fn parts_of_two_tokens_do_not_mix() {
    for (kind, key) in samples() {
        let (one, other) = (parts(&seal(&key, b"one")), parts(&seal(&key, b"two")));
        for index in 0..5 {
            let mut mixed = one.clone();
            mixed[index].clone_from(&other[index]);
            if mixed != one {
                assert!(open(&key, &mixed.join(".")).is_err(), "{kind}: {}", NAMES[index]);
            }
        }
    }
}
