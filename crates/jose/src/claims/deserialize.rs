//! The members of a claims set as a serde map.

use std::borrow::Cow;

use serde::de::value::{BorrowedStrDeserializer, StringDeserializer};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};

use super::ClaimError;
use super::value::Value;
use crate::json::{Member, unescape};

/// The members of a set that was scanned from `text`.
pub(super) struct MembersDeserializer<'de, I> {
    text: &'de str,
    has_plain_names: bool,
    members: I,
    /// The member whose name was read and whose value was not.
    current: Option<Member>,
}

impl<'de, I: Iterator<Item = Member>> MembersDeserializer<'de, I> {
    pub(super) const fn new(text: &'de str, has_plain_names: bool, members: I) -> Self {
        Self { text, has_plain_names, members, current: None }
    }
}

impl<'de, I: Iterator<Item = Member>> Deserializer<'de> for MembersDeserializer<'de, I> {
    type Error = ClaimError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ClaimError> {
        visitor.visit_map(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, ClaimError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ClaimError> {
        visitor.visit_some(self)
    }

    /// `()` is what an application without claims of its own has, as in a flattened struct.
    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ClaimError> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, ClaimError> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf seq
        tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de, I: Iterator<Item = Member>> MapAccess<'de> for MembersDeserializer<'de, I> {
    type Error = ClaimError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, ClaimError> {
        let Some(member) = self.members.next() else { return Ok(None) };
        self.current = Some(member);
        let name = member.name(self.text);
        if self.has_plain_names {
            return seed.deserialize(BorrowedStrDeserializer::new(name)).map(Some);
        }
        match unescape(name) {
            Cow::Borrowed(name) => seed.deserialize(BorrowedStrDeserializer::new(name)),
            Cow::Owned(name) => seed.deserialize(StringDeserializer::new(name)),
        }
        .map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, ClaimError> {
        let member = self.current.take().ok_or(ClaimError::Refused)?;
        seed.deserialize(Value::new(member.value(), self.text))
            .map_err(|_| not_of_this_type(&unescape(member.name(self.text))))
    }
}

pub(super) fn not_of_this_type(claim: &str) -> ClaimError {
    ClaimError::Type { claim: claim.to_owned(), expected: "of the type its reader declares" }
}
