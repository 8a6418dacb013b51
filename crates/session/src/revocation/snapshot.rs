//! One immutable view of what is revoked.

use std::collections::HashMap;

use sealpass_jose::NumericDate;

use crate::session_id::SessionId;

/// Revoked sessions, and the times before which a subject, or anyone, must have logged in to be
/// refused.
///
/// Changing it makes a new one, and changes only ever add: joining two views is `max`, so their
/// order and repetition do not matter. An entry is dropped only once nothing it revokes could still
/// be renewed.
#[derive(Clone, Debug, Default)]
pub struct Revocations {
    sessions: HashMap<SessionId, NumericDate>,
    subjects: HashMap<Box<str>, SubjectRevocation>,
    /// Logins at or before this time are refused, whoever made them.
    not_before: Option<NumericDate>,
}

#[derive(Clone, Copy, Debug)]
struct SubjectRevocation {
    /// Logins at or before this time are refused.
    not_before: NumericDate,
    /// From when on nothing this entry revokes could still be presented.
    until: NumericDate,
}

impl Revocations {
    /// Entries kept before the list coarsens: about 10 MB.
    pub const MAX_ENTRIES: usize = 100_000;

    /// Whether a session of `subject`, logged in at `auth_time`, is revoked.
    #[must_use]
    pub fn is_revoked(&self, sid: SessionId, subject: &str, auth_time: NumericDate) -> bool {
        self.not_before.is_some_and(|not_before| auth_time <= not_before)
            || self.sessions.contains_key(&sid)
            || self.subjects.get(subject).is_some_and(|entry| auth_time <= entry.not_before)
    }

    /// The `auth_time` of a login of `subject` at `now`: a second later than whatever is refused.
    ///
    /// Times are whole seconds, so a login right after a logout-everywhere would otherwise be
    /// refused for the rest of that second.
    pub(crate) fn login_time(&self, subject: &str, now: NumericDate) -> NumericDate {
        let refused = self.subjects.get(subject).map(|entry| entry.not_before).max(self.not_before);
        later_than(refused, now)
    }

    /// Revoked sessions and subjects held at the moment.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sessions.len() + self.subjects.len()
    }

    /// Whether nothing is revoked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0 && self.not_before.is_none()
    }

    pub(super) fn with_session(
        &self,
        sid: SessionId,
        until: NumericDate,
        now: NumericDate,
    ) -> Self {
        let mut next = self.live(now);
        let entry = next.sessions.entry(sid).or_insert(until);
        *entry = until.max(*entry);
        next.bounded(now)
    }

    pub(super) fn with_subject(&self, subject: &str, until: NumericDate, now: NumericDate) -> Self {
        let mut next = self.live(now);
        // Not just `now`: a login may have been given a later time than the clock's.
        let not_before = self.login_time(subject, now);
        let entry =
            next.subjects.entry(subject.into()).or_insert(SubjectRevocation { not_before, until });
        *entry = SubjectRevocation { not_before, until: until.max(entry.until) };
        next.bounded(now)
    }

    /// Refuses every login made so far, which makes every other entry superfluous.
    pub(super) fn with_everyone(&self, now: NumericDate) -> Self {
        let latest =
            self.subjects.values().map(|entry| entry.not_before).max().max(self.not_before);
        Self { not_before: Some(later_than(latest, now)), ..Self::default() }
    }

    /// This view without the entries that have nothing left to revoke.
    fn live(&self, now: NumericDate) -> Self {
        Self {
            sessions: self
                .sessions
                .iter()
                .filter(|entry| now < *entry.1)
                .map(|(&sid, &until)| (sid, until))
                .collect(),
            subjects: self
                .subjects
                .iter()
                .filter(|entry| now < entry.1.until)
                .map(|(subject, &entry)| (subject.clone(), entry))
                .collect(),
            not_before: self.not_before,
        }
    }

    /// Past the memory bound everyone logs in again: overflow coarsens and never un-revokes.
    fn bounded(self, now: NumericDate) -> Self {
        if self.len() <= Self::MAX_ENTRIES { self } else { self.with_everyone(now) }
    }
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

    #[test]
    fn a_session_is_revoked_until_it_is_useless_anyway() {
        let sid = SessionId::generate().unwrap();
        let other = SessionId::generate().unwrap();
        let revoked = Revocations::default().with_session(sid, at(200), at(100));
        assert!(revoked.is_revoked(sid, "ada", at(50)));
        assert!(!revoked.is_revoked(other, "ada", at(50)));

        let kept = revoked.with_session(other, at(300), at(199));
        assert!(kept.is_revoked(sid, "ada", at(50)));
        let dropped = kept.with_session(other, at(300), at(200));
        assert!(!dropped.is_revoked(sid, "ada", at(50)));
        assert_eq!(dropped.len(), 1);
    }

    #[test]
    fn joining_is_max_whatever_the_order() {
        let sid = SessionId::generate().unwrap();
        for (first, second) in [(200, 300), (300, 200)] {
            let list = Revocations::default().with_session(sid, at(first), at(100)).with_session(
                sid,
                at(second),
                at(100),
            );
            assert!(list.with_subject("x", at(900), at(299)).is_revoked(sid, "ada", at(50)));
        }
    }

    #[test]
    fn a_login_in_the_second_of_a_logout_everywhere_lives_and_can_be_revoked_again() {
        let sid = SessionId::generate().unwrap();
        let mut list = Revocations::default();
        let mut login = list.login_time("ada", at(100));
        for _ in 0..3 {
            list = list.with_subject("ada", at(900), at(100));
            assert!(list.is_revoked(sid, "ada", login), "an earlier login survived");
            login = list.login_time("ada", at(100));
            assert!(!list.is_revoked(sid, "ada", login), "a new login was refused");
        }
        assert!(list.with_everyone(at(100)).is_revoked(sid, "ada", login));
        assert!(!list.is_revoked(sid, "bob", at(100)));
    }

    #[test]
    fn overflow_coarsens_and_never_un_revokes() {
        let sid = SessionId::generate().unwrap();
        let mut list = Revocations::default().with_subject("ada", at(900), at(100));
        let late_login = list.login_time("ada", at(100));
        list = list.with_session(sid, at(900), at(100));
        while list.sessions.len() < Revocations::MAX_ENTRIES - 1 {
            list.sessions.insert(SessionId::generate().unwrap(), at(900));
        }
        assert_eq!(list.len(), Revocations::MAX_ENTRIES);

        let coarse = list.with_session(SessionId::generate().unwrap(), at(900), at(100));
        assert!(coarse.len() <= 1);
        assert!(coarse.is_revoked(sid, "ada", late_login));
        for revoked in list.sessions.keys() {
            assert!(coarse.is_revoked(*revoked, "anyone", at(100)));
        }
        assert!(!coarse.is_revoked(sid, "ada", coarse.login_time("ada", at(100))));
    }
}
