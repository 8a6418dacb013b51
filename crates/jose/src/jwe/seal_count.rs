//! The bound on random initialization vectors.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::jwt::SealError;

/// How many initialization vectors were drawn for a key, in this process.
pub(crate) struct SealCount(AtomicU64);

/// How often a key may seal with random 96-bit initialization vectors (NIST SP 800-38D §8.3).
///
/// CBC could go on for longer, but no deployment needs to find out.
pub(crate) const MAX_SEALED: u64 = 1 << 32;

impl SealCount {
    pub(super) const fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// One more.
    pub(super) fn increment(&self) -> Result<(), SealError> {
        if self.0.fetch_add(1, Ordering::Relaxed) >= MAX_SEALED {
            return Err(SealError::KeyExhausted);
        }
        Ok(())
    }

    /// How many so far; more than [`MAX_SEALED`] when some were refused.
    pub(super) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_stops_sealing_before_random_vectors_repeat() {
        let count = SealCount(AtomicU64::new(MAX_SEALED - 1));
        assert_eq!(count.increment(), Ok(()));
        for _ in 0..3 {
            assert_eq!(count.increment(), Err(SealError::KeyExhausted));
        }
        assert!(count.get() >= MAX_SEALED);
    }
}
