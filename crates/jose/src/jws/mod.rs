//! JSON Web Signature (RFC 7515): over bytes, for one prepared key.

mod algorithm;
mod ecdsa;
mod ed25519;
mod hmac;
mod rsa;
mod sign;
mod verify;
#[cfg(test)]
mod wycheproof;

pub use algorithm::JwsAlgorithm;
pub(crate) use ecdsa::{
    EcdsaKey, algorithm as ecdsa_algorithm, curve as ecdsa_curve, signing as ecdsa_signing,
};
pub(crate) use ed25519::Ed25519Key;
pub(crate) use hmac::{HmacKey, tag_len as hmac_tag_len};
pub(crate) use rsa::RsaKey;

/// The longest signature of RSA, in bytes.
const MAX_RSA_BYTES: usize = 8192 / 8;

/// The longest signature of any other algorithm, in bytes: that of ES512.
const MAX_SIGNATURE_BYTES: usize = 132;

/// A key prepared for its one algorithm.
pub(crate) enum JwsKey {
    Ecdsa(Box<EcdsaKey>),
    Ed25519(Box<Ed25519Key>),
    Hmac(Box<HmacKey>),
    Rsa(Box<RsaKey>),
}

impl JwsKey {
    pub(crate) const fn algorithm(&self) -> JwsAlgorithm {
        match self {
            Self::Ecdsa(key) => key.algorithm(),
            Self::Ed25519(_) => JwsAlgorithm::EdDsa,
            Self::Hmac(key) => key.algorithm(),
            Self::Rsa(key) => key.algorithm(),
        }
    }

    /// Whether it can make tokens, and not only verify them.
    pub(crate) fn can_sign(&self) -> bool {
        match self {
            Self::Ecdsa(key) => key.pair().is_some(),
            Self::Ed25519(key) => key.pair().is_some(),
            Self::Hmac(key) => key.signing().is_some(),
            Self::Rsa(key) => key.pair().is_some(),
        }
    }

    /// The length of every signature of this key, in bytes.
    const fn signature_len(&self) -> usize {
        match self {
            Self::Ecdsa(key) => key.signature_len(),
            Self::Ed25519(_) => 64,
            Self::Hmac(key) => key.tag_len(),
            Self::Rsa(key) => key.signature_len(),
        }
    }
}
