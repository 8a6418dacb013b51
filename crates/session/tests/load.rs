//! Facts taken in at once do what they do one by one.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::collection::vec;
use proptest::prelude::*;
use sealpass::credential::Subject;
use sealpass::revocation::{Revocation, RevocationList};
use sealpass::{NumericDate, SessionId};

const NOW: u64 = 1_800_000_000;

fn at(seconds: u64) -> NumericDate {
    NumericDate::from_secs(NOW + seconds)
}

/// One of a few sessions.
fn sid(number: u8) -> SessionId {
    let mut text = String::from("AAAAAAAAAAAAAAAAAAAAAA");
    text.replace_range(..1, &char::from(b'a' + number).to_string());
    SessionId::parse(&text).unwrap()
}

fn subject(number: u8) -> Subject {
    Subject::new(format!("user-{number}")).unwrap()
}

fn fact() -> impl Strategy<Value = Revocation> {
    let until = || (0..5_u64).prop_map(at);
    prop_oneof![
        8 => (0..20_u8, 0..5_u64, until()).prop_map(|(session, login, until)| {
            // Some are known without their user.
            let subject = (session < 16).then(|| subject(session % 4));
            Revocation::Session { sid: sid(session), subject, auth_time: at(login), until }
        }),
        2 => (0..4_u8, 0..5_u64, until()).prop_map(|(user, not_before, until)| {
            Revocation::Subject { subject: subject(user), not_before: at(not_before), until }
        }),
        1 => (0..5_u64).prop_map(|not_before| Revocation::Everyone { not_before: at(not_before) }),
        1 => (0..5_u64).prop_map(|before| Revocation::Issued { before: at(before) }),
    ]
}

fn one_by_one(list: &RevocationList, facts: &[Revocation]) {
    for fact in facts {
        list.apply(fact, at(1));
    }
}

fn at_once(list: &RevocationList, facts: &[Revocation]) {
    let mut load = list.load(at(1));
    for fact in facts {
        load.add(fact);
    }
    load.finish();
}

/// What the list holds. Of a login it knows the latest in a part of it, and parts are random.
fn all(list: &RevocationList) -> Vec<String> {
    let login = at(0);
    let mut all: Vec<_> = list
        .iter()
        .map(|fact| match fact {
            Revocation::Session { sid, subject, until, .. } => {
                format!("{:?}", Revocation::Session { sid, subject, auth_time: login, until })
            }
            other => format!("{other:?}"),
        })
        .collect();
    all.sort();
    all
}

fn is_revoked(list: &RevocationList, session: u8, login: u64) -> bool {
    list.is_revoked(sid(session), subject(session % 4).as_str(), at(login))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn with_room_the_list_is_the_same(before in vec(fact(), 0..10), facts in vec(fact(), 0..60)) {
        let (slow, fast) = (list(6_400), list(6_400));
        for list in [&slow, &fast] {
            one_by_one(list, &before);
        }
        one_by_one(&slow, &facts);
        at_once(&fast, &facts);
        prop_assert_eq!(fast.len(), slow.len());
        prop_assert_eq!(all(&fast), all(&slow));
    }

    #[test]
    fn without_room_nothing_is_let_in_that_was_revoked(
        max_entries in 1..8_usize,
        facts in vec(fact(), 0..60),
    ) {
        let list = list(max_entries);
        at_once(&list, &facts);
        prop_assert!(list.len() <= max_entries);
        for fact in &facts {
            match fact {
                Revocation::Session { until, .. } | Revocation::Subject { until, .. }
                    if *until <= at(1) => {}
                Revocation::Session { sid, subject, auth_time, .. } => {
                    let subject = subject.as_ref().map_or("user-0", Subject::as_str);
                    prop_assert!(list.is_revoked(*sid, subject, *auth_time), "{:?}", fact);
                }
                Revocation::Subject { subject, not_before, .. } => {
                    let other = SessionId::generate().unwrap();
                    prop_assert!(list.is_revoked(other, subject.as_str(), *not_before));
                }
                Revocation::Issued { before } => {
                    prop_assert!(!list.knows_since(before.saturating_sub(1)));
                }
                Revocation::Everyone { not_before } => {
                    let other = SessionId::generate().unwrap();
                    prop_assert!(list.is_revoked(other, "anyone", *not_before));
                }
            }
        }
    }
}

fn list(max_entries: usize) -> RevocationList {
    RevocationList::with_max_entries(max_entries)
}

#[test]
fn they_have_no_effect_before_the_end() {
    let list = list(1_000);
    let fact = Revocation::Subject { subject: subject(1), not_before: at(3), until: at(9) };
    let mut load = list.load(at(1));
    load.add(&fact);
    assert!(list.is_empty() && !is_revoked(&list, 1, 3));
    load.finish();
    assert!(is_revoked(&list, 1, 3) && !is_revoked(&list, 1, 4) && !is_revoked(&list, 2, 3));
}

#[test]
fn whoever_follows_the_list_is_told_of_them() {
    let list = list(1_000).with_feed().unwrap();
    let fact = Revocation::Subject { subject: subject(1), not_before: at(3), until: at(9) };
    at_once(&list, std::slice::from_ref(&fact));
    assert_eq!(list.page(None).unwrap().facts(), [fact]);
}

#[test]
fn a_user_with_a_great_many_logouts_comes_in_as_one_entry() {
    let list = list(100_000);
    let fact = |_| Revocation::Session {
        sid: SessionId::generate().unwrap(),
        subject: Some(subject(1)),
        auth_time: at(1),
        until: at(9),
    };
    at_once(&list, &(0..5_000).map(fact).collect::<Vec<_>>());
    assert_eq!(list.len(), 1);
    assert!(is_revoked(&list, 1, 1) && !is_revoked(&list, 1, 2) && !is_revoked(&list, 2, 1));
}
