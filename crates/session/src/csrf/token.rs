//! The anti-CSRF token of a session.

use std::fmt;

use sealpass_jose::{Secret, base64url, constant_time_eq, random};

/// 128 random bits, made at login and sealed in the session token as its `csrf` claim.
///
/// The seal is what signs the double submit: a pair of cookie and header that a sibling subdomain
/// made up, or took from another session, does not match the claim. It needs no key of its own, and
/// it stays the same over renewals and key rotations, so an open tab never meets a 403.
#[derive(Clone)]
pub struct CsrfToken(Secret<String>);

impl CsrfToken {
    pub(crate) fn generate() -> Result<Self, random::RandomError> {
        random::bytes::<16>().map(|bytes| Self(Secret::new(base64url::encode(&bytes))))
    }

    /// Reads 22 characters of base64url; anything else is no token.
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        let bytes: [u8; 16] = base64url::decode_array(text).ok()?;
        Some(Self(Secret::new(base64url::encode(&bytes))))
    }

    /// The token, for its cookie and for the body of login and session. It never goes to an
    /// upstream.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// Whether `text` is this token, in time that does not depend on where they differ.
    pub(crate) fn matches(&self, text: &[u8]) -> bool {
        constant_time_eq(self.expose().as_bytes(), text)
    }
}

impl fmt::Debug for CsrfToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CsrfToken([redacted])")
    }
}
