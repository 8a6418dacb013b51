//! One pass over a JSON text.

use super::fingerprint::{Fingerprint, SeenNames};
use super::members::{Found, Kind, Name, Span};
use super::number::{are_digits, digits_in};
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
    let mut scanner = Scanner { text, members, error: None };
    match scanner.document::<N>() {
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

/// Each step takes the text from where it begins and returns the text from where it ends; it is `None`
/// when the text is refused, and `error` says why. So both stay in registers, and what a step has
/// looked at needs no second check against the end.
struct Scanner<'t, 'm> {
    text: &'t [u8],
    members: &'m mut Members,
    error: Option<JsonError>,
}

/// What an object leaves behind: its members stay in the table only when it is the outermost.
const OUTERMOST: usize = 1;

impl<'t> Scanner<'t, '_> {
    fn document<N: KnownNames>(&mut self) -> Option<()> {
        let [b'{', rest @ ..] = skip_white_space(self.text) else {
            return self.refuse(JsonError::NotAnObject);
        };
        let rest = self.object::<N>(rest, OUTERMOST)?;
        if self.members.are_too_many() {
            return self.refuse(JsonError::TooManyMembers);
        }
        match skip_white_space(rest) {
            [] => Some(()),
            rest => self.unexpected(rest),
        }
    }

    /// An object from behind its brace. Only of the outermost does the reader know names.
    ///
    /// White space is looked for only where something else was expected: nearly always there is none.
    // As a part of its caller it would have fewer registers.
    #[inline(never)]
    fn object<N: KnownNames>(&mut self, rest: &'t [u8], depth: usize) -> Option<&'t [u8]> {
        self.require_depth(depth)?;
        if let [b'}', rest @ ..] = skip_white_space(rest) {
            return Some(rest);
        }
        let (first, mut seen) = (self.members.count(), SeenNames::default());
        let mut rest = rest;
        loop {
            let (place, value) = match known_opening::<N>(rest) {
                Some((place, value)) => (self.members.push_known(place, self.at(value) - 2), value),
                None => self.any_name::<N>(skip_white_space(rest), first, &mut seen)?,
            };
            let place = match place {
                Ok(place) => place,
                Err(error) => return self.refuse(error),
            };
            let (end, value) = self.value(value, depth)?;
            self.members.set_value(place, value);
            rest = match self.separator(end, b'}')? {
                (b',', rest) => rest,
                (_, rest) => {
                    if depth > OUTERMOST {
                        self.members.truncate(first);
                    }
                    return Some(rest);
                }
            };
        }
    }

    /// A comma or what `closes`, and the text behind it.
    #[inline]
    fn separator(&mut self, rest: &'t [u8], closes: u8) -> Option<(u8, &'t [u8])> {
        if let [b',', rest @ ..] = rest {
            return Some((b',', rest));
        }
        match skip_white_space(rest) {
            [byte, rest @ ..] if *byte == b',' || *byte == closes => Some((*byte, rest)),
            rest => self.unexpected(rest),
        }
    }

    /// A name and a colon: where the value goes, and the text behind the colon.
    #[inline]
    fn any_name<N: KnownNames>(
        &mut self,
        rest: &'t [u8],
        first: usize,
        seen: &mut SeenNames<1>,
    ) -> Option<(Result<usize, JsonError>, &'t [u8])> {
        let (behind, print, is_escaped) = self.name(rest)?;
        let (start, end) = (self.at(rest) + 1, self.at(behind) - 1);
        let name = Name::new(print, Span::new(start, end));
        let known = if is_escaped { self.place_of_escaped::<N>(name) } else { N::place(print) };
        let place = match known {
            Some(known) => self.members.push_known(known, end),
            None => self.members.push(self.text, first, seen, name, is_escaped),
        };
        match skip_white_space(behind) {
            [b':', value @ ..] => Some((place, value)),
            rest if place.is_ok() => self.unexpected(rest),
            rest => Some((place, rest)),
        }
    }

    #[cold]
    fn place_of_escaped<N: KnownNames>(&self, name: Name) -> Option<usize> {
        let name = str::from_utf8(name.bytes_of(self.text)).ok()?;
        N::NAMES.iter().position(|known| unescaped(name).eq(known.chars()))
    }

    /// A string that is a name: the text behind it, its fingerprint, and whether it has escapes.
    #[inline]
    fn name(&mut self, rest: &'t [u8]) -> Option<(&'t [u8], Fingerprint, bool)> {
        let [b'"', inner @ ..] = rest else { return self.unexpected(rest) };
        if let Some(word) = inner.first_chunk() {
            // Registered names have three letters. Where they end follows from a branch, which the
            // processor foresees, and not from a sum, which it would have to wait for.
            if is_first_mark(*word, 3) && word[3] == b'"' {
                return Some((inner.get(4..)?, Fingerprint::of_word(*word, 3), false));
            }
            if let Some(length) = first_mark(*word)
                && word.get(length) == Some(&b'"')
            {
                return Some((
                    inner.get(length + 1..)?,
                    Fingerprint::of_word(*word, length),
                    false,
                ));
            }
        }
        self.long_name(inner)
    }

    /// The same from behind the first quote, for a name of any length.
    #[inline(never)]
    fn long_name(&mut self, inner: &'t [u8]) -> Option<(&'t [u8], Fingerprint, bool)> {
        let (rest, is_escaped) = match skip_plain(inner) {
            [b'"', rest @ ..] => (rest, false),
            rest => (self.escaped(rest)?, true),
        };
        let name = inner.get(..inner.len() - rest.len() - 1).unwrap_or_default();
        Some((rest, Fingerprint::of(name), is_escaped))
    }

    /// A value of any type, and the text behind it.
    #[expect(
        clippy::inline_always,
        reason = "a call for each member takes longer than most values"
    )]
    #[inline(always)]
    fn value(&mut self, rest: &'t [u8], depth: usize) -> Option<(&'t [u8], Found)> {
        let (end, kind) = match rest {
            [b'"', inner @ ..] => match skip_plain(inner) {
                [b'"', end @ ..] => (end, Kind::Plain),
                other => (self.escaped(other)?, Kind::Escaped),
            },
            [b'1'..=b'9', ..] => match rest.split_first_chunk() {
                // As nearly every date ends. Where it does follows from a branch; see `name`.
                Some((date, end @ [b',' | b'}', ..])) if are_digits(date) => (end, Kind::TenDigits),
                _ => (self.number(rest)?, Kind::Other),
            },
            [b'[', inner @ ..] => self.array(inner, depth + 1)?,
            [b' ' | b'\t' | b'\n' | b'\r', ..] => return self.spaced_value(rest, depth),
            _ => (self.other_value(rest, depth)?, Kind::Other),
        };
        Some((end, Found::new(Span::new(self.at(rest), self.at(end)), kind)))
    }

    /// A value with white space before it.
    #[cold]
    fn spaced_value(&mut self, rest: &'t [u8], depth: usize) -> Option<(&'t [u8], Found)> {
        self.value(skip_white_space(rest), depth)
    }

    fn other_value(&mut self, rest: &'t [u8], depth: usize) -> Option<&'t [u8]> {
        match rest {
            [b'-' | b'0', ..] => self.number(rest),
            [b'{', inner @ ..] => self.object::<NoNames>(inner, depth + 1),
            _ => {
                let mut literals = [&b"true"[..], b"false", b"null"].into_iter();
                match literals.find_map(|literal| rest.strip_prefix(literal)) {
                    Some(rest) => Some(rest),
                    None => self.unexpected(rest),
                }
            }
        }
    }

    /// An array from behind its bracket, and what it is an array of.
    fn array(&mut self, rest: &'t [u8], depth: usize) -> Option<(&'t [u8], Kind)> {
        self.require_depth(depth)?;
        let mut kind = Kind::Strings;
        if let [b']', rest @ ..] = skip_white_space(rest) {
            return Some((rest, kind));
        }
        let mut rest = rest;
        loop {
            let (end, element) = self.value(rest, depth)?;
            if !element.is_string() {
                kind = Kind::Other;
            }
            rest = match self.separator(end, b']')? {
                (b',', rest) => rest,
                (_, rest) => return Some((rest, kind)),
            };
        }
    }

    /// The rest of a string, from its first byte on that is not plain.
    fn escaped(&mut self, rest: &'t [u8]) -> Option<&'t [u8]> {
        let mut rest = rest;
        loop {
            match rest {
                [b'"', rest @ ..] => return Some(rest),
                [b'\\', escape @ ..] => match escape_len(escape) {
                    Some(length) => rest = skip_plain(escape.get(length..).unwrap_or_default()),
                    None => return self.unexpected(escape),
                },
                _ => return self.unexpected(rest),
            }
        }
    }

    fn number(&mut self, rest: &'t [u8]) -> Option<&'t [u8]> {
        let rest = rest.strip_prefix(b"-").unwrap_or(rest);
        let rest = match rest {
            [b'0', rest @ ..] => rest,
            _ => self.digits(rest)?,
        };
        let rest = match rest {
            [b'.', fraction @ ..] => self.digits(fraction)?,
            _ => rest,
        };
        match rest {
            [b'e' | b'E', b'+' | b'-', exponent @ ..] | [b'e' | b'E', exponent @ ..] => {
                self.digits(exponent)
            }
            _ => Some(rest),
        }
    }

    /// One digit or more.
    fn digits(&mut self, rest: &'t [u8]) -> Option<&'t [u8]> {
        let end = skip_digits(rest);
        if end.len() == rest.len() { self.unexpected(rest) } else { Some(end) }
    }

    /// Where the rest of the text begins.
    #[inline]
    const fn at(&self, rest: &[u8]) -> usize {
        self.text.len() - rest.len()
    }

    #[inline]
    fn require_depth(&mut self, depth: usize) -> Option<()> {
        if depth > MAX_DEPTH { self.refuse(JsonError::TooDeep) } else { Some(()) }
    }

    #[cold]
    fn unexpected<T>(&mut self, rest: &[u8]) -> Option<T> {
        self.refuse(JsonError::Syntax { position: self.at(rest) })
    }

    #[cold]
    fn refuse<T>(&mut self, error: JsonError) -> Option<T> {
        self.error = Some(error);
        None
    }
}

/// The place of the member that begins here, if the reader knows it and it begins as most do. One
/// comparison is then enough for name, quotes and colon.
#[inline]
fn known_opening<N: KnownNames>(rest: &[u8]) -> Option<(usize, &[u8])> {
    let word = u64::from_le_bytes(*rest.first_chunk()?);
    let place = N::place_of_opening(word & (u64::MAX >> (8 * (WORD - OPENING))))?;
    Some((place, rest.get(OPENING..)?))
}

/// The text from the first byte on that ends a string or needs an escape in one.
#[inline]
fn skip_plain(text: &[u8]) -> &[u8] {
    let mut rest = text;
    while let Some((word, behind)) = rest.split_first_chunk() {
        if let Some(mark) = first_mark(*word) {
            return rest.get(mark..).unwrap_or_default();
        }
        rest = behind;
    }
    let plain = rest.iter().take_while(|byte| !is_mark(**byte)).count();
    rest.get(plain..).unwrap_or_default()
}

#[inline]
fn skip_digits(text: &[u8]) -> &[u8] {
    let mut rest = text;
    while let Some((word, behind)) = rest.split_first_chunk() {
        match digits_in(*word) {
            WORD => rest = behind,
            count => return rest.get(count..).unwrap_or_default(),
        }
    }
    let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    rest.get(count..).unwrap_or_default()
}

#[inline]
fn skip_white_space(text: &[u8]) -> &[u8] {
    let mut rest = text;
    while let [b' ' | b'\t' | b'\n' | b'\r', behind @ ..] = rest {
        rest = behind;
    }
    rest
}
