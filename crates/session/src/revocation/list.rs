//! The list: readers take what is there, writers put a new part in its place.

use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::{BuildHasher as _, Hasher as _};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use sealpass_jose::NumericDate;
use sealpass_jose::random::{self, RandomError};

use super::feed::FeedLog;
use super::load::Load;
use super::shard::{Session, Shard, SubjectEntry};
use super::write::Writing;
use super::{Cursor, Page, Revocation};
use crate::credential::Subject;
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
    pub(super) shards: Box<[ArcSwap<Shard>]>,
    pub(super) hasher: RandomState,
    /// Logins before this second are refused, whoever made them; 0 refuses none.
    pub(super) everyone: AtomicU64,
    /// Tokens issued before this second are refused, whoever they are for.
    known_since: AtomicU64,
    /// Whether there ever was a session whose subject is not known. It is in the shard of its sid.
    pub(super) has_strays: AtomicBool,
    pub(super) max_entries: usize,
    pub(super) writing: Mutex<Writing>,
    /// In the place of each part that has nothing in it.
    pub(super) empty: Arc<Shard>,
    /// The latest time of a login, a renewal or a logout, in seconds. A clock that is set back must
    /// not make a logout-everywhere miss the logins of the time it lost.
    latest: AtomicU64,
    /// Until when the list can be trusted to be whole, in seconds.
    fresh_until: AtomicU64,
    /// What others follow; none, nobody does.
    pub(super) feed: Option<Mutex<FeedLog>>,
}

impl RevocationList {
    /// Entries kept before the list coarsens, unless told otherwise. Each takes about 30 bytes and
    /// the name of its subject.
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
            known_since: AtomicU64::new(0),
            has_strays: AtomicBool::new(false),
            max_entries,
            writing: Mutex::default(),
            empty,
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
        self.is_revoked_of(self.hash_subject(subject), sid, auth_time)
    }

    /// The same for the subject that this list hashes to `hash`.
    pub(crate) fn is_revoked_of(&self, hash: u64, sid: SessionId, auth_time: NumericDate) -> bool {
        let shard = self.shard(hash).load();
        shard.session(sid).is_some()
            || shard.subject(hash).is_some_and(|entry| auth_time <= entry.not_before)
            || self.stray(sid).is_some()
            // Last: entries go only after what stands for them is here.
            || auth_time.as_secs() < self.everyone.load(Ordering::Acquire)
    }

    /// Whether it is known who was logged out since a token that was issued at `issued_at`
    /// ([`Revocation::Issued`]). Where it is not, the token is refused.
    #[must_use]
    pub fn knows_since(&self, issued_at: NumericDate) -> bool {
        self.known_since.load(Ordering::Acquire) <= issued_at.as_secs()
    }

    /// Lets `fact` take effect. What could do nothing at `now` any more is left out.
    pub fn apply(&self, fact: &Revocation, now: NumericDate) {
        let mut writing = self.lock();
        self.tell(fact, now);
        match fact {
            Revocation::Everyone { not_before } => self.refuse_everyone(*not_before),
            Revocation::Issued { before } => {
                self.known_since.fetch_max(before.as_secs(), Ordering::AcqRel);
            }
            Revocation::Session { until, .. } | Revocation::Subject { until, .. }
                if *until <= now => {}
            Revocation::Session { sid, subject, auth_time, until } => {
                let (hash, name) = self.place_of_session(*sid, subject.as_ref());
                let session = Session { sid: *sid, subject: name, until: *until };
                let limit = self.sessions_of_subject(writing.entries);
                self.change(hash, now, &mut writing, |shard| {
                    let shard = shard.with_session(session, *auth_time);
                    match subject {
                        Some(subject) if shard.has_more_than(limit, subject) => {
                            shard.coarsened(hash, subject)
                        }
                        Some(_) | None => shard,
                    }
                });
            }
            Revocation::Subject { subject, not_before, until } => {
                let (not_before, until) = (*not_before, *until);
                let hash = self.hash_subject(subject.as_str());
                let entry = SubjectEntry { hash, subject: subject.clone(), not_before, until };
                self.change(hash, now, &mut writing, |shard| shard.with_subject(entry));
            }
        }
        self.make_room(now, &mut writing);
    }

    /// Takes in many facts, such as those that a store kept: as [`RevocationList::apply`] for each of
    /// them, in a fraction of the time. They have no effect until [`Load::finish`].
    pub fn load(&self, now: NumericDate) -> Load<'_> {
        Load::new(self, now)
    }

    /// Every fact there is, for a store that begins anew.
    ///
    /// Facts that are applied meanwhile may or may not be among them.
    pub fn iter(&self) -> impl Iterator<Item = Revocation> {
        // In this order, an entry that goes while we look has what stands for it still ahead.
        let facts = self.shards.iter().flat_map(|shard| facts(&shard.load()));
        facts.chain(std::iter::once_with(|| self.facts_about_everyone()).flatten())
    }

    /// What whoever has read up to `since` is to read next; none without
    /// [`RevocationList::with_feed`].
    #[must_use]
    pub fn page(&self, since: Option<Cursor>) -> Option<Page> {
        let feed = self.feed.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner);
        Some(feed.page(since, Page::MAX_BYTES))
    }

    /// Whether `fact` adds to what is known.
    pub(super) fn is_news(&self, fact: &Revocation, now: NumericDate) -> bool {
        if fact.until().is_some_and(|until| until <= now) {
            return false;
        }
        match fact {
            Revocation::Everyone { not_before } => self.refused_everyone() < Some(*not_before),
            Revocation::Issued { before } => self.known_since() < *before,
            Revocation::Session { sid, subject: Some(subject), until, .. } => {
                self.revoked_until(*sid, subject.as_str()) < Some(*until)
            }
            Revocation::Session { sid, subject: None, until, .. } => {
                self.stray(*sid) < Some(*until)
            }
            Revocation::Subject { subject, not_before, until } => {
                let hash = self.hash_subject(subject.as_str());
                let shard = self.shard(hash).load();
                !shard
                    .subject(hash)
                    .is_some_and(|known| known.not_before >= *not_before && known.until >= *until)
            }
        }
    }

    /// Entries held at the moment, some of which may have nothing left to revoke.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().entries
    }

    /// Whether nothing is revoked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0 && self.facts_about_everyone().next().is_none()
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

    /// The `not_before` that refuses every login of `subject` so far, by whatever clock, where none of
    /// them is later than `latest`: one of them may have been given a later time than its clock's.
    pub(crate) fn logout_time(&self, subject: &str, latest: NumericDate) -> NumericDate {
        later_than(self.refused(subject), latest)
    }

    /// The same for anyone.
    pub(crate) fn logout_time_of_everyone(&self, latest: NumericDate) -> NumericDate {
        let loads = self.shards.iter().map(ArcSwap::load);
        let refused = loads.filter_map(|shard| shard.latest_not_before()).max();
        later_than(refused.max(self.refused_everyone()), latest)
    }

    /// Until when a session is revoked by itself, when it is.
    pub(crate) fn revoked_until(&self, sid: SessionId, subject: &str) -> Option<NumericDate> {
        let shard = self.shard(self.hash_subject(subject)).load();
        shard.session(sid).max(self.stray(sid))
    }

    /// Takes note of the time; the answer is the latest there ever was.
    pub(crate) fn observe(&self, now: NumericDate) -> NumericDate {
        let before = self.latest.fetch_max(now.as_secs(), Ordering::AcqRel);
        now.max(NumericDate::from_secs(before))
    }

    /// The `not_before` that holds for `subject`.
    fn refused(&self, subject: &str) -> Option<NumericDate> {
        let hash = self.hash_subject(subject);
        let shard = self.shard(hash).load();
        shard.subject(hash).map(|entry| entry.not_before).max(self.refused_everyone())
    }

    fn refused_everyone(&self) -> Option<NumericDate> {
        self.everyone.load(Ordering::Acquire).checked_sub(1).map(NumericDate::from_secs)
    }

    /// Tokens issued before this time are refused.
    pub(crate) fn known_since(&self) -> NumericDate {
        NumericDate::from_secs(self.known_since.load(Ordering::Acquire))
    }

    fn facts_about_everyone(&self) -> impl Iterator<Item = Revocation> {
        let everyone = self.refused_everyone();
        let everyone = everyone.map(|not_before| Revocation::Everyone { not_before });
        let before = self.known_since();
        let issued = (before.as_secs() > 0).then_some(Revocation::Issued { before });
        everyone.into_iter().chain(issued)
    }

    pub(super) fn refuse_everyone(&self, not_before: NumericDate) {
        self.everyone.fetch_max(not_before.as_secs().saturating_add(1), Ordering::AcqRel);
    }

    /// Until when a session is revoked whose subject is not known.
    fn stray(&self, sid: SessionId) -> Option<NumericDate> {
        if !self.has_strays.load(Ordering::Acquire) {
            return None;
        }
        let shard = self.shard(self.hasher.hash_one(sid)).load();
        shard.session(sid)
    }

    pub(super) fn shard(&self, hash: u64) -> &ArcSwap<Shard> {
        &self.shards[self.place(hash)]
    }

    /// The number of the shard for a hash.
    pub(super) fn place(&self, hash: u64) -> usize {
        // A power of two of them, so the mask is the remainder.
        let place = hash & (self.shards.len() as u64 - 1);
        usize::try_from(place).unwrap_or_default()
    }

    /// Subjects are chosen by their users, so the hash has a key that nobody knows.
    pub(crate) fn hash_subject(&self, subject: &str) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        hasher.write(subject.as_bytes());
        hasher.finish()
    }

    /// Where a session is kept, and under which name. From now on there may be one without a name.
    pub(super) fn place_of_session<'s>(
        &self,
        sid: SessionId,
        subject: Option<&'s Subject>,
    ) -> (u64, &'s str) {
        if let Some(subject) = subject {
            return (self.hash_subject(subject.as_str()), subject.as_str());
        }
        self.has_strays.store(true, Ordering::Release);
        (self.hasher.hash_one(sid), "")
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Writing> {
        // Nothing that runs under the lock leaves it half-done.
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
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
    // There are sessions only where there is a latest login.
    let auth_time = shard.latest_login().unwrap_or(NumericDate::from_secs(0));
    let sessions = shard.sessions().map(|Session { sid, subject, until }| {
        // An empty name is none.
        Revocation::Session { sid, subject: Subject::new(subject).ok(), auth_time, until }
    });
    let subjects = shard.subjects().iter().map(|entry| Revocation::Subject {
        subject: entry.subject.clone(),
        not_before: entry.not_before,
        until: entry.until,
    });
    sessions.chain(subjects).collect()
}

fn later_than(refused: Option<NumericDate>, now: NumericDate) -> NumericDate {
    refused.map_or(now, |refused| now.max(refused.saturating_add(1)))
}

/// How many entries a shard has when the list is full: few enough to be copied for each change,
/// enough to be small beside their own.
const ENTRIES_OF_SHARD: usize = 64;

/// The list's own memory, without an entry, is 8 bytes for each.
const MAX_SHARDS: usize = 1 << 20;
