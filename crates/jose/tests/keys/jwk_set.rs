//! Sets of keys.

use sealpass_jose::{Jwk, JwkError, JwkSet, JwkSetError, JwsAlgorithm};

use crate::support::{ED25519_X, EDDSA, ES256, HS256, RS256, any_jws, jwk, set, with};

const P256: &str = include_str!("rfc/rfc7515_a3.jwk");
const RSA: &str = include_str!("rfc/rfc7515_a2.jwk");

fn of(keys: &[&str]) -> String {
    format!(r#"{{"keys":[{}]}}"#, keys.join(","))
}

fn refused(json: &str) -> JwkSetError {
    JwkSet::parse(json.as_bytes()).unwrap_err()
}

fn ed25519(kid: &str) -> String {
    format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{ED25519_X}","kid":"{kid}"}}"#)
}

#[test]
fn what_is_not_a_set_is_refused() {
    for (json, code) in [
        ("", "jwks_malformed"),
        ("[]", "jwks_malformed"),
        ("{}", "jwks_keys"),
        (r#"{"keys":{}}"#, "jwks_keys"),
        (r#"{"keys":null}"#, "jwks_keys"),
        (r#"{"keys":[1]}"#, "jwks_keys"),
        (r#"{"keys":[[]]}"#, "jwks_keys"),
        (r#"{"keys":["{}"]}"#, "jwks_keys"),
        (r#"{"keys":[],"keys":[]}"#, "jwks_duplicate_member"),
        (r#"{"keys":[{"kty":"oct","kty":"EC"}]}"#, "jwks_duplicate_member"),
        (r#"{"keys":[{}]}"#, "jwk_member_missing"),
    ] {
        assert_eq!(refused(json).code(), code, "{json}");
    }
    assert!(set(r#"{"keys":[]}"#).keys().is_empty());
    assert_eq!(set(r#"{"more":{"a":[1]},"keys":[ ]}"#).keys().len(), 0);
}

#[test]
fn a_kid_that_occurs_twice_is_refused() {
    let json = of(&[&ed25519("a"), &with(P256, "kid", "b"), &ed25519("a")]);
    assert_eq!(refused(&json), JwkSetError::DuplicateKid { index: 2 });
    let json = of(&[&ed25519("a"), &ed25519("\\u0061")]);
    assert_eq!(refused(&json), JwkSetError::DuplicateKid { index: 1 }, "spelled with an escape");
    let keys = [jwk(&ed25519("a")), jwk(&ed25519("a"))];
    assert_eq!(JwkSet::new(keys).err(), Some(JwkSetError::DuplicateKid { index: 1 }));
}

#[test]
fn the_same_key_twice_without_a_kid_is_no_ring() {
    let set = set(&of(&[P256, P256]));
    assert_eq!(set.to_ring(&[ES256]).err(), Some(JwkSetError::DuplicateKid { index: 1 }));
}

#[test]
fn keys_of_kinds_that_are_not_read_are_skipped_and_reported() {
    let small = r#"{"kty":"RSA","e":"AQAB","n":"w___"}"#;
    let set = set(&of(&[
        r#"{"kty":"AKP","alg":"ML-DSA-44","pub":"AA"}"#,
        &ed25519("a"),
        r#"{"kty":"EC","crv":"secp256k1","x":"AA","y":"AA"}"#,
        &with(RSA, "alg", "RSA1_5"),
        &with(P256, "alg", "ES256K"),
        small,
        &with(RSA, "e", "Aw"),
    ]));
    assert_eq!(set.keys().iter().map(Jwk::kid).collect::<Vec<_>>(), [Some("a")]);
    let skipped: Vec<_> =
        set.skipped().iter().map(|skipped| (skipped.index(), skipped.error().code())).collect();
    assert_eq!(
        skipped,
        [
            (0, "jwk_kty_refused"),
            (2, "jwk_crv_refused"),
            (3, "alg_rsa1_5_refused"),
            (4, "jwk_alg_refused"),
            (5, "rsa_modulus"),
            (6, "rsa_exponent"),
        ]
    );
}

#[test]
fn a_malformed_key_refuses_the_whole_set() {
    for (bad, reason) in [
        (with(P256, "x", "AA"), "jwk_member_length"),
        (with(P256, "y", ED25519_X), "key_material"),
        (with(P256, "d", ED25519_X), "key_pair_mismatch"),
        (with(P256, "alg", "RS256"), "jwk_alg_mismatch"),
        (with(P256, "kid", ""), "kid_refused"),
        (r#"{"kty":"oct","k":"AA","alg":"HS256"}"#.to_owned(), "key_too_short"),
    ] {
        let error = refused(&of(&[&ed25519("a"), &bad]));
        assert_eq!(error.code(), reason);
        assert!(matches!(error, JwkSetError::Key { index: 1, .. }), "{error}");
    }
}

#[test]
fn a_set_that_is_too_long_or_of_too_many_keys_is_refused() {
    let long = format!(r#"{{"keys":[]{}}}"#, " ".repeat(JwkSet::MAX_BYTES));
    assert_eq!(refused(&long).code(), "jwks_too_long");

    let keys = |count: usize| {
        let keys: Vec<String> = (0..count).map(|index| ed25519(&index.to_string())).collect();
        of(&keys.iter().map(String::as_str).collect::<Vec<_>>())
    };
    assert_eq!(set(&keys(JwkSet::MAX_KEYS)).keys().len(), JwkSet::MAX_KEYS);
    assert_eq!(refused(&keys(JwkSet::MAX_KEYS + 1)), JwkSetError::TooManyKeys);
    let unread = of(&vec![r#"{"kty":"X"}"#; JwkSet::MAX_KEYS + 1]);
    assert_eq!(refused(&unread), JwkSetError::TooManyKeys, "skipped ones count");
}

#[test]
fn a_ring_has_the_keys_that_are_accepted_and_no_other() {
    let shared = Jwk::generate(HS256).unwrap();
    let json = of(&[
        &ed25519("ed"),
        &with(P256, "kid", "ec"),
        &with(&with(RSA, "kid", "rsa"), "alg", "RS256"),
        shared.to_private_json().expose(),
        &with(&with(P256, "kid", "enc"), "use", "enc"),
    ]);
    let set = set(&json);
    assert_eq!(set.keys().len(), 5);
    let kids = |accepted: &[_]| -> Vec<String> {
        let ring = set.to_ring(accepted).unwrap();
        ring.keys().map(|key| key.kid().to_owned()).collect()
    };
    assert_eq!(kids(&[EDDSA]), ["ed"]);
    assert_eq!(kids(&[ES256, EDDSA]), ["ec", "ed"]);
    assert_eq!(kids(&[HS256]), [shared.kid().unwrap()]);
    assert_eq!(kids(&any_jws()).len(), 4);
    let none = set.to_ring(&[sealpass_jose::Algorithm::Jws(JwsAlgorithm::Es512)]);
    assert_eq!(none.err(), Some(JwkSetError::NoUsableKey));
    assert_eq!(set.to_ring(&[]).err(), Some(JwkSetError::NoUsableKey));
}

#[test]
fn the_active_key_is_the_first_that_can_sign() {
    let set = set(&of(&[&ed25519("public"), &with(P256, "kid", "b"), &with(RSA, "kid", "a")]));
    assert_eq!(set.to_ring(&[EDDSA, ES256, RS256]).unwrap().active().kid(), "b");
    assert_eq!(set.to_ring(&[EDDSA]).unwrap().active().kid(), "public");
}

#[test]
fn a_key_whose_algorithm_is_ambiguous_is_named() {
    let set = set(&of(&[&ed25519("a"), RSA]));
    assert_eq!(
        set.to_ring(&any_jws()).err(),
        Some(JwkSetError::Key { index: 1, reason: JwkError::AlgorithmAmbiguous })
    );
}

#[test]
fn a_set_comes_out_as_it_went_in() {
    let keys = [Jwk::generate(ES256).unwrap(), Jwk::generate(HS256).unwrap()];
    let private = JwkSet::new(keys.clone()).unwrap();
    let again = set(private.to_private_json().expose());
    assert_eq!(again.to_private_json().expose(), private.to_private_json().expose());
    assert_eq!(again.get(keys[1].kid().unwrap()).unwrap().thumbprint(), keys[1].thumbprint());
    assert_eq!(
        private.to_public_json().err(),
        Some(JwkSetError::Key { index: 1, reason: JwkError::SharedKey })
    );
    let public = JwkSet::new([keys[0].clone()]).unwrap().to_public_json().unwrap();
    assert!(!public.contains(r#""d":"#), "{public}");
    assert_eq!(set(&public).to_public_json().unwrap(), public);
}
