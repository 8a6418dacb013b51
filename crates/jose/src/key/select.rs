//! Which key a token is for, and its payload once that key has proven it.

use super::{Key, KeyRing};
use crate::buffer::Buffer;
use crate::compact::UnverifiedToken;
use crate::header::{self, HeaderBuffer, MediaType, ProtectedHeader};
use crate::jwt::VerifyError;

impl KeyRing {
    /// The payload of a token of the kind `typ`, and the key that proves it.
    ///
    /// The header selects the key by `kid`, `alg` and `enc`. It chooses nothing else: the key opens
    /// the token in the one way it has.
    pub(crate) fn open<'b>(
        &self,
        token: &UnverifiedToken<'_>,
        typ: Option<MediaType<'_>>,
        buffer: &'b mut Buffer,
    ) -> Result<(&Key, &'b [u8]), VerifyError> {
        let key = match typ {
            Some(typ) if self.active().header().is_encoded_in(token.header(), typ) => self.active(),
            _ => self.select(token, typ)?,
        };
        Ok((key, key.open(token, buffer)?))
    }

    fn select(
        &self,
        token: &UnverifiedToken<'_>,
        typ: Option<MediaType<'_>>,
    ) -> Result<&Key, VerifyError> {
        let mut buffer = HeaderBuffer::new();
        let header = ProtectedHeader::parse(token.header(), token.form(), &mut buffer)?;
        if let Some(expected) = typ {
            let found = header.typ.as_deref().ok_or(VerifyError::TypeMismatch)?;
            if !header::matches(found, expected.as_str()) {
                return Err(VerifyError::TypeMismatch);
            }
        }
        let key = match header.kid.as_deref() {
            Some(kid) => self.get(kid).ok_or(VerifyError::KeyUnknown)?,
            None => self.only_key_for(&header)?,
        };
        if key.algorithm() != header.algorithm {
            return Err(VerifyError::AlgorithmMismatch);
        }
        Ok(key)
    }

    /// The key for a token without a `kid`, when there is no choice.
    fn only_key_for(&self, header: &ProtectedHeader<'_>) -> Result<&Key, VerifyError> {
        let mut keys = self.keys().filter(|key| key.algorithm() == header.algorithm);
        match (keys.next(), keys.next()) {
            (Some(key), None) => Ok(key),
            (Some(_), Some(_)) => Err(VerifyError::KeyAmbiguous),
            (None, _) => Err(VerifyError::KeyUnknown),
        }
    }
}
