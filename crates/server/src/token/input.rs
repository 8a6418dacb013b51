//! Standard input, read as far as a token may be long, and standard error.

use std::io::{self, BufRead, Read as _, Write as _};

use anyhow::Context as _;
use sealpass_tower::sealpass::NumericDate;
use sealpass_tower::sealpass::jose::{DEFAULT_MAX_TOKEN_BYTES, TokenError};

use crate::clock;
use crate::keys::Refusal;

/// Lines of any length, in memory of a fixed size.
pub(super) struct Lines<R> {
    source: R,
    line: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    pub(super) const fn new(source: R) -> Self {
        Self { source, line: Vec::new() }
    }

    /// The next line without its end, or as much of it as shows that it is no token.
    pub(super) fn next(&mut self) -> io::Result<Option<&[u8]>> {
        self.line.clear();
        let most = LONGEST_LINE as u64;
        let read = (&mut self.source).take(most).read_until(b'\n', &mut self.line)?;
        if read == LONGEST_LINE && self.line.last() != Some(&b'\n') {
            self.source.skip_until(b'\n')?;
        }
        Ok((read > 0).then(|| without_line_end(&self.line)))
    }
}

/// All of standard input without its last line end, or more than `max_bytes` of it.
pub(super) fn whole(max_bytes: usize) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(max_bytes + LINE_END + 1);
    let most = bytes.capacity() as u64;
    io::stdin().lock().take(most).read_to_end(&mut bytes).context("cannot read standard input")?;
    bytes.truncate(without_line_end(&bytes).len());
    Ok(bytes)
}

/// The text of what may be a token.
pub(super) fn text(bytes: &[u8], max_bytes: usize) -> Result<&str, Refusal> {
    if bytes.len() > max_bytes {
        let reason = format!("a token has at most {max_bytes} bytes");
        return Err(Refusal { code: "token_too_long", reason });
    }
    if bytes.contains(&b'\n') {
        let reason =
            "there is more than one line; `verify --lines` reads a token a line".to_owned();
        return Err(Refusal { code: "token_encoding", reason });
    }
    // What is not UTF-8 has not the parts of a token.
    str::from_utf8(bytes).map_err(|_| TokenError::PartCount.into())
}

/// One line on standard error: the code, with its sentence if somebody wants to read that.
pub(super) fn refuse(refusal: &Refusal, explain: bool) {
    let line = if explain { format!("{refusal}\n") } else { format!("{}\n", refusal.code) };
    // Without standard error there is nobody left to tell; the exit code tells it too.
    let _ = io::stderr().write_all(line.as_bytes());
}

/// The time that was given, or that of the clock.
pub(super) fn now(given: Option<u64>) -> NumericDate {
    given.map_or_else(clock::now, NumericDate::from_secs)
}

fn without_line_end(bytes: &[u8]) -> &[u8] {
    let line = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// CR and LF, in bytes.
const LINE_END: usize = 2;

/// One byte more than the longest token and its end.
const LONGEST_LINE: usize = DEFAULT_MAX_TOKEN_BYTES + LINE_END + 1;
