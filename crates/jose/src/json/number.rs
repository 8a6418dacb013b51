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
    fn other_types_are_not_numbers() {
        for raw in ["\"1300819380\"", "null", "true", "[1]", "{}", ""] {
            assert_eq!(seconds(raw), None, "{raw}");
        }
    }
}
