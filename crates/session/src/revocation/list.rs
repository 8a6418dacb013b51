//! The list: readers take what is there, writers put a new part in its place.

use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::BuildHasher;
use std::num::NonZeroU64;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use sealpass_jose::NumericDate;
use sealpass_jose::random::{self, RandomError};

use super::feed::FeedLog;
use super::shard::{SessionEntry, Shard, SubjectEntry, SubjectHash};
use super::{Cursor, Page, Revocation};
use crate::session_id::SessionId;

/// The revocations of one process, in memory.
///
/// It is made of many small immutable parts, each behind an atomic swap: a reader takes one or two
/// of them and never waits, a writer copies one of them. What it is told only ever adds, by `max`,
/// so order and repetition do not matter; an entry is dropped once nothing it revokes could still
/// be renewed.
///
/// Past its memory bound it coarsens and never un-revokes. The fuller it is, the sooner someone who
/// logs out often is logged out everywhere, which takes one entry; when that is not enough,
/// everyone logs in again.
///
/// ```
/// use sealpass::credential::Subject;
/// use sealpass::revocation::{Revocation, RevocationList};
/// use sealpass::{NumericDate, SessionId};
///
/// let (list, now) = (RevocationList::default(), NumericDate::from_secs(1_800_000_000));
/// let (not_before, until) = (now, now.saturating_add(3_600));
/// let ada = Revocation::Subject { subject: Subject::new("ada")?, not_before, until };
/// list.apply(&ada, now);
///
/// let sid = SessionId::generate()?;
/// assert!(list.is_revoked(sid, "ada", now), "logged in before");
/// assert!(!list.is_revoked(sid, "ada", now.saturating_add(1)), "logged in again");
/// assert!(!list.is_revoked(sid, "bob", now));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub struct RevocationList {
    shards: Box<[ArcSwap<Shard>]>,
    hasher: RandomState,
    /// Logins before this second are refused, whoever made them; 0 refuses none.
    everyone: AtomicU64,
    /// Whether there ever was a session whose subject is not known. It is in the shard of its sid.
    has_strays: AtomicBool,
    max_entries: usize,
    /// Entries held, and the right to change anything.
    entries: Mutex<usize>,
    /// The latest time of a login, a renewal or a logout, in seconds. A clock that is set back must
    /// not make a logout-everywhere miss the logins of the time it lost.
    latest: AtomicU64,
    /// Until when the list can be trusted to be whole, in seconds.
    fresh_until: AtomicU64,
    /// What others follow; none, nobody does.
    feed: Option<Mutex<FeedLog>>,
}

impl RevocationList {
    /// Entries kept before the list coarsens, unless told otherwise: about 35 MB of sessions. An
    /// entry of a subject takes its name more.
    pub const MAX_ENTRIES: usize = 1_000_000;

    /// The most entries that one subject's sessions may take.
    pub const MAX_SESSIONS_OF_SUBJECT: usize = 1_024;

    /// For [`RevocationList::set_fresh_until`]: nothing is known yet, so nothing can be gone on by.
    pub const NEVER_FRESH: NumericDate = NumericDate::from_secs(0);

    /// An empty list that keeps at most `max_entries`, at least one.
    #[must_use]
    pub fn with_max_entries(max_entries: usize) -> Self {
        let max_entries = max_entries.max(1);
        let shards = (max_entries / ENTRIES_OF_SHARD).clamp(1, MAX_SHARDS).next_power_of_two();
        let empty = Arc::new(Shard::default());
        Self {
            shards: (0..shards).map(|_| ArcSwap::new(Arc::clone(&empty))).collect(),
            hasher: RandomState::new(),
            everyone: AtomicU64::new(0),
            has_strays: AtomicBool::new(false),
            max_entries,
            entries: Mutex::new(0),
            latest: AtomicU64::new(0),
            fresh_until: AtomicU64::new(u64::MAX),
            feed: None,
        }
    }

    /// The same, which keeps what it is told in order, so that others can follow it
    /// ([`super::RevocationFollower`]). It takes about twice the memory.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub fn with_feed(mut self) -> Result<Self, RandomError> {
        let log = u64::from_be_bytes(random::bytes()?);
        self.feed = Some(Mutex::new(FeedLog::new(log, self.max_entries.saturating_mul(2))));
        Ok(self)
    }

    /// Whether a session of `subject`, logged in at `auth_time`, is revoked.
    #[must_use]
    pub fn is_revoked(&self, sid: SessionId, subject: &str, auth_time: NumericDate) -> bool {
        let hash = self.hash_subject(subject);
        let shard = self.shard(hash.get()).load();
        shard.session(sid).is_some()
            || shard.subject(hash).is_some_and(|entry| auth_time <= entry.not_before)
            || self.stray(sid).is_some()
            // Last: entries go only after what stands for them is here.
            || auth_time.as_secs() < self.everyone.load(Ordering::Acquire)
    }

    /// Lets `fact` take effect. What could do nothing at `now` any more is left out.
    pub fn apply(&self, fact: &Revocation, now: NumericDate) {
        let mut entries = self.lock();
        if let Some(feed) = &self.feed
            && self.is_news(fact, now)
        {
            let mut feed = feed.lock().unwrap_or_else(PoisonError::into_inner);
            if feed.is_full(now) {
                feed.restart(self.iter());
            }
            feed.push(fact.clone());
        }
        match fact {
            Revocation::Everyone { not_before } => self.refuse_everyone(*not_before),
            Revocation::Session { until, .. } | Revocation::Subject { until, .. }
                if *until <= now => {}
            Revocation::Session { sid, subject: Some(subject), auth_time, until } => {
                let hash = self.hash_subject(subject.as_str());
                let entry = SessionEntry { sid: *sid, subject: Some(hash), until: *until };
                let limit = self.sessions_of_subject(*entries);
                self.change(hash.get(), now, &mut entries, |shard| {
                    let shard = shard.with_session(entry, *auth_time);
                    if shard.sessions_of(hash) > limit {
                        return shard.coarsened(hash, subject.clone());
                    }
                    shard
                });
            }
            Revocation::Session { sid, subject: None, auth_time, until } => {
                self.has_strays.store(true, Ordering::Release);
                let entry = SessionEntry { sid: *sid, subject: None, until: *until };
                self.change(self.hasher.hash_one(sid), now, &mut entries, |shard| {
                    shard.with_session(entry, *auth_time)
                });
            }
            Revocation::Subject { subject, not_before, until } => {
                let (not_before, until) = (*not_before, *until);
                let hash = self.hash_subject(subject.as_str());
                let entry = SubjectEntry { hash, subject: subject.clone(), not_before, until };
                self.change(hash.get(), now, &mut entries, |shard| shard.with_subject(entry));
            }
        }
        if *entries > self.max_entries {
            self.make_room(now, &mut entries);
        }
    }

    /// Every fact there is, for a store that begins anew. Whose the sessions were is not kept.
    ///
    /// Facts that are applied meanwhile may or may not be among them.
    pub fn iter(&self) -> impl Iterator<Item = Revocation> {
        // In this order, an entry that goes while we look has what stands for it still ahead.
        let facts = self.shards.iter().flat_map(|shard| facts(&shard.load()));
        facts.chain(std::iter::once_with(|| self.everyone_fact()).flatten())
    }

    /// What whoever has read up to `since` is to read next; none without
    /// [`RevocationList::with_feed`].
    #[must_use]
    pub fn page(&self, since: Option<Cursor>) -> Option<Page> {
        let feed = self.feed.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner);
        Some(feed.page(since, Page::MAX_BYTES))
    }

    /// Whether `fact` adds to what is known.
    fn is_news(&self, fact: &Revocation, now: NumericDate) -> bool {
        if fact.until().is_some_and(|until| until <= now) {
            return false;
        }
        match fact {
            Revocation::Everyone { not_before } => self.refused_everyone() < Some(*not_before),
            Revocation::Session { sid, subject: Some(subject), until, .. } => {
                self.revoked_until(*sid, subject.as_str()) < Some(*until)
            }
            Revocation::Session { sid, subject: None, until, .. } => {
                self.stray(*sid) < Some(*until)
            }
            Revocation::Subject { subject, not_before, until } => {
                let hash = self.hash_subject(subject.as_str());
                let shard = self.shard(hash.get()).load();
                !shard
                    .subject(hash)
                    .is_some_and(|known| known.not_before >= *not_before && known.until >= *until)
            }
        }
    }

    /// Entries held at the moment, some of which may have nothing left to revoke.
    #[must_use]
    pub fn len(&self) -> usize {
        *self.lock()
    }

    /// Whether nothing is revoked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0 && self.everyone.load(Ordering::Acquire) == 0
    }

    /// Until when this list can be trusted to be whole. A store that has to ask elsewhere for what
    /// was revoked moves this on with every answer; without one it is always.
    pub fn set_fresh_until(&self, time: NumericDate) {
        self.fresh_until.store(time.as_secs(), Ordering::Release);
    }

    /// Whether the list can be trusted to be whole at `now`.
    #[must_use]
    pub fn is_fresh(&self, now: NumericDate) -> bool {
        now.as_secs() < self.fresh_until.load(Ordering::Acquire)
    }

    /// Whether the list ever could be trusted to be whole.
    pub(crate) fn was_ever_fresh(&self) -> bool {
        self.fresh_until.load(Ordering::Acquire) > Self::NEVER_FRESH.as_secs()
    }

    /// The `auth_time` of a login of `subject` at `now`: a second later than whatever is refused.
    ///
    /// Times are whole seconds, so a login right after a logout-everywhere would otherwise be
    /// refused for the rest of that second.
    pub(crate) fn login_time(&self, subject: &str, now: NumericDate) -> NumericDate {
        self.observe(now);
        later_than(self.refused(subject), now)
    }

    /// The `not_before` that refuses every login of `subject` until `now`: one of them may have been
    /// given a later time than the clock's.
    pub(crate) fn logout_time(&self, subject: &str, now: NumericDate) -> NumericDate {
        later_than(self.refused(subject), self.observe(now))
    }

    /// The same for anyone.
    pub(crate) fn logout_time_of_everyone(&self, now: NumericDate) -> NumericDate {
        let now = self.observe(now);
        let loads = self.shards.iter().map(ArcSwap::load);
        let refused = loads.filter_map(|shard| latest_not_before(&shard)).max();
        later_than(refused.max(self.refused_everyone()), now)
    }

    /// Until when a session is revoked by itself, when it is.
    pub(crate) fn revoked_until(&self, sid: SessionId, subject: &str) -> Option<NumericDate> {
        let shard = self.shard(self.hash_subject(subject).get()).load();
        shard.session(sid).map(|entry| entry.until).max(self.stray(sid))
    }

    /// Takes note of the time; the answer is the latest there ever was.
    pub(crate) fn observe(&self, now: NumericDate) -> NumericDate {
        let before = self.latest.fetch_max(now.as_secs(), Ordering::AcqRel);
        now.max(NumericDate::from_secs(before))
    }

    /// The `not_before` that holds for `subject`.
    fn refused(&self, subject: &str) -> Option<NumericDate> {
        let hash = self.hash_subject(subject);
        let shard = self.shard(hash.get()).load();
        shard.subject(hash).map(|entry| entry.not_before).max(self.refused_everyone())
    }

    fn refused_everyone(&self) -> Option<NumericDate> {
        self.everyone.load(Ordering::Acquire).checked_sub(1).map(NumericDate::from_secs)
    }

    fn everyone_fact(&self) -> Option<Revocation> {
        self.refused_everyone().map(|not_before| Revocation::Everyone { not_before })
    }

    fn refuse_everyone(&self, not_before: NumericDate) {
        self.everyone.fetch_max(not_before.as_secs().saturating_add(1), Ordering::AcqRel);
    }

    /// Puts a changed copy of one shard in its place, without what has nothing left to revoke.
    fn change(
        &self,
        hash: u64,
        now: NumericDate,
        entries: &mut usize,
        change: impl FnOnce(&Shard) -> Shard,
    ) {
        let shard = self.shard(hash);
        let current = shard.load_full();
        let next =
            if current.has_ended(now) { change(&current.swept(now)) } else { change(&current) };
        *entries = (*entries + next.len()).saturating_sub(current.len());
        shard.store(Arc::new(next));
    }

    /// Drops what has nothing left to revoke. When that makes too little room for the effort,
    /// everyone logs in again.
    fn make_room(&self, now: NumericDate, entries: &mut usize) {
        *entries = 0;
        for shard in &self.shards {
            let swept = shard.load().swept(now);
            *entries += swept.len();
            shard.store(Arc::new(swept));
        }
        if *entries <= self.max_entries - self.max_entries / 16 {
            return;
        }
        let loads = self.shards.iter().map(ArcSwap::load);
        let covered =
            loads.filter_map(|shard| Some(shard.latest_login()).max(latest_not_before(&shard)));
        if let Some(not_before) = covered.max() {
            self.refuse_everyone(not_before);
        }
        let empty = Arc::new(Shard::default());
        for shard in &self.shards {
            shard.store(Arc::clone(&empty));
        }
        *entries = 0;
    }

    /// How many entries the sessions of one subject may take, so that no single one fills the list.
    fn sessions_of_subject(&self, entries: usize) -> usize {
        let room = self.max_entries.saturating_sub(entries);
        (room / 64).clamp(1, Self::MAX_SESSIONS_OF_SUBJECT)
    }

    /// Until when a session is revoked whose subject is not known.
    fn stray(&self, sid: SessionId) -> Option<NumericDate> {
        if !self.has_strays.load(Ordering::Acquire) {
            return None;
        }
        let shard = self.shard(self.hasher.hash_one(sid)).load();
        shard.session(sid).map(|entry| entry.until)
    }

    fn shard(&self, hash: u64) -> &ArcSwap<Shard> {
        // A power of two of them, so the mask is the remainder.
        let index = usize::try_from(hash).unwrap_or(usize::MAX) & (self.shards.len() - 1);
        &self.shards[index]
    }

    /// Subjects are chosen by their users, so the hash has a key that nobody knows.
    fn hash_subject(&self, subject: &str) -> SubjectHash {
        NonZeroU64::new(self.hasher.hash_one(subject)).unwrap_or(NonZeroU64::MIN)
    }

    fn lock(&self) -> MutexGuard<'_, usize> {
        // Nothing that runs under the lock leaves it half-done.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for RevocationList {
    fn default() -> Self {
        Self::with_max_entries(Self::MAX_ENTRIES)
    }
}

impl fmt::Debug for RevocationList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RevocationList").field("entries", &self.len()).finish_non_exhaustive()
    }
}

fn facts(shard: &Shard) -> Vec<Revocation> {
    let sessions = shard.sessions().iter().map(|entry| Revocation::Session {
        sid: entry.sid,
        subject: None,
        auth_time: shard.latest_login(),
        until: entry.until,
    });
    let subjects = shard.subjects().iter().map(|entry| Revocation::Subject {
        subject: entry.subject.clone(),
        not_before: entry.not_before,
        until: entry.until,
    });
    sessions.chain(subjects).collect()
}

fn latest_not_before(shard: &Shard) -> Option<NumericDate> {
    shard.subjects().iter().map(|entry| entry.not_before).max()
}

fn later_than(refused: Option<NumericDate>, now: NumericDate) -> NumericDate {
    refused.map_or(now, |refused| now.max(refused.saturating_add(1)))
}

/// How many entries a shard has when the list is full: few enough to be copied for each change,
/// enough to be small beside their own.
const ENTRIES_OF_SHARD: usize = 64;

/// The list's own memory, without an entry, is 8 bytes for each.
const MAX_SHARDS: usize = 1 << 20;
