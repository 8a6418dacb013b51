//! Which algorithms a key is for.

use super::{JwkError, Parts};
use crate::algorithm::Algorithm;
use crate::jwe::{ContentEncryption, JweAlgorithm};
use crate::jws::{JwsAlgorithm, ecdsa_curve, hmac_tag_len};
use crate::key::{Curve, KeyError};

/// The `alg` of a JWK (RFC 7517 §4.4).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum JwkAlgorithm {
    /// A content encryption: the key is used directly, with `dir` (RFC 7520 §3.6).
    Content(ContentEncryption),
    Jwe(JweAlgorithm),
    Jws(JwsAlgorithm),
}

impl JwkAlgorithm {
    pub(super) fn from_name(name: &str) -> Result<Self, JwkError> {
        if name.eq_ignore_ascii_case("none") {
            return Err(JwkError::AlgorithmNone);
        }
        if name == "RSA1_5" {
            return Err(JwkError::AlgorithmRsa15);
        }
        if name.starts_with("PBES2-") {
            return Err(JwkError::AlgorithmPbes2);
        }
        JwsAlgorithm::from_name(name)
            .map(Self::Jws)
            .or_else(|| JweAlgorithm::from_name(name).map(Self::Jwe))
            .or_else(|| ContentEncryption::from_name(name).map(Self::Content))
            .ok_or(JwkError::AlgorithmUnsupported)
    }

    /// The `alg` that pins `algorithm` as far as a JWK can.
    pub(super) const fn of(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Jwe(JweAlgorithm::Dir, enc) => Self::Content(enc),
            Algorithm::Jwe(alg, _) => Self::Jwe(alg),
            Algorithm::Jws(alg) => Self::Jws(alg),
        }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Content(enc) => enc.name(),
            Self::Jwe(alg) => alg.name(),
            Self::Jws(alg) => alg.name(),
        }
    }

    pub(super) const fn is_signature(self) -> bool {
        matches!(self, Self::Jws(_))
    }

    /// Whether a key with this `alg` may be used for `algorithm`.
    pub(super) fn allows(self, algorithm: Algorithm) -> bool {
        match (self, algorithm) {
            (Self::Content(ours), Algorithm::Jwe(JweAlgorithm::Dir, enc)) => ours == enc,
            (Self::Jwe(ours), Algorithm::Jwe(alg, _)) => ours == alg,
            (Self::Jws(ours), Algorithm::Jws(alg)) => ours == alg,
            _ => false,
        }
    }

    /// Refuses parts that are no key of this `alg`.
    pub(super) fn require_fit(self, parts: &Parts) -> Result<(), JwkError> {
        match (self, parts) {
            (Self::Jws(alg), Parts::Oct(k)) if hmac_tag_len(alg) > 0 => {
                let (bytes, min_bytes) = (k.expose().len(), hmac_tag_len(alg));
                if bytes < min_bytes {
                    return Err(KeyError::TooShort { bytes, min_bytes }.into());
                }
                Ok(())
            }
            (Self::Content(enc), Parts::Oct(k)) => require_length(k.expose(), enc.key_bytes()),
            (Self::Jwe(alg), Parts::Oct(k)) => match jwe_shape(alg, None) {
                Some(Shape::Shared { bytes }) => require_length(k.expose(), bytes),
                Some(Shape::Curve(_) | Shape::Rsa) => Err(JwkError::AlgorithmMismatch),
                None => Ok(()),
            },
            (Self::Jws(alg), parts) if fits_jws(parts, alg) => Ok(()),
            (Self::Jwe(alg), parts) if fits_jwe(parts, alg, None) => Ok(()),
            _ => Err(JwkError::AlgorithmMismatch),
        }
    }
}

/// What kind of key an algorithm takes.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    /// A key pair on this curve; for a key agreement, on this or on one of NIST's.
    Curve(Curve),
    Rsa,
    /// A shared key: for a MAC of at least, and for encryption of exactly this length.
    Shared {
        bytes: usize,
    },
}

pub(super) fn shape(algorithm: Algorithm) -> Result<Shape, JwkError> {
    match algorithm {
        Algorithm::Jwe(alg, enc) => jwe_shape(alg, Some(enc)).ok_or(JwkError::AlgorithmUnsupported),
        Algorithm::Jws(alg) => Ok(jws_shape(alg)),
    }
}

const fn jws_shape(alg: JwsAlgorithm) -> Shape {
    match ecdsa_curve(alg) {
        Some(curve) => Shape::Curve(curve),
        None => match alg {
            JwsAlgorithm::EdDsa => Shape::Curve(Curve::Ed25519),
            JwsAlgorithm::Hs256 | JwsAlgorithm::Hs384 | JwsAlgorithm::Hs512 => {
                Shape::Shared { bytes: hmac_tag_len(alg) }
            }
            _ => Shape::Rsa,
        },
    }
}

/// The shape of a key management; that of `dir` is the content encryption's.
fn jwe_shape(alg: JweAlgorithm, enc: Option<ContentEncryption>) -> Option<Shape> {
    match alg {
        JweAlgorithm::A128GcmKw | JweAlgorithm::A128Kw => Some(Shape::Shared { bytes: 16 }),
        JweAlgorithm::A192GcmKw | JweAlgorithm::A192Kw => Some(Shape::Shared { bytes: 24 }),
        JweAlgorithm::A256GcmKw | JweAlgorithm::A256Kw => Some(Shape::Shared { bytes: 32 }),
        JweAlgorithm::Dir => enc.map(|enc| Shape::Shared { bytes: enc.key_bytes() }),
        JweAlgorithm::EcdhEs
        | JweAlgorithm::EcdhEsA128Kw
        | JweAlgorithm::EcdhEsA192Kw
        | JweAlgorithm::EcdhEsA256Kw => Some(Shape::Curve(Curve::X25519)),
        JweAlgorithm::RsaOaep | JweAlgorithm::RsaOaep256 => Some(Shape::Rsa),
    }
}

/// Whether parts are a key of `algorithm`.
pub(super) fn fits(parts: &Parts, algorithm: Algorithm) -> bool {
    match algorithm {
        Algorithm::Jws(alg) => fits_jws(parts, alg),
        Algorithm::Jwe(alg, enc) => fits_jwe(parts, alg, Some(enc)),
    }
}

fn fits_jws(parts: &Parts, alg: JwsAlgorithm) -> bool {
    match (jws_shape(alg), parts) {
        (Shape::Curve(curve), Parts::Ec(ec)) => ec.curve == curve,
        (Shape::Curve(curve), Parts::Okp(okp)) => okp.curve == curve,
        // One that is too short is refused as that, and not as a key for something else.
        (Shape::Rsa, Parts::Rsa(_)) | (Shape::Shared { .. }, Parts::Oct(_)) => true,
        _ => false,
    }
}

fn fits_jwe(parts: &Parts, alg: JweAlgorithm, enc: Option<ContentEncryption>) -> bool {
    match (jwe_shape(alg, enc), parts) {
        // `dir` says the length only together with `enc`.
        (Some(Shape::Curve(_)), Parts::Ec(_))
        | (Some(Shape::Rsa), Parts::Rsa(_))
        | (None, Parts::Oct(_)) => true,
        (Some(Shape::Curve(_)), Parts::Okp(okp)) => okp.curve == Curve::X25519,
        (Some(Shape::Shared { bytes }), Parts::Oct(k)) => k.expose().len() == bytes,
        _ => false,
    }
}

fn require_length(k: &[u8], expected_bytes: usize) -> Result<(), JwkError> {
    if k.len() == expected_bytes {
        return Ok(());
    }
    Err(JwkError::MemberLength { member: "k", bytes: k.len(), expected_bytes })
}
