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
    if plain_len(inner.as_bytes()) == inner.len() {
        return Cow::Borrowed(inner);
    }
    Cow::Owned(unescaped(inner).collect())
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

/// How many bytes of `text` come before the first that ends a string or needs an escape in one: a
/// quote, a backslash or a control character.
#[inline]
pub(super) fn plain_len(text: &[u8]) -> usize {
    let (words, tail) = text.as_chunks();
    for (index, word) in words.iter().enumerate() {
        if let Some(mark) = first_mark(*word) {
            return index * WORD + mark;
        }
    }
    let rest = tail.iter().position(|byte| is_mark(*byte));
    words.len() * WORD + rest.unwrap_or(tail.len())
}

/// Whether `text` is a string without any escape.
///
/// The last word, or half of one, may overlap what comes before it.
#[expect(clippy::inline_always, reason = "of a constant nothing is left to be done")]
#[inline(always)]
pub(super) fn is_plain(text: &[u8]) -> bool {
    if let Some(last) = text.last_chunk() {
        let (words, _) = text.as_chunks();
        return words.iter().fold(marks(*last), |all, word| all | marks(*word)) == 0;
    }
    if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
        let (first, last) = (u32::from_le_bytes(*first), u32::from_le_bytes(*last));
        return marks((u64::from(first) | u64::from(last) << 32).to_le_bytes()) == 0;
    }
    !text.iter().any(|byte| is_mark(*byte))
}

#[inline]
pub(super) const fn is_mark(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\' | 0..=0x1f)
}

/// Bytes that are looked at together.
pub(super) const WORD: usize = 8;

/// Where in the word the first byte is that is a quote, a backslash or a control character.
#[inline]
pub(super) const fn first_mark(word: [u8; WORD]) -> Option<usize> {
    let marks = marks(word);
    if marks == 0 { None } else { Some(marks.trailing_zeros() as usize / WORD) }
}

/// Whether that is the byte at `index`, and no byte before it.
#[inline]
pub(super) const fn is_first_mark(word: [u8; WORD], index: usize) -> bool {
    let up_to = u64::MAX >> (8 * (WORD - 1 - index));
    marks(word) & up_to == 0x80 << (8 * index)
}

/// The high bit of every byte that is one of them. Only the lowest is exact, since a borrow runs
/// upwards.
#[inline]
const fn marks(word: [u8; WORD]) -> u64 {
    const TWOS: u64 = u64::from_le_bytes([0x02; WORD]);
    const ABOVE_SPACES: u64 = u64::from_le_bytes([b' ' + 1; WORD]);
    const BACKSLASHES: u64 = u64::from_le_bytes([b'\\'; WORD]);
    const ONES: u64 = u64::from_le_bytes([0x01; WORD]);
    const HIGH_BITS: u64 = u64::from_le_bytes([0x80; WORD]);
    let word = u64::from_le_bytes(word);
    // With this bit turned a quote is a space, and control characters are still below one.
    let low = word ^ TWOS;
    let backslashes = word ^ BACKSLASHES;
    (low.wrapping_sub(ABOVE_SPACES) & !low | backslashes.wrapping_sub(ONES) & !backslashes)
        & HIGH_BITS
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_run_ends_at_the_first_byte_that_is_not_plain() {
        for length in 0..40 {
            for end in 0..length {
                for byte in 0..=u8::MAX {
                    // Whatever follows must not matter, and neither must what is alike but plain.
                    let mut text = vec![b'"'; length];
                    text[..end].fill(b'!');
                    text[end] = byte;
                    let ends = matches!(byte, b'"' | b'\\' | 0..=0x1f);
                    let expected = if ends { end } else { (end + 1).min(length) };
                    assert_eq!(plain_len(&text), expected, "{byte:#x} at {end} of {length}");
                    assert_eq!(is_plain(&text[..=end]), !ends, "{byte:#x} after {end} others");
                }
            }
        }
        assert_eq!(plain_len("zażółć gęślą jaźń, \u{7f}\u{80}".as_bytes()), 31);
        assert_eq!(plain_len(b""), 0);
    }
}
