//! From the parts of a key to DER.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::signature::EcdsaKeyPair;

use crate::jwk::{OkpParts, Parts};
use crate::jws::{EcdsaKey, ecdsa_algorithm, ecdsa_signing};
use crate::key::Curve;
use crate::secret::Secret;

/// `PrivateKeyInfo` (RFC 5958 §2); `None` without a private part.
pub(crate) fn to_pkcs8(parts: &Parts) -> Option<Secret<Vec<u8>>> {
    match parts {
        Parts::Ec(ec) => {
            let private = ec.private.as_ref()?.expose();
            let signing = ecdsa_signing(ec.curve)?;
            let pair =
                EcdsaKeyPair::from_private_key_and_public_key(signing, private, &ec.point).ok()?;
            Some(Secret::new(pair.to_pkcs8v1().ok()?.as_ref().to_vec()))
        }
        Parts::Oct(_) => None,
        Parts::Okp(okp) => {
            let private = okp.private.as_ref()?.expose();
            let head = [
                &[0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65][..],
                &[okp_identifier(okp)?, 0x04, 0x22, 0x04, 0x20],
            ];
            Some(Secret::new([head[0], head[1], private].concat()))
        }
        Parts::Rsa(rsa) => {
            let der: Pkcs8V1Der<'_> = rsa.pair()?.as_der().ok()?;
            Some(Secret::new(der.as_ref().to_vec()))
        }
    }
}

/// `SubjectPublicKeyInfo` (RFC 5280 §4.1); `None` for a shared key.
pub(crate) fn to_spki(parts: &Parts) -> Option<Vec<u8>> {
    match parts {
        Parts::Ec(ec) => EcdsaKey::from_public(ecdsa_algorithm(ec.curve)?, &ec.point)?.to_spki(),
        Parts::Oct(_) => None,
        Parts::Okp(okp) => {
            let head = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, okp_identifier(okp)?];
            Some([&head[..], &[0x03, 0x21, 0x00], &okp.public].concat())
        }
        Parts::Rsa(rsa) => {
            let der: PublicKeyX509Der<'_> = rsa.public_components().as_der().ok()?;
            Some(der.as_ref().to_vec())
        }
    }
}

/// The last byte of 1.3.101.110 and 1.3.101.112 (RFC 8410 §3).
const fn okp_identifier(okp: &OkpParts) -> Option<u8> {
    match okp.curve {
        Curve::Ed25519 => Some(0x70),
        Curve::X25519 => Some(0x6e),
        Curve::P256 | Curve::P384 | Curve::P521 => None,
    }
}
