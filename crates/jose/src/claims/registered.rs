//! The registered claims of RFC 7519 §4.1.

use std::borrow::Cow;

use super::{ClaimError, ClaimsSet, audience, date};
use crate::json::{Fingerprint, JsonError, KnownNames, Members, scan_object_of};
use crate::jwt::VerifyError;
use crate::numeric_date::NumericDate;

/// The registered claims of a set, those of them that it has, and the text that they are in.
#[derive(Clone, Copy)]
pub(super) struct Registered<'a> {
    text: &'a str,
    members: &'a Members,
}

struct Names;

impl KnownNames for Names {
    const NAMES: &'static [&'static str] = &["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];

    /// No other name has the fingerprint of one this short.
    #[inline]
    fn place(print: Fingerprint) -> Option<usize> {
        match print {
            ISS => Some(0),
            SUB => Some(1),
            AUD => Some(2),
            EXP => Some(3),
            NBF => Some(4),
            IAT => Some(5),
            JTI => Some(6),
            _ => None,
        }
    }
}

const ISS: Fingerprint = Fingerprint::of(b"iss");
const SUB: Fingerprint = Fingerprint::of(b"sub");
const AUD: Fingerprint = Fingerprint::of(b"aud");
const EXP: Fingerprint = Fingerprint::of(b"exp");
const NBF: Fingerprint = Fingerprint::of(b"nbf");
const IAT: Fingerprint = Fingerprint::of(b"iat");
const JTI: Fingerprint = Fingerprint::of(b"jti");

impl<'a> Registered<'a> {
    /// Scans a payload that was proven authentic.
    pub(super) fn scan(payload: &'a [u8], members: &'a mut Members) -> Result<Self, VerifyError> {
        let text = str::from_utf8(payload).map_err(|_| VerifyError::Claims(JsonError::Utf8))?;
        scan_object_of::<Names>(text, members).map_err(VerifyError::Claims)?;
        Ok(Self { text, members })
    }

    pub(super) const fn text(&self) -> &'a str {
        self.text
    }

    /// Every other claim.
    pub(super) const fn others(&self) -> &'a Members {
        self.members
    }

    /// The JSON of any claim, registered or not.
    pub(super) fn raw(&self, name: &str) -> Option<&'a str> {
        match Names::place(Fingerprint::of(name.as_bytes())) {
            Some(place) => self.members.known(place).map(|found| found.raw(self.text)),
            None => self.members.find(self.text, name),
        }
    }

    /// The names of all claims, still escaped.
    pub(super) fn names(&self) -> impl Iterator<Item = &'a str> {
        let Self { text, members } = *self;
        let is_there = move |(place, _): &(usize, &&str)| members.known(*place).is_some();
        let registered = Names::NAMES.iter().enumerate().filter(is_there).map(|(_, name)| *name);
        registered.chain(members.iter().map(|member| member.name(text)))
    }

    pub(super) fn issuer(&self) -> Result<Option<Cow<'a, str>>, VerifyError> {
        self.string::<0>()
    }

    pub(super) fn subject(&self) -> Result<Option<Cow<'a, str>>, VerifyError> {
        self.string::<1>()
    }

    pub(super) fn has_audience(&self) -> bool {
        self.members.known(2).is_some()
    }

    /// Whether `aud` is for `expected` (RFC 7519 §4.1.3); a set without it is for nobody.
    #[inline]
    pub(super) fn names_audience(&self, expected: &str) -> Result<bool, VerifyError> {
        let Some(found) = self.members.known(2) else { return Ok(false) };
        match found.string(self.text) {
            Some(only) => Ok(only == expected),
            None => audience::names(found.raw(self.text), expected).ok_or(ClaimsSet::AUDIENCE_TYPE),
        }
    }

    pub(super) fn expires_at(&self) -> Result<Option<NumericDate>, VerifyError> {
        self.date::<3>()
    }

    pub(super) fn not_before(&self) -> Result<Option<NumericDate>, VerifyError> {
        self.date::<4>()
    }

    pub(super) fn issued_at(&self) -> Result<Option<NumericDate>, VerifyError> {
        self.date::<5>()
    }

    pub(super) fn jwt_id(&self) -> Result<Option<Cow<'a, str>>, VerifyError> {
        self.string::<6>()
    }

    #[inline]
    fn string<const PLACE: usize>(&self) -> Result<Option<Cow<'a, str>>, VerifyError> {
        let found = self.members.known(PLACE);
        let claim = Names::NAMES[PLACE];
        let not_a_string = VerifyError::ClaimType { claim, expected: "a string" };
        found.map(|found| found.string(self.text).ok_or(not_a_string)).transpose()
    }

    #[inline]
    fn date<const PLACE: usize>(&self) -> Result<Option<NumericDate>, VerifyError> {
        let Some(found) = self.members.known(PLACE) else { return Ok(None) };
        let claim = Names::NAMES[PLACE];
        date::date(claim, found.raw(self.text)).map(Some).map_err(|error| match error {
            ClaimError::DateRange { .. } => VerifyError::ClaimDateRange { claim },
            _ => VerifyError::ClaimType { claim, expected: "a number of seconds since 1970" },
        })
    }
}
