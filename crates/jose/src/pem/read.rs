//! From DER to the parts of a key.

use aws_lc_rs::agreement::{self, ECDH_P256, ECDH_P384, ECDH_P521, PrivateKey};

use super::PemError;
use super::der::{self, Reader};
use crate::jwk::{EcParts, OkpParts, Parts, RsaParts, RsaPrivateParts};
use crate::key::{Curve, KeyError};
use crate::secret::Secret;

/// The structure that a label names (RFC 7468 §10 and §13, RFC 5915 §4, RFC 8017 A.1).
#[derive(Clone, Copy)]
pub(crate) enum Container {
    Pkcs1Private,
    Pkcs1Public,
    Pkcs8,
    Sec1,
    Spki,
}

/// The parts of the key that `der` is, checked to be a key.
pub(crate) fn read_parts(container: Container, der: &[u8]) -> Result<Parts, PemError> {
    match container {
        Container::Pkcs1Private => rsa_private(der),
        Container::Pkcs1Public => rsa_public(der),
        Container::Pkcs8 => pkcs8(der),
        Container::Sec1 => ec_private(der, None),
        Container::Spki => spki(der),
    }
}

/// What an `AlgorithmIdentifier` says (RFC 5280 §4.1.1.2).
enum Kind {
    Ec(Curve),
    Okp(Curve),
    Rsa,
}

/// `PrivateKeyInfo`, or `OneAsymmetricKey` of version 2 (RFC 5958 §2).
fn pkcs8(der: &[u8]) -> Result<Parts, PemError> {
    let mut info = Reader::of_sequence(der)?;
    let has_public_key = match info.unsigned()? {
        [] => false,
        [1] => true,
        _ => return Err(PemError::Der),
    };
    let kind = kind(&mut info)?;
    let private_key = info.value(der::OCTET_STRING)?;
    info.optional(ATTRIBUTES)?;
    let public_key = match info.optional(PUBLIC_KEY)? {
        Some(bits) if has_public_key => Some(der::whole_bytes(bits)?),
        None if !has_public_key => None,
        _ => return Err(PemError::Der),
    };
    info.end()?;
    match kind {
        // RFC 5958 gives a place for the public key; these structures have their own.
        Kind::Ec(_) | Kind::Rsa if public_key.is_some() => Err(PemError::Der),
        Kind::Ec(curve) => ec_private(private_key, Some(curve)),
        Kind::Okp(curve) => okp_private(private_key, curve, public_key),
        Kind::Rsa => rsa_private(private_key),
    }
}

/// `SubjectPublicKeyInfo` (RFC 5280 §4.1).
fn spki(der: &[u8]) -> Result<Parts, PemError> {
    let mut info = Reader::of_sequence(der)?;
    let kind = kind(&mut info)?;
    let public_key = info.bit_string()?;
    info.end()?;
    match kind {
        Kind::Ec(curve) => {
            require_uncompressed(curve, public_key)?;
            Ok(Parts::Ec(EcParts::new(curve, public_key.to_vec(), None)?))
        }
        Kind::Okp(curve) => {
            let public = public_key.try_into().map_err(|_| PemError::Point)?;
            Ok(Parts::Okp(OkpParts::new(curve, public, None)?))
        }
        Kind::Rsa => rsa_public(public_key),
    }
}

fn kind(info: &mut Reader<'_>) -> Result<Kind, PemError> {
    let mut identifier = info.sequence()?;
    let kind = match identifier.value(der::OBJECT_IDENTIFIER)? {
        RSA_ENCRYPTION => match identifier.value(der::NULL)? {
            [] => Kind::Rsa,
            _ => return Err(PemError::Der),
        },
        EC_PUBLIC_KEY => Kind::Ec(curve(identifier.value(der::OBJECT_IDENTIFIER)?)?),
        ED25519 => Kind::Okp(Curve::Ed25519),
        X25519 => Kind::Okp(Curve::X25519),
        _ => return Err(PemError::KeyTypeUnsupported),
    };
    identifier.end()?;
    Ok(kind)
}

fn curve(identifier: &[u8]) -> Result<Curve, PemError> {
    match identifier {
        SECP256R1 => Ok(Curve::P256),
        SECP384R1 => Ok(Curve::P384),
        SECP521R1 => Ok(Curve::P521),
        _ => Err(PemError::CurveUnsupported),
    }
}

/// `ECPrivateKey` (RFC 5915 §3). The curve is named around it, or in it.
fn ec_private(der: &[u8], outer: Option<Curve>) -> Result<Parts, PemError> {
    let mut key = Reader::of_sequence(der)?;
    if key.unsigned()? != [1] {
        return Err(PemError::Der);
    }
    let private = Secret::new(key.value(der::OCTET_STRING)?.to_vec());
    let inner = match key.optional(EC_PARAMETERS)? {
        Some(parameters) => Some(curve(Reader::whole(parameters, der::OBJECT_IDENTIFIER)?)?),
        None => None,
    };
    let curve = match (outer, inner) {
        (Some(outer), Some(inner)) if outer != inner => return Err(PemError::Der),
        (Some(curve), _) | (None, Some(curve)) => curve,
        (None, None) => return Err(PemError::Der),
    };
    let point = match key.optional(EC_POINT)? {
        Some(bits) => {
            let point = der::whole_bytes(Reader::whole(bits, der::BIT_STRING)?)?;
            require_uncompressed(curve, point)?;
            point.to_vec()
        }
        None => point_of(curve, &private)?,
    };
    key.end()?;
    Ok(Parts::Ec(EcParts::new(curve, point, Some(private))?))
}

/// `CurvePrivateKey` (RFC 8410 §7).
fn okp_private(der: &[u8], curve: Curve, public: Option<&[u8]>) -> Result<Parts, PemError> {
    let private = Reader::whole(der, der::OCTET_STRING)?;
    let private = Secret::new(private.try_into().map_err(|_| PemError::Der)?);
    let parts = match public {
        Some(public) => {
            let public = public.try_into().map_err(|_| PemError::Point)?;
            OkpParts::new(curve, public, Some(private))?
        }
        None => OkpParts::from_private(curve, private)?,
    };
    Ok(Parts::Okp(parts))
}

/// `RSAPrivateKey` (RFC 8017 A.1.2).
fn rsa_private(der: &[u8]) -> Result<Parts, PemError> {
    let mut key = Reader::of_sequence(der)?;
    match key.unsigned()? {
        [] => {}
        [1] => return Err(PemError::MultiPrime),
        _ => return Err(PemError::Der),
    }
    let (modulus, exponent) = (key.unsigned()?.to_vec(), key.unsigned()?.to_vec());
    let mut secret = || Ok::<_, PemError>(Secret::new(key.unsigned()?.to_vec()));
    let private = RsaPrivateParts {
        d: secret()?,
        p: secret()?,
        q: secret()?,
        dp: secret()?,
        dq: secret()?,
        qi: secret()?,
    };
    key.end()?;
    Ok(Parts::Rsa(Box::new(RsaParts::new(modulus, exponent, Some(private))?)))
}

/// `RSAPublicKey` (RFC 8017 A.1.1).
fn rsa_public(der: &[u8]) -> Result<Parts, PemError> {
    let mut key = Reader::of_sequence(der)?;
    let (modulus, exponent) = (key.unsigned()?.to_vec(), key.unsigned()?.to_vec());
    key.end()?;
    Ok(Parts::Rsa(Box::new(RsaParts::new(modulus, exponent, None)?)))
}

fn require_uncompressed(curve: Curve, point: &[u8]) -> Result<(), PemError> {
    let is_uncompressed = point.len() == curve.point_bytes() && point.first() == Some(&4);
    if is_uncompressed { Ok(()) } else { Err(PemError::Point) }
}

/// The point of a scalar whose file leaves it out.
fn point_of(curve: Curve, private: &Secret<Vec<u8>>) -> Result<Vec<u8>, PemError> {
    let algorithm: &agreement::Algorithm = match curve {
        Curve::P256 => &ECDH_P256,
        Curve::P384 => &ECDH_P384,
        Curve::P521 => &ECDH_P521,
        Curve::Ed25519 | Curve::X25519 => return Err(PemError::Der),
    };
    let point = PrivateKey::from_private_key(algorithm, private.expose())
        .and_then(|key| key.compute_public_key().map_err(Into::into));
    Ok(point.map_err(|_| KeyError::Material)?.as_ref().to_vec())
}

/// `[0]` of `OneAsymmetricKey`, a set.
const ATTRIBUTES: u8 = 0xa0;
/// `[1]` of `OneAsymmetricKey`, a bit string whose tag it replaces.
const PUBLIC_KEY: u8 = 0x81;
/// `[0]` of `ECPrivateKey`, around an object identifier.
const EC_PARAMETERS: u8 = 0xa0;
/// `[1]` of `ECPrivateKey`, around a bit string.
const EC_POINT: u8 = 0xa1;

/// 1.2.840.113549.1.1.1
const RSA_ENCRYPTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
/// 1.2.840.10045.2.1
const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
/// 1.3.101.112
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
/// 1.3.101.110
const X25519: &[u8] = &[0x2b, 0x65, 0x6e];
/// 1.2.840.10045.3.1.7
const SECP256R1: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
/// 1.3.132.0.34
const SECP384R1: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];
/// 1.3.132.0.35
const SECP521R1: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x23];
