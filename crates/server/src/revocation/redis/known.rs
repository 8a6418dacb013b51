//! What the stream has, to tell what it lacks.

use std::collections::{BTreeMap, HashMap};

use sealpass_tower::sealpass::revocation::Revocation;
use sealpass_tower::sealpass::{NumericDate, SessionId};

/// The join of everything that was read.
#[derive(Debug, Default)]
pub(super) struct Known {
    sessions: BTreeMap<SessionId, NumericDate>,
    subjects: HashMap<String, (NumericDate, NumericDate)>,
    everyone: Option<NumericDate>,
    issued: Option<NumericDate>,
}

impl Known {
    pub(super) fn add(&mut self, fact: &Revocation) {
        match fact {
            Revocation::Everyone { not_before } => {
                self.everyone = self.everyone.max(Some(*not_before));
            }
            Revocation::Issued { before } => {
                self.issued = self.issued.max(Some(*before));
            }
            Revocation::Session { sid, until, .. } => {
                let known = self.sessions.entry(*sid).or_insert(*until);
                *known = *until.max(known);
            }
            Revocation::Subject { subject, not_before, until } => {
                let known = self
                    .subjects
                    .entry(subject.as_str().to_owned())
                    .or_insert((*not_before, *until));
                *known = (*not_before.max(&known.0), *until.max(&known.1));
            }
        }
    }

    /// Whether `fact` adds nothing.
    pub(super) fn covers(&self, fact: &Revocation) -> bool {
        match fact {
            Revocation::Everyone { not_before } => self.everyone >= Some(*not_before),
            Revocation::Issued { before } => self.issued >= Some(*before),
            Revocation::Session { sid, until, .. } => {
                self.sessions.get(sid).is_some_and(|known| known >= until)
            }
            Revocation::Subject { subject, not_before, until } => self
                .subjects
                .get(subject.as_str())
                .is_some_and(|known| known.0 >= *not_before && known.1 >= *until),
        }
    }
}

#[cfg(test)]
mod tests {
    use sealpass_tower::sealpass::credential::Subject;

    use super::*;

    fn at(seconds: u64) -> NumericDate {
        NumericDate::from_secs(seconds)
    }

    fn session(sid: SessionId, until: u64) -> Revocation {
        Revocation::Session { sid, subject: None, auth_time: at(1), until: at(until) }
    }

    fn subject(name: &str, not_before: u64, until: u64) -> Revocation {
        let (not_before, until) = (at(not_before), at(until));
        Revocation::Subject { subject: Subject::new(name).unwrap(), not_before, until }
    }

    #[test]
    fn what_reaches_further_is_missing() {
        let sid = SessionId::generate().unwrap();
        let mut known = Known::default();
        let [everyone, issued] = Revocation::unknown_before(at(5));
        let facts = [session(sid, 10), subject("ada", 5, 10), everyone, issued];
        for fact in &facts {
            assert!(!known.covers(fact), "{fact:?}");
            known.add(fact);
            assert!(known.covers(fact), "{fact:?}");
        }
        assert!(known.covers(&session(sid, 9)));
        assert!(!known.covers(&session(sid, 11)));
        assert!(!known.covers(&session(SessionId::generate().unwrap(), 9)));
        assert!(!known.covers(&subject("ada", 6, 10)));
        assert!(!known.covers(&subject("ada", 5, 11)));
        assert!(!known.covers(&subject("bob", 1, 1)));
        for fact in Revocation::unknown_before(at(6)) {
            assert!(!known.covers(&fact), "{fact:?}");
        }
        // An older fact takes nothing back.
        known.add(&session(sid, 1));
        known.add(&subject("ada", 1, 1));
        for fact in Revocation::unknown_before(at(1)) {
            known.add(&fact);
        }
        assert!(facts.iter().all(|fact| known.covers(fact)));
    }
}
