//! The session id `sid`: what logout revokes.

use std::fmt;

use sealpass_jose::{base64url, random};

/// 128 random bits, new at every login and constant over renewals.
///
/// Revocation goes by this and never by the token's text, which is malleable, nor by its `jti`,
/// which a renewal would escape. It is no credential: knowing it opens nothing.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct SessionId([u8; 16]);

impl SessionId {
    /// A fresh session id.
    ///
    /// # Errors
    /// [`random::RandomError`] when the system gives no randomness.
    pub fn generate() -> Result<Self, random::RandomError> {
        random::bytes().map(Self)
    }

    /// Reads the form that [`fmt::Display`] writes: 22 characters of base64url.
    ///
    /// ```
    /// use sealpass::SessionId;
    ///
    /// assert!(SessionId::parse("AAAAAAAAAAAAAAAAAAAAAA").is_some());
    /// assert!(SessionId::parse("AAAAAAAAAAAAAAAAAAAAAB").is_none()); // stray trailing bits
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        base64url::decode_array(text.as_bytes()).ok().map(Self)
    }

    pub(crate) const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    pub(crate) const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// Characters of 16 bytes in base64url.
const TEXT_LENGTH: usize = 22;

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0; TEXT_LENGTH];
        f.write_str(base64url::encode_in(&self.0, &mut text).ok_or(fmt::Error)?)
    }
}
