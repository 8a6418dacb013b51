//! Keys that are not safe keys of their algorithm.

use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::rsa::PublicKeyComponents;
use sealpass_jose::{ContentEncryption, Curve, JweAlgorithm, Key, KeyError, KeyRing, Secret};

use crate::keys::{CURVES, Kind, Pair, RSA, ecdh_pair, symmetric_bytes};

const ENC: [ContentEncryption; 1] = [ContentEncryption::A256Gcm];

fn symmetric(alg: JweAlgorithm, enc: &[ContentEncryption], length: usize) -> Result<Key, KeyError> {
    Key::symmetric_jwe("a", alg, enc, &Secret::new(vec![7; length]))
}

const SYMMETRIC: [JweAlgorithm; 7] = [
    JweAlgorithm::A128GcmKw,
    JweAlgorithm::A128Kw,
    JweAlgorithm::A192GcmKw,
    JweAlgorithm::A192Kw,
    JweAlgorithm::A256GcmKw,
    JweAlgorithm::A256Kw,
    JweAlgorithm::Dir,
];

const ECDH: [JweAlgorithm; 4] = [
    JweAlgorithm::EcdhEs,
    JweAlgorithm::EcdhEsA128Kw,
    JweAlgorithm::EcdhEsA192Kw,
    JweAlgorithm::EcdhEsA256Kw,
];

#[test]
fn a_shared_key_of_any_other_length_is_refused() {
    for alg in SYMMETRIC {
        for enc in ContentEncryption::ALL {
            let required_bytes = symmetric_bytes(alg, enc);
            for bytes in 0..=70 {
                let refused = symmetric(alg, &[enc], bytes).err();
                let expected =
                    (bytes != required_bytes).then_some(KeyError::Length { bytes, required_bytes });
                assert_eq!(refused, expected, "{alg} with {enc}");
            }
        }
    }
}

#[test]
fn the_accepted_content_encryptions_must_be_some_and_different() {
    let (gcm, cbc) = (ContentEncryption::A256Gcm, ContentEncryption::A128CbcHs256);
    for alg in SYMMETRIC {
        let refused = Some(KeyError::ContentEncryption);
        let length = symmetric_bytes(alg, gcm);
        assert_eq!(symmetric(alg, &[], length).err(), refused, "{alg}");
        assert_eq!(symmetric(alg, &[gcm, gcm], length).err(), refused, "{alg}");
        assert_eq!(symmetric(alg, &[gcm, cbc, gcm], length).err(), refused, "{alg}");
        let two = symmetric(alg, &[gcm, cbc], length).err();
        assert_eq!(two, if alg == JweAlgorithm::Dir { refused } else { None }, "{alg}");
    }
}

#[test]
fn a_constructor_refuses_the_algorithms_of_the_others() {
    let pkcs8 = Secret::new(RSA.private.clone());
    let Pair { private, public } = ecdh_pair(Curve::P256);
    let private = Secret::new(private.clone());
    for alg in JweAlgorithm::ALL {
        let is_ecdh = ECDH.contains(&alg);
        let is_symmetric = SYMMETRIC.contains(&alg);
        let is_rsa = !is_ecdh && !is_symmetric;
        let refused = Some(KeyError::Algorithm);
        if !is_symmetric {
            assert_eq!(symmetric(alg, &ENC, 32).err(), refused, "{alg}");
        }
        if !is_rsa {
            assert_eq!(Key::rsa_jwe_private("a", alg, &ENC, &pkcs8).err(), refused, "{alg}");
            assert_eq!(Key::rsa_jwe_public("a", alg, &ENC, &RSA.public).err(), refused, "{alg}");
        }
        if is_ecdh {
            let signing = Key::ecdh_public("a", alg, &ENC, Curve::Ed25519, &[9; 32]);
            assert_eq!(signing.err(), refused, "{alg}");
        } else {
            let pair = Key::ecdh_private("a", alg, &ENC, Curve::P256, &private, public);
            assert_eq!(pair.err(), refused, "{alg}");
            let half = Key::ecdh_public("a", alg, &ENC, Curve::P256, public);
            assert_eq!(half.err(), refused, "{alg}");
        }
    }
}

#[test]
fn a_private_key_of_another_pair_is_refused() {
    for curve in CURVES {
        let Pair { private, public } = ecdh_pair(curve);
        let mut other = private.clone();
        // Not among the bits of X25519 that do not count (RFC 7748 §5).
        other[15] ^= 1;
        let other = Secret::new(other);
        let refused = Key::ecdh_private("a", JweAlgorithm::EcdhEs, &ENC, curve, &other, public);
        assert_eq!(refused.err(), Some(KeyError::PairMismatch), "{}", curve.name());
    }
}

#[test]
fn a_private_key_that_is_no_scalar_is_refused() {
    for curve in [Curve::P256, Curve::P384, Curve::P521] {
        let public = &ecdh_pair(curve).public;
        let length = curve.coordinate_bytes();
        for scalar in [vec![], vec![0; length], vec![0xff; length], vec![1; length + 1]] {
            let scalar = Secret::new(scalar);
            let refused =
                Key::ecdh_private("a", JweAlgorithm::EcdhEs, &ENC, curve, &scalar, public);
            assert!(refused.is_err(), "{}", curve.name());
        }
    }
}

#[test]
fn a_public_key_in_any_other_form_is_refused() {
    for curve in CURVES {
        let public = &ecdh_pair(curve).public;
        let parse = |bytes: &[u8]| Key::ecdh_public("a", JweAlgorithm::EcdhEs, &ENC, curve, bytes);
        assert!(parse(public).is_ok());
        let longer = [&public[..], &[0]].concat();
        for bytes in [&[][..], &public[1..], &public[..public.len() - 1], &longer] {
            assert_eq!(parse(bytes).err(), Some(KeyError::Material), "{}", curve.name());
        }
        if curve != Curve::X25519 {
            // Compressed and hybrid points (SEC 1 §2.3.3, X9.62).
            for mark in [0, 2, 3, 5, 6, 7, 0x30] {
                let mut other = public.clone();
                other[0] = mark;
                assert_eq!(parse(&other).err(), Some(KeyError::Material), "{mark}");
                let compressed = &other[..=curve.coordinate_bytes()];
                assert_eq!(parse(compressed).err(), Some(KeyError::Material), "{mark}");
            }
        }
    }
}

fn rsa_public(n: Vec<u8>, e: Vec<u8>) -> Option<KeyError> {
    let der: PublicKeyX509Der<'_> = PublicKeyComponents { n, e }.as_der().ok()?;
    Key::rsa_jwe_public("a", JweAlgorithm::RsaOaep256, &ENC, der.as_ref()).err()
}

#[test]
fn an_rsa_key_that_is_too_short_or_has_a_small_exponent_is_refused() {
    let modulus = |bytes| {
        let mut modulus = vec![0xc5; bytes];
        *modulus.last_mut().unwrap() |= 1;
        modulus
    };
    assert_eq!(rsa_public(modulus(256), vec![1, 0, 1]), None);
    assert_eq!(rsa_public(modulus(256), vec![3]), Some(KeyError::RsaExponent));
    assert!(rsa_public(modulus(128), vec![1, 0, 1]).is_some());
    assert!(rsa_public(modulus(255), vec![1, 0, 1]).is_some());
}

#[test]
fn der_of_something_else_is_refused() {
    let (alg, refused) = (JweAlgorithm::RsaOaep, Some(KeyError::Material));
    for der in [&[][..], &RSA.public, &RSA.private[..RSA.private.len() - 1], b"-----BEGIN"] {
        let der = Secret::new(der.to_vec());
        assert_eq!(Key::rsa_jwe_private("a", alg, &ENC, &der).err(), refused);
    }
    for der in [&[][..], &RSA.private, &RSA.public[..RSA.public.len() - 1], b"-----BEGIN"] {
        assert_eq!(Key::rsa_jwe_public("a", alg, &ENC, der).err(), refused);
    }
}

#[test]
fn nothing_prints_what_a_key_is_made_of() {
    for kind in Kind::all() {
        let key = kind.key(ContentEncryption::A256Gcm);
        let printed = format!("{key:?} {:?}", KeyRing::new(key.clone()));
        assert!(printed.contains("kid: \"a\""), "{printed}");
        assert!(!printed.contains("7, 7, 7"), "{printed}");
        assert!(printed.len() < 400, "{printed}");
    }
}
