//! What is sealed is opened, with every algorithm.

use proptest::prelude::*;
use sealpass_jose::{
    ContentEncryption, Key, KeyRing, NumericDate, Scratch, UnverifiedToken, Verifier, VerifyError,
};
use serde_json::json;

use crate::keys::Kind;
use crate::{open, refusal, seal};

#[test]
fn every_algorithm_opens_what_it_sealed() {
    for kind in Kind::all() {
        for enc in ContentEncryption::ALL {
            let key = kind.key(enc);
            let token = seal(&key, b"content");
            assert_eq!(open(&key, &token).unwrap(), b"content", "{kind} with {enc}");
            assert_ne!(seal(&key, b"content"), token, "{kind} with {enc}: nothing is random");
        }
    }
}

#[test]
fn every_public_key_seals_for_its_private_key_and_cannot_open() {
    for kind in Kind::all() {
        for enc in ContentEncryption::ALL {
            let Some(public) = kind.public_key(enc) else { continue };
            let token = seal(&public, b"content");
            assert_eq!(open(&kind.key(enc), &token).unwrap(), b"content", "{kind} with {enc}");
            let refused = refusal(&public, &token);
            assert_eq!(refused, VerifyError::SealOnlyKey, "{kind} with {enc}");
            assert_eq!(refused.code(), "key_cannot_open");
        }
    }
}

#[test]
fn every_algorithm_carries_claims_under_every_policy_check() {
    let verifier = Verifier::builder()
        .issuer("https://auth.example")
        .audience("https://api.example")
        .typ("session+jwt")
        .build()
        .unwrap();
    let claims = json!({"iss": "https://auth.example", "aud": "https://api.example", "exp": 1000});
    for kind in Kind::all() {
        let keys = KeyRing::new(kind.key(ContentEncryption::A256Gcm));
        let token = keys.seal("session+jwt", &claims).unwrap();
        let token = UnverifiedToken::parse(&token).unwrap();
        let mut scratch = Scratch::new();
        let early = verifier.verify(&keys, token, &mut scratch, NumericDate::from_secs(999));
        assert_eq!(early.unwrap().claims().issuer(), "https://auth.example", "{kind}");
        let late = verifier.verify(&keys, token, &mut scratch, NumericDate::from_secs(1000));
        assert_eq!(late.err(), Some(VerifyError::Expired), "{kind}");
    }
}

/// Around every block of AES, and around where a payload leaves the stack.
#[test]
fn every_length_comes_back() {
    for enc in ContentEncryption::ALL {
        let key = Kind::new(sealpass_jose::JweAlgorithm::Dir).key(enc);
        for length in (0..=65).chain(2000..=2080).chain([4095, 4096, 4097, 5900]) {
            let content: Vec<u8> = (0..=u8::MAX).cycle().take(length).collect();
            assert_eq!(open(&key, &seal(&key, &content)).unwrap(), content, "{enc}: {length}");
        }
    }
}

#[test]
fn a_retired_key_of_another_algorithm_still_opens() {
    let old = Kind::all().into_iter().map(|kind| kind.key(ContentEncryption::A128CbcHs256));
    for old in old {
        let active = Key::generate_a256gcm().unwrap();
        let token = seal(&old, b"content");
        let keys = KeyRing::new(active).with_retired(old).unwrap();
        let mut scratch = Scratch::new();
        let opened =
            keys.open_bytes(Some("test"), UnverifiedToken::parse(&token).unwrap(), &mut scratch);
        assert_eq!(*opened.unwrap().claims(), b"content");
    }
}

proptest! {
    #[test]
    fn any_content_comes_back(
        kind in prop::sample::select(Kind::all()),
        enc in prop::sample::select(ContentEncryption::ALL.to_vec()),
        content in prop::collection::vec(any::<u8>(), 1..3000),
    ) {
        let key = kind.key(enc);
        prop_assert_eq!(open(&key, &seal(&key, &content)).unwrap(), content);
    }
}
