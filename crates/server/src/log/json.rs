//! A line of JSON for each event, as collectors read it.
//!
//! There is one for every request, and the general formatter of the library takes as long for it as
//! the decision about the request.

use std::cell::RefCell;
use std::error::Error;
use std::fmt::{self, Debug, Write as _};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sealpass_tower::sealpass::NumericDate;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use crate::date;

/// `{"timestamp":"…","level":"…","message":"…",` the fields of the event, `"target":"…"}`.
pub(super) struct JsonLines;

impl<S, N> FormatEvent<S, N> for JsonLines
where
    S: Subscriber + for<'s> LookupSpan<'s>,
    N: for<'w> FormatFields<'w> + 'static,
{
    fn format_event(
        &self,
        _context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let metadata = event.metadata();
        writer.write_str(r#"{"timestamp":""#)?;
        write_time(&mut writer, SystemTime::now())?;
        writer.write_str(r#"","level":""#)?;
        writer.write_str(metadata.level().as_str())?;
        writer.write_char('"')?;
        let mut members = Members { writer, outcome: Ok(()) };
        event.record(&mut members);
        members.string("target", metadata.target());
        let Members { mut writer, outcome } = members;
        outcome?;
        writer.write_str("}\n")
    }
}

/// Writes a time after RFC 3339, in UTC, with microseconds.
fn write_time(writer: &mut Writer<'_>, time: SystemTime) -> fmt::Result {
    thread_local! {
        /// The second that was written last, which is the next one's too on a busy server.
        static SECOND: RefCell<(u64, String)> = const { RefCell::new((u64::MAX, String::new())) };
    }
    let since_1970 = time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    SECOND.with_borrow_mut(|(second, text)| {
        if *second != since_1970.as_secs() {
            *second = since_1970.as_secs();
            *text = date::rfc3339(NumericDate::from_secs(*second));
        }
        writer.write_str(text.strip_suffix('Z').unwrap_or(text))
    })?;
    write!(writer, ".{:06}Z", since_1970.subsec_micros())
}

/// The members of the object that follow its first one.
struct Members<'w> {
    writer: Writer<'w>,
    outcome: fmt::Result,
}

impl Members<'_> {
    fn string(&mut self, name: &str, value: &str) {
        self.member(name, |writer| {
            writer.write_char('"')?;
            Escaped(writer).write_str(value)?;
            writer.write_char('"')
        });
    }

    fn plain(&mut self, name: &str, value: impl fmt::Display) {
        self.member(name, |writer| write!(writer, "{value}"));
    }

    fn member(&mut self, name: &str, write: impl FnOnce(&mut Writer<'_>) -> fmt::Result) {
        let Self { writer, outcome } = self;
        *outcome = outcome.and_then(|()| {
            // Names are constants of a program: no client has a say in them.
            writer.write_str(",\"")?;
            writer.write_str(name)?;
            writer.write_str("\":")?;
            write(writer)
        });
    }
}

impl Visit for Members<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        if value.is_finite() {
            self.plain(field.name(), value);
        } else {
            self.plain(field.name(), "null");
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.plain(field.name(), value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.plain(field.name(), value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.plain(field.name(), value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.string(field.name(), value);
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.member(field.name(), |writer| {
            writer.write_char('"')?;
            write!(Escaped(writer), "{value:?}")?;
            writer.write_char('"')
        });
    }
}

/// Writes what stands between the quotes of a string (RFC 8259 §7).
struct Escaped<'a, 'w>(&'a mut Writer<'w>);

impl fmt::Write for Escaped<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        while let Some(at) = rest.bytes().position(must_be_escaped) {
            let (plain, marked) = rest.split_at(at);
            self.0.write_str(plain)?;
            // What must be escaped is ASCII.
            let (mark, after) = marked.split_at(1);
            match mark {
                "\"" => self.0.write_str("\\\"")?,
                "\\" => self.0.write_str("\\\\")?,
                "\n" => self.0.write_str("\\n")?,
                _ => mark.bytes().try_for_each(|byte| write!(self.0, "\\u{byte:04x}"))?,
            }
            rest = after;
        }
        self.0.write_str(rest)
    }
}

const fn must_be_escaped(byte: u8) -> bool {
    matches!(byte, 0..0x20 | b'"' | b'\\')
}

#[cfg(test)]
pub(crate) mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What is logged while `logging` runs.
    pub(crate) fn logged(logging: impl FnOnce()) -> String {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = tracing_subscriber::fmt()
            .event_format(JsonLines)
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::with_default(subscriber, logging);
        String::from_utf8(lines.0.lock().unwrap().clone()).unwrap()
    }

    pub(crate) fn line(logging: impl FnOnce()) -> Value {
        let text = logged(logging);
        assert_eq!(text.matches('\n').count(), 1, "{text}");
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn a_field_has_the_type_it_has() {
        let mut line = line(|| {
            tracing::warn!(
                text = "a", number = 7_u64, below = -7_i64, part = 0.5, whole = 2.0,
                endless = f64::INFINITY, yes = true, absent = None::<&str>, shown = %"b",
                debugged = ?Some(1), keys.source = "file", "said {}", 1
            );
        });
        line.as_object_mut().unwrap().remove("timestamp").unwrap();
        let expected = json!({
            "level": "WARN", "message": "said 1", "target": module_path!(),
            "text": "a", "number": 7, "below": -7, "part": 0.5, "whole": 2, "endless": null, "yes": true,
            "shown": "b", "debugged": "Some(1)", "keys.source": "file",
        });
        assert_eq!(line, expected);
    }

    #[test]
    fn an_error_says_what_it_says() {
        let error = io::Error::other("no \"such\" file");
        let line = line(|| tracing::error!(error = &error as &dyn Error, "failed"));
        assert_eq!(line["error"], "no \"such\" file");
    }

    #[test]
    fn a_line_begins_with_its_time_and_level() {
        let text = logged(|| tracing::info!("here"));
        let (time, rest) = text.strip_prefix(r#"{"timestamp":""#).unwrap().split_once('"').unwrap();
        assert_eq!(time.len(), "2026-11-26T00:00:00.000000Z".len(), "{time}");
        assert!(rest.starts_with(r#","level":"INFO","message":"here","#), "{rest}");
    }

    #[test]
    fn a_time_has_six_digits_behind_the_second() {
        for (nanoseconds, expected) in [
            (0, "1970-01-01T00:00:00.000000Z"),
            (1_709_164_800_000_001_999, "2024-02-29T00:00:00.000001Z"),
            (1_709_164_800_999_999_999, "2024-02-29T00:00:00.999999Z"),
            (1_709_164_801_000_000_000, "2024-02-29T00:00:01.000000Z"),
        ] {
            let mut text = String::new();
            let time = UNIX_EPOCH + Duration::from_nanos(nanoseconds);
            write_time(&mut Writer::new(&mut text), time).unwrap();
            assert_eq!(text, expected);
        }
    }

    proptest! {
        #[test]
        fn whatever_a_client_writes_stays_in_its_string(text in "\\PC*|[\\x00-\\x7f\u{80}-\u{2028}]*") {
            let shown = line(|| tracing::info!(text = text.as_str(), shown = %text, "request"));
            prop_assert_eq!(shown["text"].as_str(), Some(text.as_str()));
            prop_assert_eq!(shown["shown"].as_str(), Some(text.as_str()));
            prop_assert_eq!(&shown["message"], "request");
        }
    }
}
