//! A claims set, read once.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;

use super::deserialize::{MembersDeserializer, not_of_this_type};
use super::{ClaimError, audience, date};
use crate::json::{JsonError, Members, scan_object, string, unescape};
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
    text: &'a str,
    members: &'a Members,
    issuer: Cow<'a, str>,
    subject: Option<Cow<'a, str>>,
    audience: &'a str,
    expires_at: NumericDate,
    not_before: Option<NumericDate>,
    issued_at: Option<NumericDate>,
    jwt_id: Option<Cow<'a, str>>,
}

/// The claims of RFC 7519 §4.1.
const REGISTERED: [&str; 7] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];

impl<'a> ClaimsSet<'a> {
    /// The issuer, `iss`.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The subject, `sub`.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
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
        self.jwt_id.as_deref()
    }

    /// Any claim that is a string; `None` when there is no such claim.
    ///
    /// # Errors
    /// [`ClaimError::Type`] when it is something else, `null` included.
    pub fn str(&self, name: &str) -> Result<Option<Cow<'a, str>>, ClaimError> {
        self.raw(name).map(|raw| text(name, raw)).transpose()
    }

    /// Any claim that is a `NumericDate`, an integer or a fraction rounded up; `None` when there is
    /// no such claim.
    ///
    /// # Errors
    /// [`ClaimError::Type`] when it is something else, [`ClaimError::DateRange`] when it is before
    /// 1970 or after 9999.
    pub fn date(&self, name: &str) -> Result<Option<NumericDate>, ClaimError> {
        self.raw(name).map(|raw| date::date(name, raw)).transpose()
    }

    /// Any claim, by serde; `None` when there is no such claim.
    ///
    /// # Errors
    /// [`ClaimError::Type`] when it is not a `T`.
    pub fn get<T: Deserialize<'a>>(&self, name: &str) -> Result<Option<T>, ClaimError> {
        self.raw(name)
            .map(|raw| serde_json::from_str(raw).map_err(|_| not_of_this_type(name)))
            .transpose()
    }

    /// The caller's own claims, by serde: every claim that is neither registered in RFC 7519 §4.1
    /// nor in `except`.
    ///
    /// # Errors
    /// [`ClaimError::Missing`] and [`ClaimError::Unknown`] for claims that `C` requires or does not
    /// know, [`ClaimError::Type`] for one of another type, [`ClaimError::Refused`] for anything
    /// else that `C` does not accept.
    pub fn deserialize_except<C: Deserialize<'a>>(&self, except: &[&str]) -> Result<C, ClaimError> {
        let is_own = |raw: &str| {
            !REGISTERED.iter().chain(except).any(|name| self.members.is_named(raw, name))
        };
        let own = self.members.iter(self.text).filter(|(raw, _)| is_own(raw));
        C::deserialize(MembersDeserializer::new(own))
    }

    /// Reads a payload that was proven authentic.
    pub(crate) fn read(payload: &'a [u8], members: &'a mut Members) -> Result<Self, VerifyError> {
        let text = str::from_utf8(payload).map_err(|_| VerifyError::Claims(JsonError::Utf8))?;
        scan_object(text, members).map_err(VerifyError::Claims)?;
        let members = &*members;
        let find = |claim| members.find(text, claim);
        Ok(Self {
            issuer: read_string("iss", find("iss"))?.ok_or(missing("iss"))?,
            subject: read_string("sub", find("sub"))?,
            audience: find("aud").ok_or(missing("aud"))?,
            expires_at: read_date("exp", find("exp"))?.ok_or(missing("exp"))?,
            not_before: read_date("nbf", find("nbf"))?,
            issued_at: read_date("iat", find("iat"))?,
            jwt_id: read_string("jti", find("jti"))?,
            text,
            members,
        })
    }

    /// Whether the token is meant for `expected`.
    pub(crate) fn is_for_audience(&self, expected: &str) -> Result<bool, VerifyError> {
        audience::names(self.audience, expected).ok_or(Self::AUDIENCE_TYPE)
    }

    pub(super) const AUDIENCE_TYPE: VerifyError =
        VerifyError::ClaimType { claim: "aud", expected: "a string or an array of strings" };

    fn raw(&self, name: &str) -> Option<&'a str> {
        self.members.find(self.text, name)
    }
}

impl fmt::Debug for ClaimsSet<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClaimsSet ")?;
        f.debug_set().entries(self.members.iter(self.text).map(|(raw, _)| unescape(raw))).finish()
    }
}

fn text<'a>(claim: &str, raw: &'a str) -> Result<Cow<'a, str>, ClaimError> {
    string(raw).ok_or_else(|| ClaimError::Type { claim: claim.to_owned(), expected: "a string" })
}

pub(super) fn read_string<'a>(
    claim: &'static str,
    raw: Option<&'a str>,
) -> Result<Option<Cow<'a, str>>, VerifyError> {
    let not_a_string = VerifyError::ClaimType { claim, expected: "a string" };
    raw.map(|raw| string(raw).ok_or(not_a_string)).transpose()
}

pub(super) fn read_date(
    claim: &'static str,
    raw: Option<&str>,
) -> Result<Option<NumericDate>, VerifyError> {
    raw.map(|raw| date::date(claim, raw)).transpose().map_err(|error| match error {
        ClaimError::DateRange { .. } => VerifyError::ClaimDateRange { claim },
        _ => VerifyError::ClaimType { claim, expected: "a number of seconds since 1970" },
    })
}

const fn missing(claim: &'static str) -> VerifyError {
    VerifyError::ClaimMissing { claim }
}
