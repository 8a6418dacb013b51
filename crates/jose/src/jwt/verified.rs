//! Proof that a token is authentic.

use std::fmt;

use crate::algorithm::Algorithm;
use crate::key::Key;

/// What a token says, together with the proof that a key of ours says so.
///
/// Only [`Verifier::verify`](crate::Verifier::verify) and
/// [`KeyRing::open_bytes`](crate::KeyRing::open_bytes) make one:
///
/// ```compile_fail
/// use sealpass_jose::Verified;
///
/// let forged = Verified { value: "admin" };
/// ```
///
/// It borrows the key that proved it. `Debug` prints the key's `kid` and algorithm, and nothing of what was proven.
pub struct Verified<'k, T> {
    value: T,
    key: &'k Key,
}

impl<'k, T> Verified<'k, T> {
    pub(crate) const fn new(value: T, key: &'k Key) -> Self {
        Self { value, key }
    }

    /// What was proven.
    #[must_use]
    pub const fn claims(&self) -> &T {
        &self.value
    }

    /// What was proven, without the proof.
    #[must_use]
    pub fn into_claims(self) -> T {
        self.value
    }

    /// The `kid` of the key that proved it.
    #[must_use]
    pub fn key_id(&self) -> &'k str {
        self.key.kid()
    }

    /// The algorithm of the key that proved it.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.key.algorithm()
    }
}

impl<T> fmt::Debug for Verified<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verified").field("key", &self.key).finish_non_exhaustive()
    }
}
