//! The current view, swapped as a whole.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;
use sealpass_jose::NumericDate;

use super::Revocations;
use super::snapshot::Moment;
use crate::session_id::SessionId;

/// The revocations of one process, in memory.
///
/// Readers take the current [`Revocations`] and never wait; a writer makes the next view and swaps
/// it in. What is in memory ends with the process, and so do the tokens when their key does.
#[derive(Debug, Default)]
pub struct RevocationList {
    current: ArcSwap<Revocations>,
    /// The latest time of a login or a logout, in seconds. A clock that is set back must not make a
    /// logout-everywhere miss the logins of the time it lost.
    latest: AtomicU64,
}

/// A second logout of a session changes nothing, unless it keeps the entry this much longer (s).
const WORTH_EXTENDING: u64 = 60;

impl RevocationList {
    /// The view as of now.
    #[must_use]
    pub fn snapshot(&self) -> Arc<Revocations> {
        self.current.load_full()
    }

    /// Whether a session is revoked.
    #[must_use]
    pub fn is_revoked(&self, sid: SessionId, subject: &str, auth_time: NumericDate) -> bool {
        self.current.load().is_revoked(sid, subject, auth_time)
    }

    /// Revokes one session of `subject`. `until` is when the last token it can have becomes useless
    /// by itself.
    pub fn revoke_session(
        &self,
        sid: SessionId,
        subject: &str,
        until: NumericDate,
        now: NumericDate,
    ) {
        let known = self.current.load().revoked_until(sid);
        if known.is_some_and(|known| until <= known.saturating_add(WORTH_EXTENDING)) {
            return;
        }
        let moment = self.observe(now);
        self.current.rcu(|current| current.with_session(sid, subject, until, moment));
    }

    /// Revokes every session that `subject` has at `now`.
    pub fn revoke_subject(&self, subject: &str, until: NumericDate, now: NumericDate) {
        let moment = self.observe(now);
        self.current.rcu(|current| current.with_subject(subject, until, moment));
    }

    /// Revokes every session there is at `now`.
    pub fn revoke_everyone(&self, now: NumericDate) {
        let moment = self.observe(now);
        self.current.rcu(|current| current.with_everyone(moment));
    }

    /// The `auth_time` of a login of `subject` at `now`, such that a later logout-everywhere covers
    /// it and an earlier one does not.
    pub(crate) fn login_time(&self, subject: &str, now: NumericDate) -> NumericDate {
        self.current.load().login_time(subject, self.observe(now).latest)
    }

    fn observe(&self, now: NumericDate) -> Moment {
        let before = self.latest.fetch_max(now.as_secs(), Ordering::AcqRel);
        Moment { now, latest: now.max(NumericDate::from_secs(before)) }
    }
}
