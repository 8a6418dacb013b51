//! Why a key is refused.

use crate::random::RandomError;

/// Why there is no such key, or no such ring.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Two keys of a ring have the same `kid`.
    #[error("two keys have the same `kid`; every key of a ring needs its own")]
    DuplicateKid,
    /// The `kid` is empty, longer than 128 bytes, or has control characters.
    #[error("a `kid` must have 1 to {} bytes and no control characters", crate::Key::MAX_KID_BYTES)]
    Kid,
    /// The key material is not a key of its algorithm, or one that anyone can sign under.
    #[error("the key material is refused: it is not a safe key of its algorithm")]
    Material,
    /// There was no randomness to make a key from.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// The key is shorter than its algorithm needs (RFC 7518 §3.2).
    #[error("the key has {bytes} bytes, and its algorithm needs at least {min_bytes}")]
    TooShort {
        /// Its length.
        bytes: usize,
        /// What is needed.
        min_bytes: usize,
    },
}
