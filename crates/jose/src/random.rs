//! The one seam through which randomness enters.

use std::cell::RefCell;

use aws_lc_rs::rand;
use zeroize::Zeroize;

/// The operating system gave no randomness.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the system's random generator failed")]
pub struct RandomError(());

/// `N` bytes from the CSPRNG of aws-lc-rs.
///
/// # Errors
/// [`RandomError`] when the generator fails; nothing may be sealed then.
pub fn bytes<const N: usize>() -> Result<[u8; N], RandomError> {
    let mut bytes = [0; N];
    fill(&mut bytes)?;
    Ok(bytes)
}

fn fill(bytes: &mut [u8]) -> Result<(), RandomError> {
    rand::fill(bytes).map_err(|_| RandomError(()))
}

/// `N` bytes for an initialization vector, which its token will show to everyone. Never for a key.
///
/// The CSPRNG asks for new entropy at every call, which takes longer than sealing a token, so each
/// thread draws many vectors at once. One that was given out is wiped, and so are the rest when the
/// thread ends. A child process that was forked draws its own: a vector of its parent's would be
/// used twice under one key.
///
/// # Errors
/// As [`bytes`].
pub(crate) fn initialization_vector<const N: usize>() -> Result<[u8; N], RandomError> {
    // While a thread ends its batch may be gone already.
    BATCH.try_with(|batch| batch.borrow_mut().take()).unwrap_or_else(|_| bytes())
}

thread_local! {
    static BATCH: RefCell<Batch> = const { RefCell::new(Batch::EMPTY) };
}

/// Random bytes that were not given out yet, at the front.
struct Batch {
    bytes: [u8; BATCH_BYTES],
    left: usize,
    /// Tells of a fork; without it nothing is kept.
    fork: Option<ForkGuard>,
}

const BATCH_BYTES: usize = 1024;

impl Batch {
    const EMPTY: Self = Self { bytes: [0; BATCH_BYTES], left: 0, fork: None };

    fn take<const N: usize>(&mut self) -> Result<[u8; N], RandomError> {
        if self.left < N || self.is_of_a_parent() {
            self.left = 0;
            if self.fork.is_none() {
                self.fork = ForkGuard::new();
            }
            if self.fork.is_none() {
                return bytes();
            }
            fill(&mut self.bytes)?;
            self.left = BATCH_BYTES;
        }
        let mut taken = [0; N];
        let Some(last) = self.bytes.get_mut(..self.left).and_then(<[u8]>::last_chunk_mut) else {
            return bytes();
        };
        std::mem::swap(&mut taken, last);
        self.left -= N;
        Ok(taken)
    }

    fn is_of_a_parent(&mut self) -> bool {
        self.fork.as_mut().is_none_or(ForkGuard::was_forked)
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

/// Counts forks, by `pthread_atfork`.
#[cfg(unix)]
struct ForkGuard(forkguard::atfork::Guard);

#[cfg(unix)]
impl ForkGuard {
    fn new() -> Option<Self> {
        forkguard::atfork::Guard::try_new().ok().map(Self)
    }

    fn was_forked(&mut self) -> bool {
        self.0.detected_fork()
    }
}

/// Elsewhere no process forks.
#[cfg(not(unix))]
struct ForkGuard;

#[cfg(not(unix))]
impl ForkGuard {
    const fn new() -> Option<Self> {
        Some(Self)
    }

    const fn was_forked(&mut self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_vector_is_given_out_twice_and_none_is_kept() {
        let mut batch = Batch::EMPTY;
        let mut given = HashSet::new();
        for _ in 0..3 * BATCH_BYTES {
            assert!(given.insert(batch.take::<16>().unwrap()));
            assert!(given.insert(batch.take::<16>().unwrap()));
            assert!(batch.bytes[batch.left..].iter().all(|byte| *byte == 0));
        }
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "threads are what the test is about")]
    fn threads_draw_their_own() {
        let drawn = || initialization_vector::<16>().unwrap();
        let other = std::thread::spawn(move || [drawn(), drawn()]).join().unwrap();
        assert!(!other.contains(&drawn()));
        assert_ne!(drawn(), drawn());
    }

    #[test]
    fn what_is_left_when_a_process_forks_is_not_given_out_by_both() {
        let mut batch = Batch::EMPTY;
        let first = batch.take::<16>().unwrap();
        let mut child = Batch { bytes: batch.bytes, left: batch.left, fork: None };
        let (mine, childs) = (batch.take::<16>().unwrap(), child.take::<16>().unwrap());
        assert_ne!(mine, childs);
        assert_ne!(first, childs);
    }
}
