//! Numbers of RFC 8259 §6 as whole seconds.

/// What a scanned number is as a `NumericDate` of RFC 7519 §2.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Seconds {
    /// The number, rounded up to a whole second.
    ///
    /// Against a clock of whole seconds this loses nothing: `now >= 100.5` and `now >= 101` are the
    /// same question.
    Whole(u64),
    /// Negative, or after the year 9999: no date that a token can mean.
    OutOfRange,
}

/// The seconds of the JSON value `raw`; `None` when it is not a number.
///
/// `raw` was scanned. Digits and exponents of any size are read without overflow, and exactly: no
/// floating point.
pub(crate) fn seconds(raw: &str) -> Option<Seconds> {
    if let Some(seconds) = plain_digits(raw.as_bytes()) {
        return Some(Seconds::Whole(seconds));
    }
    let first = *raw.as_bytes().first()?;
    if first == b'-' {
        return Some(Seconds::OutOfRange);
    }
    if !first.is_ascii_digit() {
        return None;
    }
    let (mantissa, exponent) = raw.split_once(['e', 'E']).unwrap_or((raw, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = || whole.bytes().chain(fraction.bytes()).map(|digit| u64::from(digit - b'0'));
    if digits().all(|digit| digit == 0) {
        return Some(Seconds::Whole(0));
    }
    let point = i64::try_from(whole.len()).ok()?.saturating_add(saturating_exponent(exponent));
    Some(round_up(digits(), point))
}

/// The number that `raw` is when it is nothing but digits, too few of them to be out of range: what
/// nearly every date is.
#[inline]
pub(crate) fn plain_digits(raw: &[u8]) -> Option<u64> {
    if raw.is_empty() || raw.len() > 11 {
        return None;
    }
    let (first, rest) = match raw.split_first_chunk() {
        Some((first, rest)) => (eight_digits(*first)?, rest),
        None => (0, raw),
    };
    let mut number = first;
    for byte in rest {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = number * 10 + u64::from(digit);
    }
    Some(number)
}

/// The number that eight digits are, if that is what they are.
fn eight_digits(word: [u8; 8]) -> Option<u64> {
    if digits_in(word) < 8 { None } else { Some(value_of_eight(word)) }
}

/// The number that ten digits are.
#[inline]
pub(super) fn ten_digits(digits: &[u8; 10]) -> u64 {
    let [first @ .., tens, ones] = *digits;
    let last = u64::from(tens) * 10 + u64::from(ones) - 11 * u64::from(b'0');
    value_of_eight(first) * 100 + last
}

/// Digits to pairs, pairs to fours, fours to the whole.
#[inline]
const fn value_of_eight(digits: [u8; 8]) -> u64 {
    const EVERY_OTHER_PAIR: u64 = 0x0000_00ff_0000_00ff;
    const MILLIONS_AND_HUNDREDS: u64 = (1_000_000 << 32) + 100;
    const TEN_THOUSANDS_AND_ONES: u64 = (10_000 << 32) + 1;
    let digits = u64::from_le_bytes(digits).wrapping_sub(ZEROS);
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8);
    let upper = (pairs & EVERY_OTHER_PAIR).wrapping_mul(MILLIONS_AND_HUNDREDS);
    let lower = (pairs >> 16 & EVERY_OTHER_PAIR).wrapping_mul(TEN_THOUSANDS_AND_ONES);
    upper.wrapping_add(lower) >> 32
}

/// Whether these are ten digits.
#[inline]
pub(super) fn are_digits(digits: &[u8; 10]) -> bool {
    let [first @ .., _, _] = *digits;
    let [_, _, last @ ..] = *digits;
    (marks(first) | marks(last)) == 0
}

/// How many digits the word begins with.
#[inline]
pub(super) const fn digits_in(word: [u8; 8]) -> usize {
    marks(word).trailing_zeros() as usize / 8
}

/// The high bit of every byte that is no digit. Only the lowest is exact, since a carry runs upwards
/// from a byte that is marked itself.
#[inline]
const fn marks(word: [u8; 8]) -> u64 {
    const ABOVE_NINE: u64 = u64::from_le_bytes([0x80 - 10; 8]);
    const HIGH_BITS: u64 = u64::from_le_bytes([0x80; 8]);
    let values = u64::from_le_bytes(word) ^ ZEROS;
    (values.wrapping_add(ABOVE_NINE) | values) & HIGH_BITS
}

const ZEROS: u64 = u64::from_le_bytes([b'0'; 8]);

/// The number whose digits are `digits`, not all zero, with a decimal point after `point` of them.
fn round_up(mut digits: impl Iterator<Item = u64>, point: i64) -> Seconds {
    let mut seconds = 0;
    for _ in 0..point {
        // Past the last digit `seconds` is not zero, so a huge `point` soon passes the limit.
        seconds = seconds * 10 + digits.next().unwrap_or(0);
        if seconds > MAX_SECONDS {
            return Seconds::OutOfRange;
        }
    }
    seconds += u64::from(digits.any(|digit| digit != 0));
    if seconds > MAX_SECONDS { Seconds::OutOfRange } else { Seconds::Whole(seconds) }
}

fn saturating_exponent(digits: &str) -> i64 {
    let bound = if digits.starts_with('-') { i64::MIN } else { i64::MAX };
    digits.parse().unwrap_or(bound)
}

/// 9999-12-31T23:59:59Z.
const MAX_SECONDS: u64 = 253_402_300_799;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_themselves() {
        for (raw, expected) in [
            ("0", 0),
            ("1300819380", 1_300_819_380),
            ("253402300799", MAX_SECONDS),
            ("1.3e9", 1_300_000_000),
            ("13E+8", 1_300_000_000),
            ("1300819380000e-3", 1_300_819_380),
            ("1300819380.0", 1_300_819_380),
            ("0e999999999999999999999", 0),
            ("0.000e5", 0),
        ] {
            assert_eq!(seconds(raw), Some(Seconds::Whole(expected)), "{raw}");
        }
    }

    #[test]
    fn fractions_are_rounded_up() {
        for (raw, expected) in [
            ("1300819380.5", 1_300_819_381),
            ("1300819380.0000000000000000000000001", 1_300_819_381),
            ("0.1", 1),
            ("1e-999999999999999999999", 1),
            ("13008193805e-1", 1_300_819_381),
            ("0.00013e4", 2),
        ] {
            assert_eq!(seconds(raw), Some(Seconds::Whole(expected)), "{raw}");
        }
    }

    #[test]
    fn what_no_calendar_has_is_out_of_range() {
        for raw in [
            "-1",
            "-0",
            "-0.5",
            "253402300800",
            "253402300799.5",
            "9223372036854775807",
            "9223372036854775808",
            "18446744073709551615",
            "18446744073709551616",
            "1e999999999999999999999",
            "1e400",
            "99999999999999999999999999999999999999999999999999",
        ] {
            assert_eq!(seconds(raw), Some(Seconds::OutOfRange), "{raw}");
        }
    }

    #[test]
    fn digits_are_counted_and_added_up_whatever_stands_beside_them() {
        for at in 0..8 {
            for byte in 0..=u8::MAX {
                let mut word = *b"90817263";
                word[at] = byte;
                let count = word.iter().take_while(|byte| byte.is_ascii_digit()).count();
                assert_eq!(digits_in(word), count, "{byte:#x} at {at}");
                let number = str::from_utf8(&word).ok().and_then(|text| text.parse().ok());
                let number = number.filter(|_| word.iter().all(u8::is_ascii_digit));
                assert_eq!(plain_digits(&word), number, "{byte:#x} at {at}");
            }
        }
        for digits in ["0", "7", "1234567", "12345678", "123456789", "99999999999"] {
            assert_eq!(plain_digits(digits.as_bytes()), digits.parse().ok(), "{digits}");
        }
        for digits in [b"1300819380", b"9999999999", b"0000000001", b"9080706050"] {
            let number = str::from_utf8(digits).unwrap().parse();
            assert!(are_digits(digits));
            assert_eq!(Ok(ten_digits(digits)), number);
        }
        for at in 0..10 {
            for byte in 0..=u8::MAX {
                let mut digits = *b"9081726354";
                digits[at] = byte;
                assert_eq!(are_digits(&digits), byte.is_ascii_digit(), "{byte:#x} at {at}");
            }
        }
        assert_eq!(plain_digits(b"123456789012"), None, "left to the exact reader");
        assert_eq!(plain_digits(b""), None);
    }

    #[test]
    fn other_types_are_not_numbers() {
        for raw in ["\"1300819380\"", "null", "true", "[1]", "{}", ""] {
            assert_eq!(seconds(raw), None, "{raw}");
        }
    }
}
