//! Where a token is opened.

use std::fmt;

use crate::buffer::Buffer;
use crate::json::Members;

/// Where the payload of a token is decoded and decrypted, and what its claims borrow from.
///
/// About 3 KiB, meant for the stack; only a larger payload takes heap memory. What was written to
/// it is wiped when it is dropped. It can be used again when the claims of one token are no longer
/// borrowed.
pub struct Scratch {
    pub(crate) buffer: Buffer,
    pub(crate) members: Members,
}

impl Scratch {
    /// An empty one.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "kilobytes of stack are asked for by name")]
    pub const fn new() -> Self {
        Self { buffer: Buffer::new(), members: Members::new() }
    }
}

impl fmt::Debug for Scratch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scratch").finish_non_exhaustive()
    }
}
