//! Claims as JSON.

use serde::Serialize;

use super::SealError;
use crate::buffer::{Buffer, Content};
use crate::compact::DEFAULT_MAX_TOKEN_BYTES;
use crate::json::{Members, scan_object};

/// The claims as one JSON object that the other side will read the way it was meant.
///
/// It is scanned as it will be when it is read: claims that occur twice, as an application's `sub`
/// beside the real one, never get into a token.
pub(super) fn write<'b, T: Serialize>(
    claims: &T,
    buffer: &'b mut Buffer,
) -> Result<Content<'b>, SealError> {
    let mut writer = buffer.writer(DEFAULT_MAX_TOKEN_BYTES);
    serde_json::to_writer(&mut writer, claims).map_err(|error| {
        if error.is_io() {
            SealError::TooLong { max_bytes: DEFAULT_MAX_TOKEN_BYTES }
        } else {
            SealError::Serialize
        }
    })?;
    let payload = writer.into_content();
    let text = str::from_utf8(payload.bytes()).map_err(|_| SealError::Serialize)?;
    scan_object(text, &mut Members::new()).map_err(SealError::Claims)?;
    Ok(payload)
}
