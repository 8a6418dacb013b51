//! ECDSA keys (RFC 7518 §3.4).

use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED,
    ECDSA_P384_SHA384_FIXED_SIGNING, ECDSA_P521_SHA512_FIXED, ECDSA_P521_SHA512_FIXED_SIGNING,
    EcdsaKeyPair, EcdsaSigningAlgorithm, EcdsaVerificationAlgorithm, ParsedPublicKey,
};

use super::JwsAlgorithm;
use crate::key::Curve;

/// A key pair, or the public key alone.
pub(crate) struct EcdsaKey {
    algorithm: JwsAlgorithm,
    pair: Option<EcdsaKeyPair>,
    public: ParsedPublicKey,
}

impl EcdsaKey {
    /// The pair of a big-endian scalar and an uncompressed point; `None` unless both belong to the
    /// curve and to each other.
    pub(crate) fn from_pair(algorithm: JwsAlgorithm, private: &[u8], point: &[u8]) -> Option<Self> {
        let curve = curve(algorithm)?;
        if private.len() != curve.coordinate_bytes() {
            return None;
        }
        let key = Self::from_public(algorithm, point)?;
        let signing = signing(curve)?;
        let pair = EcdsaKeyPair::from_private_key_and_public_key(signing, private, point).ok()?;
        Some(Self { pair: Some(pair), ..key })
    }

    /// The public key of an uncompressed point (SEC 1 §2.3.3); `None` unless it is on the curve.
    pub(crate) fn from_public(algorithm: JwsAlgorithm, point: &[u8]) -> Option<Self> {
        let curve = curve(algorithm)?;
        // The library also reads compressed points and whole X.509 structures.
        if point.len() != curve.point_bytes() || point.first() != Some(&UNCOMPRESSED) {
            return None;
        }
        let public = ParsedPublicKey::new(verification(curve)?, point).ok()?;
        Some(Self { algorithm, pair: None, public })
    }

    pub(crate) const fn algorithm(&self) -> JwsAlgorithm {
        self.algorithm
    }

    /// The length of r and s of fixed length, in bytes (RFC 7518 §3.4).
    pub(super) const fn signature_len(&self) -> usize {
        match self.algorithm {
            JwsAlgorithm::Es384 => 96,
            JwsAlgorithm::Es512 => 132,
            _ => 64,
        }
    }

    /// The private half, if it is here.
    pub(super) const fn pair(&self) -> Option<&EcdsaKeyPair> {
        self.pair.as_ref()
    }

    pub(super) const fn public(&self) -> &ParsedPublicKey {
        &self.public
    }

    /// `SubjectPublicKeyInfo` (RFC 5280 §4.1).
    pub(crate) fn to_spki(&self) -> Option<Vec<u8>> {
        let der: PublicKeyX509Der<'_> = self.public.as_der().ok()?;
        Some(der.as_ref().to_vec())
    }

    /// The uncompressed point.
    pub(crate) fn point(&self) -> &[u8] {
        self.public.as_ref()
    }
}

/// The one algorithm of a curve; `None` for those of other signatures.
pub(crate) const fn algorithm(curve: Curve) -> Option<JwsAlgorithm> {
    match curve {
        Curve::P256 => Some(JwsAlgorithm::Es256),
        Curve::P384 => Some(JwsAlgorithm::Es384),
        Curve::P521 => Some(JwsAlgorithm::Es512),
        Curve::Ed25519 | Curve::X25519 => None,
    }
}

/// The one curve of an algorithm (RFC 7518 §3.4); `None` for what is not ECDSA.
pub(crate) const fn curve(algorithm: JwsAlgorithm) -> Option<Curve> {
    match algorithm {
        JwsAlgorithm::Es256 => Some(Curve::P256),
        JwsAlgorithm::Es384 => Some(Curve::P384),
        JwsAlgorithm::Es512 => Some(Curve::P521),
        _ => None,
    }
}

/// The signatures of a curve: r and s of fixed length, never DER.
pub(crate) fn signing(curve: Curve) -> Option<&'static EcdsaSigningAlgorithm> {
    match curve {
        Curve::P256 => Some(&ECDSA_P256_SHA256_FIXED_SIGNING),
        Curve::P384 => Some(&ECDSA_P384_SHA384_FIXED_SIGNING),
        Curve::P521 => Some(&ECDSA_P521_SHA512_FIXED_SIGNING),
        Curve::Ed25519 | Curve::X25519 => None,
    }
}

fn verification(curve: Curve) -> Option<&'static EcdsaVerificationAlgorithm> {
    match curve {
        Curve::P256 => Some(&ECDSA_P256_SHA256_FIXED),
        Curve::P384 => Some(&ECDSA_P384_SHA384_FIXED),
        Curve::P521 => Some(&ECDSA_P521_SHA512_FIXED),
        Curve::Ed25519 | Curve::X25519 => None,
    }
}

/// The first byte of an uncompressed point (SEC 1 §2.3.3).
const UNCOMPRESSED: u8 = 4;
