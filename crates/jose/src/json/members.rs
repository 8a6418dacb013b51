//! Where the members of an object are in its text.

use std::borrow::Cow;

use super::fingerprint::{Fingerprint, SeenNames};
use super::number::ten_digits;
use super::string::{string, unescaped};
use super::{JsonError, MAX_MEMBERS};

/// The members of the objects that a scan is inside of, outermost first; after it, of the object.
///
/// A bounded table: hostile input cannot make it grow past [`MAX_MEMBERS`]. An empty one is all zeros,
/// which is the fastest thing to fill memory with.
pub(crate) struct Members {
    /// The values of the names that the reader knows, in the order in which it does; behind them those
    /// of the other names.
    values: [Found; MAX_KNOWN + INLINE_MEMBERS],
    /// The other names.
    prints: [Fingerprint; INLINE_MEMBERS],
    spans: [Span; INLINE_MEMBERS],
    /// The members that have no room above.
    spill: Vec<Member>,
    /// How many other names there are, the spilt ones included.
    count: usize,
    known_count: usize,
    /// Whether any of the other names has an escape, so that equal ones may be spelled differently.
    any_escaped: bool,
}

/// The most names that a reader can know in advance.
pub(super) const MAX_KNOWN: usize = 7;

/// As many as most objects have: clearing the table costs as much as scanning a few of them.
const INLINE_MEMBERS: usize = 16;

/// A member of a scanned object.
#[derive(Clone, Copy)]
pub(crate) struct Member {
    name: Name,
    value: Found,
}

/// A name, and where it is between its quotes.
#[derive(Clone, Copy)]
pub(super) struct Name {
    print: Fingerprint,
    span: Span,
}

/// Where a value was found, and what a scan has seen it to be: `start`, `end` and [`Kind`], from the
/// lowest bits up. A single word is written and read at once.
#[derive(Clone, Copy)]
pub(crate) struct Found(u64);

/// What a scan has seen a value to be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub(crate) enum Kind {
    /// Anything that is none of the others.
    Other = 0,
    /// A string that means what it is, without an escape.
    Plain,
    /// A string with escapes.
    Escaped,
    /// An array of nothing but strings, or of nothing.
    Strings,
    /// Ten digits, as nearly every date is, and nothing else.
    TenDigits,
}

/// A range of bytes of the scanned text: `start` and `end`, from the lowest bits up.
#[derive(Clone, Copy)]
pub(super) struct Span(u32);

impl Members {
    pub(crate) const fn new() -> Self {
        Self {
            values: [Found::NOTHING; MAX_KNOWN + INLINE_MEMBERS],
            prints: [Fingerprint::EMPTY; INLINE_MEMBERS],
            spans: [Span(0); INLINE_MEMBERS],
            spill: Vec::new(),
            count: 0,
            known_count: 0,
            any_escaped: false,
        }
    }

    /// The value of a name that the reader knows, by its place.
    #[inline]
    pub(crate) fn known(&self, place: usize) -> Option<Found> {
        self.values.get(place).copied().filter(|found| found.is_there())
    }

    /// Every member of the object that was scanned, in its order, but for those that the reader knows.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Member> {
        let names = self.prints.iter().zip(&self.spans).take(self.count);
        let inline = names
            .zip(self.values.iter().skip(MAX_KNOWN))
            .map(|((print, span), value)| Member { name: Name::new(*print, *span), value: *value });
        inline.chain(self.spill.iter().copied())
    }

    /// The member with this index.
    #[inline]
    pub(crate) fn get(&self, index: usize) -> Option<Member> {
        match (self.prints.get(index), self.spans.get(index), self.values.get(MAX_KNOWN + index)) {
            (Some(print), Some(span), Some(value)) => {
                Some(Member { name: Name::new(*print, *span), value: *value })
            }
            _ => self.spill.get(index - INLINE_MEMBERS).copied(),
        }
    }

    /// The value of that member.
    #[inline]
    pub(crate) fn value_at(&self, index: usize) -> Option<Found> {
        match self.values.get(MAX_KNOWN + index) {
            Some(value) => Some(*value),
            None => self.get(index).map(Member::value),
        }
    }

    /// The value of the member `name`, which is not one that the reader knows.
    #[inline]
    pub(crate) fn value(&self, text: &str, name: &str) -> Option<Found> {
        self.value_at(self.index_of(text, name)?)
    }

    /// The text of that value.
    pub(crate) fn find<'t>(&self, text: &'t str, name: &str) -> Option<&'t str> {
        self.value(text, name).map(|found| found.raw(text))
    }

    /// The index of the member `name`: its place in the order of [`Members::iter`].
    #[inline]
    pub(crate) fn index_of(&self, text: &str, name: &str) -> Option<usize> {
        let [index] = self.indices_of(text, &[name], &[Fingerprint::of(name.as_bytes())]);
        index
    }

    /// The indices of the members of these names, whose fingerprints are `prints`.
    #[inline]
    pub(crate) fn indices_of<const N: usize>(
        &self,
        text: &str,
        names: &[&str; N],
        prints: &[Fingerprint; N],
    ) -> [Option<usize>; N] {
        let (Some(known), false) = (self.prints.get(..self.count), self.any_escaped) else {
            return names.map(|name| self.index_among_all(text, name));
        };
        let mut indices = [None; N];
        for (index, (known, span)) in known.iter().zip(&self.spans).enumerate() {
            // A short name is its fingerprint.
            let is_it = |name: &str| name.len() <= Fingerprint::WHOLE || span.of(text) == name;
            let mut wanted = names.iter().zip(prints);
            let place = wanted.position(|(name, print)| print == known && is_it(name));
            if let Some(found) = place.and_then(|place| indices.get_mut(place)) {
                *found = Some(index);
            }
        }
        indices
    }

    /// The same where some names have no room in the table, or need not be spelled as they are called.
    #[cold]
    fn index_among_all(&self, text: &str, name: &str) -> Option<usize> {
        self.iter().position(|member| unescaped(member.name(text)).eq(name.chars()))
    }

    /// Whether fingerprints are enough to know names by: not when some name is escaped.
    pub(crate) const fn has_plain_names(&self) -> bool {
        !self.any_escaped
    }

    pub(super) fn clear(&mut self) {
        if let Some(known) = self.values.first_chunk_mut() {
            *known = [Found::NOTHING; MAX_KNOWN];
        }
        self.spill.clear();
        self.count = 0;
        self.known_count = 0;
        self.any_escaped = false;
    }

    pub(super) const fn count(&self) -> usize {
        self.count
    }

    /// A bit for the index of each member, from the lowest up.
    pub(crate) fn all_indices(&self) -> u128 {
        const { assert!(MAX_MEMBERS == u128::BITS as usize, "a bit for each") }
        let unused = u32::try_from(MAX_MEMBERS.saturating_sub(self.count));
        unused.ok().and_then(|unused| u128::MAX.checked_shr(unused)).unwrap_or_default()
    }

    /// Forgets the members of an object that the scan has left.
    pub(super) fn truncate(&mut self, count: usize) {
        self.count = count;
        self.spill.truncate(count.saturating_sub(INLINE_MEMBERS));
    }

    /// Adds a member to the object whose first member has the index `first`; the place of its value.
    #[inline]
    pub(super) fn push(
        &mut self,
        text: &[u8],
        first: usize,
        seen: &mut SeenNames<1>,
        name: Name,
        is_escaped: bool,
    ) -> Result<usize, JsonError> {
        self.any_escaped |= is_escaped;
        let may_be_known = seen.insert(name.print) || self.any_escaped;
        if may_be_known && self.has_twin(text, first, name) {
            return Err(JsonError::DuplicateMember { position: name.span.end() });
        }
        let index = self.count;
        match (self.prints.get_mut(index), self.spans.get_mut(index)) {
            (Some(print), Some(span)) => (*print, *span) = (name.print, name.span),
            _ => self.spill(name)?,
        }
        self.count += 1;
        Ok(MAX_KNOWN + index)
    }

    #[cold]
    fn spill(&mut self, name: Name) -> Result<(), JsonError> {
        if self.count + self.known_count >= MAX_MEMBERS {
            return Err(JsonError::TooManyMembers);
        }
        self.spill.push(Member { name, value: Found::NOTHING });
        Ok(())
    }

    /// Adds a member that the reader knows, whose name ends at `position`; the place of its value.
    #[inline]
    pub(super) fn push_known(&mut self, place: usize, position: usize) -> Result<usize, JsonError> {
        if self.known(place).is_some() {
            return Err(JsonError::DuplicateMember { position });
        }
        self.known_count += 1;
        Ok(place)
    }

    /// Known names are so few that they are counted only in the end.
    pub(super) const fn are_too_many(&self) -> bool {
        self.count + self.known_count > MAX_MEMBERS
    }

    #[inline]
    pub(super) fn set_value(&mut self, place: usize, value: Found) {
        match self.values.get_mut(place) {
            Some(free) => *free = value,
            None => self.set_spilt(place, value),
        }
    }

    #[cold]
    fn set_spilt(&mut self, place: usize, value: Found) {
        let index = place.saturating_sub(MAX_KNOWN + INLINE_MEMBERS);
        if let Some(member) = self.spill.get_mut(index) {
            member.value = value;
        }
    }

    #[cold]
    fn has_twin(&self, text: &[u8], first: usize, new: Name) -> bool {
        let mut siblings = self.iter().skip(first).map(|member| member.name);
        let name = new.bytes_of(text);
        if self.any_escaped {
            let spells = |name| str::from_utf8(name).map(unescaped).into_iter().flatten();
            siblings.any(|sibling| spells(sibling.bytes_of(text)).eq(spells(name)))
        } else {
            siblings.any(|twin| twin.print == new.print && twin.bytes_of(text) == name)
        }
    }
}

impl Member {
    /// The name between its quotes, still escaped.
    pub(crate) fn name<'t>(&self, text: &'t str) -> &'t str {
        self.name.span.of(text)
    }

    /// The value.
    pub(crate) const fn value(self) -> Found {
        self.value
    }
}

impl Name {
    #[inline]
    pub(super) const fn new(print: Fingerprint, span: Span) -> Self {
        Self { print, span }
    }

    pub(super) fn bytes_of(self, text: &[u8]) -> &[u8] {
        self.span.bytes_of(text)
    }
}

impl Found {
    /// No value ends where a text begins.
    const NOTHING: Self = Self(0);

    #[inline]
    pub(super) const fn new(span: Span, kind: Kind) -> Self {
        Self(span.0 as u64 | (kind as u64) << 32)
    }

    #[inline]
    const fn is_there(self) -> bool {
        self.0 != 0
    }

    #[inline]
    const fn is(self, kind: Kind) -> bool {
        self.0 >> 32 == kind as u64
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the span is the lower half")]
    const fn span(self) -> Span {
        Span(self.0 as u32)
    }

    /// The text of it.
    #[inline]
    pub(crate) fn raw(self, text: &str) -> &str {
        self.span().of(text)
    }

    /// Whether it is a string that means what it is, without an escape.
    #[inline]
    pub(crate) const fn is_plain(self) -> bool {
        self.is(Kind::Plain)
    }

    /// What it says, if it is a string without an escape.
    #[inline]
    pub(crate) fn plain(self, text: &str) -> Option<&str> {
        let span = self.span();
        if self.is_plain() { text.get(span.start() + 1..span.end() - 1) } else { None }
    }

    /// What it says, if it is a string.
    pub(crate) fn string(self, text: &str) -> Option<Cow<'_, str>> {
        self.plain(text).map(Cow::Borrowed).or_else(|| string(self.raw(text)))
    }

    /// Whether it is a string.
    #[inline]
    pub(super) const fn is_string(self) -> bool {
        self.is(Kind::Plain) || self.is(Kind::Escaped)
    }

    /// Whether it is an array of nothing but strings.
    #[inline]
    pub(crate) const fn is_strings(self) -> bool {
        self.is(Kind::Strings)
    }

    /// The number, if it is ten digits and nothing else.
    #[inline]
    pub(crate) fn ten_digits(self, text: &str) -> Option<u64> {
        if !self.is(Kind::TenDigits) {
            return None;
        }
        text.as_bytes().get(self.span().start()..)?.first_chunk().map(ten_digits)
    }
}

impl Span {
    /// The longest text that spans can be of, in bytes.
    pub(super) const MAX: usize = u16::MAX as usize;

    /// A span of a text of at most [`Span::MAX`] bytes.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the text is not longer than that")]
    pub(super) const fn new(start: usize, end: usize) -> Self {
        Self(start as u32 | (end as u32) << 16)
    }

    #[inline]
    const fn start(self) -> usize {
        self.0 as usize & Self::MAX
    }

    #[inline]
    const fn end(self) -> usize {
        self.0 as usize >> 16
    }

    #[inline]
    fn of(self, text: &str) -> &str {
        text.get(self.start()..self.end()).unwrap_or_default()
    }

    fn bytes_of(self, text: &[u8]) -> &[u8] {
        text.get(self.start()..self.end()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;
    use crate::json::scan_object;

    /// An object with members of these names, all of value 0.
    fn object(names: impl IntoIterator<Item = String>) -> String {
        let mut text = String::from("{");
        for name in names {
            let comma = if text.len() > 1 { "," } else { "" };
            write!(text, r#"{comma}"{name}":0"#).unwrap();
        }
        text + "}"
    }

    #[test]
    fn a_twin_is_found_wherever_in_the_table_the_two_are() {
        for count in [2, INLINE_MEMBERS, INLINE_MEMBERS + 1, INLINE_MEMBERS + 2, MAX_MEMBERS] {
            for twin in 0..count - 1 {
                let names = (0..count - 1).chain([twin]).map(|number| format!("name{number}"));
                let found = scan_object(&object(names), &mut Members::new());
                assert!(
                    matches!(found, Err(JsonError::DuplicateMember { .. })),
                    "{twin} of {count}: {found:?}"
                );
            }
        }
    }

    #[test]
    fn every_member_is_found_wherever_in_the_table_it_is() {
        let mut members = Members::new();
        let text = object((0..MAX_MEMBERS).map(|number| format!("name{number}")));
        scan_object(&text, &mut members).unwrap();
        assert_eq!(members.iter().count(), MAX_MEMBERS);
        for number in 0..MAX_MEMBERS {
            assert_eq!(members.find(&text, &format!("name{number}")), Some("0"), "{number}");
        }
        assert_eq!(members.find(&text, "name"), None);
        let more = object((0..=MAX_MEMBERS).map(|number| format!("name{number}")));
        assert_eq!(scan_object(&more, &mut members), Err(JsonError::TooManyMembers));
    }

    #[test]
    fn names_of_nested_objects_make_room_for_those_that_follow() {
        let nested = object((0..MAX_MEMBERS - 2).map(|number| format!("name{number}")));
        let text = format!(r#"{{"a":{nested},"b":{nested},"name0":"x"}}"#);
        let mut members = Members::new();
        scan_object(&text, &mut members).unwrap();
        let names: Vec<&str> = members.iter().map(|member| member.name(&text)).collect();
        assert_eq!(names, ["a", "b", "name0"]);
        assert_eq!(members.find(&text, "b"), Some(nested.as_str()));
    }
}
