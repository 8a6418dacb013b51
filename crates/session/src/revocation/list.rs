//! The current view, swapped as a whole.

use std::sync::Arc;

use arc_swap::ArcSwap;
use sealpass_jose::NumericDate;

use super::Revocations;
use crate::session_id::SessionId;

/// The revocations of one process, in memory.
///
/// Readers take the current [`Revocations`] and never wait; a writer makes the next view and swaps
/// it in. What is in memory ends with the process, and so do the tokens when their key does.
#[derive(Debug, Default)]
pub struct RevocationList {
    current: ArcSwap<Revocations>,
}

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

    /// Revokes one session. `until` is when the last token it can have becomes useless by itself.
    pub fn revoke_session(&self, sid: SessionId, until: NumericDate, now: NumericDate) {
        self.current.rcu(|current| current.with_session(sid, until, now));
    }

    /// Revokes every session that `subject` has at `now`.
    pub fn revoke_subject(&self, subject: &str, until: NumericDate, now: NumericDate) {
        self.current.rcu(|current| current.with_subject(subject, until, now));
    }

    /// Revokes every session there is at `now`.
    pub fn revoke_everyone(&self, now: NumericDate) {
        self.current.rcu(|current| current.with_everyone(now));
    }
}
