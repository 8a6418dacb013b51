//! `sealpass token verify`.

use std::io::{self, BufRead, Write as _};
use std::process::ExitCode;

use anyhow::Context as _;
use sealpass_tower::sealpass::jose::{DEFAULT_MAX_TOKEN_BYTES, Scratch};

use super::args::VerifyArgs;
use super::check::Check;
use super::input::{self, Lines};

/// The claims on standard output, or the code of the refusal on standard error.
pub(super) fn verify(args: &VerifyArgs) -> anyhow::Result<ExitCode> {
    let check = Check::new(args)?;
    let accepted = if args.lines {
        every_line(&check, io::stdin().lock(), args.explain)?
    } else {
        let token = input::whole(DEFAULT_MAX_TOKEN_BYTES)?;
        one(&check, &token, &mut Scratch::new(), args.explain)? == Told::Accepted
    };
    Ok(if accepted { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What was told about a token.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Told {
    Accepted,
    /// Nobody reads standard output any more.
    NotHeard,
    Refused,
}

/// Whether every line is a token that is accepted, each told as soon as it is read.
fn every_line(check: &Check, source: impl BufRead, explain: bool) -> anyhow::Result<bool> {
    let (mut lines, mut scratch) = (Lines::new(source), Scratch::new());
    let mut all_accepted = true;
    while let Some(token) = lines.next().context("cannot read standard input")? {
        match one(check, token, &mut scratch, explain)? {
            Told::Accepted => {}
            Told::NotHeard => break,
            Told::Refused => all_accepted = false,
        }
    }
    Ok(all_accepted)
}

fn one(check: &Check, token: &[u8], scratch: &mut Scratch, explain: bool) -> anyhow::Result<Told> {
    let claims = input::text(token, DEFAULT_MAX_TOKEN_BYTES);
    match claims.and_then(|token| check.claims(token, scratch)) {
        Ok(claims) => tell(claims),
        Err(refusal) => {
            input::refuse(&refusal, explain);
            Ok(Told::Refused)
        }
    }
}

/// Standard output is flushed with every line, so the lines of both streams are in their order.
fn tell(mut claims: String) -> anyhow::Result<Told> {
    claims.push('\n');
    let mut stdout = io::stdout().lock();
    match stdout.write_all(claims.as_bytes()).and_then(|()| stdout.flush()) {
        Ok(()) => Ok(Told::Accepted),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Told::NotHeard),
        Err(error) => Err(error).context("cannot write the claims"),
    }
}
