//! The registered claims of RFC 7519 §4.1.

use super::{ClaimError, ClaimsSet, Strings, date};
use crate::json::{Fingerprint, Found, JsonError, KnownNames, Members, opening, scan_object_of};
use crate::jwt::VerifyError;
use crate::numeric_date::NumericDate;

/// The registered claims of a set, those of them that it has, and the text that they are in.
#[derive(Clone, Copy)]
pub(super) struct Registered<'a> {
    text: &'a str,
    members: &'a Members,
}

/// The strings that have escapes, without them. Hardly any token has one.
#[derive(Default)]
pub(super) struct Escaped(Option<Box<[Option<String>; Names::NAMES.len()]>>);

/// The places of those that are read as strings.
pub(super) const ISS: usize = 0;
pub(super) const SUB: usize = 1;
pub(super) const JTI: usize = 6;

struct Names;

macro_rules! places {
    ($value:expr, $of:expr) => {{
        const ISS: Of = $of(*b"iss");
        const SUB: Of = $of(*b"sub");
        const AUD: Of = $of(*b"aud");
        const EXP: Of = $of(*b"exp");
        const NBF: Of = $of(*b"nbf");
        const IAT: Of = $of(*b"iat");
        const JTI: Of = $of(*b"jti");
        match $value {
            ISS => Some(0),
            SUB => Some(1),
            AUD => Some(2),
            EXP => Some(3),
            NBF => Some(4),
            IAT => Some(5),
            JTI => Some(6),
            _ => None,
        }
    }};
}

impl KnownNames for Names {
    const NAMES: &'static [&'static str] = &["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];

    /// No other name has the fingerprint of one this short.
    #[inline]
    fn place(print: Fingerprint) -> Option<usize> {
        type Of = Fingerprint;
        places!(print, Fingerprint::of_three)
    }

    #[inline]
    fn place_of_opening(word: u64) -> Option<usize> {
        type Of = u64;
        places!(word, opening)
    }
}

/// Whether a name with this fingerprint is registered.
pub(super) const fn is_registered(print: Fingerprint) -> bool {
    let mut place = 0;
    while place < Names::NAMES.len() {
        if print.is(Fingerprint::of(Names::NAMES[place].as_bytes())) {
            return true;
        }
        place += 1;
    }
    false
}

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

    /// Any claim, registered or not.
    #[inline]
    pub(super) fn find(&self, name: &str) -> Option<Found> {
        match Names::place(Fingerprint::of(name.as_bytes())) {
            Some(place) => self.members.known(place),
            None => self.members.value(self.text, name),
        }
    }

    /// The names of all claims, still escaped.
    pub(super) fn names(&self) -> impl Iterator<Item = &'a str> {
        let Self { text, members } = *self;
        let is_there = move |(place, _): &(usize, &&str)| members.known(*place).is_some();
        let registered = Names::NAMES.iter().enumerate().filter(is_there).map(|(_, name)| *name);
        registered.chain(members.iter().map(|member| member.name(text)))
    }

    /// That a claim is a string, if it is there at all; whether it is.
    #[inline]
    pub(super) fn require_text<const PLACE: usize>(
        &self,
        escaped: &mut Escaped,
    ) -> Result<bool, VerifyError> {
        match self.members.known(PLACE) {
            None => Ok(false),
            Some(found) if found.is_plain() => Ok(true),
            Some(found) => {
                let claim = Names::NAMES[PLACE];
                let not_a_string = VerifyError::ClaimType { claim, expected: "a string" };
                let text = found.string(self.text).ok_or(not_a_string)?;
                escaped.0.get_or_insert_default()[PLACE] = Some(text.into_owned());
                Ok(true)
            }
        }
    }

    /// A claim that is known to be a string.
    #[inline]
    pub(super) fn text_of<'e, const PLACE: usize>(&self, escaped: &'e Escaped) -> Option<&'e str>
    where
        'a: 'e,
    {
        if let Some(escaped) = &escaped.0
            && let Some(text) = &escaped[PLACE]
        {
            return Some(text);
        }
        self.members.known(PLACE)?.plain(self.text)
    }

    pub(super) fn has_audience(&self) -> bool {
        self.members.known(2).is_some()
    }

    /// Whether `aud` is for `expected` (RFC 7519 §4.1.3); a set without it is for nobody.
    #[inline]
    pub(super) fn names_audience(&self, expected: &str) -> Result<bool, VerifyError> {
        let Some(found) = self.members.known(2) else { return Ok(false) };
        if let Some(only) = found.plain(self.text) {
            return Ok(only == expected);
        }
        match (Strings::of(found, self.text), found.string(self.text)) {
            (Some(all), _) => Ok(all.contains(expected)),
            (None, Some(only)) => Ok(only == expected),
            (None, None) => Err(ClaimsSet::AUDIENCE_TYPE),
        }
    }

    #[inline]
    pub(super) fn expires_at(&self) -> Result<Option<NumericDate>, VerifyError> {
        self.date::<3>()
    }

    #[inline]
    pub(super) fn not_before(&self) -> Result<Option<NumericDate>, VerifyError> {
        self.date::<4>()
    }

    #[inline]
    pub(super) fn issued_at(&self) -> Result<Option<NumericDate>, VerifyError> {
        self.date::<5>()
    }

    #[inline]
    fn date<const PLACE: usize>(&self) -> Result<Option<NumericDate>, VerifyError> {
        let Some(found) = self.members.known(PLACE) else { return Ok(None) };
        match found.ten_digits(self.text) {
            Some(seconds) => Ok(Some(NumericDate::from_secs(seconds))),
            None => self.other_date(found, Names::NAMES[PLACE]).map(Some),
        }
    }

    #[cold]
    fn other_date(&self, found: Found, claim: &'static str) -> Result<NumericDate, VerifyError> {
        date::date(claim, found.raw(self.text)).map_err(|error| match error {
            ClaimError::DateRange { .. } => VerifyError::ClaimDateRange { claim },
            _ => VerifyError::ClaimType { claim, expected: "a number of seconds since 1970" },
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::json::{scan_object, unescape};

    /// Whether a set with this `aud` is for `api`.
    fn is_for_api(audience: &str) -> Result<bool, VerifyError> {
        let payload = format!(r#"{{"aud":{audience}}}"#);
        let mut members = Members::new();
        Registered::scan(payload.as_bytes(), &mut members)?.names_audience("api")
    }

    #[test]
    fn a_string_or_an_array_of_strings_names_audiences() {
        for (audience, expected) in [
            (r#""api""#, true),
            (r#""\u0061pi""#, true),
            (r#""API""#, false),
            (r#""apis""#, false),
            (r#"["web","api"]"#, true),
            (r#"["\u0061pi"]"#, true),
            (r#"["web"]"#, false),
            ("[]", false),
            (r#""""#, false),
        ] {
            assert_eq!(is_for_api(audience), Ok(expected), "{audience}");
        }
    }

    #[test]
    fn anything_else_is_no_audience() {
        for audience in
            ["null", "1", "true", "{}", r#"["api",1]"#, r#"[["api"]]"#, r#"["api",null]"#]
        {
            assert_eq!(is_for_api(audience), Err(ClaimsSet::AUDIENCE_TYPE), "{audience}");
        }
    }

    /// Members of every kind that a scan has a short way for, and others beside them.
    fn members() -> impl Strategy<Value = Vec<String>> {
        let space = "[ \\n\\t\\r]{0,2}";
        let name = prop_oneof![
            prop::sample::select(Names::NAMES).prop_map(str::to_owned),
            "\\\\u0069ss|e\\\\u0078p|is|isss|auth_time|",
            "[a-z]{3}",
        ];
        let value = prop_oneof![
            "[0-9]{9,11}",
            "-?[0-9]{1,2}([.][0-9])?([eE][+-]?[0-9])?",
            "\"[a-z]{0,9}(\\\\n|\\\\u0041)?[a-z]{0,9}\"",
            "\\[(\"a\"|1|null)?\\]|\\[\"a\" ?, ?(\"b\"|[0-9]{10})\\]",
            "\\{(\"iss\" ?: ?1)?(,\"iss\":2)?\\}",
            "true|false|null|nul",
        ];
        let member = (space, name, space, space, value, space)
            .prop_map(|(a, name, b, c, value, d)| format!("{a}\"{name}\"{b}:{c}{value}{d}"));
        prop::collection::vec(member, 0..6)
    }

    proptest! {
        #[test]
        fn a_registered_claim_is_read_as_any_other_member_is(members in members()) {
            let payload = format!("{{{}}}", members.join(","));
            let (mut plain, mut known) = (Members::new(), Members::new());
            let scanned = scan_object(&payload, &mut plain).map_err(VerifyError::Claims);
            let claims = Registered::scan(payload.as_bytes(), &mut known);
            let Ok(claims) = claims else {
                prop_assert_eq!(claims.map(|_| ()), scanned, "{}", payload);
                return Ok(());
            };
            prop_assert_eq!(Ok(()), scanned, "{}", payload);
            for name in plain.iter().map(|member| unescape(member.name(&payload))) {
                let found = claims.find(&name).map(|found| found.raw(&payload));
                prop_assert_eq!(found, plain.find(&payload, &name), "{} of {}", name, payload);
            }
            prop_assert_eq!(claims.names().count(), plain.iter().count());
        }
    }

    #[test]
    fn a_date_is_the_same_however_it_is_spelled_and_whatever_follows() {
        for date in ["1300819380", "01300819380", "1300819379.5", "13008193800e-1", "1.30081938e9"]
        {
            let is_json = !date.starts_with('0');
            for payload in [
                format!(r#"{{"exp":{date}}}"#),
                format!(r#"{{"exp": {date} }}"#),
                format!(r#"{{"exp":{date},"iat":1}}"#),
                format!(r#"{{"iat":1,"\u0065xp":{date}}}"#),
            ] {
                let mut members = Members::new();
                let scanned = Registered::scan(payload.as_bytes(), &mut members);
                let expires_at = scanned.and_then(|claims| claims.expires_at());
                let expected = is_json.then_some(Some(NumericDate::from_secs(1_300_819_380)));
                assert_eq!(expires_at.ok(), expected, "{payload}");
            }
        }
        for (date, seconds) in [("9999999999", 9_999_999_999), ("999999999", 999_999_999)] {
            let (payload, mut members) = (format!(r#"{{"exp":{date}}}"#), Members::new());
            let claims = Registered::scan(payload.as_bytes(), &mut members).unwrap();
            assert_eq!(claims.expires_at(), Ok(Some(NumericDate::from_secs(seconds))));
        }
    }

    #[test]
    fn registered_claims_count_among_the_members_wherever_they_stand() {
        let scan = |others: usize, ending: &str| {
            let others: Vec<_> = (0..others).map(|number| format!(r#""n{number}":0,"#)).collect();
            let payload = format!(r#"{{{}"iss":"i"{ending}}}"#, others.concat());
            Registered::scan(payload.as_bytes(), &mut Members::new()).map(|_| ())
        };
        let too_many = Err(VerifyError::Claims(JsonError::TooManyMembers));
        assert_eq!(scan(127, ""), Ok(()));
        assert_eq!(scan(128, ""), too_many);
        assert_eq!(scan(127, r#","exp":1"#), too_many);
        assert_eq!(scan(126, r#","exp":{"a":0}"#), too_many, "inside of one it counts too");
        assert_eq!(scan(125, r#","exp":{"a":0}"#), Ok(()));
    }
}
