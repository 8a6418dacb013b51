//! A short list that borrows: roles without an allocation.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};

/// At most eight strings.
#[derive(Clone, Copy, Debug, Default)]
pub struct List<'a> {
    items: [&'a str; MAX],
    length: usize,
}

impl<'a> List<'a> {
    #[must_use]
    pub fn as_slice(&self) -> &[&'a str] {
        &self.items[..self.length]
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for List<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(ListVisitor)
    }
}

struct ListVisitor;

impl<'de> Visitor<'de> for ListVisitor {
    type Value = List<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at most {MAX} strings")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<List<'de>, A::Error> {
        let mut list = List::default();
        while let Some(item) = items.next_element()? {
            let place = list.items.get_mut(list.length);
            *place.ok_or_else(|| Error::invalid_length(MAX + 1, &self))? = item;
            list.length += 1;
        }
        Ok(list)
    }
}

const MAX: usize = 8;
