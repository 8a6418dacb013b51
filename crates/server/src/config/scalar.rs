//! Values that are one word or one number: choices, durations, sizes, counts, text, paths.

use std::borrow::Cow;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use super::setting::Accept;

/// One of a few words.
#[derive(Debug)]
pub(crate) struct Choice<T: 'static>(pub(crate) &'static [(&'static str, T)]);

impl<T: Copy + Sync> Accept for Choice<T> {
    type Value = T;

    fn read(&self, text: &str) -> Result<T, Cow<'static, str>> {
        let chosen = self.0.iter().find(|(word, _)| *word == text);
        chosen.map(|(_, value)| *value).ok_or("is none of the choices".into())
    }

    fn accepted(&self) -> Cow<'static, str> {
        let words: Vec<_> = self.0.iter().map(|(word, _)| format!("`{word}`")).collect();
        match words.split_last() {
            Some((last, rest)) if !rest.is_empty() => {
                format!("{} or {last}", rest.join(", ")).into()
            }
            _ => words.concat().into(),
        }
    }
}

/// `true` or `false`.
pub(crate) const SWITCH: Choice<bool> = Choice(&[("true", true), ("false", false)]);

/// A span of time: seconds, or a number with a unit.
#[derive(Debug)]
pub(crate) struct Span {
    pub(crate) min: Duration,
    pub(crate) max: Duration,
}

impl Accept for Span {
    type Value = Duration;

    fn read(&self, text: &str) -> Result<Duration, Cow<'static, str>> {
        let milliseconds = scaled(text, "s", &TIME_UNITS).ok_or("is no span of time")?;
        in_bounds(Duration::from_millis(milliseconds), self.min, self.max)
    }

    fn accepted(&self) -> Cow<'static, str> {
        let (min, max) = (time_text(self.min), time_text(self.max));
        format!("seconds, or a number with `ms`, `s`, `m`, `h` or `d`; {min} to {max}").into()
    }
}

/// A span of whole seconds.
#[derive(Debug)]
pub(crate) struct Seconds {
    pub(crate) min: u64,
    pub(crate) max: u64,
}

impl Accept for Seconds {
    type Value = u64;

    fn read(&self, text: &str) -> Result<u64, Cow<'static, str>> {
        let milliseconds = scaled(text, "s", &TIME_UNITS).ok_or("is no span of time")?;
        if !milliseconds.is_multiple_of(1000) {
            return Err("is no whole number of seconds".into());
        }
        in_bounds(milliseconds / 1000, self.min, self.max)
    }

    fn accepted(&self) -> Cow<'static, str> {
        let [min, max] = [self.min, self.max].map(|bound| time_text(Duration::from_secs(bound)));
        format!("seconds, or a number with `s`, `m`, `h` or `d`; {min} to {max}").into()
    }
}

/// A size in bytes.
#[derive(Debug)]
pub(crate) struct Size {
    pub(crate) min: usize,
    pub(crate) max: usize,
}

impl Accept for Size {
    type Value = usize;

    fn read(&self, text: &str) -> Result<usize, Cow<'static, str>> {
        let bytes = scaled(text, "B", &SIZE_UNITS).ok_or("is no size")?;
        in_bounds(usize::try_from(bytes).unwrap_or(usize::MAX), self.min, self.max)
    }

    fn accepted(&self) -> Cow<'static, str> {
        let (min, max) = (size_text(self.min), size_text(self.max));
        format!("bytes, or a number with `B`, `KiB` or `MiB`; {min} to {max}").into()
    }
}

/// A number of things, at least one.
#[derive(Debug)]
pub(crate) struct Count {
    pub(crate) max: usize,
}

impl Accept for Count {
    type Value = NonZeroUsize;

    fn read(&self, text: &str) -> Result<NonZeroUsize, Cow<'static, str>> {
        let count = digits(text).and_then(|count| usize::try_from(count).ok());
        let count = in_bounds(count.ok_or("is no number")?, 1, self.max)?;
        NonZeroUsize::new(count).ok_or("is zero".into())
    }

    fn accepted(&self) -> Cow<'static, str> {
        format!("a whole number from 1 to {}", self.max).into()
    }
}

/// A number of things, at least one, or `off`.
#[derive(Debug)]
pub(crate) struct CountOrOff {
    pub(crate) max: usize,
}

impl Accept for CountOrOff {
    type Value = Option<NonZeroUsize>;

    fn read(&self, text: &str) -> Result<Option<NonZeroUsize>, Cow<'static, str>> {
        if text == "off" { Ok(None) } else { Count { max: self.max }.read(text).map(Some) }
    }

    fn accepted(&self) -> Cow<'static, str> {
        format!("a whole number from 1 to {}, or `off`", self.max).into()
    }
}

/// Text of bounded length that can break neither a header nor a log line.
#[derive(Debug)]
pub(crate) struct Text {
    pub(crate) max: usize,
}

impl Accept for Text {
    type Value = String;

    fn read(&self, text: &str) -> Result<String, Cow<'static, str>> {
        if text.len() > self.max {
            return Err("is too long".into());
        }
        if text.is_empty() || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err("is empty, or has white space or control characters".into());
        }
        Ok(text.to_owned())
    }

    fn accepted(&self) -> Cow<'static, str> {
        format!("text of 1 to {} bytes without white space", self.max).into()
    }
}

/// The path of a file; not opened here.
#[derive(Debug)]
pub(crate) struct FilePath;

impl Accept for FilePath {
    type Value = PathBuf;

    fn read(&self, text: &str) -> Result<PathBuf, Cow<'static, str>> {
        if text.is_empty() { Err("is empty".into()) } else { Ok(PathBuf::from(text)) }
    }

    fn accepted(&self) -> Cow<'static, str> {
        "a path; in the file, relative to the file's folder".into()
    }
}

/// `text`, a number and its unit, in the smallest of `units`; a bare number is in `plain`.
fn scaled(text: &str, plain: &str, units: &[(&str, u64)]) -> Option<u64> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let unit = if unit.is_empty() { plain } else { unit };
    let (_, factor) = units.iter().find(|(name, _)| *name == unit)?;
    digits(number)?.checked_mul(*factor)
}

/// ASCII digits only: `parse` alone would take `+5`.
fn digits(text: &str) -> Option<u64> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

fn in_bounds<T: Copy + PartialOrd>(value: T, min: T, max: T) -> Result<T, Cow<'static, str>> {
    if value < min {
        Err("is too small".into())
    } else if value > max {
        Err("is too large".into())
    } else {
        Ok(value)
    }
}

/// A span in the largest unit that says it exactly: 600 s is `10m`.
pub(crate) fn time_text(span: Duration) -> String {
    let milliseconds = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
    if milliseconds == 0 {
        return "0s".to_owned();
    }
    exactly(milliseconds, &TIME_UNITS)
}

fn size_text(bytes: usize) -> String {
    exactly(u64::try_from(bytes).unwrap_or(u64::MAX), &SIZE_UNITS)
}

fn exactly(amount: u64, units: &[(&str, u64)]) -> String {
    let largest = units.iter().rev().find(|(_, factor)| amount.is_multiple_of(*factor));
    largest
        .map_or_else(|| amount.to_string(), |(unit, factor)| format!("{}{unit}", amount / factor))
}

/// In milliseconds, ascending.
const TIME_UNITS: [(&str, u64); 5] =
    [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];
/// In bytes, ascending.
const SIZE_UNITS: [(&str, u64); 3] = [("B", 1), ("KiB", 1024), ("MiB", 1024 * 1024)];

#[cfg(test)]
mod tests {
    use super::*;

    const SPAN: Span = Span { min: Duration::from_millis(100), max: Duration::from_mins(1) };

    #[test]
    fn spans_have_a_unit_or_are_seconds() {
        for (text, milliseconds) in
            [("5", 5000), ("5s", 5000), ("250ms", 250), ("1m", 60_000), ("60", 60_000)]
        {
            assert_eq!(SPAN.read(text), Ok(Duration::from_millis(milliseconds)), "{text}");
        }
        for text in ["", "s", "-5", "+5", "5 s", "5S", "5.0", "1e3", "5sec", "5ss", "\u{0665}"] {
            assert_eq!(SPAN.read(text), Err("is no span of time".into()), "{text:?}");
        }
    }

    #[test]
    fn spans_outside_their_bounds_are_refused_and_do_not_wrap() {
        assert_eq!(SPAN.read("0"), Err("is too small".into()));
        assert_eq!(SPAN.read("99ms"), Err("is too small".into()));
        assert_eq!(SPAN.read("61"), Err("is too large".into()));
        for text in ["18446744073709551615", "18446744073709551616", "213503982335d"] {
            assert!(SPAN.read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn seconds_are_whole() {
        let seconds = Seconds { min: 1, max: 86_400 };
        assert_eq!(seconds.read("10m"), Ok(600));
        assert_eq!(seconds.read("2000ms"), Ok(2));
        assert_eq!(seconds.read("1500ms"), Err("is no whole number of seconds".into()));
        assert_eq!(seconds.read("0"), Err("is too small".into()));
        assert_eq!(seconds.read("86401"), Err("is too large".into()));
    }

    #[test]
    fn sizes_are_binary_and_say_so() {
        let size = Size { min: 1024, max: 1024 * 1024 };
        assert_eq!(size.read("64KiB"), Ok(65_536));
        assert_eq!(size.read("65536"), Ok(65_536));
        assert_eq!(size.read("1MiB"), Ok(1_048_576));
        for text in ["64K", "64kb", "64 KiB", "", "-1"] {
            assert_eq!(size.read(text), Err("is no size".into()), "{text:?}");
        }
        assert_eq!(size.read("1048577"), Err("is too large".into()));
        assert_eq!(size.read("1023"), Err("is too small".into()));
    }

    #[test]
    fn a_count_may_be_off() {
        let accept = CountOrOff { max: 9 };
        assert_eq!(accept.read("off"), Ok(None));
        assert_eq!(accept.read("9"), Ok(NonZeroUsize::new(9)));
        for text in ["0", "10", "-1", "", "none", "Off"] {
            assert!(accept.read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_accepted_is_said_in_readable_units() {
        assert!(SPAN.accepted().ends_with("100ms to 1m"));
        assert!(Size { min: 1024, max: 1024 * 1024 }.accepted().ends_with("1KiB to 1MiB"));
        assert_eq!(time_text(Duration::from_mins(90)), "90m");
        assert_eq!(time_text(Duration::ZERO), "0s");
    }
}
