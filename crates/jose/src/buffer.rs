//! Memory for what is secret for a moment.

use std::io;

use zeroize::{Zeroize, optimization_barrier};

/// Bytes on the stack, on the heap when they are many, wiped when dropped.
pub(crate) struct Buffer {
    inline: [u8; INLINE_BYTES],
    /// How much of `inline` was ever written, which is what must be wiped.
    inline_used: usize,
    spill: Vec<u8>,
}

/// Room for the payload of a token that fits into a cookie, most of the time.
const INLINE_BYTES: usize = 2 * 1024;

impl Buffer {
    pub(crate) const fn new() -> Self {
        Self { inline: [0; INLINE_BYTES], inline_used: 0, spill: Vec::new() }
    }

    /// `length` bytes to write to. What is in them is what an earlier use left.
    pub(crate) fn take(&mut self, length: usize) -> &mut [u8] {
        if let Some(inline) = self.inline.get_mut(..length) {
            self.inline_used = self.inline_used.max(length);
            inline
        } else {
            wipe(&mut self.spill);
            self.spill = vec![0; length];
            &mut self.spill
        }
    }

    /// A copy of `bytes`, to be sealed.
    pub(crate) fn copy(&mut self, bytes: &[u8]) -> Content<'_> {
        let room = self.take(bytes.len() + Content::MAX_PADDING);
        if let Some(front) = room.get_mut(..bytes.len()) {
            front.copy_from_slice(bytes);
        }
        Content { room, length: bytes.len() }
    }

    /// Writes to the front of the buffer, `max` bytes at most.
    pub(crate) const fn writer(&mut self, max: usize) -> Writer<'_> {
        Writer { buffer: self, length: 0, max, is_spilled: false }
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

/// Fills a [`Buffer`] from its front.
pub(crate) struct Writer<'b> {
    buffer: &'b mut Buffer,
    length: usize,
    max: usize,
    is_spilled: bool,
}

impl<'b> Writer<'b> {
    /// What was written.
    pub(crate) fn into_content(self) -> Content<'b> {
        let Self { buffer, length, is_spilled, .. } = self;
        let all = if is_spilled { &mut buffer.spill[..] } else { &mut buffer.inline[..] };
        let room = all.get_mut(..length + Content::MAX_PADDING).unwrap_or_default();
        Content { room, length }
    }

    /// Moves to the heap, at once with all the room there can be: growing would leave copies.
    fn spill(&mut self) {
        let mut spill = vec![0; self.max + Content::MAX_PADDING];
        for (to, from) in spill.iter_mut().zip(&self.buffer.inline).take(self.length) {
            *to = *from;
        }
        wipe(&mut self.buffer.spill);
        self.buffer.spill = spill;
        self.is_spilled = true;
    }
}

impl io::Write for Writer<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    /// All of `bytes` or nothing, in one step: a serializer writes many short pieces.
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let end = self.length.saturating_add(bytes.len());
        if end > self.max {
            return Err(io::ErrorKind::StorageFull.into());
        }
        if end + Content::MAX_PADDING > INLINE_BYTES && !self.is_spilled {
            self.spill();
        }
        let all = if self.is_spilled {
            &mut self.buffer.spill[..]
        } else {
            self.buffer.inline_used = self.buffer.inline_used.max(end);
            &mut self.buffer.inline[..]
        };
        let free = all.get_mut(self.length..end).ok_or(io::ErrorKind::StorageFull)?;
        free.copy_from_slice(bytes);
        self.length = end;
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

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
    fn everything_that_was_written_is_kept_and_then_wiped() {
        for pieces in [&[3, 4][..], &[INLINE_BYTES], &[INLINE_BYTES, 1], &[2000, 2000, 2000]] {
            let mut buffer = Buffer::new();
            let mut writer = buffer.writer(8000);
            let mut expected = Vec::new();
            for (index, length) in pieces.iter().enumerate() {
                let piece = vec![u8::try_from(index).unwrap() + 1; *length];
                writer.write_all(&piece).unwrap();
                expected.extend(piece);
            }
            assert_eq!(writer.into_content().bytes(), expected);
            buffer.zeroize();
            assert!(is_clean(&buffer), "{pieces:?}");
        }
    }

    #[test]
    fn a_writer_stops_at_its_limit() {
        for max in [0, 7, INLINE_BYTES, INLINE_BYTES + 7] {
            let mut buffer = Buffer::new();
            let mut writer = buffer.writer(max);
            writer.write_all(&vec![1; max]).unwrap();
            assert!(writer.write_all(&[1]).is_err());
            assert_eq!(writer.into_content().len(), max);
        }
    }

    #[test]
    fn a_second_writer_starts_at_the_front() {
        let mut buffer = Buffer::new();
        buffer.writer(8000).write_all(&[1; 4000]).unwrap();
        let mut writer = buffer.writer(8000);
        writer.write_all(b"short").unwrap();
        assert_eq!(writer.into_content().bytes(), b"short");
    }
}
