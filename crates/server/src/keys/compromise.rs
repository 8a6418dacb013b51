//! `sealpass keys compromise`: a key is gone at once.

use sealpass_tower::sealpass::schedule::Timeline;

use super::args::CompromiseArgs;
use super::directory::StoredKey;
use super::edit::KeyFolder;
use super::{Purpose, Refusal, jwks, rotate};
use crate::cli::print;
use crate::clock;

/// Deletes the key `kid`. If it is the active one, another takes its place first, so that a server
/// that reads the folder at any moment finds one that seals.
pub(super) fn compromise(args: &CompromiseArgs) -> anyhow::Result<()> {
    let config = args.config.read()?;
    let now = clock::now();
    let folder = KeyFolder::open(&config)?;
    let keys = folder.read()?;
    let Some(stored) = keys.keys.iter().find(|stored| stored.key.kid() == args.kid) else {
        // Not taken for done: in an emergency, a slip of the fingers must not look like success.
        let names: Vec<_> =
            keys.keys.iter().map(|key| key.key.kid().escape_debug().to_string()).collect();
        let (kid, names) = (args.kid.escape_debug(), names.join(", "));
        let reason = format!("there is no key `{kid}`; there are: {names}");
        return Err(Refusal { code: "key_unknown", reason }.into());
    };
    let timeline = rotate::timeline(&keys, config.times.retention())?;
    let is_active = |timeline: &Timeline| {
        timeline.active(now).is_ok_and(|active| active.key().kid() == args.kid)
    };
    let mut said = Vec::new();
    if timeline.as_ref().is_some_and(is_active) {
        let algorithm = stored.key.algorithm();
        let kid = folder.add(algorithm, now)?;
        said.push(format!("made the key {kid} for {algorithm}, which seals from now on"));
    }
    folder.remove(&keys, std::slice::from_ref(&args.kid))?;
    let (kid, poll) = (args.kid.escape_debug(), config.poll.as_secs_f32());
    said.push(match config.purpose {
        Purpose::Assertions(_) => format!(
            "deleted the key {kid}: a running server signs nothing with it and does not publish it \
             any more {poll} s from now at the latest"
        ),
        Purpose::Sessions => format!(
            "deleted the key {kid}: a running server refuses all that it sealed {poll} s from now \
             at the latest"
        ),
    });
    let renewed_with = |other: &&StoredKey| {
        let from = other.seals_from();
        other.seals() && stored.seals_from() < from && from <= now
    };
    let since: Vec<_> =
        keys.keys.iter().filter(renewed_with).map(|other| other.key.kid()).collect();
    if !since.is_empty() && config.purpose == Purpose::Sessions {
        let since = since.join(", ").escape_debug().to_string();
        said.push(format!(
            "sessions that it sealed may have been renewed since, with {since}: compromise that as \
             well to end them"
        ));
    }
    if stored.key.to_public_jwk().is_some() {
        let age = jwks::MAX_AGE;
        said.push(format!("a reader that has kept the JWK Set may believe it for {age} s more"));
    }
    print(&(said.join("\n") + "\n"))
}
