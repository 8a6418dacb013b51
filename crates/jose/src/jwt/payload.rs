//! Claims as JSON.

use serde::Serialize;

use super::SealError;
use crate::buffer::{Buffer, Content};
use crate::compact::DEFAULT_MAX_TOKEN_BYTES;
use crate::json::{Members, NotWritten, Written, scan_object, write_object};

/// The claims as one JSON object that the other side will read the way it was meant.
///
/// Claims that occur twice, as an application's `sub` beside the real one, never get into a token:
/// unless it was plain while writing that no name is there twice, the text is scanned as it will be
/// when it is read.
pub(super) fn write<'b, T: Serialize>(
    claims: &T,
    buffer: &'b mut Buffer,
) -> Result<Content<'b>, SealError> {
    let written = write_here(claims, buffer).or_else(|_| write_by_serde_json(claims, buffer))?;
    let payload = buffer.content(written.length);
    if written.is_doubtful {
        let text = str::from_utf8(payload.bytes()).map_err(|_| SealError::Serialize)?;
        scan_object(text, &mut Members::new()).map_err(SealError::Claims)?;
    }
    Ok(payload)
}

fn write_here<T: Serialize>(claims: &T, buffer: &mut Buffer) -> Result<Written, NotWritten> {
    match write_object(claims, buffer.room(Buffer::INLINE_CONTENT)) {
        Err(NotWritten::Full) => write_object(claims, buffer.room(MAX_BYTES)),
        done => done,
    }
}

fn write_by_serde_json<T: Serialize>(
    claims: &T,
    buffer: &mut Buffer,
) -> Result<Written, SealError> {
    let mut write = |max: usize| -> serde_json::Result<Written> {
        let mut free = buffer.room(max);
        serde_json::to_writer(&mut free, claims)?;
        Ok(Written { length: max - free.len(), is_doubtful: true })
    };
    let written = match write(Buffer::INLINE_CONTENT) {
        Err(full) if full.is_io() => write(MAX_BYTES),
        done => done,
    };
    written.map_err(|error| {
        if error.is_io() {
            SealError::TooLong { max_bytes: MAX_BYTES }
        } else {
            SealError::Serialize
        }
    })
}

const MAX_BYTES: usize = DEFAULT_MAX_TOKEN_BYTES;
