//! One immutable view of what is revoked.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::Arc;

use sealpass_jose::NumericDate;

use super::shard::{SessionEntry, Shard, SubjectEntry};
use crate::session_id::SessionId;

/// Revoked sessions, and the times before which a subject, or anyone, must have logged in to be
/// refused.
///
/// Changing it makes a new one that shares what did not change, and changes only ever add: joining
/// two views is `max`, so their order and repetition do not matter. An entry is dropped only once
/// nothing it revokes could still be renewed.
#[derive(Clone, Debug)]
pub struct Revocations {
    /// Entries by the hash of their sid or subject, so that a change copies a small part.
    shards: Vec<Arc<Shard>>,
    /// Logins at or before this time are refused, whoever made them.
    not_before: Option<NumericDate>,
}

const SHARDS: usize = 64;

/// When something is revoked, by a clock that may have been set back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    /// The clock's time: what has not ended by it may still be presented.
    pub(super) now: NumericDate,
    /// The latest time the clock ever had: nobody has logged in later.
    pub(super) latest: NumericDate,
}

impl Default for Revocations {
    fn default() -> Self {
        Self { shards: vec![Arc::default(); SHARDS], not_before: None }
    }
}

impl Revocations {
    /// Entries kept before the list coarsens: about 10 MB, and 30 MB when every subject is as long
    /// as can be.
    pub const MAX_ENTRIES: usize = 100_000;

    /// Whether a session of `subject`, logged in at `auth_time`, is revoked.
    #[must_use]
    pub fn is_revoked(&self, sid: SessionId, subject: &str, auth_time: NumericDate) -> bool {
        self.not_before.is_some_and(|not_before| auth_time <= not_before)
            || self.session(sid).is_some()
            || self.subject(subject).is_some_and(|entry| auth_time <= entry.not_before)
    }

    /// The `auth_time` of a login of `subject` at `now`: a second later than whatever is refused.
    ///
    /// Times are whole seconds, so a login right after a logout-everywhere would otherwise be
    /// refused for the rest of that second.
    pub(crate) fn login_time(&self, subject: &str, now: NumericDate) -> NumericDate {
        let refused = self.subject(subject).map(|entry| entry.not_before).max(self.not_before);
        later_than(refused, now)
    }

    /// Revoked sessions and subjects held at the moment.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.len()).sum()
    }

    /// Whether nothing is revoked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0 && self.not_before.is_none()
    }

    /// Until when a session is revoked, when it is.
    pub(super) fn revoked_until(&self, sid: SessionId) -> Option<NumericDate> {
        self.session(sid).map(|entry| entry.until)
    }

    pub(super) fn with_session(
        &self,
        sid: SessionId,
        subject: &str,
        until: NumericDate,
        moment: Moment,
    ) -> Self {
        let mut next = self.clone();
        next.change(&sid, moment.now, |shard| shard.revoke_session(sid, subject, until));
        next.bounded(moment)
    }

    pub(super) fn with_subject(&self, subject: &str, until: NumericDate, moment: Moment) -> Self {
        let mut next = self.clone();
        // Not just `now`: a login may have been given a later time than the clock's.
        let not_before = self.login_time(subject, moment.latest);
        // Nor may the entry go while such a login is still ahead of the clock.
        let until = until.max(not_before.saturating_add(1));
        next.change(subject, moment.now, |shard| {
            shard.revoke_subject(subject, SubjectEntry { not_before, until });
        });
        next.bounded(moment)
    }

    /// Refuses every login made so far, which makes every other entry superfluous.
    pub(super) fn with_everyone(&self, moment: Moment) -> Self {
        let refused = self.shards.iter().filter_map(|shard| shard.latest_not_before()).max();
        let not_before = later_than(refused.max(self.not_before), moment.latest);
        Self { not_before: Some(not_before), ..Self::default() }
    }

    /// Past the memory bound the list coarsens and never un-revokes: the subject with the most
    /// logouts is logged out everywhere, which takes one entry. When nobody stands out, everyone
    /// logs in again.
    fn bounded(mut self, moment: Moment) -> Self {
        if self.len() <= Self::MAX_ENTRIES {
            return self;
        }
        for shard in &mut self.shards {
            Arc::make_mut(shard).sweep(moment.now);
        }
        if self.len() <= Self::MAX_ENTRIES {
            return self;
        }
        let mut logouts: HashMap<&str, (usize, NumericDate)> = HashMap::new();
        for entry in self.shards.iter().flat_map(|shard| shard.sessions()) {
            let (count, until) = logouts.entry(&entry.subject).or_insert((0, entry.until));
            *count += 1;
            *until = entry.until.max(*until);
        }
        match logouts.into_iter().max_by_key(|(_, (count, _))| *count) {
            Some((subject, (count, until))) if count > 1 => {
                let mut next = self.clone();
                for shard in &mut next.shards {
                    Arc::make_mut(shard).forget_sessions_of(subject);
                }
                next.with_subject(subject, until, moment)
            }
            _ => self.with_everyone(moment),
        }
    }

    /// Changes the shard of `key`, and drops what has nothing left to revoke there.
    fn change<K: std::hash::Hash + ?Sized>(
        &mut self,
        key: &K,
        now: NumericDate,
        change: impl FnOnce(&mut Shard),
    ) {
        if let Some(shard) = self.shards.get_mut(shard_of(key)) {
            let shard = Arc::make_mut(shard);
            shard.sweep(now);
            change(shard);
        }
    }

    fn session(&self, sid: SessionId) -> Option<&SessionEntry> {
        self.shards.get(shard_of(&sid))?.session(sid)
    }

    fn subject(&self, subject: &str) -> Option<&SubjectEntry> {
        self.shards.get(shard_of(subject))?.subject(subject)
    }
}

/// Which shard a sid or a subject belongs to. Spread is all that matters here: what keeps the maps
/// themselves from being flooded is their own hasher.
fn shard_of<K: std::hash::Hash + ?Sized>(key: &K) -> usize {
    let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(key);
    usize::try_from(hash % SHARDS as u64).unwrap_or_default()
}

fn later_than(refused: Option<NumericDate>, now: NumericDate) -> NumericDate {
    refused.map_or(now, |refused| now.max(refused.saturating_add(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> NumericDate {
        NumericDate::from_secs(seconds)
    }

    fn moment(seconds: u64) -> Moment {
        Moment { now: at(seconds), latest: at(seconds) }
    }

    fn sid() -> SessionId {
        SessionId::generate().unwrap()
    }

    /// Fills the list up to its bound, without the copies that a shared view would cost.
    fn fill(list: &mut Revocations, subject: impl Fn(usize) -> String, until: NumericDate) {
        fill_beside(list, None, subject, until);
    }

    /// The same, leaving the shard of `spared` alone.
    fn fill_beside(
        list: &mut Revocations,
        spared: Option<SessionId>,
        subject: impl Fn(usize) -> String,
        until: NumericDate,
    ) {
        let spared = spared.map(|sid| shard_of(&sid));
        let sids = std::iter::repeat_with(sid).filter(|sid| Some(shard_of(sid)) != spared);
        for (number, sid) in (list.len()..Revocations::MAX_ENTRIES).zip(sids) {
            let shard = Arc::make_mut(&mut list.shards[shard_of(&sid)]);
            shard.revoke_session(sid, &subject(number), until);
        }
        assert_eq!(list.len(), Revocations::MAX_ENTRIES);
    }

    #[test]
    fn a_list_full_of_dead_entries_is_swept_before_anyone_pays_for_it() {
        let sid = sid();
        let mut list = Revocations::default();
        fill_beside(&mut list, Some(sid), |_| "ada".into(), at(200));
        let swept = list.with_session(sid, "bob", at(900), moment(200));
        assert_eq!(swept.len(), 1);
        assert!(!swept.is_revoked(SessionId::generate().unwrap(), "ada", at(100)));
    }

    #[test]
    fn a_session_is_revoked_until_it_is_useless_anyway() {
        let (sid, other) = (sid(), sid());
        let revoked = Revocations::default().with_session(sid, "ada", at(200), moment(100));
        assert!(revoked.is_revoked(sid, "ada", at(50)));
        assert!(!revoked.is_revoked(other, "ada", at(50)));
        // Revoking it once more is what sweeps its shard.
        assert_eq!(
            revoked.with_session(sid, "ada", at(150), moment(199)).revoked_until(sid),
            Some(at(200))
        );
        assert_eq!(
            revoked.with_session(sid, "ada", at(300), moment(200)).revoked_until(sid),
            Some(at(300))
        );
    }

    #[test]
    fn dead_entries_are_dropped() {
        let mut list = Revocations::default();
        for _ in 0..1_000 {
            list = list.with_session(sid(), "ada", at(200), moment(100));
        }
        for _ in 0..1_000 {
            list = list.with_session(sid(), "bob", at(900), moment(200));
        }
        assert!(list.len() < 1_010, "{}", list.len());
    }

    #[test]
    fn joining_is_max_whatever_the_order() {
        let sid = sid();
        for (first, second) in [(200, 300), (300, 200)] {
            let list = Revocations::default()
                .with_session(sid, "ada", at(first), moment(100))
                .with_session(sid, "ada", at(second), moment(100));
            assert_eq!(list.revoked_until(sid), Some(at(300)));
        }
    }

    #[test]
    fn a_login_in_the_second_of_a_logout_everywhere_lives_and_can_be_revoked_again() {
        let sid = sid();
        let mut list = Revocations::default();
        let mut login = list.login_time("ada", at(100));
        for _ in 0..3 {
            list = list.with_subject("ada", at(900), moment(100));
            assert!(list.is_revoked(sid, "ada", login), "an earlier login survived");
            login = list.login_time("ada", at(100));
            assert!(!list.is_revoked(sid, "ada", login), "a new login was refused");
        }
        assert!(list.with_everyone(moment(100)).is_revoked(sid, "ada", login));
        assert!(!list.is_revoked(sid, "bob", at(100)));
    }

    #[test]
    fn a_login_pushed_ahead_of_the_clock_does_not_outlive_the_entry_that_pushed_it() {
        let (sid, other) = (sid(), sid());
        let mut list = Revocations::default();
        for _ in 0..5_000 {
            list = list.with_subject("ada", at(3_700), moment(100));
        }
        let ahead = list.login_time("ada", at(100));
        assert!(ahead > at(5_000));
        // Long after the entry's own end, while the login is still ahead of the clock.
        for now in [3_701, 5_000, ahead.as_secs()] {
            let later = list.with_session(other, "bob", at(9_999), moment(now));
            assert!(
                later.with_subject("ada", at(9_999), moment(now)).is_revoked(sid, "ada", ahead),
                "{now}"
            );
            assert!(later.with_everyone(moment(now)).is_revoked(sid, "ada", ahead), "{now}");
        }
    }

    #[test]
    fn a_clock_that_is_set_back_revokes_the_logins_of_the_time_it_lost() {
        let (first, second) = (sid(), sid());
        let set_back = Moment { now: at(50), latest: at(100) };
        let list = Revocations::default().with_session(first, "ada", at(90), moment(20));
        let list = list.with_subject("ada", at(900), set_back);
        assert!(list.is_revoked(second, "ada", at(100)), "a login of the lost time survived");
        assert!(list.with_session(second, "ada", at(900), set_back).is_revoked(
            first,
            "bob",
            at(100)
        ));
    }

    #[test]
    fn a_user_who_fills_the_list_logs_only_themselves_out() {
        let (first, bystander) = (sid(), sid());
        let mut list = Revocations::default().with_session(first, "mallory", at(900), moment(100));
        list = list.with_session(bystander, "ada", at(900), moment(100));
        let late_login = list.login_time("mallory", at(100));
        fill(&mut list, |_| "mallory".into(), at(900));
        let coarse = list.with_session(sid(), "mallory", at(900), moment(100));
        assert_eq!(coarse.len(), 2, "one entry for mallory, one for ada's session");
        assert!(coarse.is_revoked(first, "mallory", late_login));
        assert!(coarse.is_revoked(bystander, "ada", at(100)));
        assert!(!coarse.is_revoked(sid(), "ada", at(100)), "a bystander was logged out");
        assert!(!coarse.is_revoked(sid(), "mallory", coarse.login_time("mallory", at(100))));
    }

    #[test]
    fn overflow_coarsens_and_never_un_revokes() {
        let sid = sid();
        let mut list = Revocations::default().with_subject("ada", at(900), moment(100));
        let late_login = list.login_time("ada", at(100));
        list = list.with_session(sid, "ada", at(900), moment(100));
        fill(&mut list, |number| number.to_string(), at(900));

        let coarse = list.with_session(SessionId::generate().unwrap(), "eve", at(900), moment(100));
        assert_eq!(coarse.len(), 0);
        assert!(coarse.is_revoked(sid, "ada", late_login));
        assert!(coarse.is_revoked(SessionId::generate().unwrap(), "anyone", at(100)));
        assert!(!coarse.is_revoked(sid, "ada", coarse.login_time("ada", at(100))));
    }
}
