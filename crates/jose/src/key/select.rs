//! Which key a token is for, and its payload once that key has proven it.

use super::{Key, KeyRing};
use crate::buffer::Buffer;
use crate::compact::UnverifiedToken;
use crate::header::{Expected, HeaderBuffer, ProtectedHeader};
use crate::jwt::VerifyError;

impl Key {
    /// The payload of a token of the kind that is expected, whatever its `kid`.
    pub(crate) fn open_any_kid<'b>(
        &self,
        token: &UnverifiedToken<'_>,
        expected: Expected<'_>,
        buffer: &'b mut Buffer,
    ) -> Result<&'b [u8], VerifyError> {
        let mut header_buffer = HeaderBuffer::new();
        let header = ProtectedHeader::parse(token.header(), &token.form(), &mut header_buffer)?;
        expected.require(&header)?;
        if !self.accepts(header.algorithm) {
            return Err(VerifyError::AlgorithmMismatch);
        }
        self.open(token, Some(&header), buffer)
    }
}

impl KeyRing {
    /// The payload of a token of the kind that is expected, and the key that proves it.
    ///
    /// The header selects the key by `kid`, `alg` and `enc`. It chooses nothing else: the key opens
    /// the token in the one way it has.
    #[inline]
    pub(crate) fn open<'k, 'b>(
        &'k self,
        token: &UnverifiedToken<'_>,
        expected: Expected<'_>,
        buffer: &'b mut Buffer,
    ) -> Result<(&'k Key, &'b [u8]), VerifyError> {
        match expected.kind() {
            Some(kind) if self.active().header().is_encoded_in(token.header(), kind) => {
                Ok((self.active(), self.active().open(token, None, buffer)?))
            }
            _ => self.open_by_header(token, expected, buffer),
        }
    }

    fn open_by_header<'k, 'b>(
        &'k self,
        token: &UnverifiedToken<'_>,
        expected: Expected<'_>,
        buffer: &'b mut Buffer,
    ) -> Result<(&'k Key, &'b [u8]), VerifyError> {
        let mut header_buffer = HeaderBuffer::new();
        let header = ProtectedHeader::parse(token.header(), &token.form(), &mut header_buffer)?;
        expected.require(&header)?;
        let key = match header.kid.as_deref() {
            Some(kid) => self.get(kid).ok_or(VerifyError::KeyUnknown)?,
            None => self.only_key_for(&header)?,
        };
        if !key.accepts(header.algorithm) {
            return Err(VerifyError::AlgorithmMismatch);
        }
        Ok((key, key.open(token, Some(&header), buffer)?))
    }

    /// The key for a token without a `kid`, when there is no choice.
    fn only_key_for(&self, header: &ProtectedHeader<'_>) -> Result<&Key, VerifyError> {
        let mut keys = self.keys().filter(|key| key.accepts(header.algorithm));
        match (keys.next(), keys.next()) {
            (Some(key), None) => Ok(key),
            (Some(_), Some(_)) => Err(VerifyError::KeyAmbiguous),
            (None, _) => Err(VerifyError::KeyUnknown),
        }
    }
}
