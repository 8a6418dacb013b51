//! A part of the list, small enough to be copied for a change.

use std::num::NonZeroU64;

use sealpass_jose::NumericDate;

use crate::credential::Subject;
use crate::session_id::SessionId;

/// Entries whose subjects' hashes end alike. It is never changed: a change makes a new one.
#[derive(Clone, Debug)]
pub(super) struct Shard {
    /// A bit for each sid that ends alike: most sessions that are not here need no search.
    filter: [u64; 4],
    /// By sid.
    sessions: Box<[SessionEntry]>,
    /// By hash.
    subjects: Box<[SubjectEntry]>,
    /// No session here is of a later login.
    latest_login: NumericDate,
}

/// A subject in 64 bits, by the list's own key. Two subjects of one hash, which nobody can make
/// happen, would be revoked together; neither would be let in by it.
pub(super) type SubjectHash = NonZeroU64;

#[derive(Clone, Copy, Debug)]
pub(super) struct SessionEntry {
    pub(super) sid: SessionId,
    /// Whose session it was, when that is known.
    pub(super) subject: Option<SubjectHash>,
    pub(super) until: NumericDate,
}

#[derive(Clone, Debug)]
pub(super) struct SubjectEntry {
    pub(super) hash: SubjectHash,
    pub(super) subject: Subject,
    /// Logins at or before this time are refused.
    pub(super) not_before: NumericDate,
    pub(super) until: NumericDate,
}

impl Default for Shard {
    fn default() -> Self {
        Self {
            filter: [0; 4],
            sessions: Box::default(),
            subjects: Box::default(),
            latest_login: NumericDate::from_secs(0),
        }
    }
}

impl Shard {
    pub(super) fn len(&self) -> usize {
        self.sessions.len() + self.subjects.len()
    }

    pub(super) fn session(&self, sid: SessionId) -> Option<&SessionEntry> {
        let (word, bit) = place_in_filter(sid);
        if self.filter[word] & bit == 0 {
            return None;
        }
        let position = self.sessions.binary_search_by_key(&sid, |entry| entry.sid).ok()?;
        self.sessions.get(position)
    }

    pub(super) fn subject(&self, hash: SubjectHash) -> Option<&SubjectEntry> {
        let position = self.subjects.binary_search_by_key(&hash, |entry| entry.hash).ok()?;
        self.subjects.get(position)
    }

    pub(super) fn sessions(&self) -> &[SessionEntry] {
        &self.sessions
    }

    pub(super) fn subjects(&self) -> &[SubjectEntry] {
        &self.subjects
    }

    pub(super) const fn latest_login(&self) -> NumericDate {
        self.latest_login
    }

    /// Whether an entry has nothing left to revoke at `now`.
    pub(super) fn has_ended(&self, now: NumericDate) -> bool {
        self.sessions.iter().any(|entry| entry.until <= now)
            || self.subjects.iter().any(|entry| entry.until <= now)
    }

    /// The entries that still have something to revoke at `now`.
    pub(super) fn swept(&self, now: NumericDate) -> Self {
        let alive = |entry: &&SessionEntry| now < entry.until;
        let sessions: Box<[SessionEntry]> = self.sessions.iter().filter(alive).copied().collect();
        let latest_login =
            if sessions.is_empty() { NumericDate::from_secs(0) } else { self.latest_login };
        let subjects = self.subjects.iter().filter(|entry| now < entry.until).cloned().collect();
        Self { filter: filter_of(&sessions), sessions, subjects, latest_login }
    }

    /// The same with one more session, or with the known one revoked for longer.
    pub(super) fn with_session(&self, entry: SessionEntry, auth_time: NumericDate) -> Self {
        let latest_login = auth_time.max(self.latest_login);
        let sessions = match self.sessions.binary_search_by_key(&entry.sid, |entry| entry.sid) {
            Ok(known) => {
                let mut sessions = self.sessions.clone();
                if let Some(known) = sessions.get_mut(known) {
                    known.until = entry.until.max(known.until);
                }
                sessions
            }
            Err(position) => inserted(&self.sessions, position, entry),
        };
        let mut filter = self.filter;
        let (word, bit) = place_in_filter(entry.sid);
        filter[word] |= bit;
        Self { filter, sessions, subjects: self.subjects.clone(), latest_login }
    }

    /// The same with a subject's logins refused up to a later time.
    pub(super) fn with_subject(&self, entry: SubjectEntry) -> Self {
        let subjects = match self.subjects.binary_search_by_key(&entry.hash, |entry| entry.hash) {
            Ok(known) => {
                let mut subjects = self.subjects.clone();
                if let Some(known) = subjects.get_mut(known) {
                    known.not_before = entry.not_before.max(known.not_before);
                    known.until = entry.until.max(known.until);
                }
                subjects
            }
            Err(position) => inserted(&self.subjects, position, entry),
        };
        Self { subjects, ..self.clone() }
    }

    /// The same with the sessions of one subject as one entry that revokes all of its logins so far.
    pub(super) fn coarsened(&self, hash: SubjectHash, subject: Subject) -> Self {
        let (of_subject, sessions): (Vec<SessionEntry>, Vec<SessionEntry>) =
            self.sessions.iter().partition(|entry| entry.subject == Some(hash));
        let Some(until) = of_subject.iter().map(|entry| entry.until).max() else {
            return self.clone();
        };
        let not_before = self.latest_login;
        let filter = filter_of(&sessions);
        Self { filter, sessions: sessions.into(), ..self.clone() }.with_subject(SubjectEntry {
            hash,
            subject,
            not_before,
            until,
        })
    }

    pub(super) fn sessions_of(&self, hash: SubjectHash) -> usize {
        self.sessions.iter().filter(|entry| entry.subject == Some(hash)).count()
    }
}

fn filter_of(sessions: &[SessionEntry]) -> [u64; 4] {
    let mut filter = [0; 4];
    for entry in sessions {
        let (word, bit) = place_in_filter(entry.sid);
        filter[word] |= bit;
    }
    filter
}

/// Sids are random, so any eight bits of them will do.
fn place_in_filter(sid: SessionId) -> (usize, u64) {
    let last = sid.as_bytes()[15];
    (usize::from(last >> 6), 1 << (last & 63))
}

fn inserted<T: Clone>(entries: &[T], position: usize, entry: T) -> Box<[T]> {
    let (before, after) = entries.split_at(position);
    let mut all = Vec::with_capacity(entries.len() + 1);
    all.extend_from_slice(before);
    all.push(entry);
    all.extend_from_slice(after);
    all.into_boxed_slice()
}
