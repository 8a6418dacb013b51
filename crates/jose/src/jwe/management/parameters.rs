//! Header parameters that only some algorithms have.

use crate::base64url;
use crate::header::{HeaderError, ProtectedHeader};

/// The bytes of a parameter that must be there, in base64url, and must be `N`.
pub(super) fn array<const N: usize>(
    header: Option<&ProtectedHeader<'_>>,
    member: &'static str,
) -> Result<[u8; N], HeaderError> {
    let text = match header {
        Some(header) => header.string(member)?,
        None => None,
    };
    let text = text.ok_or(HeaderError::MemberMissing { member })?;
    base64url::decode_array(text.as_bytes())
        .map_err(|reason| HeaderError::MemberEncoding { member, reason })
}

/// The bytes of a parameter that may be missing, in base64url: then there are none.
///
/// A header is bounded, and so are they.
pub(super) fn bytes(
    header: &ProtectedHeader<'_>,
    member: &'static str,
) -> Result<Vec<u8>, HeaderError> {
    let Some(text) = header.string(member)? else { return Ok(Vec::new()) };
    base64url::decode(text.as_bytes())
        .map_err(|reason| HeaderError::MemberEncoding { member, reason })
}
