//! Whatever bytes come: an answer, and if it is a key, the same one when it comes out and in again.

use proptest::collection::vec;
use proptest::prelude::*;
use sealpass_jose::{Jwk, JwkSet};

const JWKS: [&str; 5] = [
    include_str!("rfc/rfc7515_a2.jwk"),
    include_str!("rfc/rfc7515_a3.jwk"),
    include_str!("rfc/rfc7515_a4.jwk"),
    include_str!("rfc/rfc7638.jwk"),
    r#"{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ","key_ops":["sign","verify"]}"#,
];

const SETS: [&str; 3] = [
    include_str!("rfc/rfc7517_a1.jwks"),
    include_str!("rfc/rfc7517_a2.jwks"),
    include_str!("rfc/rfc7517_a3.jwks"),
];

const PEMS: [&str; 5] = [
    include_str!("pem/p256.pkcs8.pem"),
    include_str!("pem/p384.sec1.pem"),
    include_str!("pem/ed25519.pkcs8.pem"),
    include_str!("pem/rsa.pkcs1_public.pem"),
    include_str!("pem/x25519.spki.pem"),
];

/// One of `texts` with some of its bytes replaced, and perhaps its end cut off.
fn changed(texts: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![any::<u8>(), proptest::sample::select(b"{}[],:\"\\ \n=-A0".to_vec())];
    let edits = vec((any::<prop::sample::Index>(), byte), 0..4);
    (
        proptest::sample::select(texts),
        edits,
        proptest::option::weighted(0.2, any::<prop::sample::Index>()),
    )
        .prop_map(|(text, edits, cut)| {
            let mut bytes = text.as_bytes().to_vec();
            for (index, byte) in edits {
                let index = index.index(bytes.len());
                bytes[index] = byte;
            }
            if let Some(cut) = cut {
                bytes.truncate(cut.index(bytes.len()));
            }
            bytes
        })
}

fn require_round_trip(jwk: &Jwk) -> Result<(), TestCaseError> {
    let json = jwk.to_private_json();
    let again = Jwk::parse(json.expose().as_bytes()).unwrap();
    let again_json = again.to_private_json();
    prop_assert_eq!(again_json.expose(), json.expose());
    prop_assert_eq!(again.thumbprint(), jwk.thumbprint());
    if let Ok(pem) = jwk.to_private_pem() {
        prop_assert_eq!(
            Jwk::from_pem(pem.expose().as_bytes()).unwrap().thumbprint(),
            jwk.thumbprint()
        );
    }
    if let Ok(pem) = jwk.to_public_pem() {
        prop_assert_eq!(Jwk::from_pem(pem.as_bytes()).unwrap().thumbprint(), jwk.thumbprint());
    }
    Ok(())
}

proptest! {
    #[test]
    fn a_changed_jwk_is_refused_or_a_key(bytes in changed(&JWKS)) {
        if let Ok(jwk) = Jwk::parse(&bytes) {
            require_round_trip(&jwk)?;
        }
    }

    #[test]
    fn a_changed_set_is_refused_or_keys(bytes in changed(&SETS)) {
        if let Ok(set) = JwkSet::parse(&bytes) {
            for jwk in set.keys() {
                require_round_trip(jwk)?;
            }
        }
    }

    #[test]
    fn changed_pem_is_refused_or_a_key(bytes in changed(&PEMS)) {
        if let Ok(jwk) = Jwk::from_pem(&bytes) {
            require_round_trip(&jwk)?;
        }
    }

    #[test]
    fn any_bytes_get_an_answer(bytes in vec(any::<u8>(), 0..200)) {
        prop_assert!(Jwk::parse(&bytes).is_err());
        prop_assert!(JwkSet::parse(&bytes).is_err());
        prop_assert!(Jwk::from_pem(&bytes).is_err());
    }

    #[test]
    fn any_der_in_armour_gets_an_answer(der in vec(any::<u8>(), 0..100)) {
        let body = sealpass_jose::base64url::encode(&der).replace('-', "+").replace('_', "/");
        let padding = "=".repeat((4 - body.len() % 4) % 4);
        for label in ["PRIVATE KEY", "PUBLIC KEY", "EC PRIVATE KEY", "RSA PUBLIC KEY"] {
            let pem = format!("-----BEGIN {label}-----\n{body}{padding}\n-----END {label}-----\n");
            prop_assert!(Jwk::from_pem(pem.as_bytes()).is_err());
        }
    }
}
