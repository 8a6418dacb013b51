//! Logouts that outlive this process.

pub(crate) mod feed;
pub(crate) mod journal;
pub(crate) mod redis;

use std::sync::Arc;

use sealpass_tower::RevocationStore;
use sealpass_tower::sealpass::Lifetimes;
use sealpass_tower::sealpass::revocation::RevocationList;

use crate::config::StaleChoice;
use crate::{clock, config};
use journal::{Before, Journal};
use redis::{RedisStore, SyncState};

/// What is known of logouts from before, and who keeps those to come.
pub(crate) struct Revocations {
    /// None: nothing is known, so whoever logged in before is refused.
    pub(crate) known: Option<Arc<RevocationList>>,
    /// None: a logout lasts as long as the process.
    pub(crate) store: Option<Arc<dyn RevocationStore>>,
    /// None: no other machine learns of a logout.
    pub(crate) sync: Option<Arc<SyncState>>,
}

/// Seconds for which another machine may renew a session that was logged out here, at most.
pub(crate) fn delay(config: &config::Revocation) -> u64 {
    match &config.redis {
        None => 0,
        // A machine that is cut off keeps a logout to itself, or goes on without knowing of one.
        Some(redis) if redis.durable_outbox || redis.stale == StaleChoice::Allow => u64::MAX,
        Some(redis) => redis.max_staleness,
    }
}

impl Revocations {
    /// Opens what the configuration names.
    ///
    /// # Errors
    /// A store that cannot be used: without it a logout might be forgotten.
    pub(crate) fn open(config: &config::Revocation, lifetimes: Lifetimes) -> anyhow::Result<Self> {
        let list = RevocationList::with_max_entries(config.max_entries.get());
        let list = Arc::new(if config.feed { list.with_feed()? } else { list });
        let journal = |before| {
            let open = |path| Journal::open(path, Arc::clone(&list), before, clock::now);
            config.journal.clone().map(open).transpose()
        };
        let Some(redis) = &config.redis else {
            return Ok(match journal(Before::Unknown)? {
                Some(journal) => {
                    Self { known: Some(list), store: Some(Arc::new(journal)), sync: None }
                }
                None => Self { known: None, store: None, sync: None },
            });
        };
        let journal = if redis.durable_outbox { journal(Before::Elsewhere)? } else { None };
        let (keep, now) = (lifetimes.revocable(delay(config)), clock::now());
        let (store, sync) = RedisStore::start(redis, journal, Arc::clone(&list), keep, now)?;
        Ok(Self { known: Some(list), store: Some(Arc::new(store)), sync: Some(sync) })
    }
}
