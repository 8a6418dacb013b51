//! Memory for what is secret for a moment.

use zeroize::{Zeroize, optimization_barrier};

/// Bytes on the stack, on the heap when they are many, wiped when dropped.
pub(crate) struct Buffer {
    inline: [u8; INLINE_BYTES],
    /// How much of `inline` was ever written, which is what must be wiped.
    inline_used: usize,
    spill: Vec<u8>,
}

/// Room for the payload of most tokens: clearing it costs as much as opening a part of one.
const INLINE_BYTES: usize = 1024;

impl Buffer {
    pub(crate) const fn new() -> Self {
        Self { inline: [0; INLINE_BYTES], inline_used: 0, spill: Vec::new() }
    }

    /// `length` bytes to write to. What is in them is what an earlier use left.
    pub(crate) fn take(&mut self, length: usize) -> &mut [u8] {
        wipe(&mut self.spill);
        self.spill.clear();
        if let Some(inline) = self.inline.get_mut(..length) {
            self.inline_used = self.inline_used.max(length);
            inline
        } else {
            self.spill = vec![0; length];
            &mut self.spill
        }
    }

    /// As many bytes as there are without allocating, less what a block cipher may add.
    pub(crate) const INLINE_CONTENT: usize = INLINE_BYTES - Content::MAX_PADDING;

    /// Room for content of at most `max` bytes, to be written to.
    pub(crate) fn room(&mut self, max: usize) -> &mut [u8] {
        let room = self.take(max + Content::MAX_PADDING);
        room.get_mut(..max).unwrap_or_default()
    }

    /// The first `length` bytes of the last room, to be sealed.
    pub(crate) fn content(&mut self, length: usize) -> Content<'_> {
        let all = if self.spill.is_empty() { &mut self.inline[..] } else { &mut self.spill[..] };
        let room = all.get_mut(..length + Content::MAX_PADDING).unwrap_or_default();
        Content { room, length }
    }

    /// A copy of `bytes`, to be sealed.
    pub(crate) fn copy(&mut self, bytes: &[u8]) -> Content<'_> {
        let room = self.take(bytes.len() + Content::MAX_PADDING);
        if let Some(front) = room.get_mut(..bytes.len()) {
            front.copy_from_slice(bytes);
        }
        Content { room, length: bytes.len() }
    }
}

impl Zeroize for Buffer {
    /// Wipes what was ever written, and no more.
    fn zeroize(&mut self) {
        if let Some(used) = self.inline.get_mut(..self.inline_used) {
            wipe(used);
        }
        self.inline_used = 0;
        wipe(&mut self.spill);
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        self.zeroize();
    }
}

/// Overwrites with zeros in a way that is not optimized away.
fn wipe(bytes: &mut [u8]) {
    // Clearing nothing at the address of nothing takes a processor with AVX-512 as long as opening a
    // token: its masked store is suppressed by a fault.
    if bytes.is_empty() {
        return;
    }
    bytes.fill(0);
    optimization_barrier(bytes);
}

/// What is to be sealed in place, with room behind it for the padding of a block cipher.
pub(crate) struct Content<'b> {
    room: &'b mut [u8],
    length: usize,
}

impl Content<'_> {
    /// By how much it can grow, in bytes.
    const MAX_PADDING: usize = 16;

    pub(crate) const fn len(&self) -> usize {
        self.length
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.room.get(..self.length).unwrap_or_default()
    }

    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        self.room.get_mut(..self.length).unwrap_or_default()
    }

    /// Appends `count` bytes of `byte`; `None` when there is no room for them.
    pub(crate) fn pad(&mut self, count: usize, byte: u8) -> Option<()> {
        let end = self.length.checked_add(count)?;
        self.room.get_mut(self.length..end)?.fill(byte);
        self.length = end;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_clean(buffer: &Buffer) -> bool {
        buffer.inline.iter().chain(&buffer.spill).all(|byte| *byte == 0)
    }

    #[test]
    fn everything_that_was_taken_is_wiped() {
        for lengths in [&[10][..], &[INLINE_BYTES], &[100, 10], &[5000], &[100, 5000, 10, 9000, 7]]
        {
            let mut buffer = Buffer::new();
            for length in lengths {
                let taken = buffer.take(*length);
                assert_eq!(taken.len(), *length);
                taken.fill(0xff);
            }
            assert!(!is_clean(&buffer));
            buffer.zeroize();
            assert!(is_clean(&buffer), "{lengths:?}");
        }
    }

    #[test]
    fn content_is_what_was_last_written_and_then_wiped() {
        for lengths in [&[7][..], &[Buffer::INLINE_CONTENT], &[8000], &[8000, 7], &[7, 8000]] {
            let mut buffer = Buffer::new();
            for length in lengths {
                buffer.room(*length).fill(u8::try_from(*length % 251).unwrap());
                let mut content = buffer.content(*length);
                assert_eq!(content.bytes(), vec![u8::try_from(*length % 251).unwrap(); *length]);
                assert_eq!(content.pad(Content::MAX_PADDING, 9), Some(()));
                assert_eq!(content.pad(1, 9), None);
            }
            buffer.zeroize();
            assert!(is_clean(&buffer), "{lengths:?}");
        }
    }
}
