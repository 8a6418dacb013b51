//! The distinguished encoding rules (X.690 §10), as far as keys need them.

use super::PemError;

pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const INTEGER: u8 = 0x02;
pub(super) const NULL: u8 = 0x05;
pub(super) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const SEQUENCE: u8 = 0x30;

/// Reads one value after the other.
#[derive(Clone, Copy)]
pub(super) struct Reader<'d> {
    rest: &'d [u8],
}

impl<'d> Reader<'d> {
    /// The content of the one value that `der` is.
    pub(super) fn whole(der: &'d [u8], tag: u8) -> Result<&'d [u8], PemError> {
        let mut reader = Self { rest: der };
        let content = reader.value(tag)?;
        reader.end()?;
        Ok(content)
    }

    /// The values inside of the one sequence that `der` is.
    pub(super) fn of_sequence(der: &'d [u8]) -> Result<Self, PemError> {
        Ok(Self { rest: Self::whole(der, SEQUENCE)? })
    }

    /// The values inside of the next value, which is a sequence.
    pub(super) fn sequence(&mut self) -> Result<Self, PemError> {
        Ok(Self { rest: self.value(SEQUENCE)? })
    }

    /// The content of the next value, which has that tag.
    pub(super) fn value(&mut self, tag: u8) -> Result<&'d [u8], PemError> {
        self.optional(tag)?.ok_or(PemError::Der)
    }

    /// The content of the next value, if it has that tag.
    pub(super) fn optional(&mut self, tag: u8) -> Result<Option<&'d [u8]>, PemError> {
        let Some((_, rest)) = self.rest.split_first().filter(|(first, _)| **first == tag) else {
            return Ok(None);
        };
        let (length, rest) = length(rest).ok_or(PemError::Der)?;
        let (content, rest) = rest.split_at_checked(length).ok_or(PemError::Der)?;
        self.rest = rest;
        Ok(Some(content))
    }

    /// The next value, a non-negative integer, big-endian without leading zeros.
    pub(super) fn unsigned(&mut self) -> Result<&'d [u8], PemError> {
        match self.value(INTEGER)? {
            [0] => Ok(&[]),
            // One zero byte keeps a number positive; any other is superfluous.
            [0, magnitude @ ..] if magnitude.first().is_some_and(|first| *first >= 0x80) => {
                Ok(magnitude)
            }
            magnitude if magnitude.first().is_some_and(|first| (1..0x80).contains(first)) => {
                Ok(magnitude)
            }
            _ => Err(PemError::Der),
        }
    }

    /// The bytes of the next value, a bit string of whole bytes.
    pub(super) fn bit_string(&mut self) -> Result<&'d [u8], PemError> {
        whole_bytes(self.value(BIT_STRING)?)
    }

    /// Refuses what is left.
    pub(super) fn end(self) -> Result<(), PemError> {
        if self.rest.is_empty() { Ok(()) } else { Err(PemError::Der) }
    }
}

/// The bytes of a bit string that leaves no bit of them unused.
pub(super) fn whole_bytes(content: &[u8]) -> Result<&[u8], PemError> {
    match content {
        [0, bytes @ ..] => Ok(bytes),
        _ => Err(PemError::Der),
    }
}

/// A length in its shortest form (X.690 §10.1), of at most two bytes, and what is after it.
fn length(text: &[u8]) -> Option<(usize, &[u8])> {
    match text {
        [short, rest @ ..] if *short < 0x80 => Some((usize::from(*short), rest)),
        [0x81, length, rest @ ..] if *length >= 0x80 => Some((usize::from(*length), rest)),
        [0x82, high, low, rest @ ..] if *high > 0 => {
            Some((usize::from(u16::from_be_bytes([*high, *low])), rest))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unsigned(der: &[u8]) -> Result<&[u8], PemError> {
        Reader { rest: der }.unsigned()
    }

    #[test]
    fn a_length_that_is_not_the_shortest_is_refused() {
        for der in [&[4, 0x81, 1, 0][..], &[4, 0x82, 0, 1, 0], &[4, 0x83, 0, 0, 1, 0], &[4, 0x80]] {
            assert_eq!(Reader::whole(der, OCTET_STRING), Err(PemError::Der), "{der:x?}");
        }
    }

    #[test]
    fn a_length_that_exceeds_what_is_there_is_refused() {
        for der in [&[4][..], &[4, 1], &[4, 0x81], &[4, 0x82, 1], &[4, 0x82, 0xff, 0xff, 0], &[]] {
            assert_eq!(Reader::whole(der, OCTET_STRING), Err(PemError::Der), "{der:x?}");
        }
    }

    #[test]
    fn what_comes_after_the_value_is_refused() {
        assert_eq!(Reader::whole(&[4, 1, 7], OCTET_STRING), Ok(&[7][..]));
        assert_eq!(Reader::whole(&[4, 1, 7, 0], OCTET_STRING), Err(PemError::Der));
    }

    #[test]
    fn an_integer_has_one_encoding() {
        assert_eq!(unsigned(&[2, 1, 0]), Ok(&[][..]));
        assert_eq!(unsigned(&[2, 1, 1]), Ok(&[1][..]));
        assert_eq!(unsigned(&[2, 2, 0, 0x80]), Ok(&[0x80][..]));
        for der in [&[2, 0][..], &[2, 1, 0x80], &[2, 2, 0, 0x7f], &[2, 2, 0, 0], &[2, 2, 0xff, 0]] {
            assert_eq!(unsigned(der), Err(PemError::Der), "{der:x?}");
        }
    }

    #[test]
    fn a_bit_string_is_of_whole_bytes() {
        assert_eq!(Reader { rest: &[3, 2, 0, 7] }.bit_string(), Ok(&[7][..]));
        for der in [&[3, 0][..], &[3, 2, 1, 6], &[3, 2, 8, 0]] {
            assert_eq!(Reader { rest: der }.bit_string(), Err(PemError::Der), "{der:x?}");
        }
    }
}
