//! Why a JWK Set is refused.

use super::{JwkError, JwkSet};
use crate::json::JsonError;

/// Why a text is not a JWK Set, or a set not a ring.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum JwkSetError {
    /// Two keys have the same `kid`, so a token could mean either.
    #[error("two keys have the same `kid`; the second is the one at index {index}")]
    DuplicateKid {
        /// The index of the second one, from 0.
        index: usize,
    },
    /// The text is not one unambiguous JSON object.
    #[error("the JWK Set is refused: {0}")]
    Json(JsonError),
    /// A key is malformed.
    #[error("the key at index {index} is refused: {reason}")]
    Key {
        /// Its index, from 0.
        index: usize,
        /// Why.
        reason: JwkError,
    },
    /// `keys` is missing, or is not an array of objects.
    #[error("`keys` is missing, or is not an array of objects")]
    Keys,
    /// No key is one of the accepted algorithms.
    #[error("no key of the set fits an accepted algorithm")]
    NoUsableKey,
    /// The text is longer than the limit. Nothing of it was decoded.
    #[error("the JWK Set has {bytes} bytes, and at most {max_bytes} are read")]
    TooLong {
        /// Its length.
        bytes: usize,
        /// The limit.
        max_bytes: usize,
    },
    /// There are more keys than are read.
    #[error("the JWK Set has more than {} keys", JwkSet::MAX_KEYS)]
    TooManyKeys,
}

impl JwkSetError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::DuplicateKid { .. } => "jwks_kid_duplicate",
            Self::Json(JsonError::DuplicateMember { .. }) => "jwks_duplicate_member",
            Self::Json(_) => "jwks_malformed",
            Self::Key { reason, .. } => reason.code(),
            Self::Keys => "jwks_keys",
            Self::NoUsableKey => "jwks_no_usable_key",
            Self::TooLong { .. } => "jwks_too_long",
            Self::TooManyKeys => "jwks_too_many_keys",
        }
    }
}
