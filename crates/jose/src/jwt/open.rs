//! Tokens around bytes that need not be claims.

use super::{Scratch, Verified, VerifyError};
use crate::compact::UnverifiedToken;
use crate::header::{Expected, MediaType};
use crate::key::KeyRing;

impl KeyRing {
    /// The payload of a token of the kind `typ`, proven by a key of this ring and otherwise
    /// unread: no claim is looked at, so it may have expired or be meant for somebody else.
    ///
    /// For a token around claims use [`Verifier::verify`](crate::Verifier::verify). With `None`
    /// any kind of token is opened, and one without a `typ` too.
    /// Of a nested token this is the one inside, which is not proven.
    ///
    /// # Errors
    /// As steps 2 and 3 of [`Verifier::verify`](crate::Verifier::verify).
    pub fn open_bytes<'k, 's>(
        &'k self,
        typ: Option<&str>,
        token: UnverifiedToken<'_>,
        scratch: &'s mut Scratch,
    ) -> Result<Verified<'k, &'s [u8]>, VerifyError> {
        let typ = match typ {
            Some(typ) => Some(MediaType::parse(typ).ok_or(VerifyError::TypeMismatch)?),
            None => None,
        };
        let (key, payload) = self.open(&token, Expected::Bytes(typ), &mut scratch.buffer)?;
        Ok(Verified::new(payload, key))
    }
}
