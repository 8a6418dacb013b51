//! Logouts of many machines, through one stream of Redis or Valkey.
//!
//! | file | is |
//! |---|---|
//! | `link.rs` | a connection: one server, Sentinels, a Cluster |
//! | `stream.rs` | the keys and the commands |
//! | `deliver.rs` | the task that writes: what was revoked here, in order |
//! | `follow.rs` | the task that reads: what was revoked anywhere, into the list |
//! | `known.rs` | what the stream has, to tell what it lacks |
//!
//! No request waits for Redis, but those that revoke something.

mod deliver;
mod follow;
mod known;
mod link;
mod stream;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sealpass_tower::sealpass::NumericDate;
use sealpass_tower::sealpass::revocation::{Revocation, RevocationList};
use sealpass_tower::store::{Recording, RevocationStore, StoreError};
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};

use self::deliver::{Deliverer, Delivery};
use self::follow::Follower;
use self::link::Target;
use self::stream::{EntryId, Keys};
use super::journal::Journal;
use crate::config::RedisConfig;

/// The store: a logout is recorded once Redis has it, or once the journal of this machine has it
/// and Redis will.
#[derive(Debug)]
pub(crate) struct RedisStore {
    shared: Arc<Shared>,
}

/// What is known of the stream, for whoever asks.
#[derive(Debug, Default)]
pub(crate) struct SyncState {
    is_synced: AtomicBool,
    /// Whether the last thing that was sent was taken.
    is_up: AtomicBool,
    /// The stream lacks what was revoked here.
    lacks_ours: AtomicBool,
    /// Entries that were written here. Until each was seen in the stream, by whoever reads it, Redis
    /// may have lost it, or may not be the Redis that is read any more.
    written: Mutex<Vec<EntryId>>,
    /// The latest time by the clock of Redis, in milliseconds.
    newest: AtomicU64,
    /// When the list was last known to have everything, in seconds.
    as_of: AtomicU64,
    /// Why the stream cannot be read at the moment.
    problem: Mutex<Option<String>>,
}

#[derive(Debug)]
struct Shared {
    journal: Option<Journal>,
    deliveries: mpsc::Sender<Delivery>,
    state: Arc<SyncState>,
    timeout: Duration,
}

impl RedisStore {
    /// Starts to follow the stream into `list`, which is not fresh until everything was read, and to
    /// write what is recorded. With a `journal`, a logout is safe before it is sent. An entry means
    /// something for `keep` seconds.
    ///
    /// # Errors
    /// A password or a certificate that cannot be read.
    pub(crate) fn start(
        config: &RedisConfig,
        journal: Option<Journal>,
        list: Arc<RevocationList>,
        keep: u64,
        now: NumericDate,
    ) -> anyhow::Result<(Self, Arc<SyncState>)> {
        let target = Arc::new(Target::new(config)?);
        let state = Arc::new(SyncState { is_up: AtomicBool::new(true), ..SyncState::default() });
        list.set_fresh_until(RevocationList::NEVER_FRESH);
        let (deliveries, queue) = mpsc::channel(QUEUE);
        let keys = Keys::new(&config.prefix);
        let keep = Duration::from_secs(keep.saturating_add(KEPT_LONGER));
        let deliverer = Deliverer::new(
            Arc::clone(&target),
            keys.clone(),
            queue,
            (Arc::clone(&list), Arc::clone(&state)),
            (config.timeout, keep),
        );
        tokio::spawn(deliverer.run());
        let follower = Follower::new(target, keys, list, Arc::clone(&state), config, now)?;
        tokio::spawn(follower.run());
        let shared =
            Shared { journal, deliveries, state: Arc::clone(&state), timeout: config.timeout };
        Ok((Self { shared: Arc::new(shared) }, state))
    }
}

impl RevocationStore for RedisStore {
    fn record<'a>(&'a self, revocations: &'a [Revocation]) -> Recording<'a> {
        let (shared, facts) = (Arc::clone(&self.shared), revocations.to_vec());
        // A client that goes away must not leave it half-done.
        let recorded = tokio::spawn(async move { shared.record(facts).await });
        Box::pin(async move {
            recorded.await.unwrap_or_else(|error| Err(StoreError::new(error.to_string())))
        })
    }
}

impl Shared {
    async fn record(&self, facts: Vec<Revocation>) -> Result<(), StoreError> {
        let is_safe = match &self.journal {
            Some(journal) => match journal.record(&facts).await {
                Ok(()) => true,
                Err(error) => {
                    tracing::error!(%error, "a logout has only Redis to be kept in");
                    false
                }
            },
            None => false,
        };
        let (done, answer) = oneshot::channel();
        // Once it is safe, nobody waits for a Redis that is known to be away.
        let may_wait = !is_safe || self.state.is_up.load(Ordering::Acquire);
        let sending = self.deliveries.send(Delivery { facts, is_safe, done: Some(done) });
        let answer = async {
            sending.await.map_err(|_| StoreError::new("nobody delivers to Redis any more"))?;
            if !may_wait {
                return Ok(());
            }
            answer.await.map_err(|_| StoreError::new("nobody delivers to Redis any more"))?
        };
        match tokio::time::timeout(self.timeout.saturating_mul(2), answer).await {
            Ok(recorded) => recorded,
            Err(_) if is_safe => {
                // It may not even be in the queue.
                self.state.lacks_ours.store(true, Ordering::Release);
                Ok(())
            }
            Err(_) => Err(StoreError::new("Redis has not answered in time")),
        }
    }
}

impl SyncState {
    /// Whether everything that was revoked before this process began has been read.
    pub(crate) fn is_synced(&self) -> bool {
        self.is_synced.load(Ordering::Acquire)
    }

    /// When the list was last known to have everything that was revoked anywhere.
    pub(crate) fn as_of(&self) -> NumericDate {
        NumericDate::from_secs(self.as_of.load(Ordering::Acquire))
    }

    /// For an operator.
    pub(crate) fn describe(&self, now: NumericDate) -> Value {
        json!({
            "synced": self.is_synced(),
            "age": self.is_synced().then(|| now.seconds_since(self.as_of())),
            "problem": *lock(&self.problem),
            "takes_logouts": self.is_up.load(Ordering::Acquire),
        })
    }

    fn is_read(&self, problem: Option<String>) {
        *lock(&self.problem) = problem;
    }

    fn saw(&self, millis: u64) {
        self.newest.fetch_max(millis, Ordering::AcqRel);
    }

    fn wrote(&self, id: EntryId) {
        self.saw(id.millis);
        let mut written = lock(&self.written);
        if written.len() < MAX_WRITTEN {
            written.push(id);
        } else {
            // Nobody reads at the moment. A comparison will tell.
            self.lacks_ours.store(true, Ordering::Release);
        }
    }

    fn take_written(&self) -> Vec<EntryId> {
        std::mem::take(&mut *lock(&self.written))
    }
}

fn lock<T>(it: &Mutex<T>) -> MutexGuard<'_, T> {
    it.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Logouts that may wait to be sent; any more wait to be let in.
const QUEUE: usize = 1_024;

/// Entries that are looked for one by one.
const MAX_WRITTEN: usize = 1_024;

/// Seconds that an entry stays in the stream after it could have meant anything: clocks differ.
const KEPT_LONGER: u64 = 600;
