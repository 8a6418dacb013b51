//! Where the server's keys come from, and reading them again.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use sealpass_tower::sealpass::NumericDate;
use sealpass_tower::sealpass::jose::{Key, KeyRing};
use sealpass_tower::sealpass::schedule::{
    DatedKey, KeyTimes, ScheduledKeys, SharedKeys, SharedSecret, Timeline,
};

use super::directory::{DirectoryError, DirectoryStamp, HeldKey, KeyDirectory};
use super::{Purpose, jwks};
use crate::config::{self, KeySource, SecretSource};
use crate::private_file::Stamp;
use crate::secret;

/// The keys of the server, wherever they come from.
#[derive(Debug)]
pub(super) enum Source {
    Ephemeral(Ephemeral),
    Files(KeyFiles),
    Shared(SharedSource),
}

/// Keys made here. The last one seals, or is the next one where others must know it before.
#[derive(Debug)]
pub(super) struct Ephemeral {
    purpose: Purpose,
    timeline: Timeline,
    keys: Vec<DatedKey>,
    times: KeyTimes,
    /// When the last key was made, by the clock as it was then.
    since: NumericDate,
}

/// A folder of key files, as of the last time that it was good.
#[derive(Debug)]
pub(super) struct KeyFiles {
    purpose: Purpose,
    path: PathBuf,
    retention: u64,
    timeline: Timeline,
    /// So that a key which is read again goes on being counted.
    held: Vec<HeldKey>,
    seen: DirectoryStamp,
}

/// A shared secret, as of the last time that it was good.
#[derive(Debug)]
pub(super) struct SharedSource {
    purpose: Purpose,
    secret: SecretSource,
    times: KeyTimes,
    keys: SharedKeys,
    seen: Option<Stamp>,
}

impl Source {
    /// The keys of the configuration.
    ///
    /// # Errors
    /// What is wrong with the secret or the folder.
    pub(super) fn open(config: &config::Keys, now: NumericDate) -> anyhow::Result<Self> {
        let config::Keys { purpose, source, times, .. } = config;
        let (purpose, times) = (*purpose, *times);
        match source {
            KeySource::Ephemeral => Ephemeral::new(purpose, times, now).map(Self::Ephemeral),
            KeySource::Files { directory } => {
                let opened = KeyFiles::open(purpose, directory, times.retention(), now);
                let (path, rotation) = (directory.display(), purpose.rotation());
                opened.map(Self::Files).with_context(|| {
                    format!("cannot use the keys in {path} (`{rotation}` makes them)")
                })
            }
            KeySource::Shared { secret } => {
                let opened = SharedSource::open(purpose, secret, times);
                opened.map(Self::Shared).with_context(|| {
                    format!(
                        "cannot use {secret} of `keys.secret` (`sealpass keys secret` makes one)"
                    )
                })
            }
        }
    }

    /// Reads the keys again if they have changed, or makes one if it is time; whether it did. What
    /// cannot be used changes nothing.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn reload(&mut self, now: NumericDate) -> anyhow::Result<bool> {
        match self {
            Self::Ephemeral(ephemeral) => ephemeral.renew(now),
            Self::Files(files) => {
                files.reload(now).with_context(|| format!("the keys in {}", files.path.display()))
            }
            Self::Shared(shared) => {
                shared.reload().with_context(|| format!("{} of `keys.secret`", shared.secret))
            }
        }
    }

    /// The keys at `now`; `held` are those of before.
    ///
    /// # Errors
    /// That there is none to seal with, or that none could be derived.
    pub(super) fn at(
        &self,
        now: NumericDate,
        held: Option<&KeyRing>,
    ) -> anyhow::Result<ScheduledKeys> {
        Ok(match self {
            Self::Ephemeral(ephemeral) => ephemeral.timeline.at(now)?,
            Self::Files(files) => files.timeline.at(now)?,
            Self::Shared(shared) => shared.keys.at(now, held)?,
        })
    }
}

impl Ephemeral {
    fn new(purpose: Purpose, times: KeyTimes, since: NumericDate) -> anyhow::Result<Self> {
        // It seals from the beginning of time, should the clock be set back.
        let mut keys = vec![DatedKey::new(purpose.generate()?, NumericDate::from_secs(0))];
        if purpose.is_published() {
            keys.push(DatedKey::new(purpose.generate()?, since.saturating_add(times.period())));
        }
        let timeline = Timeline::new(keys.clone(), times.retention())?;
        Ok(Self { purpose, timeline, keys, times, since })
    }

    /// Another key: when the one that seals has done so for a period, or often; of those that others
    /// must know, when the last one has begun to sign.
    fn renew(&mut self, now: NumericDate) -> anyhow::Result<bool> {
        let Some(last) = self.keys.last() else { return Ok(false) };
        let is_due = now.seconds_since(self.since) >= self.times.period();
        let is_worn = is_worn(last.key().sealed());
        let (is_time, from) = if self.purpose.is_published() {
            (now >= last.seals_from(), now.saturating_add(self.times.period()))
        } else {
            (now > last.seals_from() && (is_due || is_worn), now)
        };
        if !is_time {
            return Ok(false);
        }
        let gone: Vec<String> = self.timeline.gone(now).map(|key| key.kid().to_owned()).collect();
        self.keys.retain(|key| !gone.iter().any(|kid| kid == key.key().kid()));
        self.keys.push(DatedKey::new(self.purpose.generate()?, from));
        self.timeline = Timeline::new(self.keys.clone(), self.times.retention())?;
        self.since = now;
        Ok(true)
    }
}

impl KeyFiles {
    fn open(
        purpose: Purpose,
        path: &Path,
        retention: u64,
        now: NumericDate,
    ) -> Result<Self, DirectoryError> {
        let directory = KeyDirectory::read(path, purpose)?;
        let timeline = directory.timeline(retention, &[])?;
        timeline.at(now)?;
        say_what_is_passed_over(&directory);
        let held = directory.held(&timeline, now);
        let seen = directory.stamp().clone();
        Ok(Self { purpose, path: path.to_owned(), retention, timeline, held, seen })
    }

    fn reload(&mut self, now: NumericDate) -> anyhow::Result<bool> {
        if DirectoryStamp::of(&self.path)? == self.seen {
            return Ok(false);
        }
        let directory = KeyDirectory::read(&self.path, self.purpose)?;
        let timeline = directory.timeline(self.retention, &self.held)?;
        let keys = timeline.at(now)?;
        say_what_is_passed_over(&directory);
        self.say_what_was_not_published(&keys, now);
        self.held = directory.held(&timeline, now);
        self.timeline = timeline;
        self.seen = directory.stamp().clone();
        Ok(true)
    }

    /// A reader of the JWK Set that has one from before may refuse what a new key signs.
    fn say_what_was_not_published(&self, keys: &ScheduledKeys, now: NumericDate) {
        let Ok(before) = self.timeline.at(now) else { return };
        let known_by = now.saturating_add(jwks::MAX_AGE);
        for key in keys.keys() {
            let kid = key.key().kid();
            let seals_soon = key.seals_from().is_some_and(|from| from < known_by);
            let is_public = key.key().to_public_jwk().is_some();
            if seals_soon && is_public && before.ring().get(kid).is_none() {
                tracing::warn!(
                    key.kid = kid,
                    "a new key seals before every reader of the JWK Set has it; give it an `nbf` \
                     that is later, as `sealpass keys rotate` does"
                );
            }
        }
    }
}

fn say_what_is_passed_over(directory: &KeyDirectory) {
    for name in &directory.passed_over {
        tracing::warn!(file = %name.escape_debug(), "a file in the folder of keys is passed over");
    }
}

impl SharedSource {
    fn open(purpose: Purpose, secret: &SecretSource, times: KeyTimes) -> anyhow::Result<Self> {
        let (keys, seen) = read_shared(purpose, secret, times)?;
        Ok(Self { purpose, secret: secret.clone(), times, keys, seen })
    }

    fn reload(&mut self) -> anyhow::Result<bool> {
        if secret::stamp(&self.secret) == self.seen {
            return Ok(false);
        }
        let (keys, seen) = read_shared(self.purpose, &self.secret, self.times)?;
        self.keys = keys;
        self.seen = seen;
        Ok(true)
    }
}

/// One secret, or two: the first one seals.
fn read_shared(
    purpose: Purpose,
    secret: &SecretSource,
    times: KeyTimes,
) -> anyhow::Result<(SharedKeys, Option<Stamp>)> {
    let (text, stamp) = secret::read(secret)?;
    let mut secrets = text.expose().split_ascii_whitespace();
    let first = secrets.next().context("it is empty")?;
    let keys = purpose.derive(SharedSecret::parse(first)?, times)?;
    let keys = match secrets.next() {
        Some(second) => {
            keys.with_other(SharedSecret::parse(second).context("the second secret")?)?
        }
        None => keys,
    };
    anyhow::ensure!(
        secrets.next().is_none(),
        "it has more than two secrets: the one that seals, and one that opens as well"
    );
    Ok((keys, stamp))
}

fn is_worn(sealed: Option<u64>) -> bool {
    sealed.is_some_and(|sealed| sealed >= WORN_AFTER)
}

/// A quarter of what a key may seal: the rest is for the time until somebody looks again.
const WORN_AFTER: u64 = Key::MAX_SEALED / 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_worn_long_before_the_limit() {
        assert!(!is_worn(None), "a signature wears nothing out");
        assert!(!is_worn(Some((1 << 30) - 1)));
        assert!(is_worn(Some(1 << 30)));
    }
}
