//! What changes the list: a copy of one of its parts, swapped in.

use std::sync::{Arc, PoisonError};

use arc_swap::ArcSwap;
use sealpass_jose::NumericDate;

use super::shard::Shard;
use super::{Revocation, RevocationList};

/// The right to change anything.
#[derive(Debug, Default)]
pub(super) struct Writing {
    /// Entries held.
    pub(super) entries: usize,
    /// Parts that were replaced. They are kept until no reader has them any more, so that it is never
    /// a reader who frees one and waits for the allocator.
    replaced: Vec<Arc<Shard>>,
}

impl RevocationList {
    /// Puts a changed copy of one shard in its place, without what has nothing left to revoke.
    pub(super) fn change(
        &self,
        hash: u64,
        now: NumericDate,
        writing: &mut Writing,
        change: impl FnOnce(&Shard) -> Shard,
    ) {
        let place = self.shard(hash);
        let next = {
            let current = place.load();
            if current.has_ended(now) { change(&current.swept(now)) } else { change(&current) }
        };
        self.put(place, next, writing);
    }

    /// Puts `next` in a place.
    pub(super) fn put(&self, place: &ArcSwap<Shard>, next: Shard, writing: &mut Writing) {
        let length = next.len();
        let next = if length == 0 { Arc::clone(&self.empty) } else { Arc::new(next) };
        let before = place.swap(next);
        writing.entries = (writing.entries + length).saturating_sub(before.len());
        if !Arc::ptr_eq(&before, &self.empty) {
            writing.replaced.push(before);
        }
        // Nobody can take one of these from the list any more.
        writing.replaced.retain(|shard| Arc::strong_count(shard) > 1);
    }

    /// Drops what has nothing left to revoke, when there is too much. When that makes too little
    /// room for the effort, each user's sessions become one entry; when that does not either,
    /// everyone logs in again.
    pub(super) fn make_room(&self, now: NumericDate, writing: &mut Writing) {
        if writing.entries <= self.max_entries {
            return;
        }
        let enough = self.max_entries - self.max_entries / 16;
        for place in &self.shards {
            let swept = place.load().swept(now);
            self.put(place, swept, writing);
        }
        if writing.entries <= enough {
            return;
        }
        for place in &self.shards {
            let coarsened = self.coarsened(&place.load(), 1);
            if let Some(coarsened) = coarsened {
                self.put(place, coarsened, writing);
            }
        }
        if writing.entries <= enough {
            return;
        }
        let loads = self.shards.iter().map(ArcSwap::load);
        let covered = loads.filter_map(|shard| shard.latest_login().max(shard.latest_not_before()));
        if let Some(not_before) = covered.max() {
            self.refuse_everyone(not_before);
        }
        for place in &self.shards {
            self.put(place, Shard::default(), writing);
        }
    }

    /// `shard` with one entry for each subject who has more than `limit` sessions there, if any.
    pub(super) fn coarsened(&self, shard: &Shard, limit: usize) -> Option<Shard> {
        let mut coarsened = None;
        for subject in shard.subjects_with_more_than(limit) {
            let hash = self.hash_subject(subject.as_str());
            let before = coarsened.as_ref().unwrap_or(shard);
            coarsened = Some(before.coarsened(hash, &subject));
        }
        coarsened
    }

    /// How many entries the sessions of one subject may take, so that no single one fills the list.
    pub(super) fn sessions_of_subject(&self, entries: usize) -> usize {
        let room = self.max_entries.saturating_sub(entries);
        (room / 64).clamp(1, Self::MAX_SESSIONS_OF_SUBJECT)
    }

    /// Has others follow `fact`, unless nothing new is in it.
    pub(super) fn tell(&self, fact: &Revocation, now: NumericDate) {
        let Some(feed) = &self.feed else { return };
        if !self.is_news(fact, now) {
            return;
        }
        let mut feed = feed.lock().unwrap_or_else(PoisonError::into_inner);
        if feed.is_full(now) {
            feed.restart(self.iter());
        }
        feed.push(fact.clone());
    }

    /// Has others follow everything there is, from the start.
    pub(super) fn restart_feed(&self) {
        if let Some(feed) = &self.feed {
            feed.lock().unwrap_or_else(PoisonError::into_inner).restart(self.iter());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session_id::SessionId;

    #[test]
    fn a_part_that_a_reader_has_is_never_freed_by_that_reader() {
        let (list, now) = (RevocationList::with_max_entries(100), NumericDate::from_secs(1));
        let log_out = || {
            let sid = SessionId::generate().unwrap();
            let (subject, until) = (None, NumericDate::from_secs(9));
            list.apply(&Revocation::Session { sid, subject, auth_time: now, until }, now);
        };
        log_out();
        let reader = list.shard(0).load_full();
        log_out();
        log_out();
        assert_eq!(Arc::strong_count(&reader), 2, "the reader has the last one");
        drop(reader);
        log_out();
        assert!(list.lock().replaced.is_empty(), "it is kept for nobody");
    }
}
