//! A scanned JSON value as serde sees it.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, SeqAccess, Visitor};
use serde_json::de::StrRead;

use crate::json::{Element, Elements, Found, elements, plain_digits, string};

/// The text of one value, which was scanned.
///
/// Strings, whole numbers, literals and arrays, which is what most claims are, are read here; the
/// scan has proven them already. Everything else is read by `serde_json`, and a reader cannot tell
/// which of the two it was.
#[derive(Clone, Copy)]
pub(super) struct Value<'de> {
    raw: &'de str,
    /// Whether it is a string that means what it is, without an escape.
    is_plain: bool,
}

impl<'de> Value<'de> {
    pub(super) fn new(found: Found, text: &'de str) -> Self {
        Self { raw: found.raw(text), is_plain: found.is_plain() }
    }

    fn read_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match string(self.raw).ok_or(Mismatch)? {
            Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
            Cow::Owned(text) => visitor.visit_string(text),
        }
    }

    fn read_array<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        let mut array = Array(elements(self.raw).ok_or(Mismatch)?);
        let value = visitor.visit_seq(&mut array)?;
        // More elements than the reader took are not what it expects.
        if array.0.next().is_some() { Err(Mismatch) } else { Ok(value) }
    }

    /// Without the message of `serde_json`, which may quote the value.
    fn read_by_serde_json<T>(
        self,
        read: impl FnOnce(&mut serde_json::Deserializer<StrRead<'de>>) -> serde_json::Result<T>,
    ) -> Result<T, Mismatch> {
        let mut json = serde_json::Deserializer::from_str(self.raw);
        let value = read(&mut json).map_err(|_| Mismatch)?;
        // It takes the 1 of 1.5 for a whole number, and leaves the rest.
        json.end().map_err(|_| Mismatch)?;
        Ok(value)
    }
}

/// The value is not of the type that its reader declares. Which claim it is, the caller knows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Mismatch;

impl de::Error for Mismatch {
    /// Without the message, which may quote the value.
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

impl de::StdError for Mismatch {}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not of the type that its reader declares")
    }
}

impl<'de> From<Element<'de>> for Value<'de> {
    fn from(element: Element<'de>) -> Self {
        let Element { raw, is_plain } = element;
        Self { raw, is_plain }
    }
}

impl<'de> From<&'de str> for Value<'de> {
    fn from(raw: &'de str) -> Self {
        Self { raw, is_plain: false }
    }
}

macro_rules! by_serde_json {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
            self.read_by_serde_json(|json| json.$method(visitor))
        })*
    };
}

impl<'de> Deserializer<'de> for Value<'de> {
    type Error = Mismatch;

    #[inline]
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        if self.is_plain {
            let inner = self.raw.get(1..self.raw.len() - 1).unwrap_or_default();
            return visitor.visit_borrowed_str(inner);
        }
        match self.raw.as_bytes() {
            [b'"', ..] => self.read_string(visitor),
            [b'[', ..] => self.read_array(visitor),
            b"true" => visitor.visit_bool(true),
            b"false" => visitor.visit_bool(false),
            b"null" => visitor.visit_unit(),
            other => match plain_digits(other) {
                Some(number) => visitor.visit_u64(number),
                None => self.read_by_serde_json(|json| json.deserialize_any(visitor)),
            },
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        if self.raw == "null" { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        // The types of `serde_json` itself ask for themselves by names that no other type can have.
        if name.starts_with('$') {
            return self.read_by_serde_json(|json| json.deserialize_newtype_struct(name, visitor));
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        self.read_by_serde_json(|json| json.deserialize_enum(name, variants, visitor))
    }

    by_serde_json! { deserialize_byte_buf deserialize_bytes deserialize_f32 deserialize_i128 deserialize_u128 }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f64 char str string unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}

/// The elements of an array that a reader has not taken yet.
struct Array<'de>(Elements<'de>);

impl<'de> SeqAccess<'de> for &mut Array<'de> {
    type Error = Mismatch;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Mismatch> {
        self.0.next().map(|element| seed.deserialize(Value::from(element))).transpose()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fmt::Debug;

    use serde::Deserialize;
    use serde::de::DeserializeOwned;
    use serde_json::Number;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    enum Plan {
        Free,
        Seats(u8),
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Wrapped(u8);

    #[derive(Debug, Deserialize, PartialEq)]
    struct Unit;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Nested {
        a: Option<Box<Nested>>,
        #[serde(default)]
        b: Vec<i16>,
    }

    const VALUES: [&str; 52] = [
        "null",
        "true",
        "false",
        "0",
        "-0",
        "7",
        "-7",
        "127",
        "128",
        "255",
        "256",
        "-128",
        "-129",
        "32768",
        "65536",
        "4294967296",
        "99999999999",
        "100000000000",
        "18446744073709551615",
        "18446744073709551616",
        "-9223372036854775808",
        "-9223372036854775809",
        "340282366920938463463374607431768211455",
        "1.0",
        "1.5",
        "-1.5e3",
        "1e2",
        "1e400",
        "0.1",
        "16777217",
        "\"\"",
        "\"a\"",
        "\"ab\"",
        "\"Free\"",
        "\"\\u0046ree\"",
        "\"é\"",
        "\"\\ud83d\\ude00\"",
        "\"7\"",
        "[]",
        "[1]",
        "[1,2]",
        "[ 1 , 2 , 3 ]",
        "[\"a\",\"b\"]",
        "[\"a\\\"]\",\"b,c\"]",
        "[[1],[2,[3]]]",
        "[null,true,{\"a\":null}]",
        "{}",
        "{\"a\":null}",
        "{\"a\":{\"a\":null,\"b\":[1,-2]}}",
        "{\"Seats\":3}",
        "{\"Seats\":300}",
        "{\"1\":\"x\"}",
    ];

    fn agrees<T: DeserializeOwned + Debug + PartialEq>() {
        for raw in VALUES {
            let ours = T::deserialize(Value::from(raw)).ok();
            let theirs = serde_json::from_str::<T>(raw).ok();
            assert_eq!(ours, theirs, "{raw} as {}", std::any::type_name::<T>());
        }
    }

    #[test]
    fn every_type_reads_every_value_as_serde_json_does() {
        agrees::<()>();
        agrees::<bool>();
        agrees::<i8>();
        agrees::<i16>();
        agrees::<i64>();
        agrees::<i128>();
        agrees::<u8>();
        agrees::<u16>();
        agrees::<u64>();
        agrees::<u128>();
        agrees::<f32>();
        agrees::<f64>();
        agrees::<char>();
        agrees::<String>();
        agrees::<Option<u8>>();
        agrees::<Option<Option<String>>>();
        agrees::<Vec<u8>>();
        agrees::<Vec<String>>();
        agrees::<[u8; 2]>();
        agrees::<(u8, u8)>();
        agrees::<(u8, Option<u8>, u8)>();
        agrees::<Vec<Vec<u8>>>();
        agrees::<BTreeMap<String, Option<u8>>>();
        agrees::<BTreeMap<u8, String>>();
        agrees::<serde_json::Value>();
        agrees::<Number>();
        agrees::<Plan>();
        agrees::<Vec<Plan>>();
        agrees::<Wrapped>();
        agrees::<Unit>();
        agrees::<Nested>();
        agrees::<Vec<Nested>>();
    }

    #[test]
    fn strings_without_escapes_are_borrowed() {
        assert_eq!(<&str>::deserialize(Value::from("\"ada\"")), Ok("ada"));
        assert_eq!(<[&str; 2]>::deserialize(Value::from("[\"a\",\"b\"]")), Ok(["a", "b"]));
        assert!(<&str>::deserialize(Value::from("\"\\u0061da\"")).is_err(), "must be copied");
        assert_eq!(<&[u8]>::deserialize(Value::from("\"ada\"")), Ok(&b"ada"[..]));
    }
}
