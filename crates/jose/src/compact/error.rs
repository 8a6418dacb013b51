//! Why a text is not a token.

use super::Part;

/// Why a text does not have the shape of a compact token.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// A part that every token has is empty. An unsecured JWS has no signature.
    #[error("the {part} is empty")]
    EmptyPart {
        /// Which one.
        part: Part,
    },
    /// A JSON serialization (RFC 7515 §7.2), which is never read.
    #[error("a JSON serialization is not accepted, only a compact one")]
    JsonSerialization,
    /// A compact JWS has 3 parts and a compact JWE has 5.
    #[error("a token has 3 or 5 parts between dots, and this text has another number of them")]
    PartCount,
    /// The token is longer than the limit. Nothing of it was decoded.
    #[error("the token has {bytes} bytes, and at most {max_bytes} are read")]
    TooLong {
        /// Its length.
        bytes: usize,
        /// The limit.
        max_bytes: usize,
    },
}

impl TokenError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::EmptyPart { .. } => "token_part_empty",
            Self::JsonSerialization => "json_serialization_refused",
            Self::PartCount => "token_part_count",
            Self::TooLong { .. } => "token_too_long",
        }
    }
}
