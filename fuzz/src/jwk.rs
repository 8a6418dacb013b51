//! Texts that may be keys.

use sealpass_jose::{Algorithm, Jwk, JwsAlgorithm, KeyRing};

use crate::keys::{algorithms, open};
use crate::{ACCEPTED, Outcome};

/// The bytes as a JWK, and as PEM.
///
/// A key that is read comes out as it went in, never with a private member in public, and what it
/// seals it opens.
pub fn jwk(bytes: &[u8]) -> Outcome {
    match (Jwk::parse(bytes), Jwk::from_pem(bytes)) {
        (Ok(jwk), _) => {
            require_round_trips(&jwk);
            use_it(&jwk);
            ACCEPTED
        }
        (Err(_), Ok(jwk)) => {
            require_round_trips(&jwk);
            "accepted PEM"
        }
        (Err(json), Err(pem)) if bytes.starts_with(b"{") => {
            let _ = pem;
            json.code()
        }
        (Err(_), Err(pem)) => pem.code(),
    }
}

pub(crate) fn require_round_trips(jwk: &Jwk) {
    let json = jwk.to_private_json();
    let again = Jwk::parse(json.expose().as_bytes()).expect("what came out goes in");
    assert_eq!(again.to_private_json().expose(), json.expose());
    assert_eq!(again.thumbprint(), jwk.thumbprint());
    if let Some(public) = jwk.to_public() {
        let json = public.to_public_json().expect("a public key");
        let again = Jwk::parse(json.as_bytes()).expect("what came out goes in");
        assert!(!again.is_private());
        assert_eq!(again.thumbprint(), jwk.thumbprint());
    }
    if let Ok(pem) = jwk.to_private_pem() {
        let again = Jwk::from_pem(pem.expose().as_bytes()).expect("what came out goes in");
        assert_eq!(again.thumbprint(), jwk.thumbprint());
    }
    if let Ok(pem) = jwk.to_public_pem() {
        let again = Jwk::from_pem(pem.as_bytes()).expect("what came out goes in");
        assert_eq!(again.thumbprint(), jwk.thumbprint());
    }
}

/// With every algorithm that it is for; RSA, which is slow, with one.
fn use_it(jwk: &Jwk) {
    let is_one = |algorithm: &Algorithm| {
        jwk.key_type() != "RSA" || *algorithm == Algorithm::Jws(JwsAlgorithm::Rs256)
    };
    for algorithm in algorithms().filter(is_one) {
        let Ok(key) = jwk.to_key(&[algorithm]) else { continue };
        assert_eq!(key.algorithm(), algorithm);
        let ring = KeyRing::new(key);
        if let Ok(token) = ring.seal_bytes("t", b"payload") {
            match open(&ring, &token) {
                Ok(payload) => assert_eq!(payload, b"payload"),
                // The public half, or a key that may only encrypt.
                Err("key_cannot_open") => {}
                Err(code) => panic!("{algorithm}: {code}"),
            }
        }
    }
}
