//! The task that writes what was revoked here, in order.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use redis::RedisError;
use sealpass_tower::sealpass::revocation::{Revocation, RevocationList};
use sealpass_tower::store::StoreError;
use tokio::sync::{mpsc, oneshot};

use super::SyncState;
use super::link::{Link, Target, explain};
use super::stream::Keys;
use crate::clock;

/// What is to be in the stream.
#[derive(Debug)]
pub(super) struct Delivery {
    pub(super) facts: Vec<Revocation>,
    /// Whether it is on this machine's disk, so that it may be delivered later.
    pub(super) is_safe: bool,
    /// Whoever waits; none, once they were told.
    pub(super) done: Option<oneshot::Sender<Result<(), StoreError>>>,
}

pub(super) struct Deliverer {
    target: Arc<Target>,
    keys: Keys,
    queue: mpsc::Receiver<Delivery>,
    pending: VecDeque<Delivery>,
    list: Arc<RevocationList>,
    state: Arc<SyncState>,
    timeout: Duration,
    keep: Duration,
}

impl Deliverer {
    pub(super) fn new(
        target: Arc<Target>,
        keys: Keys,
        queue: mpsc::Receiver<Delivery>,
        (list, state): (Arc<RevocationList>, Arc<SyncState>),
        (timeout, keep): (Duration, Duration),
    ) -> Self {
        Self { target, keys, queue, pending: VecDeque::new(), list, state, timeout, keep }
    }

    /// Delivers until nobody is left to send.
    pub(super) async fn run(mut self) {
        let (mut link, mut pause) = (None, FIRST_PAUSE);
        while self.wait_for_work().await {
            match self.deliver(&mut link).await {
                Ok(()) => {
                    pause = FIRST_PAUSE;
                    if !self.state.is_up.swap(true, Ordering::AcqRel) {
                        tracing::info!("Redis takes logouts again");
                    }
                }
                Err(error) => {
                    link = None;
                    let error = explain(&error);
                    if self.state.is_up.swap(false, Ordering::AcqRel) {
                        tracing::error!(redis = %self.target, %error, "Redis does not take logouts");
                    }
                    self.give_up_waiting(&error);
                    self.pause(pause).await;
                    pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
                }
            }
        }
    }

    async fn wait_for_work(&mut self) -> bool {
        if self.pending.is_empty() {
            match self.queue.recv().await {
                Some(delivery) => self.pending.push_back(delivery),
                None => return false,
            }
        }
        while let Ok(delivery) = self.queue.try_recv() {
            self.pending.push_back(delivery);
            if self.pending.len() >= MAX_PENDING {
                break;
            }
        }
        // Whoever was told that it did not take effect is not to be surprised later.
        self.pending.retain(|delivery| {
            delivery.is_safe || delivery.done.as_ref().is_some_and(|done| !done.is_closed())
        });
        true
    }

    /// Sends the first of what is pending, all or nothing.
    async fn deliver(&mut self, link: &mut Option<Link>) -> Result<(), RedisError> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let link = match link {
            Some(link) => link,
            None => link.insert(self.target.connect(self.timeout).await?),
        };
        let count = self.pending.len().min(BATCH);
        let keep = u64::try_from(self.keep.as_millis()).unwrap_or(u64::MAX);
        let keep_from = self.state.newest.load(Ordering::Acquire).saturating_sub(keep);
        let facts = || self.pending.iter().take(count).flat_map(|delivery| &delivery.facts);
        if let Some(id) = self.keys.append(link, facts(), keep_from).await? {
            // First, so that it is put back if Redis loses it.
            let now = clock::now();
            facts().for_each(|fact| self.list.apply(fact, now));
            self.state.wrote(id);
        }
        for delivery in self.pending.drain(..count) {
            tell(delivery.done, Ok(()));
        }
        Ok(())
    }

    /// What is on the disk is delivered later, the rest did not happen.
    fn give_up_waiting(&mut self, error: &str) {
        let refused = StoreError::new(error);
        self.pending.retain_mut(|delivery| {
            let is_safe = delivery.is_safe;
            tell(delivery.done.take(), if is_safe { Ok(()) } else { Err(refused.clone()) });
            is_safe
        });
        if self.pending.len() >= MAX_PENDING {
            // All of it is in the list too: a comparison finds what the stream lacks.
            self.pending.clear();
            self.state.lacks_ours.store(true, Ordering::Release);
        }
    }

    /// Waits, and answers those who come meanwhile.
    async fn pause(&mut self, pause: Duration) {
        let end = tokio::time::Instant::now() + pause;
        while let Ok(Some(delivery)) = tokio::time::timeout_at(end, self.queue.recv()).await {
            let is_safe = delivery.is_safe;
            self.pending.push_back(delivery);
            if !is_safe || self.pending.len() >= MAX_PENDING {
                return; // worth another try
            }
        }
    }
}

fn tell(done: Option<oneshot::Sender<Result<(), StoreError>>>, what: Result<(), StoreError>) {
    if let Some(done) = done {
        // A client that went away is logged out all the same.
        let _ = done.send(what);
    }
}

/// Logouts that share a round trip.
const BATCH: usize = 512;

/// Logouts kept in order while Redis is away. Past it, the list is compared with the stream instead.
const MAX_PENDING: usize = 100_000;

const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
