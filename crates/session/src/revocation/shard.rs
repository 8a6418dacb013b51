//! A part of the list, small enough to be copied for a change.

use std::collections::HashMap;
use std::sync::Arc;

use sealpass_jose::NumericDate;

use crate::session_id::SessionId;

#[derive(Clone, Debug, Default)]
pub(super) struct Shard {
    sessions: HashMap<SessionId, SessionEntry>,
    subjects: HashMap<Arc<str>, SubjectEntry>,
}

#[derive(Clone, Debug)]
pub(super) struct SessionEntry {
    /// Whose session it was, for the day the list must coarsen.
    pub(super) subject: Arc<str>,
    /// From when on nothing this entry revokes could still be presented.
    pub(super) until: NumericDate,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct SubjectEntry {
    /// Logins at or before this time are refused.
    pub(super) not_before: NumericDate,
    /// From when on nothing this entry revokes could still be presented.
    pub(super) until: NumericDate,
}

impl Shard {
    pub(super) fn len(&self) -> usize {
        self.sessions.len() + self.subjects.len()
    }

    pub(super) fn session(&self, sid: SessionId) -> Option<&SessionEntry> {
        self.sessions.get(&sid)
    }

    pub(super) fn subject(&self, subject: &str) -> Option<&SubjectEntry> {
        self.subjects.get(subject)
    }

    pub(super) fn sessions(&self) -> impl Iterator<Item = &SessionEntry> {
        self.sessions.values()
    }

    pub(super) fn latest_not_before(&self) -> Option<NumericDate> {
        self.subjects.values().map(|entry| entry.not_before).max()
    }

    pub(super) fn revoke_session(&mut self, sid: SessionId, subject: &str, until: NumericDate) {
        let entry = self
            .sessions
            .entry(sid)
            .or_insert_with(|| SessionEntry { subject: subject.into(), until });
        entry.until = until.max(entry.until);
    }

    pub(super) fn revoke_subject(&mut self, subject: &str, revoked: SubjectEntry) {
        let entry = self.subjects.entry(subject.into()).or_insert(revoked);
        entry.not_before = revoked.not_before.max(entry.not_before);
        entry.until = revoked.until.max(entry.until);
    }

    pub(super) fn forget_sessions_of(&mut self, subject: &str) {
        self.sessions.retain(|_, entry| *entry.subject != *subject);
    }

    /// Drops the entries that have nothing left to revoke.
    pub(super) fn sweep(&mut self, now: NumericDate) {
        self.sessions.retain(|_, entry| now < entry.until);
        self.subjects.retain(|_, entry| now < entry.until);
    }
}
