//! New keys of every kind.

use sealpass_jose::{
    Algorithm, ContentEncryption, Curve, JweAlgorithm, Jwk, JwkError, JwsAlgorithm, Key, RsaSize,
    base64url,
};

use crate::support::{ES256, HS256, PS256, RS256, agree, any_jws, jwk, member};

const DIR: Algorithm = Algorithm::Jwe(JweAlgorithm::Dir, ContentEncryption::A256Gcm);

fn is_of_rsa(algorithm: Algorithm) -> bool {
    algorithm.alg().starts_with("RS") || algorithm.alg().starts_with("PS")
}

#[test]
fn every_kind_signs_and_its_public_half_verifies() {
    // Two RSA keys are enough, one for each padding.
    for algorithm in any_jws().into_iter().filter(|algorithm| !is_of_rsa(*algorithm)) {
        let jwk = Jwk::generate(algorithm).unwrap();
        assert_eq!(jwk.alg(), Some(algorithm.alg()));
        let key = jwk.to_key(&[algorithm]).unwrap();
        assert!(agree(&key, &key), "{algorithm}");
        if let Some(public) = jwk.to_public() {
            assert!(agree(&key, &public.to_key(&[algorithm]).unwrap()), "{algorithm}");
            let published = key.to_public_jwk().unwrap();
            assert_eq!(published.to_public_json(), public.to_public_json());
        }
    }
    for algorithm in [RS256, PS256] {
        let jwk = Jwk::generate_rsa(algorithm, RsaSize::Bits2048).unwrap();
        let key = jwk.to_key(&[algorithm]).unwrap();
        assert!(agree(&key, &key.to_public_jwk().unwrap().to_key(&[algorithm]).unwrap()));
    }
}

#[test]
fn a_generated_key_has_the_length_of_its_algorithm() {
    for (algorithm, name, bytes) in [
        (HS256, "k", 32),
        (Algorithm::Jws(JwsAlgorithm::Hs384), "k", 48),
        (Algorithm::Jws(JwsAlgorithm::Hs512), "k", 64),
        (DIR, "k", 32),
        (ES256, "d", 32),
        (Algorithm::Jws(JwsAlgorithm::Es384), "d", 48),
        (Algorithm::Jws(JwsAlgorithm::Es512), "d", 66),
    ] {
        let json = Jwk::generate(algorithm).unwrap().to_private_json();
        let length = base64url::decode(member(json.expose(), name).as_bytes()).unwrap().len();
        assert_eq!(length, bytes, "{algorithm}");
    }
    for (size, bytes) in [(RsaSize::Bits2048, 256), (RsaSize::Bits3072, 384)] {
        let json = Jwk::generate_rsa(RS256, size).unwrap().to_public_json().unwrap();
        assert_eq!(base64url::decode(member(&json, "n").as_bytes()).unwrap().len(), bytes);
        assert_eq!(member(&json, "e"), "AQAB");
    }
}

#[test]
fn generated_keys_differ_in_name_and_material() {
    for algorithm in [ES256, HS256, Algorithm::Jws(JwsAlgorithm::EdDsa), DIR] {
        let (one, two) = (Jwk::generate(algorithm).unwrap(), Jwk::generate(algorithm).unwrap());
        assert_ne!(one.kid(), two.kid());
        assert_ne!(one.thumbprint(), two.thumbprint());
    }
}

#[test]
fn a_generated_key_is_read_back() {
    for algorithm in [ES256, HS256, Algorithm::Jws(JwsAlgorithm::EdDsa), DIR] {
        let made = Jwk::generate(algorithm).unwrap();
        let again = jwk(made.to_private_json().expose());
        assert_eq!(again.to_private_json().expose(), made.to_private_json().expose());
        let (one, two) = (made.to_key(&[algorithm]).unwrap(), again.to_key(&[algorithm]).unwrap());
        assert!(agree(&one, &two), "{algorithm}");
    }
}

#[test]
fn a_key_for_dir_is_pinned_to_its_content_encryption() {
    let jwk = Jwk::generate(DIR).unwrap();
    assert_eq!(jwk.alg(), Some("A256GCM"));
    assert!(jwk.to_key(&[DIR]).is_ok());
    assert_eq!(jwk.to_key(&[HS256]).err(), Some(JwkError::AlgorithmMismatch));
    assert!(Key::generate(DIR).is_ok());
}

#[test]
fn a_size_or_curve_that_the_algorithm_does_not_have_is_refused() {
    let mismatch = Some(JwkError::AlgorithmMismatch);
    assert_eq!(Jwk::generate_rsa(ES256, RsaSize::Bits2048).err(), mismatch);
    assert_eq!(Jwk::generate_rsa(HS256, RsaSize::Bits2048).err(), mismatch);
    assert_eq!(Jwk::generate_on(ES256, Curve::P384).err(), mismatch);
    assert_eq!(Jwk::generate_on(ES256, Curve::X25519).err(), mismatch);
    assert_eq!(Jwk::generate_on(RS256, Curve::P256).err(), mismatch);
    assert!(Jwk::generate_on(ES256, Curve::P256).is_ok());
}
