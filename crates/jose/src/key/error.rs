//! Why a key is refused.

use crate::random::RandomError;

/// Why there is no such key, or no such ring.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The algorithm is not one of this kind of key.
    #[error("the algorithm is not one of this kind of key")]
    Algorithm,
    /// The secret is the text of a PEM file, which is often a public key: anyone could sign.
    #[error("the secret is the text of a PEM file; an HMAC key is random bytes")]
    AsymmetricAsSecret,
    /// The accepted content encryptions are none, or one of them twice, or with `dir` not one.
    #[error("a key needs one `enc` or several different ones, and with `dir` exactly one")]
    ContentEncryption,
    /// Two keys of a ring have the same `kid`.
    #[error("two keys have the same `kid`; every key of a ring needs its own")]
    DuplicateKid,
    /// The `kid` is empty, longer than 128 bytes, or has control characters.
    #[error("a `kid` must have 1 to {} bytes and no control characters", crate::Key::MAX_KID_BYTES)]
    Kid,
    /// The key is not as long as its algorithm needs (RFC 7518 §4.4, §4.5, §4.7).
    #[error("the key has {bytes} bytes, and its algorithm needs {required_bytes}")]
    Length {
        /// Its length.
        bytes: usize,
        /// What is needed.
        required_bytes: usize,
    },
    /// The key material is not a key of its algorithm, or one that anyone can sign under.
    #[error("the key material is refused: it is not a safe key of its algorithm")]
    Material,
    /// The private part is not that of the public part, or of no key at all.
    #[error("the private and the public part of the key do not belong together")]
    PairMismatch,
    /// There was no randomness to make a key from.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// The public exponent of RSA is even, less than 65,537, or longer than 33 bits.
    #[error("the public exponent of an RSA key must be odd, at least 65537 and at most 33 bits")]
    RsaExponent,
    /// The modulus of RSA has less than 2,048 bits, or more than 8,192, or is even.
    #[error("the modulus of an RSA key must be odd and have 2048 to 8192 bits, and has {bits}")]
    RsaModulus {
        /// Its length.
        bits: usize,
    },
    /// The modulus of RSA has the fingerprint of CVE-2017-15361: it can be factored.
    #[error("the RSA key was made by a library whose keys can be factored (CVE-2017-15361)")]
    RsaRoca,
    /// The key is shorter than its algorithm needs (RFC 7518 §3.2).
    #[error("the key has {bytes} bytes, and its algorithm needs at least {min_bytes}")]
    TooShort {
        /// Its length.
        bytes: usize,
        /// What is needed.
        min_bytes: usize,
    },
}

impl KeyError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Algorithm => "key_algorithm",
            Self::AsymmetricAsSecret => "key_asymmetric_as_secret",
            Self::ContentEncryption => "key_enc",
            Self::DuplicateKid => "kid_duplicate",
            Self::Kid => "kid_refused",
            Self::Length { .. } => "key_length",
            Self::Material => "key_material",
            Self::PairMismatch => "key_pair_mismatch",
            Self::Random(_) => "random_failed",
            Self::RsaExponent => "rsa_exponent",
            Self::RsaModulus { .. } => "rsa_modulus",
            Self::RsaRoca => "rsa_roca",
            Self::TooShort { .. } => "key_too_short",
        }
    }
}
