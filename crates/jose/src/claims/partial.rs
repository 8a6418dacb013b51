//! A claims set of somebody else's kind of token.

use std::borrow::Cow;
use std::fmt;

use super::set::{read_date, read_string};
use super::{ClaimsSet, audience};
use crate::json::{JsonError, Members, scan_object};
use crate::jwt::VerifyError;
use crate::numeric_date::NumericDate;

/// The claims of a token of which less was required than of a [`ClaimsSet`]: any of the registered
/// ones may be missing.
///
/// Those that are there are of the types of RFC 7519 §4.1, and no member is there twice.
/// [`PartialVerifier`](crate::danger::PartialVerifier) makes it. `Debug` prints nothing of it.
pub struct PartialClaims<'a> {
    text: &'a str,
    members: &'a Members,
    issuer: Option<Cow<'a, str>>,
    audience: Option<&'a str>,
    expires_at: Option<NumericDate>,
    not_before: Option<NumericDate>,
    issued_at: Option<NumericDate>,
}

impl<'a> PartialClaims<'a> {
    /// The claims as they were sent: one JSON object, in which a reader of any kind finds the same.
    #[must_use]
    pub const fn json(&self) -> &'a str {
        self.text
    }

    /// The JSON of any claim, as it was sent; `None` when there is no such claim.
    #[must_use]
    pub fn raw(&self, name: &str) -> Option<&'a str> {
        self.members.find(self.text, name)
    }

    /// When the token expires, `exp`.
    #[must_use]
    pub const fn expires_at(&self) -> Option<NumericDate> {
        self.expires_at
    }

    /// Reads a payload that was proven authentic.
    pub(crate) fn read(payload: &'a [u8], members: &'a mut Members) -> Result<Self, VerifyError> {
        let text = str::from_utf8(payload).map_err(|_| VerifyError::Claims(JsonError::Utf8))?;
        scan_object(text, members).map_err(VerifyError::Claims)?;
        let members = &*members;
        let find = |claim| members.find(text, claim);
        // Read for their types alone.
        read_string("sub", find("sub"))?;
        read_string("jti", find("jti"))?;
        let claims = Self {
            issuer: read_string("iss", find("iss"))?,
            audience: find("aud"),
            expires_at: read_date("exp", find("exp"))?,
            not_before: read_date("nbf", find("nbf"))?,
            issued_at: read_date("iat", find("iat"))?,
            text,
            members,
        };
        claims.names_audience("")?;
        Ok(claims)
    }

    pub(crate) fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    pub(crate) const fn has_audience(&self) -> bool {
        self.audience.is_some()
    }

    /// Whether the token is meant for `expected`; one without `aud` is meant for nobody.
    pub(crate) fn names_audience(&self, expected: &str) -> Result<bool, VerifyError> {
        let Some(raw) = self.audience else { return Ok(false) };
        audience::names(raw, expected).ok_or(ClaimsSet::AUDIENCE_TYPE)
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
