//! The members of a claims set as a serde map.

use std::borrow::Cow;

use serde::de::value::{BorrowedStrDeserializer, StringDeserializer};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};

use super::ClaimError;
use crate::json::unescape;

/// Members by their escaped names and the texts of their values.
pub(super) struct MembersDeserializer<'de, I> {
    members: I,
    /// The member whose key was read and whose value was not.
    current: Option<(Cow<'de, str>, &'de str)>,
}

impl<'de, I: Iterator<Item = (&'de str, &'de str)>> MembersDeserializer<'de, I> {
    pub(super) const fn new(members: I) -> Self {
        Self { members, current: None }
    }
}

impl<'de, I: Iterator<Item = (&'de str, &'de str)>> Deserializer<'de>
    for MembersDeserializer<'de, I>
{
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

impl<'de, I: Iterator<Item = (&'de str, &'de str)>> MapAccess<'de> for MembersDeserializer<'de, I> {
    type Error = ClaimError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, ClaimError> {
        let Some((raw, value)) = self.members.next() else { return Ok(None) };
        let name = unescape(raw);
        self.current = Some((name.clone(), value));
        match name {
            Cow::Borrowed(name) => seed.deserialize(BorrowedStrDeserializer::new(name)),
            Cow::Owned(name) => seed.deserialize(StringDeserializer::new(name)),
        }
        .map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, ClaimError> {
        let (name, value) = self.current.take().ok_or(ClaimError::Refused)?;
        seed.deserialize(&mut serde_json::Deserializer::from_str(value))
            .map_err(|_| not_of_this_type(&name))
    }
}

pub(super) fn not_of_this_type(claim: &str) -> ClaimError {
    ClaimError::Type { claim: claim.to_owned(), expected: "of the type its reader declares" }
}
