//! Why a PEM file is refused.

use crate::Jwk;
use crate::key::KeyError;

/// Why a text is not a key in PEM.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PemError {
    /// What is between the boundaries is not base64 with padding (RFC 4648 §4).
    #[error("what is between the boundaries is not base64")]
    Base64,
    /// A boundary is missing, or does not match the other one.
    #[error("every `-----BEGIN X-----` needs its own `-----END X-----`")]
    Boundary,
    /// The block is a certificate: trust in it is for whoever made its public key known.
    #[error("a certificate is not a key; extract its public key, and say so yourself")]
    Certificate,
    /// The curve is not one of those that are read.
    #[error("the curve is not one of P-256, P-384, P-521, Ed25519 and X25519")]
    CurveUnsupported,
    /// The content is not DER, or not the structure that its label names.
    #[error("the content is not DER of the structure that its label names")]
    Der,
    /// The key is encrypted with a password.
    #[error("the key is encrypted; decrypt it first, as with `openssl pkey`")]
    Encrypted,
    /// The key is refused, whatever it would be used for.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The key is not of RSA, EC, Ed25519 or X25519.
    #[error("the key is not of RSA, EC, Ed25519 or X25519")]
    KeyTypeUnsupported,
    /// The label is not one of those that are read.
    #[error(
        "the label is not one of PRIVATE KEY, PUBLIC KEY, EC PRIVATE KEY, RSA PRIVATE KEY and RSA \
         PUBLIC KEY"
    )]
    LabelUnsupported,
    /// An RSA key has more than two primes.
    #[error("an RSA key has two primes, and this one has more")]
    MultiPrime,
    /// There is no block.
    #[error("there is no `-----BEGIN ...-----`")]
    NoBlock,
    /// The key is a public one.
    #[error("the key is a public key, and a private one was asked for")]
    NoPrivateKey,
    /// A point is compressed, or longer or shorter than its curve makes it.
    #[error("a point must be uncompressed, and as long as its curve makes it")]
    Point,
    /// There is more than one block.
    #[error("there is more than one block; one key was asked for")]
    SeveralBlocks,
    /// A shared key has no PEM.
    #[error("a shared key has no PEM; write it as a JWK")]
    SharedKey,
    /// There is text before, between or after the blocks.
    #[error("there is text outside of the blocks")]
    TextOutside,
    /// The text is longer than the limit. Nothing of it was decoded.
    #[error("the text has {bytes} bytes, and at most {} are read", Jwk::MAX_PEM_BYTES)]
    TooLong {
        /// Its length.
        bytes: usize,
    },
}

impl PemError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Base64 => "pem_base64",
            Self::Boundary => "pem_boundary",
            Self::Certificate => "pem_certificate",
            Self::CurveUnsupported => "pem_curve_refused",
            Self::Der => "pem_der",
            Self::Encrypted => "pem_encrypted",
            Self::Key(key) => key.code(),
            Self::KeyTypeUnsupported => "pem_key_type_refused",
            Self::LabelUnsupported => "pem_label_refused",
            Self::MultiPrime => "pem_multi_prime",
            Self::NoBlock => "pem_no_block",
            Self::NoPrivateKey => "pem_no_private_key",
            Self::Point => "pem_point",
            Self::SeveralBlocks => "pem_several_blocks",
            Self::SharedKey => "pem_shared_key",
            Self::TextOutside => "pem_text_outside",
            Self::TooLong { .. } => "pem_too_long",
        }
    }
}
