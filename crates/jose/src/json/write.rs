//! JSON of our own, written fast where that is easy.

use std::mem::replace;

use serde::Serialize;
use serde::ser::{
    self, Impossible, SerializeMap, SerializeSeq, SerializeStruct, SerializeTuple,
    SerializeTupleStruct, Serializer,
};

use super::fingerprint::{Fingerprint, SeenNames};
use super::string::is_plain;

/// What was written at the front of the room.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Written {
    /// In bytes.
    pub(crate) length: usize,
    /// Whether only a scan can tell that no name is twice in its object, and that all is within
    /// bounds.
    pub(crate) is_doubtful: bool,
}

/// Why nothing was written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum NotWritten {
    /// There is not room enough.
    Full,
    /// `serde_json` writes this, or says what is wrong with it.
    Unsupported,
}

/// Writes `value` as one JSON object, as `serde_json` would, to the byte.
///
/// Objects, arrays, integers, literals and strings that need no escape are what claims are made of;
/// anything else is [`NotWritten::Unsupported`].
pub(crate) fn write_object<T: Serialize>(
    value: &T,
    room: &mut [u8],
) -> Result<Written, NotWritten> {
    let mut json = Json { room, length: 0, depth: 0, members: 0, is_doubtful: false };
    value.serialize(&mut json)?;
    let Json { room, length, is_doubtful, .. } = json;
    match room.first() {
        Some(b'{') => Ok(Written { length, is_doubtful }),
        _ => Err(NotWritten::Unsupported),
    }
}

/// Far within the bounds of a scan, which then need not be counted exactly.
const SURE_DEPTH: usize = 8;
const SURE_MEMBERS: usize = 64;

type Result<T = (), E = NotWritten> = std::result::Result<T, E>;

struct Json<'w> {
    room: &'w mut [u8],
    length: usize,
    depth: usize,
    /// Of every object so far.
    members: usize,
    is_doubtful: bool,
}

impl Json<'_> {
    /// Room for `length` more bytes.
    #[inline]
    fn reserve(&mut self, length: usize) -> Result<&mut [u8]> {
        let end = self.length + length;
        let room = self.room.get_mut(self.length..end).ok_or(NotWritten::Full)?;
        self.length = end;
        Ok(room)
    }

    fn push(&mut self, bytes: &[u8]) -> Result {
        self.reserve(bytes.len())?.copy_from_slice(bytes);
        Ok(())
    }

    fn byte(&mut self, byte: u8) -> Result {
        *self.room.get_mut(self.length).ok_or(NotWritten::Full)? = byte;
        self.length += 1;
        Ok(())
    }

    fn enter(&mut self) {
        self.depth += 1;
        self.is_doubtful |= self.depth > SURE_DEPTH;
    }

    /// Closes what was entered; `lead` is its opening bracket when nothing is in it.
    fn close(&mut self, lead: u8, bracket: u8) -> Result {
        self.depth -= 1;
        if lead != b',' {
            self.byte(lead)?;
        }
        self.byte(bracket)
    }

    #[inline(never)]
    fn string(&mut self, text: &str) -> Result {
        self.quoted(*b"\"", text, *b"\"")
    }

    /// A string, with its quotes and whatever else is around it.
    #[expect(
        clippy::inline_always,
        reason = "where the name of a member is a constant, nothing is left of this but to write it"
    )]
    #[inline(always)]
    fn quoted<const O: usize, const C: usize>(
        &mut self,
        open: [u8; O],
        text: &str,
        close: [u8; C],
    ) -> Result {
        let room = self.reserve(O + text.len() + C)?;
        if let Some((front, rest)) = room.split_first_chunk_mut()
            && let Some((room, back)) = rest.split_last_chunk_mut()
        {
            (*front, *back) = (open, close);
            room.copy_from_slice(text.as_bytes());
        }
        if is_plain(text.as_bytes()) { Ok(()) } else { Err(NotWritten::Unsupported) }
    }

    fn integer<I: itoa::Integer>(&mut self, integer: I) -> Result {
        self.push(itoa::Buffer::new().format(integer).as_bytes())
    }
}

/// An object that is being written.
struct Object<'j, 'w> {
    json: &'j mut Json<'w>,
    /// What comes before the next member: the brace, then commas.
    lead: u8,
    seen: SeenNames<16>,
}

impl<'j, 'w> Object<'j, 'w> {
    fn new(json: &'j mut Json<'w>) -> Self {
        json.enter();
        Self { json, lead: b'{', seen: SeenNames::default() }
    }

    /// Notes the name of a member.
    #[inline]
    fn note(&mut self, name: Fingerprint) {
        let may_be_known = self.seen.insert(name);
        self.json.members += 1;
        self.json.is_doubtful |= may_be_known || self.json.members > SURE_MEMBERS;
    }
}

impl SerializeStruct for Object<'_, '_> {
    type Ok = ();
    type Error = NotWritten;

    #[expect(clippy::inline_always, reason = "see `Json::quoted`")]
    #[inline(always)]
    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result {
        self.json.quoted([replace(&mut self.lead, b','), b'"'], name, *b"\":")?;
        self.note(Fingerprint::with_end_of(name.as_bytes()));
        value.serialize(&mut *self.json)
    }

    fn end(self) -> Result {
        self.json.close(self.lead, b'}')
    }
}

impl SerializeMap for Object<'_, '_> {
    type Ok = ();
    type Error = NotWritten;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, name: &T) -> Result {
        self.json.byte(replace(&mut self.lead, b','))?;
        let start = self.json.length;
        name.serialize(&mut *self.json)?;
        match self.json.room.get(start..self.json.length) {
            Some([b'"', name @ .., b'"']) => {
                let name = Fingerprint::with_end_of(name);
                self.note(name);
                Ok(())
            }
            _ => Err(NotWritten::Unsupported),
        }
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result {
        self.json.byte(b':')?;
        value.serialize(&mut *self.json)
    }

    fn end(self) -> Result {
        self.json.close(self.lead, b'}')
    }
}

/// An array that is being written.
struct Array<'j, 'w> {
    json: &'j mut Json<'w>,
    /// What comes before the next element: the bracket, then commas.
    lead: u8,
}

impl<'j, 'w> Array<'j, 'w> {
    fn new(json: &'j mut Json<'w>) -> Self {
        json.enter();
        Self { json, lead: b'[' }
    }
}

macro_rules! array {
    ($($kind:ident $method:ident)*) => {
        $(impl $kind for Array<'_, '_> {
            type Ok = ();
            type Error = NotWritten;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result {
                self.json.byte(replace(&mut self.lead, b','))?;
                value.serialize(&mut *self.json)
            }

            fn end(self) -> Result {
                self.json.close(self.lead, b']')
            }
        })*
    };
}

array! {
    SerializeSeq serialize_element
    SerializeTuple serialize_element
    SerializeTupleStruct serialize_field
}

macro_rules! integers {
    ($($method:ident $kind:ty)*) => {
        $(fn $method(self, value: $kind) -> Result {
            self.integer(value)
        })*
    };
}

impl<'j, 'w> Serializer for &'j mut Json<'w> {
    type Ok = ();
    type Error = NotWritten;
    type SerializeMap = Object<'j, 'w>;
    type SerializeSeq = Array<'j, 'w>;
    type SerializeStruct = Object<'j, 'w>;
    type SerializeStructVariant = Impossible<(), NotWritten>;
    type SerializeTuple = Array<'j, 'w>;
    type SerializeTupleStruct = Array<'j, 'w>;
    type SerializeTupleVariant = Impossible<(), NotWritten>;

    integers! {
        serialize_i8 i8 serialize_i16 i16 serialize_i32 i32 serialize_i64 i64
        serialize_u8 u8 serialize_u16 u16 serialize_u32 u32 serialize_u64 u64
    }

    fn serialize_bool(self, value: bool) -> Result {
        self.push(if value { b"true" } else { b"false" })
    }

    fn serialize_bytes(self, _: &[u8]) -> Result {
        Err(NotWritten::Unsupported)
    }

    fn serialize_char(self, _: char) -> Result {
        Err(NotWritten::Unsupported)
    }

    fn serialize_f32(self, _: f32) -> Result {
        Err(NotWritten::Unsupported)
    }

    fn serialize_f64(self, _: f64) -> Result {
        Err(NotWritten::Unsupported)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap> {
        Ok(Object::new(self))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result {
        Err(NotWritten::Unsupported)
    }

    fn serialize_none(self) -> Result {
        self.push(b"null")
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq> {
        Ok(Array::new(self))
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result {
        value.serialize(self)
    }

    fn serialize_str(self, text: &str) -> Result {
        self.string(text)
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Self::SerializeStruct> {
        // The types of `serde_json` itself call themselves by names that no other type can have.
        if name.starts_with('$') {
            return Err(NotWritten::Unsupported);
        }
        Ok(Object::new(self))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant> {
        Err(NotWritten::Unsupported)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple> {
        Ok(Array::new(self))
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleStruct> {
        Ok(Array::new(self))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant> {
        Err(NotWritten::Unsupported)
    }

    fn serialize_unit(self) -> Result {
        self.push(b"null")
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result {
        self.push(b"null")
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result {
        self.string(variant)
    }
}

impl ser::Error for NotWritten {
    fn custom<T: std::fmt::Display>(_: T) -> Self {
        Self::Unsupported
    }
}

impl ser::StdError for NotWritten {}

impl std::fmt::Display for NotWritten {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not written here")
    }
}
