//! Claims that are arrays of strings.

use std::borrow::Cow;
use std::fmt;

use crate::json::{Found, elements, string};

/// The strings of a claim that is an array of them, in their order; they are read where they are, and
/// only one with escapes is copied.
///
/// [`ClaimsSet::strings`](crate::ClaimsSet::strings) gives one. `Debug` prints how many there are.
///
/// ```
/// # use sealpass_jose::{Key, KeyRing, NumericDate, Scratch, UnverifiedToken, Verifier};
/// use sealpass_jose::ClaimError;
/// # let keys = KeyRing::new(Key::generate_a256gcm()?);
/// # let verifier = Verifier::builder().issuer("i").audience("a").typ("JWT").build()?;
/// # let claims = serde_json::json!(
/// #     {"iss": "i", "aud": "a", "exp": 1, "roles": ["reader", "editor"], "seats": [1]});
/// # let token = keys.seal("JWT", &claims)?;
/// # let (mut scratch, now) = (Scratch::new(), NumericDate::from_secs(0));
/// let verified = verifier.verify(&keys, UnverifiedToken::parse(&token)?, &mut scratch, now)?;
/// let claims = verified.claims();
///
/// let roles = claims.strings("roles")?.unwrap_or_default();
/// assert!(roles.contains("editor") && !roles.contains("owner"));
/// assert_eq!(roles.iter().collect::<Vec<_>>(), ["reader", "editor"]);
/// assert!(claims.strings("scopes")?.is_none());
/// assert!(matches!(claims.strings("seats"), Err(ClaimError::Type { .. })));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Default)]
pub struct Strings<'a>(&'a str);

impl<'a> Strings<'a> {
    /// Those that `found` has, if it is an array and a scan has seen nothing else in it.
    #[inline]
    pub(super) fn of(found: Found, text: &'a str) -> Option<Self> {
        if found.is_strings() { Some(Self(found.raw(text))) } else { None }
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = Cow<'a, str>> + use<'a> {
        elements(self.0).unwrap_or_default().map(|element| match element.plain() {
            Some(plain) => Cow::Borrowed(plain),
            None => string(element.raw).unwrap_or_default(),
        })
    }

    /// Whether `wanted` is one of them.
    #[must_use]
    pub fn contains(&self, wanted: &str) -> bool {
        self.iter().any(|one| one == wanted)
    }
}

impl fmt::Debug for Strings<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Strings").field("count", &self.iter().count()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{Members, scan_object};

    /// What the claim `raw` has, if it is an array of strings.
    fn read(raw: &str) -> Option<Vec<String>> {
        let text = format!(r#"{{"before":["a"],"x": {raw} ,"after":1}}"#);
        let mut members = Members::new();
        scan_object(&text, &mut members).unwrap();
        let found = members.value(&text, "x").unwrap();
        Strings::of(found, &text).map(|strings| strings.iter().map(Cow::into_owned).collect())
    }

    #[test]
    fn an_array_of_strings_is_read_as_it_is_meant() {
        for (raw, expected) in [
            ("[]", &[][..]),
            ("[ ]", &[]),
            (r#"["a"]"#, &["a"]),
            (r#"[ "a" , "b" ]"#, &["a", "b"]),
            (r#"["",""]"#, &["", ""]),
            (r#"["a]","b,c"]"#, &["a]", "b,c"]),
            (r#"["\u0061","b\"]"]"#, &["a", "b\"]"]),
            (r#"["a","a"]"#, &["a", "a"]),
        ] {
            assert_eq!(read(raw).as_deref().unwrap(), expected, "{raw}");
        }
    }

    #[test]
    fn an_array_with_anything_else_in_it_is_none() {
        for raw in [
            "null",
            "1",
            "true",
            r#""a""#,
            r#""[]""#,
            "{}",
            r#"{"a":"b"}"#,
            "[1]",
            r#"["a",1]"#,
            r#"[1,"a"]"#,
            r#"["a",null,"b"]"#,
            r#"[["a"]]"#,
            r#"["a",["b"]]"#,
            r#"[{},"a"]"#,
            r#"["a",true]"#,
        ] {
            assert_eq!(read(raw), None, "{raw}");
        }
    }

    #[test]
    fn one_of_them_is_found_whole_and_however_it_is_spelled() {
        let text = r#"{"x":["ab","\u0063"]}"#;
        let mut members = Members::new();
        scan_object(text, &mut members).unwrap();
        let strings = Strings::of(members.value(text, "x").unwrap(), text).unwrap();
        for (wanted, is_there) in
            [("ab", true), ("c", true), ("a", false), ("abc", false), ("", false), ("AB", false)]
        {
            assert_eq!(strings.contains(wanted), is_there, "{wanted}");
        }
        assert_eq!(format!("{strings:?}"), "Strings { count: 2 }");
    }
}
