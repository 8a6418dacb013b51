//! The parts of a compact serialization.

use std::fmt;

/// A part of a compact token, as RFC 7515 §7.1 and RFC 7516 §7.1 name it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Part {
    /// The authentication tag of a JWE.
    AuthenticationTag,
    /// The ciphertext of a JWE.
    Ciphertext,
    /// The encrypted key of a JWE; empty when the key is used directly.
    EncryptedKey,
    /// The protected header, the first part of every token.
    Header,
    /// The initialization vector of a JWE.
    InitializationVector,
    /// The payload of a JWS.
    Payload,
    /// The signature of a JWS.
    Signature,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AuthenticationTag => "authentication tag",
            Self::Ciphertext => "ciphertext",
            Self::EncryptedKey => "encrypted key",
            Self::Header => "protected header",
            Self::InitializationVector => "initialization vector",
            Self::Payload => "payload",
            Self::Signature => "signature",
        })
    }
}
