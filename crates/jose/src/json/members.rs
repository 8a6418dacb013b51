//! Where the members of an object are in its text.

use super::{JsonError, MAX_MEMBERS, string};

/// The members of the objects that a scan is inside of, outermost first; after it, of the object.
///
/// A fixed table: hostile input cannot make it grow.
pub(crate) struct Members {
    spans: [Member; MAX_MEMBERS],
    count: usize,
    /// Whether any name has an escape, so that equal names may be spelled differently.
    any_escaped: bool,
}

#[derive(Clone, Copy)]
struct Member {
    name: Span,
    value: Span,
}

/// A range of bytes of the scanned text.
#[derive(Clone, Copy)]
pub(super) struct Span {
    start: u16,
    end: u16,
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

impl Members {
    pub(crate) const fn new() -> Self {
        let unused = Member { name: Span::EMPTY, value: Span::EMPTY };
        Self { spans: [unused; MAX_MEMBERS], count: 0, any_escaped: false }
    }

    /// The name between its quotes, still escaped, and the text of the value, of every member.
    pub(crate) fn iter<'m, 't: 'm>(
        &'m self,
        text: &'t str,
    ) -> impl Iterator<Item = (&'t str, &'t str)> + 'm {
        self.spans
            .iter()
            .take(self.count)
            .map(|member| (member.name.of(text), member.value.of(text)))
    }

    /// The text of the value of the member `name`.
    pub(crate) fn find<'t>(&self, text: &'t str, name: &str) -> Option<&'t str> {
        self.iter(text).find_map(|(raw, value)| self.is_named(raw, name).then_some(value))
    }

    /// Whether the escaped name `raw` spells `name`.
    pub(crate) fn is_named(&self, raw: &str, name: &str) -> bool {
        raw == name || (self.any_escaped && string::unescaped(raw).eq(name.chars()))
    }

    pub(super) fn clear(&mut self) {
        self.count = 0;
        self.any_escaped = false;
    }

    pub(super) const fn count(&self) -> usize {
        self.count
    }

    /// Forgets the members of an object that the scan has left.
    pub(super) fn truncate(&mut self, count: usize) {
        self.count = count;
    }

    /// Adds a member to the object whose first member has the index `first`; its index.
    pub(super) fn push(
        &mut self,
        text: &str,
        first: usize,
        name: Span,
        escaped: bool,
    ) -> Result<usize, JsonError> {
        self.any_escaped |= escaped;
        if self.has_twin(text, first, name.of(text)) {
            return Err(JsonError::DuplicateMember { position: usize::from(name.end) });
        }
        let index = self.count;
        let slot = self.spans.get_mut(index).ok_or(JsonError::TooManyMembers)?;
        *slot = Member { name, value: Span::EMPTY };
        self.count += 1;
        Ok(index)
    }

    pub(super) fn set_value(&mut self, index: usize, value: Span) {
        if let Some(member) = self.spans.get_mut(index) {
            member.value = value;
        }
    }

    fn has_twin(&self, text: &str, first: usize, name: &str) -> bool {
        let siblings = self.spans.get(first..self.count).unwrap_or_default();
        siblings.iter().any(|sibling| {
            let other = sibling.name.of(text);
            other == name
                || (self.any_escaped && string::unescaped(other).eq(string::unescaped(name)))
        })
    }
}
