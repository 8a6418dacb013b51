//! `aud`, a string or an array of strings (RFC 7519 §4.1.3).

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, SeqAccess, Visitor};

/// Whether `expected` is among the audiences of the scanned JSON value `raw`; `None` when that is
/// neither a string nor an array of strings.
pub(super) fn names(raw: &str, expected: &str) -> Option<bool> {
    Audience { expected }.deserialize(&mut serde_json::Deserializer::from_str(raw)).ok()
}

/// A string, or an array of them.
struct Audience<'e> {
    expected: &'e str,
}

/// A string.
struct One<'e> {
    expected: &'e str,
}

impl<'de> DeserializeSeed<'de> for Audience<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Audience<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or an array of strings")
    }

    fn visit_str<E: Error>(self, audience: &str) -> Result<bool, E> {
        Ok(audience == self.expected)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut audiences: A) -> Result<bool, A::Error> {
        let mut is_named = false;
        // To the end: an array with something else in it is no audience at all.
        while let Some(is_it) = audiences.next_element_seed(One { expected: self.expected })? {
            is_named |= is_it;
        }
        Ok(is_named)
    }
}

impl<'de> DeserializeSeed<'de> for One<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for One<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: Error>(self, audience: &str) -> Result<bool, E> {
        Ok(audience == self.expected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_or_an_array_of_strings_names_audiences() {
        for (raw, expected) in [
            (r#""api""#, true),
            (r#""\u0061pi""#, true),
            (r#""API""#, false),
            (r#""apis""#, false),
            (r#"["web","api"]"#, true),
            (r#"["web"]"#, false),
            ("[]", false),
            (r#""""#, false),
        ] {
            assert_eq!(names(raw, "api"), Some(expected), "{raw}");
        }
    }

    #[test]
    fn anything_else_is_no_audience() {
        for raw in ["null", "1", "true", "{}", r#"["api",1]"#, r#"[["api"]]"#, r#"["api",null]"#] {
            assert_eq!(names(raw, "api"), None, "{raw}");
        }
    }
}
