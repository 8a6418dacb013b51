//! The keys of the running server: what seals now, what opens now, and what is wrong.

use std::collections::BTreeMap;
use std::time::Duration;

use sealpass_tower::sealpass::NumericDate;
use sealpass_tower::sealpass::jose::{Key, KeyRing};
use sealpass_tower::sealpass::schedule::ScheduledKeys;

use super::Purpose;
use super::source::Source;
use super::view::{KeyView, Snapshot};
use crate::clock;
use crate::config;
use crate::shutdown::Stop;

/// The keys that hold now, and where the next ones come from.
#[derive(Debug)]
pub(crate) struct CurrentKeys {
    purpose: Purpose,
    source: Source,
    keys: ScheduledKeys,
    /// Why the source cannot be used as it is now; the keys are those of before.
    problem: Option<String>,
    view: KeyView,
    poll: Duration,
    /// How often a key had sealed when that was last said.
    said: BTreeMap<String, u64>,
}

impl CurrentKeys {
    /// The keys of the configuration at `now`.
    ///
    /// # Errors
    /// What is wrong with the secret or the folder.
    pub(crate) fn open(config: &config::Keys, now: NumericDate) -> anyhow::Result<Self> {
        let source = Source::open(config, now)?;
        let keys = source.at(now, None)?;
        let view = KeyView::new(config, Snapshot::new(keys.clone(), None));
        let (purpose, problem, said) = (config.purpose, None, BTreeMap::new());
        Ok(Self { purpose, source, keys, problem, view, poll: config.poll, said })
    }

    /// For the policy.
    pub(crate) fn ring(&self) -> KeyRing {
        self.keys.ring().clone()
    }

    /// What others may see of it.
    pub(crate) fn view(&self) -> KeyView {
        self.view.clone()
    }

    /// Looks again at `now`; whether the keys are others than before.
    ///
    /// What cannot be used changes nothing, and is said once.
    pub(crate) fn refresh(&mut self, now: NumericDate) -> bool {
        let reloaded = self.source.reload(now);
        // Those of before still change with time.
        let keys = self.source.at(now, Some(self.keys.ring()));
        let (reloaded, keys) = match (reloaded, keys) {
            (Ok(reloaded), Ok(keys)) => {
                self.mended();
                (reloaded, keys)
            }
            (Err(error), Ok(keys)) => {
                self.broken(&error);
                (false, keys)
            }
            (_, Err(error)) => {
                self.broken(&error);
                self.publish();
                return false;
            }
        };
        let changed = reloaded || states(&keys) != states(&self.keys);
        let sealed_before = self.keys.ring().active().kid().to_owned();
        self.keys = keys;
        if reloaded {
            let names: Vec<&str> = self.keys.ring().keys().map(Key::kid).collect();
            let names = names.join(" ").escape_debug().to_string();
            tracing::info!(keys = names, keys.of = self.purpose.name(), "the keys have changed");
        }
        let active = self.keys.ring().active().kid();
        if sealed_before != active {
            let kid = active.escape_debug();
            tracing::info!(key.kid = %kid, keys.of = self.purpose.name(), "another key seals");
        }
        self.say_what_wears_out();
        self.publish();
        changed
    }

    /// How long nothing changes that is known of.
    fn wait(&self, now: NumericDate) -> Duration {
        let change = self.keys.changes_at().map(|at| Duration::from_secs(at.seconds_since(now)));
        change.map_or(self.poll, |change| change.clamp(SHORTEST_WAIT, self.poll.max(SHORTEST_WAIT)))
    }

    fn broken(&mut self, error: &anyhow::Error) {
        let problem = format!("{error:#}");
        if self.problem.as_ref() != Some(&problem) {
            tracing::error!(
                error = %problem,
                keys.of = self.purpose.name(),
                "the keys have changed and cannot be used; those of before are kept until that is \
                 mended"
            );
            self.problem = Some(problem);
        }
    }

    fn mended(&mut self) {
        if self.problem.take().is_some() {
            tracing::info!(keys.of = self.purpose.name(), "the keys can be used again");
        }
    }

    /// Every doubling of a count that is worth a word is one line.
    fn say_what_wears_out(&mut self) {
        self.said.retain(|kid, _| self.keys.ring().get(kid).is_some());
        for key in self.keys.ring().keys() {
            let sealed = key.sealed().unwrap_or_default();
            if is_worth_a_word(sealed, self.said.get(key.kid()).copied()) {
                tracing::warn!(
                    key.kid = %key.kid().escape_debug(),
                    key.sealed = sealed,
                    key.max_sealed = Key::MAX_SEALED,
                    "a key seals often: all instances together may seal `max_sealed` times with \
                     it; use a shorter `keys.period`, or rotate now"
                );
                self.said.insert(key.kid().to_owned(), sealed);
            }
        }
    }

    fn publish(&self) {
        self.view.set(Snapshot::new(self.keys.clone(), self.problem.clone()));
    }
}

/// Keeps the keys those that hold, and hands others to `take`, until it is time to stop.
pub(crate) async fn keep(mut keys: CurrentKeys, take: impl Fn(KeyRing), mut stop: Stop) {
    loop {
        tokio::select! {
            biased;
            () = stop.draining() => return,
            () = tokio::time::sleep(keys.wait(clock::now())) => {}
        }
        // Files are read, and keys derived, where no request waits for it.
        let looked = tokio::task::spawn_blocking(move || {
            let changed = keys.refresh(clock::now());
            (keys, changed)
        });
        let changed;
        match looked.await {
            Ok(looked) => (keys, changed) = looked,
            Err(error) => {
                tracing::error!(%error, "keys are not looked after any more");
                return;
            }
        }
        if changed {
            take(keys.ring());
        }
    }
}

fn states(keys: &ScheduledKeys) -> Vec<(&str, &'static str)> {
    keys.keys().iter().map(|key| (key.key().kid(), key.state().name())).collect()
}

fn is_worth_a_word(sealed: u64, said: Option<u64>) -> bool {
    sealed >= said.map_or(WORTH_A_WORD, |said| said.saturating_mul(2))
}

/// A sixteenth of what a key may seal: sixteen instances at this count are at the limit.
const WORTH_A_WORD: u64 = Key::MAX_SEALED / 16;
const SHORTEST_WAIT: Duration = Duration::from_millis(100);

#[cfg(test)]
mod tests;
