//! Where the members of an object are in its text.

use std::borrow::Cow;

use super::string::{string, unescaped};
use super::{JsonError, MAX_MEMBERS};

/// The members of the objects that a scan is inside of, outermost first; after it, of the object.
///
/// A bounded table: hostile input cannot make it grow past [`MAX_MEMBERS`].
pub(crate) struct Members {
    /// The values of the names that the reader knows, in the order in which it does.
    known: [Found; MAX_KNOWN],
    inline: [Member; INLINE_MEMBERS],
    /// Those that have no room in `inline`.
    spill: Vec<Member>,
    /// How many the last two hold.
    count: usize,
    /// How many of `known` are there.
    known_count: usize,
    /// Whether any name in them has an escape, so that equal names may be spelled differently.
    any_escaped: bool,
}

/// The most names that a reader can know in advance.
pub(super) const MAX_KNOWN: usize = 7;

/// As many as most objects have: clearing the table costs as much as scanning a few of them.
const INLINE_MEMBERS: usize = 16;

/// A member of a scanned object.
#[derive(Clone, Copy)]
pub(crate) struct Member {
    print: Fingerprint,
    name: Span,
    value: Found,
}

/// A value that was found.
#[derive(Clone, Copy)]
pub(crate) struct Found {
    span: Span,
    kind: Kind,
}

/// What a scan has seen a value to be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// A string that means what it is, without an escape.
    Plain,
    /// A string with escapes.
    Escaped,
    /// An array of nothing but strings, or of nothing.
    Strings,
    /// Anything else.
    Other,
}

/// A range of bytes of the scanned text.
#[derive(Clone, Copy)]
pub(super) struct Span {
    start: u16,
    end: u16,
}

/// The length and the first seven bytes of a name: names with different ones differ, and names of at
/// most seven bytes with the same one are the same.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(crate) struct Fingerprint(u64);

/// The names that an object has had so far, as bits: a clear bit means a new name.
#[derive(Clone, Copy)]
pub(super) struct SeenNames<const WORDS: usize>([u64; WORDS]);

impl Members {
    pub(crate) const fn new() -> Self {
        Self {
            known: [Found::NOTHING; MAX_KNOWN],
            inline: [Member::UNUSED; INLINE_MEMBERS],
            spill: Vec::new(),
            count: 0,
            known_count: 0,
            any_escaped: false,
        }
    }

    /// The value of a name that the reader knows, by its place.
    #[inline]
    pub(crate) fn known(&self, place: usize) -> Option<Found> {
        self.known.get(place).copied().filter(|found| found.is_there())
    }

    /// Every member of the object that was scanned, in its order, but for those that the reader knows.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Member> {
        let (inline, spill) = self.members();
        inline.iter().chain(spill)
    }

    /// The value of the member `name`, which is not one that the reader knows.
    #[inline]
    pub(crate) fn value(&self, text: &str, name: &str) -> Option<Found> {
        self.iter().find(|member| self.is_named(text, member, name)).map(Member::value)
    }

    /// The text of that value.
    pub(crate) fn find<'t>(&self, text: &'t str, name: &str) -> Option<&'t str> {
        self.value(text, name).map(|found| found.raw(text))
    }

    /// Whether a member is called `name`, however that is spelled.
    pub(crate) fn is_named(&self, text: &str, member: &Member, name: &str) -> bool {
        if self.any_escaped {
            unescaped(member.name.of(text)).eq(name.chars())
        } else {
            member.print == Fingerprint::of(name.as_bytes()) && member.name.of(text) == name
        }
    }

    /// Whether fingerprints are enough to know names by: not when some name is escaped.
    pub(crate) const fn has_plain_names(&self) -> bool {
        !self.any_escaped
    }

    pub(super) fn clear(&mut self) {
        self.known = [Found::NOTHING; MAX_KNOWN];
        self.spill.clear();
        self.count = 0;
        self.known_count = 0;
        self.any_escaped = false;
    }

    pub(super) const fn count(&self) -> usize {
        self.count
    }

    /// Forgets the members of an object that the scan has left.
    pub(super) fn truncate(&mut self, count: usize) {
        self.count = count;
        self.spill.truncate(count.saturating_sub(INLINE_MEMBERS));
    }

    /// Adds a member to the object whose first member has the index `first`; its index.
    #[inline]
    pub(super) fn push(
        &mut self,
        text: &[u8],
        first: usize,
        seen: &mut SeenNames<1>,
        name: Span,
        print: Fingerprint,
        is_escaped: bool,
    ) -> Result<usize, JsonError> {
        self.any_escaped |= is_escaped;
        let member = Member { print, name, value: Found::NOTHING };
        let may_be_known = seen.insert(print) || self.any_escaped;
        if may_be_known && self.has_twin(text, first, member) {
            return Err(JsonError::DuplicateMember { position: usize::from(name.end) });
        }
        let index = self.count;
        match self.inline.get_mut(index) {
            Some(free) => *free = member,
            None => self.spill(member)?,
        }
        self.count += 1;
        Ok(index)
    }

    #[cold]
    fn spill(&mut self, member: Member) -> Result<(), JsonError> {
        self.require_room()?;
        self.spill.push(member);
        Ok(())
    }

    fn require_room(&self) -> Result<(), JsonError> {
        if self.count + self.known_count < MAX_MEMBERS {
            Ok(())
        } else {
            Err(JsonError::TooManyMembers)
        }
    }

    /// Adds a member that the reader knows, whose name ends at `position`.
    #[inline]
    pub(super) fn push_known(&mut self, place: usize, position: usize) -> Result<(), JsonError> {
        if self.known(place).is_some() {
            return Err(JsonError::DuplicateMember { position });
        }
        self.require_room()?;
        self.known_count += 1;
        Ok(())
    }

    #[inline]
    pub(super) fn set_value(&mut self, index: usize, value: Found) {
        let member = match self.inline.get_mut(index) {
            Some(member) => Some(member),
            None => self.spill.get_mut(index.saturating_sub(INLINE_MEMBERS)),
        };
        if let Some(member) = member {
            member.value = value;
        }
    }

    #[inline]
    pub(super) fn set_known(&mut self, place: usize, value: Found) {
        if let Some(known) = self.known.get_mut(place) {
            *known = value;
        }
    }

    #[cold]
    fn has_twin(&self, text: &[u8], first: usize, new: Member) -> bool {
        let mut siblings = self.iter().skip(first);
        let name = new.name.bytes_of(text);
        if self.any_escaped {
            let spells = |name| str::from_utf8(name).map(unescaped).into_iter().flatten();
            siblings.any(|sibling| spells(sibling.name.bytes_of(text)).eq(spells(name)))
        } else {
            siblings.any(|twin| twin.print == new.print && twin.name.bytes_of(text) == name)
        }
    }

    fn members(&self) -> (&[Member], &[Member]) {
        let inline = self.inline.get(..self.count).unwrap_or(&self.inline);
        (inline, &self.spill)
    }
}

impl Member {
    const UNUSED: Self = Self { print: Fingerprint(0), name: Span::EMPTY, value: Found::NOTHING };

    /// The name between its quotes, still escaped.
    pub(crate) fn name<'t>(&self, text: &'t str) -> &'t str {
        self.name.of(text)
    }

    /// The value.
    pub(crate) const fn value(&self) -> Found {
        self.value
    }
}

impl Found {
    const NOTHING: Self = Self { span: Span::EMPTY, kind: Kind::Other };

    #[inline]
    pub(super) const fn new(span: Span, kind: Kind) -> Self {
        Self { span, kind }
    }

    /// No value ends where a text begins.
    const fn is_there(self) -> bool {
        self.span.end != 0
    }

    /// The text of it.
    #[inline]
    pub(crate) fn raw(self, text: &str) -> &str {
        self.span.of(text)
    }

    /// Whether it is a string that means what it is, without an escape.
    pub(crate) const fn is_plain(self) -> bool {
        matches!(self.kind, Kind::Plain)
    }

    /// What it says, if it is a string without an escape.
    #[inline]
    pub(crate) fn plain(self, text: &str) -> Option<&str> {
        let inner = Span { start: self.span.start + 1, end: self.span.end.saturating_sub(1) };
        self.is_plain().then(|| inner.of(text))
    }

    /// What it says, if it is a string.
    pub(crate) fn string(self, text: &str) -> Option<Cow<'_, str>> {
        self.plain(text).map(Cow::Borrowed).or_else(|| string(self.raw(text)))
    }

    /// Whether it is an array of nothing but strings.
    pub(crate) const fn is_strings(self) -> bool {
        matches!(self.kind, Kind::Strings)
    }
}

impl Span {
    const EMPTY: Self = Self { start: 0, end: 0 };

    /// The longest text that spans can be of, in bytes.
    pub(super) const MAX: usize = u16::MAX as usize;

    /// A span of a text of at most [`Span::MAX`] bytes.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the text is not longer than that")]
    pub(super) const fn new(start: usize, end: usize) -> Self {
        Self { start: start as u16, end: end as u16 }
    }

    #[inline]
    fn of(self, text: &str) -> &str {
        text.get(usize::from(self.start)..usize::from(self.end)).unwrap_or_default()
    }

    pub(super) fn bytes_of(self, text: &[u8]) -> &[u8] {
        text.get(usize::from(self.start)..usize::from(self.end)).unwrap_or_default()
    }
}

impl Fingerprint {
    /// Of a name that begins with these bytes, and may end before they do.
    #[inline]
    pub(super) const fn of_word(word: [u8; 8], length: usize) -> Self {
        let bytes = if length > 7 { 7 } else { length };
        let kept = u64::from_le_bytes(word) & ((1 << (8 * bytes)) - 1);
        let length = if length > 0xff { 0xff } else { length };
        Self(kept | (length as u64) << 56)
    }

    pub(crate) const fn of_three(name: [u8; 3]) -> Self {
        Self::of(&name)
    }

    #[inline]
    pub(crate) const fn of(name: &[u8]) -> Self {
        let word = match (name.first_chunk(), name.first_chunk(), name.last_chunk()) {
            (Some(word), _, _) => *word,
            (None, Some(first), Some(last)) => {
                // The two overlap, and agree where they do.
                let first = u32::from_le_bytes(*first) as u64;
                let last = u32::from_le_bytes(*last) as u64;
                (first | last << (8 * (name.len() - 4))).to_le_bytes()
            }
            _ => match name {
                [a, b, c] => [*a, *b, *c, 0, 0, 0, 0, 0],
                [a, b] => [*a, *b, 0, 0, 0, 0, 0, 0],
                [a] => [*a, 0, 0, 0, 0, 0, 0, 0],
                _ => [0; 8],
            },
        };
        Self::of_word(word, name.len())
    }

    /// One that the last bytes of the name are part of, for names that begin alike.
    #[inline]
    pub(super) fn with_end_of(name: &[u8]) -> Self {
        let end = name.last_chunk().map_or(0, |end| u64::from_le_bytes(*end));
        Self(Self::of(name).0 ^ end.rotate_left(29))
    }
}

impl<const WORDS: usize> SeenNames<WORDS> {
    /// Adds a name; whether it, or one with the same bit, was there already.
    pub(super) fn insert(&mut self, print: Fingerprint) -> bool {
        // Fibonacci hashing: the upper bits of the product depend on all of the name's.
        let hash = print.0.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 48;
        let (word, bit) = (hash as usize / 64 % WORDS, 1 << (hash % 64));
        let Some(word) = self.0.get_mut(word) else { return true };
        let was_set = *word & bit != 0;
        *word |= bit;
        was_set
    }
}

impl<const WORDS: usize> Default for SeenNames<WORDS> {
    fn default() -> Self {
        Self([0; WORDS])
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
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
    fn short_names_have_fingerprints_of_their_own_wherever_they_are_read() {
        let names = [
            "", "a", "b", "ab", "ba", "iss", "iat", "exp", "csrf", "idle", "roles", "scopes", "\0",
            "\0\0", "a\0", "\0a", "iss\0", "tenants",
        ];
        let prints: Vec<u64> = names.map(|name| Fingerprint::of(name.as_bytes()).0).into();
        assert_eq!(prints.iter().collect::<HashSet<_>>().len(), names.len());
        for (name, print) in names.iter().zip(prints) {
            let mut word = *b"########";
            word[..name.len()].copy_from_slice(name.as_bytes());
            assert_eq!(Fingerprint::of_word(word, name.len()).0, print, "{name:?}");
        }
        let long = |name: &str| Fingerprint::of(name.as_bytes());
        assert!(long("auth_time") == long("auth_time"));
        assert!(long("auth_time") != long("auth_times"));
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
