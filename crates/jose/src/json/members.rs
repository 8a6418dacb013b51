//! Where the members of an object are in its text.

use super::{JsonError, MAX_MEMBERS, string};

/// The members of the objects that a scan is inside of, outermost first; after it, of the object.
///
/// A fixed table: hostile input cannot make it grow.
pub(crate) struct Members {
    table: [Member; MAX_MEMBERS],
    count: usize,
    /// Whether any name has an escape, so that equal names may be spelled differently.
    any_escaped: bool,
}

#[derive(Clone, Copy)]
struct Member {
    print: Fingerprint,
    name: Span,
    value: Span,
}

/// A range of bytes of the scanned text.
#[derive(Clone, Copy)]
pub(super) struct Span {
    start: u16,
    end: u16,
}

/// The length and the first bytes of a name: names with different ones differ.
#[derive(Clone, Copy, Eq, PartialEq)]
struct Fingerprint(u32);

impl Members {
    pub(crate) const fn new() -> Self {
        let unused = Member { print: Fingerprint(0), name: Span::EMPTY, value: Span::EMPTY };
        Self { table: [unused; MAX_MEMBERS], count: 0, any_escaped: false }
    }

    /// The name between its quotes, still escaped, and the text of the value, of every member.
    pub(crate) fn iter<'m, 't: 'm>(
        &'m self,
        text: &'t str,
    ) -> impl Iterator<Item = (&'t str, &'t str)> + 'm {
        self.members().iter().map(|member| (member.name.of(text), member.value.of(text)))
    }

    /// The text of the value of the member `name`.
    pub(crate) fn find<'t>(&self, text: &'t str, name: &str) -> Option<&'t str> {
        let print = Fingerprint::of(name);
        let mut members = self.members().iter();
        let member = members.find(|member| {
            if self.any_escaped {
                string::unescaped(member.name.of(text)).eq(name.chars())
            } else {
                member.print == print && member.name.of(text) == name
            }
        })?;
        Some(member.value.of(text))
    }

    /// Whether the escaped name `raw` spells `name`.
    pub(crate) fn is_named(&self, raw: &str, name: &str) -> bool {
        raw == name || (self.any_escaped && string::unescaped(raw).eq(name.chars()))
    }

    pub(super) const fn clear(&mut self) {
        self.count = 0;
        self.any_escaped = false;
    }

    pub(super) const fn count(&self) -> usize {
        self.count
    }

    /// Forgets the members of an object that the scan has left.
    pub(super) const fn truncate(&mut self, count: usize) {
        self.count = count;
    }

    /// Adds a member to the object whose first member has the index `first`; its index.
    pub(super) fn push(
        &mut self,
        text: &str,
        first: usize,
        name: Span,
        is_escaped: bool,
    ) -> Result<usize, JsonError> {
        self.any_escaped |= is_escaped;
        let member = Member { print: Fingerprint::of(name.of(text)), name, value: Span::EMPTY };
        if self.has_twin(text, first, member) {
            return Err(JsonError::DuplicateMember { position: usize::from(name.end) });
        }
        let index = self.count;
        *self.table.get_mut(index).ok_or(JsonError::TooManyMembers)? = member;
        self.count += 1;
        Ok(index)
    }

    pub(super) fn set_value(&mut self, index: usize, value: Span) {
        if let Some(member) = self.table.get_mut(index) {
            member.value = value;
        }
    }

    fn has_twin(&self, text: &str, first: usize, new: Member) -> bool {
        let siblings = self.members().get(first..).unwrap_or_default();
        if self.any_escaped {
            let spells = |member: &Member| string::unescaped(member.name.of(text));
            siblings.iter().any(|sibling| spells(sibling).eq(spells(&new)))
        } else {
            let name = new.name.of(text);
            siblings.iter().any(|twin| twin.print == new.print && twin.name.of(text) == name)
        }
    }

    fn members(&self) -> &[Member] {
        self.table.get(..self.count).unwrap_or_default()
    }
}

impl Span {
    const EMPTY: Self = Self { start: 0, end: 0 };

    pub(super) fn new(start: usize, end: usize) -> Result<Self, JsonError> {
        match (u16::try_from(start), u16::try_from(end)) {
            (Ok(start), Ok(end)) => Ok(Self { start, end }),
            _ => Err(JsonError::TooLong),
        }
    }

    fn of(self, text: &str) -> &str {
        text.get(usize::from(self.start)..usize::from(self.end)).unwrap_or_default()
    }
}

impl Fingerprint {
    fn of(name: &str) -> Self {
        let mut first = [0; 3];
        for (slot, byte) in first.iter_mut().zip(name.bytes()) {
            *slot = byte;
        }
        let [a, b, c] = first;
        Self(u32::from_le_bytes([a, b, c, u8::try_from(name.len()).unwrap_or(u8::MAX)]))
    }
}
