//! What was revoked, in the order in which it became known here, for others to follow.

use std::collections::VecDeque;
use std::fmt;

use sealpass_jose::{NumericDate, base64url};

use super::Revocation;

/// How far a follower has come: a log, and the facts of it that were read.
///
/// A log lasts as long as its process, at most. Whoever comes with the cursor of another one begins
/// from the start: facts may be repeated.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Cursor {
    log: u64,
    read: u64,
}

/// Some facts, and where the next ones begin.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Page {
    facts: Vec<Revocation>,
    next: Cursor,
    has_more: bool,
}

/// The facts of a list that still mean something, oldest first.
#[derive(Debug)]
pub(super) struct FeedLog {
    id: u64,
    facts: VecDeque<Revocation>,
    /// How many were dropped before the first that is here.
    dropped: u64,
    max_facts: usize,
}

impl Cursor {
    /// Reads a cursor, as its `Display` writes it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 16] = base64url::decode(text.as_bytes()).ok()?.try_into().ok()?;
        let (log, read) = bytes.split_first_chunk()?;
        let read = u64::from_be_bytes(read.try_into().ok()?);
        Some(Self { log: u64::from_be_bytes(*log), read })
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [self.log.to_be_bytes(), self.read.to_be_bytes()].concat();
        f.write_str(&base64url::encode(&bytes))
    }
}

impl Page {
    /// The most bytes of encoded facts, unless a single one is longer: in base64url, with the rest of
    /// the claims, they fit into a token.
    pub const MAX_BYTES: usize = 3_000;

    /// The facts.
    #[must_use]
    pub fn facts(&self) -> &[Revocation] {
        &self.facts
    }

    /// Where the next ones begin.
    #[must_use]
    pub const fn next(&self) -> Cursor {
        self.next
    }

    /// Whether there are more already.
    #[must_use]
    pub const fn has_more(&self) -> bool {
        self.has_more
    }
}

impl FeedLog {
    /// An empty log, called by a random number.
    pub(super) fn new(id: u64, max_facts: usize) -> Self {
        Self { id, facts: VecDeque::new(), dropped: 0, max_facts }
    }

    /// Whether there is no room for another fact, even without those that mean nothing any more.
    pub(super) fn is_full(&mut self, now: NumericDate) -> bool {
        let is_over = |fact: &mut Revocation| fact.until().is_none_or(|until| until <= now);
        let mut everyone = None;
        while let Some(fact) = self.facts.pop_front_if(is_over) {
            self.dropped += 1;
            if let Revocation::Everyone { not_before } = fact {
                everyone = everyone.max(Some(not_before));
            }
        }
        // It holds for good. In front it would keep all that come after it, so it goes to the end.
        if let Some(not_before) = everyone {
            self.push(Revocation::Everyone { not_before });
        }
        self.facts.len() >= self.max_facts
    }

    /// Begins anew, as another log.
    pub(super) fn restart(&mut self, facts: impl Iterator<Item = Revocation>) {
        *self = Self {
            id: self.id.wrapping_add(1),
            facts: facts.collect(),
            dropped: 0,
            max_facts: self.max_facts,
        };
        self.max_facts = self.max_facts.max(2 * self.facts.len());
    }

    pub(super) fn push(&mut self, fact: Revocation) {
        self.facts.push_back(fact);
    }

    /// What follows `since`, or everything from the start, in at most `max_bytes` of encoded facts;
    /// at least one of them, if there is one.
    pub(super) fn page(&self, since: Option<Cursor>, max_bytes: usize) -> Page {
        let end = self.dropped + self.facts.len() as u64;
        let read = match since {
            Some(Cursor { log, read }) if log == self.id && read <= end => read.max(self.dropped),
            Some(_) | None => self.dropped,
        };
        let skip = usize::try_from(read - self.dropped).unwrap_or(usize::MAX);
        let (mut facts, mut size, mut encoded) = (Vec::new(), 0, Vec::new());
        for fact in self.facts.iter().skip(skip) {
            encoded.clear();
            fact.encode(&mut encoded);
            size += encoded.len() + PER_FACT;
            if size > max_bytes && !facts.is_empty() {
                break;
            }
            facts.push(fact.clone());
        }
        let read = read + facts.len() as u64;
        Page { facts, next: Cursor { log: self.id, read }, has_more: read < end }
    }
}

/// Bytes that a fact takes beside its own.
const PER_FACT: usize = 2;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session_id::SessionId;

    fn everyone(at: u64) -> Revocation {
        Revocation::Everyone { not_before: NumericDate::from_secs(at) }
    }

    fn log(facts: u64) -> FeedLog {
        let mut log = FeedLog::new(7, 100);
        (0..facts).for_each(|at| log.push(everyone(at)));
        log
    }

    #[test]
    fn pages_follow_each_other_without_a_gap() {
        let log = log(10);
        let (mut since, mut all) = (None, Vec::new());
        loop {
            let page = log.page(since, 3 * 11);
            assert!(page.facts.len() <= 3);
            all.extend_from_slice(page.facts());
            since = Cursor::parse(&page.next().to_string());
            if !page.has_more() {
                break;
            }
        }
        assert_eq!(all, (0..10).map(everyone).collect::<Vec<_>>());
        let rest = log.page(since, 1_000);
        assert!(rest.facts.is_empty() && !rest.has_more && Some(rest.next) == since);
        assert_eq!(log.page(None, 0).facts.len(), 1, "a page is never empty for want of room");
    }

    #[test]
    fn what_is_over_goes_though_everyone_was_refused_before_it() {
        let mut log = FeedLog::new(7, 100);
        let session = |until| Revocation::Session {
            sid: SessionId::generate().unwrap(),
            subject: None,
            auth_time: NumericDate::from_secs(1),
            until: NumericDate::from_secs(until),
        };
        let (over, alive) = ([session(10), session(11)], session(20));
        for fact in [everyone(1), over[0].clone(), everyone(2), over[1].clone(), alive.clone()] {
            assert!(!log.is_full(NumericDate::from_secs(9)));
            log.push(fact);
        }
        let read = log.page(None, 1_000).next;
        assert!(!log.is_full(NumericDate::from_secs(11)));
        assert_eq!(log.page(None, 1_000).facts, [alive, everyone(2)]);
        // Whoever had come as far reads at most that once more.
        assert_eq!(log.page(Some(read), 1_000).facts, [everyone(2)]);
        (0..98).for_each(|_| log.push(session(20)));
        assert!(log.is_full(NumericDate::from_secs(11)));
    }

    #[test]
    fn whoever_comes_from_another_log_begins_from_the_start() {
        let mut log = log(3);
        for since in [Cursor { log: 8, read: 2 }, Cursor { log: 7, read: 4 }] {
            assert_eq!(log.page(Some(since), 1_000).facts.len(), 3, "{since:?}");
        }
        let end = log.page(None, 1_000).next;
        log.restart([everyone(1)].into_iter());
        assert_eq!(log.page(Some(end), 1_000).facts, [everyone(1)]);
        for text in ["", "a", "AAAA", "AAAAAAAAAAAAAAAAAAAAAAAA"] {
            assert_eq!(Cursor::parse(text), None, "{text}");
        }
    }
}
