//! `sealpass keys rotate`: what is due is done, and what is not due is left alone.

use std::fmt::Write as _;

use sealpass_tower::sealpass::NumericDate;
use sealpass_tower::sealpass::jose::Algorithm;
use sealpass_tower::sealpass::schedule::{ScheduledKeys, Timeline, TimelineError};

use super::args::RotateArgs;
use super::directory::{DirectoryError, KeyDirectory};
use super::edit::KeyFolder;
use super::{Purpose, Usage, algorithms};
use crate::cli::print;
use crate::{clock, date};

/// Makes the first key, or the next one when the active one has sealed for nearly a period, and
/// deletes those that open nothing any more. A key becomes active and retired by the clock alone, so
/// running this once a day or ten times a minute comes to the same.
pub(super) fn rotate(args: &RotateArgs) -> anyhow::Result<()> {
    let config = args.config.read()?;
    let purpose = config.purpose;
    let asked = match &args.alg {
        Some(alg) => Some(require_for(purpose, algorithms::of_new_key(alg, args.enc.as_deref())?)?),
        None => None,
    };
    let now = args.now.map_or_else(clock::now, NumericDate::from_secs);
    let folder = KeyFolder::open(&config)?;
    let mut keys = folder.read()?;
    let retention = config.times.retention();
    let mut said = String::new();

    let period = if args.early { 0 } else { config.times.period() };
    let new = match timeline(&keys, retention)? {
        None => Some((asked.unwrap_or(purpose.usual(None)), now)),
        Some(timeline) => {
            let gone: Vec<_> = timeline.gone(now).map(|key| key.kid().to_owned()).collect();
            if !gone.is_empty() {
                folder.remove(&keys, &gone)?;
                for kid in &gone {
                    say(&mut said, &format!("deleted the key {}", kid.escape_debug()));
                }
                keys = folder.read()?;
            }
            let active = timeline.active(now).ok().map(|active| active.key().algorithm());
            let due = timeline.due(now, period, config.lead).ok().flatten();
            due.map(|from| (asked.unwrap_or(purpose.usual(active)), from))
        }
    };
    if let Some((algorithm, from)) = new {
        let kid = folder.add(algorithm, from)?;
        let when = date::rfc3339(from);
        say(&mut said, &format!("made the key {kid} for {algorithm}, which seals from {when}"));
        keys = folder.read()?;
    }
    if said.is_empty() {
        said.push_str("nothing is due\n");
    }
    match timeline(&keys, retention)?.map(|timeline| timeline.at(now)) {
        Some(Ok(keys)) => said.push_str(&table(&keys)),
        Some(Err(error)) => say(&mut said, &error.to_string()),
        None => {}
    }
    print(&said)
}

/// The keys by their dates; none when none ever seals.
pub(super) fn timeline(
    keys: &KeyDirectory,
    retention: u64,
) -> Result<Option<Timeline>, DirectoryError> {
    match keys.timeline(retention, &[]) {
        Ok(timeline) => Ok(Some(timeline)),
        Err(DirectoryError::Timeline(TimelineError::Empty)) => Ok(None),
        Err(error) => Err(error),
    }
}

fn require_for(purpose: Purpose, algorithm: Algorithm) -> Result<Algorithm, Usage> {
    if purpose.accepts(algorithm) {
        return Ok(algorithm);
    }
    Err(Usage(match purpose {
        Purpose::Assertions(_) => {
            format!("assertions are signed with EdDSA or ES256, and not with {algorithm}")
        }
        Purpose::Sessions => format!(
            "{algorithm} is public-key encryption, with which anyone could make a session; take a \
             signature, or a shared key"
        ),
    }))
}

/// One line for each key: `kid`, algorithm, state and, if it is not the first, since when it seals.
fn table(keys: &ScheduledKeys) -> String {
    let lines = keys.keys().iter().map(|key| {
        let from = key.seals_from().filter(|from| from.as_secs() > 0).map(date::rfc3339);
        let (kid, state) = (key.key().kid().escape_debug(), key.state().name());
        let from = from.as_deref().unwrap_or("-");
        format!("{kid}\t{}\t{state}\t{from}\n", key.key().algorithm())
    });
    lines.collect()
}

fn say(said: &mut String, line: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(said, "{line}");
}
