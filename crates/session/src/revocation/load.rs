//! Many facts at once, such as those of a journal: each part of the list is made once.

use sealpass_jose::NumericDate;

use super::shard::{Session, Shard, SubjectEntry};
use super::{Revocation, RevocationList};
use crate::session_id::SessionId;

/// Facts that are being taken in; see [`RevocationList::load`].
#[derive(Debug)]
#[must_use = "the facts have no effect until `finish`"]
pub struct Load<'l> {
    list: &'l RevocationList,
    now: NumericDate,
    sessions: Vec<LoadedSession>,
    /// Whose they are, one after another.
    names: String,
    subjects: Vec<SubjectEntry>,
    /// Whether there was any fact at all about a session or a subject.
    is_news: bool,
}

#[derive(Debug)]
struct LoadedSession {
    /// The part of the list in which it belongs.
    place: usize,
    sid: SessionId,
    auth_time: NumericDate,
    until: NumericDate,
    /// Where its name ends among the names, and how long it is.
    name: (usize, u16),
}

impl<'l> Load<'l> {
    pub(super) const fn new(list: &'l RevocationList, now: NumericDate) -> Self {
        Self {
            list,
            now,
            sessions: Vec::new(),
            names: String::new(),
            subjects: Vec::new(),
            is_news: false,
        }
    }

    /// Takes a fact in, as [`RevocationList::apply`].
    pub fn add(&mut self, fact: &Revocation) {
        match fact {
            Revocation::Session { until, .. } | Revocation::Subject { until, .. }
                if *until <= self.now =>
            {
                return;
            }
            Revocation::Session { sid, subject, auth_time, until } => {
                let (hash, name) = self.list.place_of_session(*sid, subject.as_ref());
                self.names.push_str(name);
                // A subject has at most 256 bytes.
                let name = (self.names.len(), u16::try_from(name.len()).unwrap_or_default());
                let (place, sid) = (self.list.place(hash), *sid);
                let (auth_time, until) = (*auth_time, *until);
                self.sessions.push(LoadedSession { place, sid, auth_time, until, name });
            }
            Revocation::Subject { subject, not_before, until } => {
                let (not_before, until) = (*not_before, *until);
                let hash = self.list.hash_subject(subject.as_str());
                let subject = subject.clone();
                self.subjects.push(SubjectEntry { hash, subject, not_before, until });
            }
            Revocation::Everyone { .. } | Revocation::Issued { .. } => {
                return self.list.apply(fact, self.now);
            }
        }
        self.is_news = true;
        // The list coarsens where it would have if the facts had come one by one.
        if self.sessions.len() + self.subjects.len() > self.list.max_entries {
            self.flush();
        }
    }

    /// Lets the facts take effect.
    pub fn finish(mut self) {
        self.flush();
        if self.is_news {
            self.list.restart_feed();
        }
    }

    fn flush(&mut self) {
        self.sessions.sort_unstable_by_key(|session| session.place);
        self.subjects.sort_unstable_by_key(|entry| self.list.place(entry.hash));
        let of_sessions = self.sessions.iter().map(|session| session.place);
        let of_subjects = self.subjects.iter().map(|entry| self.list.place(entry.hash));
        let mut places: Vec<usize> = of_sessions.chain(of_subjects).collect();
        places.sort_unstable();
        places.dedup();
        let (mut sessions, mut subjects) = (self.sessions.as_slice(), self.subjects.as_slice());
        let mut writing = self.list.lock();
        for place in places {
            let of_place;
            (of_place, sessions) = split_while(sessions, |session| session.place == place);
            let entries;
            (entries, subjects) =
                split_while(subjects, |entry| self.list.place(entry.hash) == place);
            let Some(current) = self.list.shards.get(place) else { continue };
            let shard = self.shard(&current.load(), of_place, entries);
            let limit = RevocationList::MAX_SESSIONS_OF_SUBJECT;
            let shard = self.list.coarsened(&shard, limit).unwrap_or(shard);
            self.list.put(current, shard, &mut writing);
        }
        self.list.make_room(self.now, &mut writing);
        drop(writing);
        self.sessions.clear();
        self.subjects.clear();
        self.names.clear();
    }

    /// A shard of these and of what `before` has that still means something.
    fn shard(
        &self,
        before: &Shard,
        sessions: &[LoadedSession],
        subjects: &[SubjectEntry],
    ) -> Shard {
        let latest_login = sessions.iter().map(|session| session.auth_time).max();
        let added = sessions.iter().map(|session| {
            let (end, length) = session.name;
            let name = self.names.get(end.saturating_sub(length.into())..end);
            let (sid, until) = (session.sid, session.until);
            Session { sid, subject: name.unwrap_or_default(), until }
        });
        let known = before.sessions().filter(|session| self.now < session.until);
        let sessions = known.chain(added).collect();
        let known = before.subjects().iter().filter(|entry| self.now < entry.until);
        let subjects = known.chain(subjects).cloned().collect();
        Shard::new(sessions, subjects, before.latest_login().max(latest_login))
    }
}

fn split_while<T>(all: &[T], is_of_these: impl Fn(&T) -> bool) -> (&[T], &[T]) {
    all.split_at(all.iter().position(|item| !is_of_these(item)).unwrap_or(all.len()))
}
