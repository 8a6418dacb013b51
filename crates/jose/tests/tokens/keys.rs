//! Keys and rings.

use sealpass_jose::{
    Algorithm, ContentEncryption, JweAlgorithm, JwsAlgorithm, Key, KeyError, KeyRing, Scratch,
    SealError, Secret, UnverifiedToken,
};

use crate::support::{KEY, KID, TYP, a256gcm, claims, ed25519, hs256, judge, rings};

#[test]
fn a_key_knows_its_one_algorithm() {
    for (key, expected) in [
        (a256gcm(KID), Algorithm::Jwe(JweAlgorithm::Dir, ContentEncryption::A256Gcm)),
        (hs256(KID), Algorithm::Jws(JwsAlgorithm::Hs256)),
        (ed25519(KID), Algorithm::Jws(JwsAlgorithm::EdDsa)),
    ] {
        assert_eq!(key.algorithm(), expected);
    }
}

#[test]
fn an_hmac_key_shorter_than_the_hash_is_refused() {
    for bytes in [0, 1, 16, 31] {
        let verdict = Key::hs256(KID, &Secret::new(vec![1; bytes]));
        assert_eq!(verdict.err(), Some(KeyError::TooShort { bytes, min_bytes: 32 }));
    }
    assert!(Key::hs256(KID, &Secret::new(vec![1; 32])).is_ok());
    assert!(Key::hs256(KID, &Secret::new(vec![1; 200])).is_ok(), "longer than a block of the hash");
}

#[test]
fn a_kid_that_could_break_a_log_or_a_header_is_refused() {
    for kid in ["", "a\nb", "a\0", "\u{7f}", "\u{85}", &"x".repeat(129)] {
        assert_eq!(Key::a256gcm(kid, &Secret::new(KEY)).err(), Some(KeyError::Kid), "{kid:?}");
    }
}

#[test]
fn a_kid_with_characters_that_json_escapes_works() {
    let longest = "x".repeat(128);
    for kid in ["\"", "\\", "a\"b\\c", "é😀", "{\"alg\":\"none\"}", longest.as_str()] {
        for key in [a256gcm(kid), hs256(kid), ed25519(kid)] {
            let keys = KeyRing::new(key);
            let token = keys.seal(TYP, &claims()).unwrap();
            assert_eq!(judge(&keys, &token).as_deref(), Ok("ada"), "{kid}");
            // Not the active key: its header is parsed.
            let retired = KeyRing::new(a256gcm("new")).with_retired(keys.active().clone()).unwrap();
            assert_eq!(judge(&retired, &token).as_deref(), Ok("ada"), "{kid}");
        }
    }
}

#[test]
fn a_key_prints_neither_itself_nor_its_seed() {
    let public = *ed25519(KID).ed25519_public_key().unwrap();
    for key in [a256gcm(KID), hs256(KID), ed25519(KID), Key::ed25519_public(KID, &public).unwrap()]
    {
        let printed = format!("{key:?}");
        let expected = format!("Key {{ kid: \"{KID}\", algorithm: {:?}, .. }}", key.algorithm());
        assert_eq!(printed, expected);
    }
}

#[test]
fn a_public_key_verifies_and_cannot_sign() {
    let pair = KeyRing::new(ed25519(KID));
    let public = *pair.active().ed25519_public_key().unwrap();
    let keys = KeyRing::new(Key::ed25519_public(KID, &public).unwrap());
    let token = pair.seal(TYP, &claims()).unwrap();
    assert_eq!(judge(&keys, &token).as_deref(), Ok("ada"));
    assert_eq!(keys.seal(TYP, &claims()), Err(SealError::VerifyOnlyKey));
    assert_eq!(keys.active().ed25519_public_key(), Some(&public));
}

#[test]
fn shared_keys_have_no_public_key() {
    assert_eq!(a256gcm(KID).ed25519_public_key(), None);
    assert_eq!(hs256(KID).ed25519_public_key(), None);
}

#[test]
fn generated_keys_differ_in_kid_and_material() {
    for generate in [Key::generate_a256gcm, Key::generate_ed25519, Key::generate_hs256] {
        let (one, two) = (generate().unwrap(), generate().unwrap());
        assert_ne!(one.kid(), two.kid());
        assert_eq!(one.kid().len(), 16);
        let (one, two) = (KeyRing::new(one), KeyRing::new(two));
        let token = one.seal(TYP, &claims()).unwrap();
        assert_eq!(judge(&one, &token).as_deref(), Ok("ada"));
        assert_eq!(judge(&two, &token), Err("key_unknown"));
    }
}

#[test]
fn two_keys_of_one_kid_are_refused_in_a_ring() {
    for other in [a256gcm(KID), hs256(KID), ed25519(KID)] {
        let ring = KeyRing::new(a256gcm(KID)).with_retired(other);
        assert_eq!(ring.err(), Some(KeyError::DuplicateKid));
    }
}

#[test]
fn a_retired_key_opens_and_the_active_one_seals() {
    let old = KeyRing::new(a256gcm("b"));
    let by_old = old.seal(TYP, &claims()).unwrap();
    let mut keys = KeyRing::new(hs256("d"));
    for key in [ed25519("c"), a256gcm("b"), hs256("a"), hs256("e")] {
        keys = keys.with_retired(key).unwrap();
    }
    assert_eq!(judge(&keys, &by_old).as_deref(), Ok("ada"));
    let by_new = keys.seal(TYP, &claims()).unwrap();
    assert_eq!(by_new.split('.').count(), 3, "the active key is for HS256");
    assert_eq!(judge(&keys, &by_new).as_deref(), Ok("ada"));
    assert_eq!(judge(&old, &by_new), Err("key_unknown"));

    let kids: Vec<&str> = keys.keys().map(Key::kid).collect();
    assert_eq!(kids, ["a", "b", "c", "d", "e"]);
    assert_eq!(keys.get("c").map(Key::kid), Some("c"));
    assert!(keys.get("f").is_none());
}

#[test]
fn the_key_that_proved_a_token_is_named() {
    let keys = KeyRing::new(hs256("new")).with_retired(ed25519("old")).unwrap();
    let token = KeyRing::new(ed25519("old")).seal(TYP, &claims()).unwrap();
    let token = UnverifiedToken::parse(&token).unwrap();
    let mut scratch = Scratch::new();
    let verified = keys.open_bytes(Some(TYP), token, &mut scratch).unwrap();
    assert_eq!(verified.key_id(), "old");
    let printed = format!("{verified:?}");
    assert!(printed.contains("\"old\""), "{printed}");
    assert!(!printed.contains("123") && !printed.contains("ada"), "no payload: {printed}");
    assert_eq!(verified.algorithm(), Algorithm::Jws(JwsAlgorithm::EdDsa));
}

#[test]
fn no_initialization_vector_is_used_twice() {
    let [keys, ..] = rings();
    let mut seen = std::collections::HashSet::new();
    for _ in 0..1000 {
        let token = keys.seal(TYP, &claims()).unwrap();
        assert!(seen.insert(token.split('.').nth(2).unwrap().to_owned()));
    }
}

#[test]
fn a_typ_that_is_no_media_type_is_not_sealed() {
    for keys in rings() {
        for typ in ["", "a\"b", "a b", "text/html", "session+jwt\n", &"x".repeat(65)] {
            assert_eq!(keys.seal(typ, &claims()), Err(SealError::Typ), "{typ:?}");
            assert_eq!(keys.seal_bytes(typ, b"x"), Err(SealError::Typ), "{typ:?}");
        }
    }
}
