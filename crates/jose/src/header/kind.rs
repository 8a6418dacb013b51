//! What kind of token a header is for.

use super::{MediaType, ProtectedHeader, media_type};
use crate::jwt::VerifyError;

/// The kind of a token that we make.
#[derive(Clone, Copy)]
pub(crate) struct Kind<'t> {
    pub(crate) typ: MediaType<'t>,
    /// Whether the payload is another token: `cty` is `JWT` (RFC 7519 §5.2).
    pub(crate) is_nested: bool,
}

/// The kind of a token that is required of a stranger.
#[derive(Clone, Copy)]
pub(crate) enum Expected<'t> {
    /// Claims, as a token of any kind, or of none.
    AnyClaims,
    /// Bytes, as a token of this kind or of any.
    Bytes(Option<MediaType<'t>>),
    /// Claims, as a token of this kind.
    Claims(MediaType<'t>),
    /// Another token of this kind. The kind may be said inside only (RFC 8725 §3.11).
    Token(MediaType<'t>),
}

impl<'t> Expected<'t> {
    /// The kind that we would have made, if it is one only.
    pub(crate) const fn kind(self) -> Option<Kind<'t>> {
        match self {
            Self::AnyClaims | Self::Bytes(None) => None,
            Self::Bytes(Some(typ)) | Self::Claims(typ) => Some(Kind { typ, is_nested: false }),
            Self::Token(typ) => Some(Kind { typ, is_nested: true }),
        }
    }

    /// Refuses the header of another kind.
    pub(crate) fn require(self, header: &ProtectedHeader<'_>) -> Result<(), VerifyError> {
        let has = |typ: MediaType<'_>| {
            let found = header.typ.as_deref();
            found.is_some_and(|found| media_type::matches(found, typ.as_str()))
        };
        let is_right = match self {
            Self::AnyClaims | Self::Bytes(None) => true,
            Self::Bytes(Some(typ)) | Self::Claims(typ) => has(typ),
            Self::Token(typ) => header.typ.is_none() || has(typ),
        };
        if !is_right {
            return Err(VerifyError::TypeMismatch);
        }
        match (self, header.is_nested) {
            (Self::AnyClaims | Self::Claims(_), true) => Err(VerifyError::NestedUnexpected),
            (Self::Token(_), false) => Err(VerifyError::NestedMissing),
            (Self::Bytes(_), _)
            | (Self::AnyClaims | Self::Claims(_), false)
            | (Self::Token(_), true) => Ok(()),
        }
    }
}
