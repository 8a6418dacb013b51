//! A part of the list, small enough to be copied for a change.

use sealpass_jose::NumericDate;

use crate::credential::Subject;
use crate::session_id::SessionId;

/// Entries whose subjects' hashes end alike. It is never changed: a change makes a new one.
#[derive(Clone, Debug, Default)]
pub(super) struct Shard {
    /// A bit for each sid that ends alike: most sessions that are not here need no search.
    filter: [u64; 4],
    /// By sid.
    sessions: Box<[SessionEntry]>,
    /// Whose these are, in their order, each with a line feed behind it, which no subject has;
    /// nothing before it where that is not known.
    names: Box<str>,
    /// By hash.
    subjects: Box<[SubjectEntry]>,
    /// No session here is of a later login.
    latest_login: Option<NumericDate>,
}

#[derive(Clone, Copy, Debug)]
struct SessionEntry {
    sid: SessionId,
    until: NumericDate,
}

/// A session that is revoked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Session<'s> {
    pub(super) sid: SessionId,
    /// Whose it was; empty when that is not known.
    pub(super) subject: &'s str,
    pub(super) until: NumericDate,
}

#[derive(Clone, Debug)]
pub(super) struct SubjectEntry {
    /// By the list's own key. Two subjects of one hash, which nobody can make happen, would be
    /// revoked together; neither would be let in by it.
    pub(super) hash: u64,
    pub(super) subject: Subject,
    /// Logins at or before this time are refused.
    pub(super) not_before: NumericDate,
    pub(super) until: NumericDate,
}

impl Shard {
    /// A shard of these, in any order. Of several that are about the same session or subject the
    /// later times count.
    pub(super) fn new(
        mut sessions: Vec<Session<'_>>,
        mut subjects: Vec<SubjectEntry>,
        latest_login: Option<NumericDate>,
    ) -> Self {
        join(
            &mut sessions,
            |session| session.sid,
            |kept, next| {
                kept.until = kept.until.max(next.until);
                kept.subject = kept.subject.max(next.subject);
            },
        );
        join_subjects(&mut subjects);
        let mut filter = [0; 4];
        let length = sessions.iter().map(|session| session.subject.len() + 1).sum();
        let mut names = String::with_capacity(length);
        for session in &sessions {
            let (word, bit) = place_in_filter(session.sid);
            filter[word] |= bit;
            names.push_str(session.subject);
            names.push('\n');
        }
        let latest_login = latest_login.filter(|_| !sessions.is_empty());
        let entry = |&Session { sid, until, .. }: &Session<'_>| SessionEntry { sid, until };
        Self {
            filter,
            sessions: sessions.iter().map(entry).collect(),
            names: names.into_boxed_str(),
            subjects: subjects.into_boxed_slice(),
            latest_login,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.sessions.len() + self.subjects.len()
    }

    /// Until when a session is revoked.
    pub(super) fn session(&self, sid: SessionId) -> Option<NumericDate> {
        let (word, bit) = place_in_filter(sid);
        if self.filter[word] & bit == 0 {
            return None;
        }
        let position = self.sessions.binary_search_by_key(&sid, |entry| entry.sid).ok()?;
        self.sessions.get(position).map(|entry| entry.until)
    }

    pub(super) fn subject(&self, hash: u64) -> Option<&SubjectEntry> {
        let position = self.subjects.binary_search_by_key(&hash, |entry| entry.hash).ok()?;
        self.subjects.get(position)
    }

    pub(super) fn sessions(&self) -> impl Iterator<Item = Session<'_>> {
        let entries = self.sessions.iter().zip(self.names.split_terminator('\n'));
        entries.map(|(&SessionEntry { sid, until }, subject)| Session { sid, subject, until })
    }

    pub(super) fn subjects(&self) -> &[SubjectEntry] {
        &self.subjects
    }

    /// When the latest login was of a session that is here, or later.
    pub(super) const fn latest_login(&self) -> Option<NumericDate> {
        self.latest_login
    }

    /// The latest time up to which logins of some subject are refused.
    pub(super) fn latest_not_before(&self) -> Option<NumericDate> {
        self.subjects.iter().map(|entry| entry.not_before).max()
    }

    /// Whether an entry has nothing left to revoke at `now`.
    pub(super) fn has_ended(&self, now: NumericDate) -> bool {
        self.sessions.iter().any(|entry| entry.until <= now)
            || self.subjects.iter().any(|entry| entry.until <= now)
    }

    /// The entries that still have something to revoke at `now`.
    pub(super) fn swept(&self, now: NumericDate) -> Self {
        let sessions = self.sessions().filter(|session| now < session.until).collect();
        let subjects = self.subjects.iter().filter(|entry| now < entry.until).cloned().collect();
        Self::new(sessions, subjects, self.latest_login)
    }

    /// The same with one more session, or with the known one revoked for longer.
    pub(super) fn with_session(&self, session: Session<'_>, auth_time: NumericDate) -> Self {
        let Session { sid, subject, until } = session;
        let latest_login = self.latest_login.max(Some(auth_time));
        let Err(place) = self.sessions.binary_search_by_key(&sid, |entry| entry.sid) else {
            let sessions = self.sessions().chain([session]).collect();
            return Self::new(sessions, self.subjects.to_vec(), latest_login);
        };
        // The common case, without sorting anything.
        let mut sessions = Vec::with_capacity(self.sessions.len() + 1);
        let (before, after) = self.sessions.split_at(place);
        sessions.extend_from_slice(before);
        sessions.push(SessionEntry { sid, until });
        sessions.extend_from_slice(after);
        let mut ends = memchr::memchr_iter(b'\n', self.names.as_bytes());
        let end = place.checked_sub(1).and_then(|last| ends.nth(last));
        let (before, after) = self.names.split_at(end.map_or(0, |end| end + 1));
        let mut filter = self.filter;
        let (word, bit) = place_in_filter(sid);
        filter[word] |= bit;
        Self {
            filter,
            sessions: sessions.into_boxed_slice(),
            names: [before, subject, "\n", after].concat().into_boxed_str(),
            subjects: self.subjects.clone(),
            latest_login,
        }
    }

    /// The same with a subject's logins refused up to a later time.
    pub(super) fn with_subject(&self, entry: SubjectEntry) -> Self {
        let mut subjects = self.subjects.iter().cloned().chain([entry]).collect();
        join_subjects(&mut subjects);
        Self { subjects: subjects.into_boxed_slice(), ..self.clone() }
    }

    /// The same with the sessions of one subject as one entry that revokes all of its logins so far.
    pub(super) fn coarsened(&self, hash: u64, subject: &Subject) -> Self {
        let (of_subject, others): (Vec<_>, Vec<_>) =
            self.sessions().partition(|session| session.subject == subject.as_str());
        let until = of_subject.iter().map(|session| session.until).max();
        let entry = until.zip(self.latest_login).map(|(until, not_before)| {
            let subject = subject.clone();
            SubjectEntry { hash, subject, not_before, until }
        });
        let subjects = self.subjects.iter().cloned().chain(entry).collect();
        Self::new(others, subjects, self.latest_login)
    }

    pub(super) fn subjects_with_more_than(&self, limit: usize) -> Vec<Subject> {
        if self.sessions.len() <= limit {
            return Vec::new();
        }
        let mut names: Vec<_> = self.names.split_terminator('\n').collect();
        names.sort_unstable();
        let of_one = names.chunk_by(|name, next| name == next).filter(|same| same.len() > limit);
        // A name that is not known makes no subject.
        of_one.filter_map(|same| Subject::new(*same.first()?).ok()).collect()
    }

    /// Whether a subject has more than `limit` sessions here.
    pub(super) fn has_more_than(&self, limit: usize, subject: &Subject) -> bool {
        let is_theirs = |session: &Session<'_>| session.subject == subject.as_str();
        self.sessions.len() > limit && self.sessions().filter(is_theirs).count() > limit
    }
}

fn join_subjects(subjects: &mut Vec<SubjectEntry>) {
    join(
        subjects,
        |entry| entry.hash,
        |kept, next| {
            kept.not_before = kept.not_before.max(next.not_before);
            kept.until = kept.until.max(next.until);
        },
    );
}

/// Sorts entries by their key, and puts those of one key together.
fn join<T, K: Ord>(entries: &mut Vec<T>, key: impl Fn(&T) -> K, join: impl Fn(&mut T, &T)) {
    entries.sort_unstable_by_key(&key);
    entries.dedup_by(|next, kept| {
        let is_same = key(next) == key(kept);
        if is_same {
            join(kept, next);
        }
        is_same
    });
}

/// Sids are random, so any eight bits of them will do.
fn place_in_filter(sid: SessionId) -> (usize, u64) {
    let last = sid.as_bytes()[15];
    (usize::from(last >> 6), 1 << (last & 63))
}
