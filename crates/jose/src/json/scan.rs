//! One pass over a JSON text.

use std::marker::PhantomData;

use super::members::{Fingerprint, Found, Kind, SeenNames, Span};
use super::number::digits_in;
use super::string::{WORD, escape_len, first_mark, is_first_mark, is_mark, unescaped};
use super::{JsonError, MAX_DEPTH, Members};

/// Scans `text`, which must be one object, into `members`.
pub(crate) fn scan_object(text: &str, members: &mut Members) -> Result<(), JsonError> {
    scan_object_of::<NoNames>(text, members)
}

/// The same, with the values of the names that `N` has in their places.
pub(crate) fn scan_object_of<N: KnownNames>(
    text: &str,
    members: &mut Members,
) -> Result<(), JsonError> {
    members.clear();
    let text = text.as_bytes();
    if text.len() > Span::MAX {
        return Err(JsonError::TooLong);
    }
    let mut scanner = Scanner::<N> { text, members, error: None, names: PhantomData };
    match scanner.document() {
        Some(()) => Ok(()),
        None => Err(scanner.error.unwrap_or(JsonError::NotAnObject)),
    }
}

/// The names that a reader knows in advance.
pub(crate) trait KnownNames {
    /// At most [`MAX_KNOWN`](super::members::MAX_KNOWN).
    const NAMES: &'static [&'static str];

    /// The place in `NAMES` of a name without escapes.
    fn place(print: Fingerprint) -> Option<usize>;

    /// The same of a name of three letters, by its [`opening`].
    fn place_of_opening(opening: u64) -> Option<usize>;
}

/// A name of three letters with its quotes and its colon, as most members begin.
pub(crate) const fn opening(name: [u8; 3]) -> u64 {
    u64::from_le_bytes([b'"', name[0], name[1], name[2], b'"', b':', 0, 0])
}

const OPENING: usize = 6;

struct NoNames;

impl KnownNames for NoNames {
    const NAMES: &'static [&'static str] = &[];

    fn place(_: Fingerprint) -> Option<usize> {
        None
    }

    fn place_of_opening(_: u64) -> Option<usize> {
        None
    }
}

/// Each step takes the position that it begins at and returns the one that it ends at; it is `None`
/// when the text is refused, and `error` says why. So positions stay in registers, which makes the
/// scan twice as fast as one that keeps them in here.
struct Scanner<'t, 'm, N> {
    text: &'t [u8],
    members: &'m mut Members,
    error: Option<JsonError>,
    names: PhantomData<N>,
}

/// What an object leaves behind: its members stay in the table only when it is the outermost.
const OUTERMOST: usize = 1;

/// Where the value of a member goes.
enum Slot {
    Known(usize),
    Other(usize),
}

impl<N: KnownNames> Scanner<'_, '_, N> {
    fn document(&mut self) -> Option<()> {
        let start = skip_white_space(self.text, 0);
        if byte(self.text, start) != Some(b'{') {
            return self.refuse(JsonError::NotAnObject);
        }
        let end = self.object(start, OUTERMOST)?;
        let end = skip_white_space(self.text, end);
        if end == self.text.len() { Some(()) } else { self.unexpected(end) }
    }

    fn object(&mut self, at: usize, depth: usize) -> Option<usize> {
        self.require_depth(depth)?;
        let (text, first) = (self.text, self.members.count());
        let mut seen = SeenNames::default();
        let mut at = skip_white_space(text, at + 1);
        if byte(text, at) == Some(b'}') {
            return Some(at + 1);
        }
        loop {
            let (slot, start) = match self.known_opening(at, depth) {
                Some(place) => (self.known(place, at + 4), at + OPENING),
                None => self.any_name(at, depth, first, &mut seen)?,
            };
            let slot = match slot {
                Ok(slot) => slot,
                Err(error) => return self.refuse(error),
            };
            let start = skip_white_space(text, start);
            let (end, kind) = self.value(start, depth)?;
            let value = Found::new(Span::new(start, end), kind);
            match slot {
                Slot::Known(place) => self.members.set_known(place, value),
                Slot::Other(index) => self.members.set_value(index, value),
            }
            at = skip_white_space(text, end);
            match byte(text, at) {
                Some(b',') => at = skip_white_space(text, at + 1),
                Some(b'}') => break,
                _ => return self.unexpected(at),
            }
        }
        if depth > OUTERMOST {
            self.members.truncate(first);
        }
        Some(at + 1)
    }

    /// The place of the member that begins here, if the reader knows it and it begins as most do. One
    /// comparison is then enough for name, quotes and colon.
    #[inline]
    fn known_opening(&self, at: usize, depth: usize) -> Option<usize> {
        if depth > OUTERMOST {
            return None;
        }
        let word = u64::from_le_bytes(word(self.text, at)?);
        N::place_of_opening(word & (u64::MAX >> (8 * (WORD - OPENING))))
    }

    #[inline]
    fn known(&mut self, place: usize, position: usize) -> Result<Slot, JsonError> {
        self.members.push_known(place, position).map(|()| Slot::Known(place))
    }

    /// A name and a colon: where the value goes, and where the colon ends.
    #[inline]
    fn any_name(
        &mut self,
        at: usize,
        depth: usize,
        first: usize,
        seen: &mut SeenNames<1>,
    ) -> Option<(Result<Slot, JsonError>, usize)> {
        let (end, print, is_escaped) = self.name(at)?;
        let name = Span::new(at + 1, end - 1);
        let place = if depth > OUTERMOST {
            None
        } else if is_escaped {
            self.place_of_escaped(name)
        } else {
            N::place(print)
        };
        let slot = match place {
            Some(place) => self.known(place, end - 1),
            None => {
                self.members.push(self.text, first, seen, name, print, is_escaped).map(Slot::Other)
            }
        };
        let colon = skip_white_space(self.text, end);
        if slot.is_ok() && byte(self.text, colon) != Some(b':') {
            return self.unexpected(colon);
        }
        Some((slot, colon + 1))
    }

    #[cold]
    fn place_of_escaped(&self, name: Span) -> Option<usize> {
        let name = str::from_utf8(name.bytes_of(self.text)).ok()?;
        N::NAMES.iter().position(|known| unescaped(name).eq(known.chars()))
    }

    /// A string that is a name: where it ends, its fingerprint, and whether it has escapes.
    #[inline]
    fn name(&mut self, at: usize) -> Option<(usize, Fingerprint, bool)> {
        if byte(self.text, at) == Some(b'"')
            && let Some(word) = word(self.text, at + 1)
        {
            // Registered names have three letters. Where they end follows from a branch, which the
            // processor foresees, and not from a sum, which it would have to wait for.
            if is_first_mark(word, 3) && word[3] == b'"' {
                return Some((at + 5, Fingerprint::of_word(word, 3), false));
            }
            if let Some(length) = first_mark(word)
                && word.get(length) == Some(&b'"')
            {
                return Some((at + 2 + length, Fingerprint::of_word(word, length), false));
            }
        }
        let (end, is_escaped) = self.string(at)?;
        let name = self.text.get(at + 1..end - 1).unwrap_or_default();
        Some((end, Fingerprint::of(name), is_escaped))
    }

    /// A value of any type, and where it ends.
    #[expect(
        clippy::inline_always,
        reason = "a call for each member takes longer than most values"
    )]
    #[inline(always)]
    fn value(&mut self, at: usize, depth: usize) -> Option<(usize, Kind)> {
        let text = self.text;
        match byte(text, at) {
            Some(b'"') => {
                let end = mark(text, at + 1);
                if byte(text, end) == Some(b'"') {
                    return Some((end + 1, Kind::Plain));
                }
                self.escaped(end).map(|end| (end, Kind::Escaped))
            }
            Some(b'1'..=b'9') => {
                // Dates have ten digits; see `name`.
                let is_date = is_run_of_digits(text, at, 10);
                let end = if is_date { at + 10 } else { skip_digits(text, at + 1) };
                match byte(text, end) {
                    Some(b'.' | b'e' | b'E') => self.number(at).map(|end| (end, Kind::Other)),
                    _ => Some((end, Kind::Other)),
                }
            }
            Some(b'[') => self.array(at, depth + 1),
            _ => self.other_value(at, depth).map(|end| (end, Kind::Other)),
        }
    }

    fn other_value(&mut self, at: usize, depth: usize) -> Option<usize> {
        match byte(self.text, at) {
            Some(b'-' | b'0'..=b'9') => self.number(at),
            Some(b'{') => self.object(at, depth + 1),
            Some(b't') => self.literal(at, b"true"),
            Some(b'f') => self.literal(at, b"false"),
            Some(b'n') => self.literal(at, b"null"),
            _ => self.unexpected(at),
        }
    }

    fn array(&mut self, at: usize, depth: usize) -> Option<(usize, Kind)> {
        self.require_depth(depth)?;
        let text = self.text;
        let mut at = skip_white_space(text, at + 1);
        let mut kind = Kind::Strings;
        if byte(text, at) == Some(b']') {
            return Some((at + 1, kind));
        }
        loop {
            let (end, element) = self.value(at, depth)?;
            if !matches!(element, Kind::Plain | Kind::Escaped) {
                kind = Kind::Other;
            }
            at = skip_white_space(text, end);
            match byte(text, at) {
                Some(b',') => at = skip_white_space(text, at + 1),
                Some(b']') => return Some((at + 1, kind)),
                _ => return self.unexpected(at),
            }
        }
    }

    /// A string: where it ends, and whether it has escapes.
    fn string(&mut self, at: usize) -> Option<(usize, bool)> {
        if byte(self.text, at) != Some(b'"') {
            return self.unexpected(at);
        }
        let end = mark(self.text, at + 1);
        if byte(self.text, end) == Some(b'"') {
            return Some((end + 1, false));
        }
        self.escaped(end).map(|end| (end, true))
    }

    /// The rest of a string, from its first byte on that is not plain.
    fn escaped(&mut self, at: usize) -> Option<usize> {
        let mut at = at;
        loop {
            match byte(self.text, at) {
                Some(b'"') => return Some(at + 1),
                Some(b'\\') => match escape_len(rest(self.text, at + 1)) {
                    Some(length) => at = mark(self.text, at + 1 + length),
                    None => return self.unexpected(at + 1),
                },
                _ => return self.unexpected(at),
            }
        }
    }

    fn number(&mut self, at: usize) -> Option<usize> {
        let text = self.text;
        let at = at + usize::from(byte(text, at) == Some(b'-'));
        let mut at = if byte(text, at) == Some(b'0') { at + 1 } else { self.digits(at)? };
        if byte(text, at) == Some(b'.') {
            at = self.digits(at + 1)?;
        }
        if let Some(b'e' | b'E') = byte(text, at) {
            let is_signed = matches!(byte(text, at + 1), Some(b'+' | b'-'));
            at = self.digits(at + 1 + usize::from(is_signed))?;
        }
        Some(at)
    }

    /// One digit or more.
    fn digits(&mut self, at: usize) -> Option<usize> {
        let end = skip_digits(self.text, at);
        if end == at { self.unexpected(at) } else { Some(end) }
    }

    fn literal(&mut self, at: usize, literal: &[u8]) -> Option<usize> {
        let is_it = rest(self.text, at).starts_with(literal);
        if is_it { Some(at + literal.len()) } else { self.unexpected(at) }
    }

    #[inline]
    fn require_depth(&mut self, depth: usize) -> Option<()> {
        if depth > MAX_DEPTH { self.refuse(JsonError::TooDeep) } else { Some(()) }
    }

    #[cold]
    fn unexpected<T>(&mut self, position: usize) -> Option<T> {
        self.refuse(JsonError::Syntax { position })
    }

    #[cold]
    fn refuse<T>(&mut self, error: JsonError) -> Option<T> {
        self.error = Some(error);
        None
    }
}

/// Where the first byte is, at `at` or after it, that ends a string or needs an escape in one.
#[inline]
fn mark(text: &[u8], at: usize) -> usize {
    let mut at = at;
    while let Some(word) = word(text, at) {
        if let Some(mark) = first_mark(word) {
            return at + mark;
        }
        at += WORD;
    }
    at + rest(text, at).iter().take_while(|byte| !is_mark(**byte)).count()
}

/// Whether there are as many digits as `count`, 8 to 15, and no more.
#[inline]
fn is_run_of_digits(text: &[u8], at: usize, count: usize) -> bool {
    let all = |word: [u8; WORD]| digits_in(word) == WORD;
    word(text, at).is_some_and(all)
        && word(text, at + count - WORD).is_some_and(all)
        && !byte(text, at + count).is_some_and(|byte| byte.is_ascii_digit())
}

#[inline]
fn skip_digits(text: &[u8], at: usize) -> usize {
    let mut at = at;
    while let Some(word) = word(text, at) {
        let count = digits_in(word);
        at += count;
        if count < WORD {
            return at;
        }
    }
    at + rest(text, at).iter().take_while(|byte| byte.is_ascii_digit()).count()
}

#[inline]
fn skip_white_space(text: &[u8], at: usize) -> usize {
    let mut at = at;
    // Nearly always there is none, and one comparison says so.
    while let Some(0..=b' ') = byte(text, at) {
        let Some(b' ' | b'\t' | b'\n' | b'\r') = byte(text, at) else { return at };
        at += 1;
    }
    at
}

#[inline]
fn byte(text: &[u8], at: usize) -> Option<u8> {
    text.get(at).copied()
}

#[inline]
fn word(text: &[u8], at: usize) -> Option<[u8; WORD]> {
    text.get(at..)?.first_chunk().copied()
}

#[inline]
fn rest(text: &[u8], at: usize) -> &[u8] {
    text.get(at..).unwrap_or_default()
}
