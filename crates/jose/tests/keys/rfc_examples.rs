//! The examples of RFC 7515 A.2 to A.4, 7517 A, 7520 §4.2, 7638 §3.1 and 8037 A.

use sealpass_jose::{Algorithm, Jwk, JwsAlgorithm, KeyRing};

use crate::support::{
    ED25519_D, ED25519_X, EDDSA, ES256, ES512, HS256, RS256, jwk, key_error, open, ring, set,
    without,
};

const CLAIMS: &[u8] =
    b"{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";

#[test]
fn rfc7515_a2_rs256_verifies_and_comes_out_byte_for_byte() {
    let jwk = jwk(include_str!("rfc/rfc7515_a2.jwk"));
    let token = include_str!("rfc/rfc7515_a2.jws").trim_end();
    assert_eq!(open(&ring(&jwk, RS256), token).as_deref(), Ok(CLAIMS));

    let public = ring(&jwk.to_public().unwrap(), RS256);
    assert_eq!(open(&public, token).as_deref(), Ok(CLAIMS));
    let changed = token.replacen("cC4h", "cC4i", 1);
    assert_eq!(open(&public, &changed), Err("token_not_authentic"));
}

#[test]
fn rfc7515_a3_es256_verifies() {
    let jwk = jwk(include_str!("rfc/rfc7515_a3.jwk"));
    let token = include_str!("rfc/rfc7515_a3.jws").trim_end();
    assert_eq!(open(&ring(&jwk, ES256), token).as_deref(), Ok(CLAIMS));
    let changed = token.replacen("DtEh", "DtEi", 1);
    assert_eq!(open(&ring(&jwk, ES256), &changed), Err("token_not_authentic"));
}

#[test]
fn rfc7515_a4_es512_verifies() {
    let jwk = jwk(include_str!("rfc/rfc7515_a4.jwk"));
    let token = include_str!("rfc/rfc7515_a4.jws").trim_end();
    assert_eq!(open(&ring(&jwk, ES512), token).as_deref(), Ok(&b"Payload"[..]));
    let changed = token.replacen(".AdwM", ".AdwN", 1);
    assert_eq!(open(&ring(&jwk, ES512), &changed), Err("token_not_authentic"));
}

#[test]
fn rfc7520_4_2_ps384_verifies() {
    // The key has no `alg`: its use is for the caller to say.
    let jwk = jwk(include_str!("rfc/rfc7520_3_4.jwk"));
    let token = include_str!("rfc/rfc7520_4_2.jws").trim_end();
    let payload = open(&ring(&jwk, Algorithm::Jws(JwsAlgorithm::Ps384)), token).unwrap();
    assert!(payload.starts_with("It\u{2019}s a dangerous business, Frodo".as_bytes()));
    let other = ring(&jwk, Algorithm::Jws(JwsAlgorithm::Ps256));
    assert_eq!(open(&other, token), Err("alg_mismatch"));
}

#[test]
fn rfc7517_a1_is_a_set_of_public_keys() {
    let set = set(include_str!("rfc/rfc7517_a1.jwks"));
    let about: Vec<_> =
        set.keys().iter().map(|key| (key.kid(), key.key_type(), key.alg())).collect();
    assert_eq!(about, [(Some("1"), "EC", None), (Some("2011-04-29"), "RSA", Some("RS256"))]);
    assert!(set.keys().iter().all(|key| !key.is_private()));
    assert_eq!(key_error(&set.keys()[0], &[ES256]), Some("jwk_use_mismatch"));
    assert_eq!(set.to_ring(&[ES256, RS256]).unwrap().active().kid(), "2011-04-29");
}

#[test]
fn rfc7517_a2_is_a_set_of_private_keys_to_the_same_public_ones() {
    let private = set(include_str!("rfc/rfc7517_a2.jwks"));
    assert!(private.keys().iter().all(Jwk::is_private));
    let public = set(include_str!("rfc/rfc7517_a1.jwks"));
    assert_eq!(private.to_public_json(), public.to_public_json());
    let keys = private.to_ring(&[RS256]).unwrap();
    let token = keys.seal_bytes("JWT", b"x").unwrap();
    assert!(open(&public.to_ring(&[RS256]).unwrap(), &token).is_ok());
}

#[test]
fn rfc7517_a3_is_a_set_of_shared_keys() {
    let hmac = include_str!("rfc/rfc7517_a3.jwks");
    let set = set(hmac);
    let key = set.get("HMACkeyusedinJWSspecAppendixA.1example").unwrap();
    let keys = KeyRing::new(key.to_key(&[HS256]).unwrap());
    let token = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.\
        eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0c\
        nVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    assert_eq!(open(&keys, token).as_deref(), Ok(CLAIMS));
    assert!(set.to_public_json().is_err());
}

#[test]
fn rfc7638_3_1_thumbprint() {
    let json = include_str!("rfc/rfc7638.jwk");
    let expected = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";
    assert_eq!(jwk(json).thumbprint(), expected);
    let unnamed = without(&without(json, "kid"), "alg");
    assert_eq!(jwk(&unnamed).thumbprint(), expected, "other members do not count");
    assert_eq!(jwk(&unnamed).to_key(&[RS256]).unwrap().kid(), expected);
}

#[test]
fn rfc8037_a1_and_a2_are_the_halves_of_one_key() {
    let private = format!(r#"{{"kty":"OKP","crv":"Ed25519","d":"{ED25519_D}","x":"{ED25519_X}"}}"#);
    let public = without(&private, "d");
    assert_eq!(
        jwk(&private).to_public_json().unwrap(),
        format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{ED25519_X}"}}"#)
    );
    let token = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.\
        hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    for jwk in [jwk(&private), jwk(&public)] {
        assert_eq!(
            open(&ring(&jwk, EDDSA), token).as_deref(),
            Ok(&b"Example of Ed25519 signing"[..])
        );
    }
}

#[test]
fn rfc8037_a3_thumbprint() {
    let public = format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{ED25519_X}"}}"#);
    assert_eq!(jwk(&public).thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}
