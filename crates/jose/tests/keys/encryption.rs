//! Keys for encryption, in and out.

use sealpass_jose::{
    Algorithm, ContentEncryption, Curve, JweAlgorithm, Jwk, JwkError, JwkSetError, Key, KeyRing,
    RsaSize, base64url,
};
use serde_json::json;

use crate::support::{HS256, RS256, any_jws, jwk, key_error, open, refused, set, with, without};

const RSA: &str = include_str!("rfc/rfc7515_a2.jwk");
const P256: &str = include_str!("rfc/rfc7515_a3.jwk");

const fn with_gcm(alg: JweAlgorithm) -> Algorithm {
    Algorithm::Jwe(alg, ContentEncryption::A128Gcm)
}

fn all_encs(alg: JweAlgorithm) -> [Algorithm; 6] {
    ContentEncryption::ALL.map(|enc| Algorithm::Jwe(alg, enc))
}

fn oct(bytes: usize) -> String {
    format!(r#"{{"kty":"oct","k":"{}"}}"#, base64url::encode(&vec![7; bytes]))
}

/// Whether what `sealer` makes is opened by `opener`.
fn agree(sealer: &Key, opener: &Key) -> bool {
    let token = KeyRing::new(sealer.clone()).seal_bytes("JWT", b"content").unwrap();
    open(&KeyRing::new(opener.clone()), &token).as_deref() == Ok(b"content")
}

#[test]
fn every_algorithm_has_keys_that_come_out_and_in_again() {
    for alg in JweAlgorithm::ALL {
        let algorithm = with_gcm(alg);
        let made = match alg {
            JweAlgorithm::RsaOaep | JweAlgorithm::RsaOaep256 => {
                Jwk::generate_rsa(algorithm, RsaSize::Bits2048).unwrap()
            }
            _ => Jwk::generate(algorithm).unwrap(),
        };
        let again = jwk(made.to_private_json().expose());
        let key = again.to_key(&[algorithm]).unwrap();
        assert_eq!(key.algorithm(), algorithm);
        assert!(agree(&made.to_key(&[algorithm]).unwrap(), &key), "{alg}");
        if let Some(public) = made.to_public() {
            let public = jwk(&public.to_public_json().unwrap()).to_key(&[algorithm]).unwrap();
            assert!(agree(&public, &key), "{alg}");
            assert!(!agree(&public, &public), "{alg}: a public key opens nothing");
            let pem = Jwk::from_pem(made.to_private_pem().unwrap().expose().as_bytes()).unwrap();
            let kid = made.kid().unwrap();
            let pem = pem.with_kid(kid).unwrap().to_key(&[algorithm]).unwrap();
            assert!(agree(&public, &pem), "{alg}");
        }
    }
}

#[test]
fn key_agreement_has_keys_on_every_curve() {
    let algorithm = with_gcm(JweAlgorithm::EcdhEs);
    for curve in [Curve::P256, Curve::P384, Curve::P521, Curve::X25519] {
        let made = Jwk::generate_on(algorithm, curve).unwrap();
        assert_eq!(made.curve(), Some(curve));
        let public = made.to_public().unwrap().to_key(&[algorithm]).unwrap();
        assert!(agree(&public, &made.to_key(&[algorithm]).unwrap()));
    }
    let ed25519 = Jwk::generate_on(algorithm, Curve::Ed25519);
    assert_eq!(ed25519.err(), Some(JwkError::AlgorithmMismatch));
    assert_eq!(Jwk::generate(algorithm).unwrap().curve(), Some(Curve::X25519));
}

#[test]
fn a_key_for_dir_has_the_length_of_its_one_enc() {
    for enc in ContentEncryption::ALL {
        let algorithm = Algorithm::Jwe(JweAlgorithm::Dir, enc);
        let made = Jwk::generate(algorithm).unwrap();
        assert_eq!(made.alg(), Some(enc.name()), "the name of `enc` pins it");
        assert_eq!(made.to_key(&all_encs(JweAlgorithm::Dir)).unwrap().algorithm(), algorithm);
        for other in all_encs(JweAlgorithm::Dir) {
            assert_eq!(made.to_key(&[other]).is_ok(), other == algorithm);
        }
        assert_eq!(refused(&with(&oct(17), "alg", enc.name())), "jwk_member_length");
    }
}

#[test]
fn a_key_for_dir_without_its_enc_is_told_by_its_length_alone() {
    let dir = |bytes| jwk(&with(&oct(bytes), "alg", "dir"));
    let all = all_encs(JweAlgorithm::Dir);
    let enc = |bytes| dir(bytes).to_key(&all).map(|key| key.algorithm().enc());
    assert_eq!(enc(16), Ok(Some("A128GCM")));
    assert_eq!(enc(24), Ok(Some("A192GCM")));
    assert_eq!(enc(32), Err(JwkError::AlgorithmAmbiguous), "A256GCM or A128CBC-HS256");
    assert_eq!(enc(48), Ok(Some("A192CBC-HS384")));
    assert_eq!(enc(64), Ok(Some("A256CBC-HS512")));
    assert_eq!(enc(20), Err(JwkError::AlgorithmMismatch));
    let gcm = Algorithm::Jwe(JweAlgorithm::Dir, ContentEncryption::A256Gcm);
    assert!(dir(32).to_key(&[gcm, gcm]).is_ok());
}

#[test]
fn a_wrapping_key_has_one_length() {
    for (alg, bytes) in [("A128KW", 16), ("A192KW", 24), ("A256KW", 32), ("A128GCMKW", 16)] {
        assert!(Jwk::parse(with(&oct(bytes), "alg", alg).as_bytes()).is_ok());
        for other in [0, 15, 17, 33] {
            let code = refused(&with(&oct(other), "alg", alg));
            assert!(["jwk_member_length", "key_too_short"].contains(&code), "{other}: {code}");
        }
    }
}

#[test]
fn every_accepted_enc_is_opened_and_the_first_is_sealed_with() {
    let wrapping = jwk(&with(&oct(32), "alg", "A256KW"));
    let key = wrapping.to_key(&all_encs(JweAlgorithm::A256Kw)).unwrap();
    assert_eq!(key.algorithm().enc(), Some(ContentEncryption::ALL[0].name()));
    for algorithm in all_encs(JweAlgorithm::A256Kw) {
        let other = wrapping.to_key(&[algorithm]).unwrap();
        assert!(agree(&other, &key));
        assert_eq!(agree(&key, &other), algorithm == key.algorithm());
    }
    let twice = [with_gcm(JweAlgorithm::A256Kw), with_gcm(JweAlgorithm::A256Kw)];
    assert!(wrapping.to_key(&twice).is_ok(), "said twice is said once");
}

#[test]
fn a_shared_key_that_could_be_for_several_is_ambiguous() {
    let unnamed = jwk(&oct(32));
    let ambiguous = Some("jwk_alg_ambiguous");
    let gcm = Algorithm::Jwe(JweAlgorithm::Dir, ContentEncryption::A256Gcm);
    assert_eq!(key_error(&unnamed, &[HS256, gcm]), ambiguous);
    let wraps = [with_gcm(JweAlgorithm::A256Kw), with_gcm(JweAlgorithm::A256GcmKw)];
    assert_eq!(key_error(&unnamed, &wraps), ambiguous);
    assert!(jwk(&with(&oct(32), "use", "sig")).to_key(&[HS256, gcm]).is_ok());
    let enc = jwk(&with(&oct(32), "use", "enc"));
    assert_eq!(enc.to_key(&[HS256, gcm]).unwrap().algorithm(), gcm);
}

#[test]
fn a_key_for_signatures_is_not_used_for_encryption() {
    let (rsa, ecdh) = (with_gcm(JweAlgorithm::RsaOaep256), with_gcm(JweAlgorithm::EcdhEs));
    assert_eq!(key_error(&jwk(&with(RSA, "use", "sig")), &[rsa]), Some("jwk_use_mismatch"));
    assert_eq!(key_error(&jwk(&with(RSA, "alg", "RS256")), &[rsa]), Some("jwk_alg_mismatch"));
    assert_eq!(key_error(&jwk(&with(P256, "use", "sig")), &[ecdh]), Some("jwk_use_mismatch"));
    let pinned = jwk(&with(RSA, "alg", "RSA-OAEP-256"));
    assert_eq!(key_error(&pinned, &[RS256]), Some("jwk_alg_mismatch"));
    assert_eq!(key_error(&pinned, &[with_gcm(JweAlgorithm::RsaOaep)]), Some("jwk_alg_mismatch"));
    assert!(pinned.to_key(&[rsa]).is_ok());
    for (json, alg) in [(RSA, "ECDH-ES"), (P256, "RSA-OAEP"), (P256, "A128KW"), (RSA, "dir")] {
        assert_eq!(refused(&with(json, "alg", alg)), "jwk_alg_mismatch", "{alg}");
    }
    assert_eq!(refused(&with(&with(RSA, "alg", "RSA-OAEP"), "use", "sig")), "jwk_use_mismatch");
}

#[test]
fn key_ops_of_encryption_are_enforced() {
    let oct = oct(32);
    let private = RSA;
    let public = jwk(RSA).to_public_json().unwrap();
    let point = without(P256, "d");
    let (rsa, ecdh, wrap, dir) = (
        with_gcm(JweAlgorithm::RsaOaep256),
        with_gcm(JweAlgorithm::EcdhEs),
        with_gcm(JweAlgorithm::A256Kw),
        Algorithm::Jwe(JweAlgorithm::Dir, ContentEncryption::A256Gcm),
    );
    for (json, algorithm, operations, is_allowed) in [
        (&*oct, dir, &["encrypt", "decrypt"][..], true),
        (&oct, dir, &["encrypt"], false),
        (&oct, dir, &["wrapKey", "unwrapKey"], false),
        (&oct, wrap, &["wrapKey", "unwrapKey"], true),
        (&oct, wrap, &["unwrapKey"], false),
        (private, rsa, &["unwrapKey"], true),
        (private, rsa, &["decrypt"], true),
        (private, rsa, &["sign"], false),
        (&public, rsa, &["wrapKey"], true),
        (&public, rsa, &["encrypt"], true),
        (&public, rsa, &["unwrapKey"], false),
        (P256, ecdh, &["deriveKey"], true),
        (P256, ecdh, &["deriveBits"], true),
        (P256, ecdh, &["sign"], false),
        (P256, ecdh, &[], false),
        (&point, ecdh, &[], true),
        (&point, ecdh, &["deriveKey"], true),
        (&point, ecdh, &["verify"], false),
    ] {
        let jwk = jwk(&with(json, "key_ops", json!(operations)));
        let expected = if is_allowed { None } else { Some("jwk_key_ops_mismatch") };
        assert_eq!(key_error(&jwk, &[algorithm]), expected, "{operations:?}");
    }
}

#[test]
fn a_private_key_that_may_only_encrypt_opens_nothing() {
    let algorithm = with_gcm(JweAlgorithm::RsaOaep256);
    let opener = jwk(&with(RSA, "kid", "a")).to_key(&[algorithm]).unwrap();
    let json = with(&with(RSA, "kid", "a"), "key_ops", json!(["wrapKey"]));
    let sealer = jwk(&json).to_key(&[algorithm]).unwrap();
    assert!(agree(&sealer, &opener));
    assert!(!agree(&sealer, &sealer));
}

#[test]
fn a_small_order_x25519_key_is_refused() {
    let algorithm = with_gcm(JweAlgorithm::EcdhEs);
    for point in [[0; 32], [[1].as_slice(), &[0; 31]].concat().try_into().unwrap()] {
        let json = format!(r#"{{"kty":"OKP","crv":"X25519","x":"{}"}}"#, base64url::encode(&point));
        // It is a key on paper; no key can be agreed on with it.
        assert_eq!(key_error(&jwk(&json), &[algorithm]), Some("key_material"));
    }
}

#[test]
fn rfc7517_a3_has_a_wrapping_key() {
    let set = set(include_str!("rfc/rfc7517_a3.jwks"));
    assert_eq!(set.skipped(), []);
    let keys = set.to_ring(&all_encs(JweAlgorithm::A128Kw)).unwrap();
    let token = keys.seal_bytes("JWT", b"x").unwrap();
    assert_eq!(open(&keys, &token).as_deref(), Ok(&b"x"[..]));
    assert_eq!(
        set.to_ring(&any_jws()).err(),
        Some(JwkSetError::Key { index: 1, reason: JwkError::AlgorithmAmbiguous })
    );
}
