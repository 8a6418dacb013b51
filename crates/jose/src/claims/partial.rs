//! A claims set of somebody else's kind of token.

use std::fmt;

use super::registered::{Escaped, ISS, JTI, Registered, SUB};
use crate::json::Members;
use crate::jwt::VerifyError;
use crate::numeric_date::NumericDate;

/// The claims of a token of which less was required than of a [`ClaimsSet`](crate::ClaimsSet): any of the registered
/// ones may be missing.
///
/// Those that are there are of the types of RFC 7519 §4.1, and no member is there twice.
/// [`PartialVerifier`](crate::danger::PartialVerifier) makes it. `Debug` prints nothing of it.
pub struct PartialClaims<'a> {
    registered: Registered<'a>,
    escaped: Escaped,
    expires_at: Option<NumericDate>,
    not_before: Option<NumericDate>,
    issued_at: Option<NumericDate>,
}

impl<'a> PartialClaims<'a> {
    /// The claims as they were sent: one JSON object, in which a reader of any kind finds the same.
    #[must_use]
    pub const fn json(&self) -> &'a str {
        self.registered.text()
    }

    /// The JSON of any claim, as it was sent; `None` when there is no such claim.
    #[must_use]
    pub fn raw(&self, name: &str) -> Option<&'a str> {
        self.registered.find(name).map(|found| found.raw(self.registered.text()))
    }

    /// When the token expires, `exp`.
    #[must_use]
    pub const fn expires_at(&self) -> Option<NumericDate> {
        self.expires_at
    }

    /// Reads a payload that was proven authentic.
    pub(crate) fn read(payload: &'a [u8], members: &'a mut Members) -> Result<Self, VerifyError> {
        let registered = Registered::scan(payload, members)?;
        let mut escaped = Escaped::default();
        registered.require_text::<SUB>(&mut escaped)?;
        registered.require_text::<JTI>(&mut escaped)?;
        registered.require_text::<ISS>(&mut escaped)?;
        let claims = Self {
            escaped,
            expires_at: registered.expires_at()?,
            not_before: registered.not_before()?,
            issued_at: registered.issued_at()?,
            registered,
        };
        claims.names_audience("")?;
        Ok(claims)
    }

    pub(crate) fn issuer(&self) -> Option<&str> {
        self.registered.text_of::<ISS>(&self.escaped)
    }

    pub(crate) fn has_audience(&self) -> bool {
        self.registered.has_audience()
    }

    /// Whether the token is meant for `expected`; one without `aud` is meant for nobody.
    pub(crate) fn names_audience(&self, expected: &str) -> Result<bool, VerifyError> {
        self.registered.names_audience(expected)
    }

    pub(crate) const fn not_before(&self) -> Option<NumericDate> {
        self.not_before
    }

    pub(crate) const fn issued_at(&self) -> Option<NumericDate> {
        self.issued_at
    }
}

impl fmt::Debug for PartialClaims<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PartialClaims").finish_non_exhaustive()
    }
}
