//! Strings of RFC 8259 §7.

use std::borrow::Cow;

/// The string that the JSON value `raw` is; `None` when it is of another type.
///
/// `raw` was scanned. Only a string with escapes is copied.
pub(crate) fn string(raw: &str) -> Option<Cow<'_, str>> {
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    Some(unescape(inner))
}

/// The text of a scanned string without its quotes.
pub(crate) fn unescape(inner: &str) -> Cow<'_, str> {
    if inner.contains('\\') { Cow::Owned(unescaped(inner).collect()) } else { Cow::Borrowed(inner) }
}

/// The characters of a scanned string without its quotes.
///
/// A broken escape, which the scan lets nobody see, reads as U+FFFD.
pub(super) fn unescaped(inner: &str) -> impl Iterator<Item = char> + '_ {
    Unescaped { rest: inner.chars() }
}

struct Unescaped<'t> {
    rest: std::str::Chars<'t>,
}

impl Iterator for Unescaped<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        let first = self.rest.next()?;
        if first != '\\' {
            return Some(first);
        }
        let length = escape_len(self.rest.as_str().as_bytes());
        let escape = self.rest.as_str().get(..length.unwrap_or_default()).unwrap_or_default();
        self.rest = self.rest.as_str().get(escape.len()..).unwrap_or_default().chars();
        Some(character(escape.as_bytes()).unwrap_or(char::REPLACEMENT_CHARACTER))
    }
}

/// How many bytes the escape at the front of `text` has after its backslash.
///
/// `None` for an escape that RFC 8259 does not have, and for a surrogate without its other half,
/// which is no character.
pub(super) fn escape_len(text: &[u8]) -> Option<usize> {
    match text.first()? {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(1),
        b'u' => match code_unit(text.get(1..5)?)? {
            0xd800..=0xdbff => {
                let low = text.get(5..11)?.strip_prefix(b"\\u")?;
                matches!(code_unit(low)?, 0xdc00..=0xdfff).then_some(11)
            }
            0xdc00..=0xdfff => None,
            _ => Some(5),
        },
        _ => None,
    }
}

/// The character of an escape without its backslash, as [`escape_len`] measured it.
fn character(escape: &[u8]) -> Option<char> {
    match escape.first()? {
        b'b' => Some('\u{8}'),
        b'f' => Some('\u{c}'),
        b'n' => Some('\n'),
        b'r' => Some('\r'),
        b't' => Some('\t'),
        b'u' => {
            let first = code_unit(escape.get(1..5)?)?;
            match escape.get(7..11) {
                None => char::from_u32(first),
                Some(low) => {
                    let low = code_unit(low)?;
                    char::from_u32(0x1_0000 + ((first & 0x3ff) << 10) + (low & 0x3ff))
                }
            }
        }
        other => Some(char::from(*other)),
    }
}

fn code_unit(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |unit, digit| Some(unit << 4 | char::from(*digit).to_digit(16)?))
}
