//! `use` and `key_ops`: what a key says it is for is what it is used for.

use sealpass_jose::{KeyRing, SealError};
use serde_json::json;

use crate::support::{ES256, HS256, RS256, any_jws, jwk, key_error, open, refused, with};

const P256: &str = include_str!("rfc/rfc7515_a3.jwk");
const RSA: &str = include_str!("rfc/rfc7515_a2.jwk");
const OCT: &str = r#"{"kty":"oct","k":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}"#;

fn operations(json: &str, operations: &[&str]) -> String {
    with(json, "key_ops", json!(operations))
}

#[test]
fn a_key_for_encryption_is_not_used_for_signatures() {
    for (json, algorithm) in [(P256, ES256), (RSA, RS256), (OCT, HS256)] {
        assert_eq!(
            key_error(&jwk(&with(json, "use", "enc")), &[algorithm]),
            Some("jwk_use_mismatch")
        );
        assert!(jwk(&with(json, "use", "sig")).to_key(&[algorithm]).is_ok());
    }
}

#[test]
fn a_use_that_is_not_known_is_for_nothing() {
    let tls = jwk(&with(P256, "use", "tls"));
    assert_eq!(key_error(&tls, &any_jws()), Some("jwk_use_mismatch"));
    assert_eq!(key_error(&jwk(&with(P256, "use", "")), &[ES256]), Some("jwk_use_mismatch"));
    assert_eq!(key_error(&jwk(&with(P256, "use", "SIG")), &[ES256]), Some("jwk_use_mismatch"));
}

#[test]
fn use_and_alg_that_contradict_each_other_are_refused() {
    assert_eq!(refused(&with(&with(P256, "alg", "ES256"), "use", "enc")), "jwk_use_mismatch");
    let dir = with(&with(OCT, "alg", "A256GCM"), "use", "sig");
    assert_eq!(refused(&dir), "jwk_use_mismatch");
}

#[test]
fn use_and_key_ops_that_contradict_each_other_are_refused() {
    for (key_use, ops) in [
        ("sig", &["encrypt"][..]),
        ("sig", &["sign", "deriveKey"]),
        ("enc", &["verify"]),
        ("enc", &["decrypt", "sign"]),
    ] {
        let json = operations(&with(P256, "use", key_use), ops);
        assert_eq!(refused(&json), "jwk_use_mismatch", "{key_use} {ops:?}");
    }
    let json = operations(&with(P256, "alg", "ES256"), &["deriveKey"]);
    assert_eq!(refused(&json), "jwk_use_mismatch");
}

#[test]
fn an_operation_twice_is_refused() {
    assert_eq!(refused(&operations(P256, &["sign", "sign"])), "jwk_key_ops_duplicate");
}

#[test]
fn key_ops_without_the_operation_are_refused() {
    let public = jwk(P256).to_public_json().unwrap();
    for (json, algorithm, ops) in [
        (P256, ES256, &["deriveKey"][..]),
        (P256, ES256, &[]),
        (P256, ES256, &["x-custom"]),
        (&public, ES256, &["sign"]),
        (&public, ES256, &[]),
        (OCT, HS256, &["encrypt", "decrypt"]),
        (OCT, HS256, &["sign"]),
        (RSA, RS256, &["wrapKey", "unwrapKey"]),
    ] {
        let refused = key_error(&jwk(&operations(json, ops)), &[algorithm]);
        assert_eq!(refused, Some("jwk_key_ops_mismatch"), "{ops:?}");
    }
}

#[test]
fn a_key_that_may_only_verify_does_not_sign() {
    for (json, algorithm) in [(P256, ES256), (RSA, RS256), (OCT, HS256)] {
        let signer = KeyRing::new(jwk(json).to_key(&[algorithm]).unwrap());
        let kid = signer.active().kid().to_owned();
        let verifier = jwk(&with(&operations(json, &["verify"]), "kid", kid));
        let verifier = KeyRing::new(verifier.to_key(&[algorithm]).unwrap());
        let token = signer.seal_bytes("JWT", b"x").unwrap();
        assert!(open(&verifier, &token).is_ok());
        assert_eq!(verifier.seal_bytes("JWT", b"x"), Err(SealError::VerifyOnlyKey));
        assert!(!verifier.active().can_make());
    }
}

#[test]
fn a_private_key_that_may_sign_verifies_what_it_signed() {
    for (json, algorithm) in [(P256, ES256), (RSA, RS256)] {
        let keys = KeyRing::new(jwk(&operations(json, &["sign"])).to_key(&[algorithm]).unwrap());
        let token = keys.seal_bytes("JWT", b"x").unwrap();
        assert!(open(&keys, &token).is_ok());
    }
}

#[test]
fn the_public_half_of_a_signing_key_is_for_verifying() {
    let public = jwk(&operations(P256, &["sign"])).to_public_json().unwrap();
    assert!(public.contains(r#""key_ops":["verify"]"#), "{public}");
    assert!(jwk(&public).to_key(&[ES256]).is_ok());
    let both = jwk(&operations(RSA, &["decrypt", "unwrapKey"])).to_public_json().unwrap();
    assert!(both.contains(r#""key_ops":["encrypt","wrapKey"]"#), "{both}");
}
