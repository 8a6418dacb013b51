//! Memory for what is secret for a moment.

use std::io;

use zeroize::optimization_barrier;

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

    /// Writes to the front of the buffer, `max` bytes at most.
    pub(crate) const fn writer(&mut self, max: usize) -> Writer<'_> {
        Writer { buffer: self, length: 0, max, is_spilled: false }
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        if let Some(used) = self.inline.get_mut(..self.inline_used) {
            wipe(used);
        }
        wipe(&mut self.spill);
    }
}

/// Overwrites with zeros in a way that is not optimized away.
fn wipe(bytes: &mut [u8]) {
    bytes.fill(0);
    optimization_barrier(bytes);
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
    pub(crate) fn into_bytes(self) -> &'b mut [u8] {
        let Self { buffer, length, is_spilled, .. } = self;
        let all = if is_spilled { &mut buffer.spill[..] } else { &mut buffer.inline[..] };
        all.get_mut(..length).unwrap_or_default()
    }

    /// Moves to the heap, at once with all the room there can be: growing would leave copies.
    fn spill(&mut self) {
        let mut spill = vec![0; self.max];
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
        let end = self.length.saturating_add(bytes.len());
        if end > self.max {
            return Err(io::ErrorKind::StorageFull.into());
        }
        if end > INLINE_BYTES && !self.is_spilled {
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
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
