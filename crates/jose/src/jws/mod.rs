//! JSON Web Signature (RFC 7515): over bytes, for one prepared key.

mod algorithm;
mod ed25519;
mod sign;
mod verify;

use aws_lc_rs::hmac;

pub use algorithm::JwsAlgorithm;
pub(crate) use ed25519::Ed25519Key;

/// The longest signature of any algorithm, in bytes.
const MAX_SIGNATURE_BYTES: usize = 64;

/// A key prepared for its one algorithm.
pub(crate) enum JwsKey {
    Ed25519(Ed25519Key),
    Hs256(Box<hmac::Key>),
}

impl JwsKey {
    pub(crate) const fn algorithm(&self) -> JwsAlgorithm {
        match self {
            Self::Ed25519(_) => JwsAlgorithm::EdDsa,
            Self::Hs256(_) => JwsAlgorithm::Hs256,
        }
    }

    /// The length of every signature of this key, in bytes.
    const fn signature_len(&self) -> usize {
        match self {
            Self::Ed25519(_) => 64,
            Self::Hs256(_) => 32,
        }
    }
}
