//! The task that reads what was revoked anywhere, into the list.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use redis::{RedisError, RedisResult};
use sealpass_tower::sealpass::revocation::{Revocation, RevocationList};
use sealpass_tower::sealpass::{NumericDate, SessionId};

use super::SyncState;
use super::known::Known;
use super::link::{Link, Target, explain};
use super::stream::{Entry, EntryId, Epoch, Keys, PAGE};
use crate::clock;
use crate::config::RedisConfig;

pub(super) struct Follower {
    target: Arc<Target>,
    keys: Keys,
    list: Arc<RevocationList>,
    state: Arc<SyncState>,
    timeout: Duration,
    /// Seconds without an answer after which the list is not trusted any more.
    max_staleness: u64,
    /// When this process began: it knows of nothing before by itself.
    started: NumericDate,
    /// What this process calls an epoch it begins.
    name: String,
    last: EntryId,
    /// What was the last a look ago. That it is still there shows that nothing was dropped between it
    /// and what came meanwhile.
    anchor: EntryId,
    /// What was written here and not yet seen there.
    unseen: Vec<EntryId>,
    epoch: Option<Epoch>,
    fresh_at: Instant,
}

impl Follower {
    /// # Errors
    /// When the system has no random numbers.
    pub(super) fn new(
        target: Arc<Target>,
        keys: Keys,
        list: Arc<RevocationList>,
        state: Arc<SyncState>,
        config: &RedisConfig,
        started: NumericDate,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            target,
            keys,
            list,
            state,
            timeout: config.timeout,
            max_staleness: config.max_staleness,
            started,
            // As good as any other 128 random bits.
            name: SessionId::generate()?.to_string(),
            last: EntryId::default(),
            anchor: EntryId::default(),
            unseen: Vec::new(),
            epoch: None,
            fresh_at: Instant::now(),
        })
    }

    /// Follows for ever.
    pub(super) async fn run(mut self) {
        let mut pause = FIRST_PAUSE;
        let mut said = false;
        loop {
            let before = self.fresh_at;
            let Err(error) = self.follow().await;
            let error = explain(&error);
            if self.fresh_at > before {
                (pause, said) = (FIRST_PAUSE, false);
            }
            if !said {
                tracing::error!(
                    redis = %self.target, %error,
                    "what is revoked elsewhere cannot be read from Redis; trying again"
                );
                said = true;
            }
            self.state.is_read(Some(error));
            self.expire(clock::now());
            tokio::time::sleep(pause).await;
            pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
        }
    }

    async fn follow(&mut self) -> Result<Infallible, RedisError> {
        let block = Duration::from_millis(BLOCK);
        let mut link = self.target.connect(self.timeout.saturating_add(block)).await?;
        if self.epoch.is_none() {
            self.sync(&mut link).await?;
        }
        loop {
            let asked = clock::now();
            self.unseen.append(&mut self.state.take_written());
            let anchor = [self.anchor].into_iter().filter(|anchor| *anchor != EntryId::default());
            let expected: Vec<EntryId> = anchor.chain(self.unseen.iter().copied()).collect();
            let look = self.keys.look(&mut link, &expected, self.last, BLOCK).await?;
            self.unseen.clear();
            let is_lost = look.epoch != self.epoch || !look.has_all;
            if is_lost || self.state.lacks_ours.swap(false, Ordering::AcqRel) {
                tracing::warn!("Redis has lost or trimmed revocations: comparing all of them");
                self.sync(&mut link).await?;
                continue;
            }
            let is_all = look.entries.len() < PAGE;
            self.anchor = self.last;
            self.apply(look.entries, None);
            if is_all {
                self.is_fresh_as_of(asked);
            }
        }
    }

    /// Reads everything, and adds to the stream whatever only this process knows.
    ///
    /// A process that knows nothing yet does not take an empty Redis for an empty past: it waits for
    /// others to restore it. When nobody does, everyone who logged in before must log in again.
    async fn sync(&mut self, link: &mut Link) -> RedisResult<()> {
        // Until it is done nothing of it counts.
        self.epoch = None;
        let mut knows = self.state.is_synced();
        let begun = Instant::now();
        loop {
            let asked = clock::now();
            // What was written so far is read or compared.
            self.unseen.clear();
            self.state.take_written();
            let stream = self.read_all(link).await?;
            match self.keys.epoch(link).await? {
                Some((epoch, is_settled)) if knows || is_settled => {
                    self.add_missing(link, stream).await?;
                    self.epoch = Some(epoch);
                    self.is_fresh_as_of(asked);
                    if !self.state.is_synced.swap(true, Ordering::AcqRel) {
                        tracing::info!(entries = self.list.len(), "revocations are synced");
                    }
                    return Ok(());
                }
                None if knows => {
                    tracing::warn!(
                        entries = self.list.len(),
                        "Redis has lost its revocations: \
                        restoring them"
                    );
                    self.add_missing(link, stream).await?;
                    let nobody = Revocation::Everyone { not_before: NumericDate::from_secs(0) };
                    self.keys.begin_epoch(link, &self.name, &[nobody], SETTLING).await?;
                }
                None if begun.elapsed() >= Duration::from_millis(SETTLING) => {
                    tracing::warn!(
                        "Redis has no revocations and nobody restores them: sessions of before \
                         this start are refused"
                    );
                    let past = Revocation::unknown_before(self.started);
                    self.keys.begin_epoch(link, &self.name, &past, 0).await?;
                    knows = true;
                }
                None | Some(_) => tokio::time::sleep(POLL).await,
            }
        }
    }

    /// Applies the whole stream, which it was made from.
    async fn read_all(&mut self, link: &mut Link) -> RedisResult<Known> {
        let mut known = Known::default();
        self.last = EntryId::default();
        loop {
            let look = self.keys.look(link, &[], self.last, 0).await?;
            let is_all = look.entries.len() < PAGE;
            self.apply(look.entries, Some(&mut known));
            if is_all {
                self.anchor = self.last;
                return Ok(known);
            }
        }
    }

    async fn add_missing(&self, link: &mut Link, stream: Known) -> RedisResult<()> {
        let (list, now) = (Arc::clone(&self.list), clock::now());
        let find = move || {
            let is_alive = |fact: &Revocation| fact.until().is_none_or(|until| now < until);
            let missing = list.iter().filter(|fact| is_alive(fact) && !stream.covers(fact));
            missing.collect::<Vec<_>>()
        };
        let Ok(missing) = tokio::task::spawn_blocking(find).await else {
            return Err(RedisError::from((redis::ErrorKind::Client, "the list was not read")));
        };
        for facts in missing.chunks(BATCH) {
            if let Some(id) = self.keys.append(link, facts, 0).await? {
                self.state.wrote(id);
            }
        }
        if !missing.is_empty() {
            tracing::info!(facts = missing.len(), "revocations of this process added to Redis");
        }
        Ok(())
    }

    fn apply(&mut self, entries: Vec<Entry>, mut known: Option<&mut Known>) {
        let now = clock::now();
        for (id, fact) in entries {
            self.last = id;
            self.state.saw(id.millis);
            let fact = fact.unwrap_or_else(|| {
                // Whom it meant cannot be told, so it means everyone of that time.
                tracing::error!(%id, "an entry of the stream is none of ours: taken for everyone");
                let not_before = NumericDate::from_secs(id.millis / 1_000);
                Revocation::Everyone { not_before }
            });
            self.list.apply(&fact, now);
            if let Some(known) = &mut known {
                known.add(&fact);
            }
        }
    }

    /// Trusts the list no more, once there was no answer for too long. The clock of this machine may
    /// have been set back meanwhile; the one that this is measured by cannot be.
    fn expire(&self, now: NumericDate) {
        if self.fresh_at.elapsed().as_secs() >= self.max_staleness {
            self.list.set_fresh_until(self.state.as_of().min(now));
        }
    }

    fn is_fresh_as_of(&mut self, asked: NumericDate) {
        self.state.is_read(None);
        self.fresh_at = Instant::now();
        self.state.as_of.store(asked.as_secs(), Ordering::Release);
        self.list.set_fresh_until(asked.saturating_add(self.max_staleness));
    }
}

/// How long one read waits for something to come, in milliseconds. Its empty answer is the proof
/// that there was nothing.
const BLOCK: u64 = 1_000;

/// For how long others may add what they know to a Redis that lost it, in milliseconds: each notices
/// within a read and a pause.
const SETTLING: u64 = 5_000;

/// Between two looks for what others restore.
const POLL: Duration = Duration::from_millis(250);

/// Facts in a round trip.
const BATCH: usize = 512;

const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use sealpass_tower::sealpass::Lifetimes;

    use super::*;
    use crate::config::{RedisKind, StaleChoice};

    fn follower(list: &Arc<RevocationList>) -> Follower {
        let config = RedisConfig {
            urls: vec!["redis://127.0.0.1:1".to_owned()],
            kind: RedisKind::Single,
            master: None,
            username: None,
            password: None,
            sentinel_username: None,
            sentinel_password: None,
            ca: None,
            prefix: "sealpass".to_owned(),
            timeout: Duration::from_secs(1),
            max_staleness: 0,
            durable_outbox: false,
            stale: StaleChoice::Refuse,
        };
        let target = Arc::new(Target::new(&config).unwrap());
        let (keys, state) = (Keys::new(&config.prefix), Arc::default());
        let started = NumericDate::from_secs(0);
        Follower::new(target, keys, Arc::clone(list), state, &config, started).unwrap()
    }

    #[test]
    fn a_clock_that_was_set_back_makes_no_old_list_fresh() {
        let list = Arc::new(RevocationList::default());
        let mut follower = follower(&list);
        let at = NumericDate::from_secs;
        follower.max_staleness = Lifetimes::DEFAULT.idle();
        follower.is_fresh_as_of(at(9_000));
        follower.expire(at(9_001));
        assert!(list.is_fresh(at(9_001)), "it was read just now");
        follower.max_staleness = 0;
        follower.expire(at(5_000));
        for now in [5_000, 5_001, 8_999, 9_001] {
            assert!(!list.is_fresh(at(now)), "{now}");
        }
    }
}
