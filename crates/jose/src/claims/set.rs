//! A claims set, read once.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;

use super::registered::{Escaped, ISS, JTI, Registered, SUB};
use super::{Claim, ClaimError, Strings};
use crate::json::{Members, unescape};
use crate::jwt::VerifyError;
use crate::numeric_date::NumericDate;

/// The claims of a token: the registered ones typed, all others as they were sent.
///
/// One bounded pass over the payload made it: UTF-8, one object, no member twice at any depth, the
/// registered claims of the types of RFC 7519 §4.1. It borrows from the [`Scratch`](crate::Scratch)
/// that the token was opened into and copies only strings with escapes.
///
/// `Debug` prints the names of the claims.
///
/// ```
/// # use sealpass_jose::{Key, KeyRing, NumericDate, Scratch, UnverifiedToken, Verifier};
/// use sealpass_jose::ClaimError;
/// # let keys = KeyRing::new(Key::generate_a256gcm()?);
/// # let verifier = Verifier::builder().issuer("i").audience("a").typ("JWT").build()?;
/// # let now = NumericDate::from_secs(0);
///
/// #[derive(serde::Deserialize)]
/// struct Own<'a> {
///     plan: &'a str,
/// }
///
/// let claims =
///     serde_json::json!({"iss": "i", "aud": "a", "exp": 1, "plan": "free", "seats": "many"});
/// let token = keys.seal("JWT", &claims)?;
/// let mut scratch = Scratch::new();
/// let verified = verifier.verify(&keys, UnverifiedToken::parse(&token)?, &mut scratch, now)?;
///
/// let own: Own<'_> = verified.claims().deserialize_except(&[])?;
/// assert_eq!(own.plan, "free");
/// assert!(matches!(verified.claims().get::<u8>("seats"), Err(ClaimError::Type { .. })));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub struct ClaimsSet<'a> {
    registered: Registered<'a>,
    escaped: Escaped,
    expires_at: NumericDate,
    not_before: Option<NumericDate>,
    issued_at: Option<NumericDate>,
}

impl<'a> ClaimsSet<'a> {
    /// The issuer, `iss`.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.registered.text_of::<ISS>(&self.escaped).unwrap_or_default()
    }

    /// The subject, `sub`.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.registered.text_of::<SUB>(&self.escaped)
    }

    /// When the token expires, `exp`: from this second on it is not accepted.
    #[must_use]
    pub const fn expires_at(&self) -> NumericDate {
        self.expires_at
    }

    /// When the token begins, `nbf`.
    #[must_use]
    pub const fn not_before(&self) -> Option<NumericDate> {
        self.not_before
    }

    /// When the token was made, `iat`.
    #[must_use]
    pub const fn issued_at(&self) -> Option<NumericDate> {
        self.issued_at
    }

    /// The identifier of the token, `jti`.
    #[must_use]
    pub fn jwt_id(&self) -> Option<&str> {
        self.registered.text_of::<JTI>(&self.escaped)
    }

    /// Any claim that is a string; `None` when there is no such claim.
    ///
    /// # Errors
    /// As [`Claim::str`].
    pub fn str(&self, name: &str) -> Result<Option<Cow<'a, str>>, ClaimError> {
        self.claim(name).str()
    }

    /// Any claim that is an array of strings, as roles and scopes are; `None` when there is no such
    /// claim.
    ///
    /// # Errors
    /// As [`Claim::strings`].
    #[inline]
    pub fn strings(&self, name: &str) -> Result<Option<Strings<'a>>, ClaimError> {
        self.claim(name).strings()
    }

    /// Any claim that is a `NumericDate`, an integer or a fraction rounded up; `None` when there is
    /// no such claim.
    ///
    /// # Errors
    /// As [`Claim::date`].
    pub fn date(&self, name: &str) -> Result<Option<NumericDate>, ClaimError> {
        self.claim(name).date()
    }

    /// Any claim, by serde; `None` when there is no such claim.
    ///
    /// # Errors
    /// As [`Claim::get`].
    pub fn get<T: Deserialize<'a>>(&self, name: &str) -> Result<Option<T>, ClaimError> {
        self.claim(name).get()
    }

    /// Reads a payload that was proven authentic.
    #[inline]
    pub(crate) fn read(payload: &'a [u8], members: &'a mut Members) -> Result<Self, VerifyError> {
        let registered = Registered::scan(payload, members)?;
        let mut escaped = Escaped::default();
        if !registered.require_text::<ISS>(&mut escaped)? {
            return Err(missing("iss"));
        }
        registered.require_text::<SUB>(&mut escaped)?;
        if !registered.has_audience() {
            return Err(missing("aud"));
        }
        let expires_at = registered.expires_at()?.ok_or(missing("exp"))?;
        let not_before = registered.not_before()?;
        let issued_at = registered.issued_at()?;
        registered.require_text::<JTI>(&mut escaped)?;
        Ok(Self { registered, escaped, expires_at, not_before, issued_at })
    }

    /// Whether the token is meant for `expected`.
    pub(crate) fn is_for_audience(&self, expected: &str) -> Result<bool, VerifyError> {
        self.registered.names_audience(expected)
    }

    pub(super) const AUDIENCE_TYPE: VerifyError =
        VerifyError::ClaimType { claim: "aud", expected: "a string or an array of strings" };

    #[inline]
    fn claim<'n>(&self, name: &'n str) -> Claim<'n, 'a> {
        Claim::new(name, self.registered.find(name), self.registered.text())
    }

    /// What the claims are in.
    pub(super) const fn text(&self) -> &'a str {
        self.registered.text()
    }

    /// Every claim that is not registered.
    pub(super) const fn others(&self) -> &'a Members {
        self.registered.others()
    }
}

impl fmt::Debug for ClaimsSet<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClaimsSet ")?;
        f.debug_set().entries(self.registered.names().map(unescape)).finish()
    }
}

const fn missing(claim: &'static str) -> VerifyError {
    VerifyError::ClaimMissing { claim }
}
