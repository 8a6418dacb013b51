//! The list of revocations: what it keeps, what it drops, and what it does when it is full.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::sync::atomic::{AtomicBool, Ordering};

use http::Method;
use sealpass::credential::{Identity, Subject};
use sealpass::jose::{Key, KeyRing};
use sealpass::policy::{GrantError, StaleAnswer, Target};
use sealpass::revocation::{Revocation, RevocationList};
use sealpass::{Lifetimes, Origin, Policy, Problem, Rejection, SessionId};
use support::{Browser, LOGIN, ORIGIN, Roles, ada, at, policy, policy_with};

const UNTIL: u64 = LOGIN + 3_600;

fn sid() -> SessionId {
    SessionId::generate().unwrap()
}

fn session_until(sid: SessionId, subject: &str, until: u64) -> Revocation {
    let subject = Some(Subject::new(subject).unwrap());
    Revocation::Session { sid, subject, auth_time: at(LOGIN), until: at(until) }
}

fn session(sid: SessionId, subject: &str) -> Revocation {
    session_until(sid, subject, UNTIL)
}

fn subject(subject: &str, not_before: u64) -> Revocation {
    let subject = Subject::new(subject).unwrap();
    Revocation::Subject { subject, not_before: at(not_before), until: at(UNTIL) }
}

fn apply(list: &RevocationList, facts: &[Revocation]) {
    for fact in facts {
        list.apply(fact, at(LOGIN));
    }
}

/// Whether somebody who logs in now is let in.
fn lets_in(list: &RevocationList, subject: &str) -> bool {
    !list.is_revoked(sid(), subject, at(LOGIN + 1))
}

#[test]
fn a_session_is_revoked_by_its_sid_and_no_other() {
    let (list, ours) = (RevocationList::default(), sid());
    assert!(list.is_empty());
    apply(&list, &[session(ours, "ada")]);
    assert!(list.is_revoked(ours, "ada", at(LOGIN)));
    assert!(!list.is_revoked(sid(), "ada", at(LOGIN)));
    assert_eq!(list.len(), 1);
}

#[test]
fn a_session_of_an_unknown_subject_is_revoked_too() {
    let (list, ours) = (RevocationList::default(), sid());
    let stray =
        Revocation::Session { sid: ours, subject: None, auth_time: at(LOGIN), until: at(UNTIL) };
    apply(&list, &[stray]);
    assert!(list.is_revoked(ours, "ada", at(LOGIN)) && list.is_revoked(ours, "bob", at(LOGIN)));
    assert!(!list.is_revoked(sid(), "ada", at(LOGIN)));
}

#[test]
fn a_subject_is_revoked_up_to_a_login() {
    let list = RevocationList::default();
    apply(&list, &[subject("ada", LOGIN), subject("ada", LOGIN - 9)]);
    assert!(list.is_revoked(sid(), "ada", at(LOGIN)));
    assert!(lets_in(&list, "ada") && !list.is_revoked(sid(), "bob", at(LOGIN)));
    assert_eq!(list.len(), 1);
}

#[test]
fn everyone_is_revoked_up_to_a_login() {
    let list = RevocationList::default();
    for not_before in [LOGIN, LOGIN - 9] {
        apply(&list, &[Revocation::Everyone { not_before: at(not_before) }]);
    }
    assert!(list.is_revoked(sid(), "ada", at(LOGIN)) && lets_in(&list, "ada"));
    assert!(!list.is_empty());
}

#[test]
fn joining_is_max_whatever_the_order_and_however_often() {
    let ours = sid();
    for facts in [[100, 900, 500], [900, 500, 100], [500, 900, 900]] {
        let list = RevocationList::default();
        for seconds in facts {
            let fact = session_until(ours, "ada", LOGIN + seconds);
            apply(&list, &[fact.clone(), fact]);
        }
        let kept: Vec<_> = list.iter().map(|fact| fact.until().unwrap()).collect();
        assert_eq!(kept, [at(LOGIN + 900)]);
    }
}

#[test]
fn what_means_nothing_any_more_is_dropped_and_not_taken() {
    let list = RevocationList::with_max_entries(1);
    let (dead, alive) = (sid(), sid());
    list.apply(&session_until(dead, "ada", LOGIN), at(LOGIN));
    assert!(list.is_empty());
    list.apply(&session_until(dead, "ada", LOGIN + 1), at(LOGIN));
    list.apply(&session(alive, "bob"), at(LOGIN + 1));
    assert_eq!(list.len(), 1);
    assert!(lets_in(&list, "ada"), "it overflowed by the dead");
}

#[test]
fn every_fact_comes_out_again() {
    let (list, again) = (RevocationList::default(), RevocationList::default());
    let sids: Vec<_> = std::iter::repeat_with(sid).take(100).collect();
    for (number, sid) in sids.iter().enumerate() {
        apply(&list, &[session(*sid, &format!("user-{number}"))]);
    }
    let everyone = Revocation::Everyone { not_before: at(LOGIN - 100) };
    apply(&list, &[subject("ada", LOGIN), everyone.clone()]);
    let facts: Vec<_> = list.iter().collect();
    assert_eq!(facts.len(), 102);
    assert!(facts.contains(&subject("ada", LOGIN)) && facts.contains(&everyone));
    let mut sessions = sids.iter().enumerate();
    assert!(
        sessions.all(|(number, sid)| facts.contains(&session(*sid, &format!("user-{number}"))))
    );
    apply(&again, &facts);
    let mut sessions = sids.iter().enumerate();
    assert!(sessions.all(|(n, sid)| again.is_revoked(*sid, &format!("user-{n}"), at(LOGIN))));
    assert!(again.is_revoked(sid(), "ada", at(LOGIN)) && lets_in(&again, "ada"));
    assert!(again.is_revoked(sid(), "bob", at(LOGIN - 100)));
}

#[test]
fn a_user_who_logs_in_and_out_in_a_loop_logs_only_themselves_out() {
    let list = RevocationList::with_max_entries(6_400);
    let (first, bystander) = (sid(), sid());
    apply(&list, &[session(first, "mallory"), session(bystander, "ada")]);
    for _ in 0..20_000 {
        apply(&list, &[session(sid(), "mallory")]);
        assert!(list.is_revoked(first, "mallory", at(LOGIN)));
        assert!(list.len() < 110, "{}", list.len());
    }
    assert!(list.is_revoked(bystander, "ada", at(LOGIN)));
    assert!(!list.is_revoked(sid(), "ada", at(LOGIN)), "a bystander was logged out");
    assert!(list.is_revoked(sid(), "mallory", at(LOGIN)));
    assert!(lets_in(&list, "mallory"));
}

#[test]
fn a_loop_of_one_user_over_many_restarts_logs_only_them_out() {
    let begin = || RevocationList::with_max_entries(640);
    let mut list = begin();
    for _ in 0..200 {
        for _ in 0..5 {
            apply(&list, &[session(sid(), "mallory")]);
        }
        let kept: Vec<_> = list.iter().collect();
        assert!(kept.len() <= 15, "{}", kept.len());
        list = begin();
        apply(&list, &kept);
    }
    assert!(list.is_revoked(sid(), "mallory", at(LOGIN)));
    assert!(!list.is_revoked(sid(), "ada", at(LOGIN)), "a bystander was logged out");
}

#[test]
fn what_a_list_says_of_itself_adds_nothing_to_it() {
    let list = RevocationList::default();
    for number in 0..100 {
        apply(&list, &[session(sid(), &format!("user-{number}"))]);
    }
    apply(&list, &list.iter().collect::<Vec<_>>());
    assert_eq!(list.len(), 100, "an entry is there twice");
}

#[test]
fn users_pay_for_their_own_sessions_before_everyone_pays() {
    let list = RevocationList::with_max_entries(1_000);
    let sids: Vec<_> = std::iter::repeat_with(sid).take(1_001).collect();
    for (number, sid) in sids.iter().enumerate() {
        // In an empty list five sessions of a user are five entries, in a full one they are one.
        apply(&list, &[session(*sid, &format!("user-{}", number % 250))]);
    }
    assert!(sids.iter().enumerate().all(|(number, sid)| {
        list.is_revoked(*sid, &format!("user-{}", number % 250), at(LOGIN))
    }));
    assert!(!list.is_revoked(sid(), "a bystander", at(LOGIN)));
}

#[test]
fn the_fuller_the_list_the_sooner_a_user_becomes_one_entry() {
    let list = RevocationList::with_max_entries(640);
    let twice = |user: &str| {
        apply(&list, &[session(sid(), user), session(sid(), user)]);
        list.is_revoked(sid(), user, at(LOGIN))
    };
    assert!(!twice("ada"), "with room left, two logouts are two sessions");
    for number in 0..600 {
        apply(&list, &[session(sid(), &format!("user-{number}"))]);
    }
    assert!(twice("bob"), "in a full list they are one subject");
    assert!(!list.is_revoked(sid(), "eve", at(LOGIN)));
}

#[test]
fn an_overflow_logs_everyone_out_and_un_revokes_nobody() {
    let list = RevocationList::with_max_entries(1_000);
    let sids: Vec<_> = std::iter::repeat_with(sid).take(1_000).collect();
    apply(&list, &[subject("ada", LOGIN + 5)]);
    for (number, sid) in sids.iter().enumerate() {
        apply(&list, &[session(*sid, &format!("user-{number}"))]);
    }
    assert_eq!(list.len(), 0);
    for (number, sid) in sids.iter().enumerate() {
        assert!(list.is_revoked(*sid, &format!("user-{number}"), at(LOGIN)));
    }
    assert!(list.is_revoked(sid(), "ada", at(LOGIN + 5)));
    assert!(!list.is_revoked(sid(), "ada", at(LOGIN + 6)));
}

#[test]
fn a_full_list_is_swept_before_anyone_pays_for_it() {
    let list = RevocationList::with_max_entries(1_000);
    for number in 0..1_000 {
        apply(&list, &[session_until(sid(), &format!("user-{number}"), LOGIN + 10)]);
    }
    for number in 0..900 {
        list.apply(&session(sid(), &format!("later-{number}")), at(LOGIN + 10));
    }
    assert!(lets_in(&list, "ada") && !list.is_revoked(sid(), "ada", at(LOGIN)));
    assert!(list.len() <= 1_000, "{}", list.len());
}

#[test]
fn no_reader_ever_sees_a_gap_while_the_list_coarsens() {
    let list = RevocationList::with_max_entries(300);
    let (ours, done) = (sid(), AtomicBool::new(false));
    apply(&list, &[session(ours, "ada")]);
    std::thread::scope(|threads| {
        threads.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                assert!(list.is_revoked(ours, "ada", at(LOGIN)));
            }
        });
        for number in 0..20_000 {
            // Its own entries become one, then all become none, over and over.
            apply(&list, &[session(sid(), "ada"), session(sid(), &format!("user-{number}"))]);
        }
        done.store(true, Ordering::Relaxed);
    });
}

#[test]
fn a_clock_that_is_set_back_locks_nobody_out_and_hides_no_login() {
    let policy = policy();
    let lost = Browser::with(&policy.grant(&ada(), at(LOGIN + 900)).unwrap());
    // Back by a quarter of an hour.
    let here = Browser::with(&policy.grant(&ada(), at(LOGIN)).unwrap()).echoing();
    assert!(here.get(&policy, LOGIN).is_ok());
    let pending = policy.logout_everywhere(&here.view(&Method::POST), at(LOGIN)).unwrap();
    let _ = policy.complete(pending, at(LOGIN));
    assert_eq!(here.get(&policy, LOGIN).unwrap_err(), Rejection::TokenRevoked);
    assert_eq!(lost.get(&policy, LOGIN + 901).unwrap_err(), Rejection::TokenRevoked);
    let bob = Identity::new(Subject::new("bob").unwrap(), Roles { roles: Vec::new() });
    assert!(policy.grant(&bob, at(LOGIN)).is_ok());
}

#[test]
fn an_entry_outlives_a_token_of_before_the_clock_was_set_back() {
    let policy = policy();
    let old = Browser::with(&policy.grant(&ada(), at(LOGIN)).unwrap()).echoing();
    let caller = old.get(&policy, LOGIN + 3_000).unwrap();
    let young = match policy.renew(&caller, at(LOGIN + 3_000)).unwrap() {
        sealpass::policy::Renewed::Cookie(grant) => Browser::with(&grant),
        sealpass::policy::Renewed::Bearer(_) => Browser::logged_in(&policy),
    };
    let pending = policy.logout(&old.view(&Method::POST), at(LOGIN + 10)).unwrap();
    let _ = policy.complete(pending, at(LOGIN + 10));
    for now in [LOGIN + 3_000, LOGIN + 3_700, LOGIN + 6_599] {
        // What sweeps the part of the list that it is in, whichever that is.
        for number in 0..100 {
            let dead = session_until(sid(), &format!("user-{number}"), now + 1);
            policy.revocations().apply(&dead, at(now));
        }
        let touch = session_until(sid(), "ada", now + 1);
        policy.revocations().apply(&touch, at(now));
        assert_eq!(young.get(&policy, now).unwrap_err(), Rejection::TokenRevoked, "{now}");
    }
}

#[test]
fn a_logout_that_arrives_late_outlives_what_was_renewed_meanwhile() {
    let keys = KeyRing::new(Key::generate_a256gcm().unwrap());
    let instance = || {
        Policy::builder()
            .issuer(ORIGIN)
            .audience(ORIGIN)
            .keys(keys.clone())
            .origin(Origin::parse(ORIGIN).unwrap())
            .revocations(std::sync::Arc::default())
            .build()
            .unwrap()
    };
    let (here, there): (Policy<Roles>, Policy<Roles>) = (instance(), instance());
    for everywhere in [false, true] {
        let mut browser = Browser::logged_in(&here).echoing();
        let view = browser.view(&Method::POST);
        let pending = if everywhere {
            here.logout_everywhere(&view, at(LOGIN)).unwrap()
        } else {
            here.logout(&view, at(LOGIN)).unwrap()
        };
        let facts = pending.revocations().to_vec();
        let _ = here.complete(pending, at(LOGIN));
        // The other one is cut off for two hours, and somebody has the cookie.
        for now in (LOGIN + 1_800..=LOGIN + 7_200).step_by(1_800) {
            let caller = browser.get(&there, now).unwrap();
            browser = match there.renew(&caller, at(now)).unwrap() {
                sealpass::policy::Renewed::Cookie(grant) => Browser::with(&grant),
                sealpass::policy::Renewed::Bearer(_) => browser,
            };
        }
        for fact in &facts {
            there.revocations().apply(fact, at(LOGIN + 7_201));
        }
        for now in [LOGIN + 7_201, LOGIN + 10_799] {
            for policy in [&here, &there] {
                // What makes a list drop what has ended.
                policy.revocations().apply(&session_until(sid(), "ada", now + 1), at(now));
                policy.revocations().apply(&subject("ada", LOGIN - 1), at(now));
                assert_eq!(browser.get(policy, now).unwrap_err(), Rejection::TokenRevoked, "{now}");
            }
        }
    }
}

#[test]
fn an_operator_logs_out_a_session_a_subject_or_everyone() {
    let bob = Identity::new(Subject::new("bob").unwrap(), Roles { roles: Vec::new() });
    let policy = policy();
    let login = |who: &Identity<Roles>| Browser::with(&policy.grant(who, at(LOGIN)).unwrap());
    let end = |target| {
        let fact = policy.revocation_of(target, at(LOGIN));
        policy.revocations().apply(&fact, at(LOGIN));
    };
    let (one, other, theirs) = (login(&ada()), login(&ada()), login(&bob));
    end(Target::Session(one.get(&policy, LOGIN).unwrap().session_id()));
    assert_eq!(one.get(&policy, LOGIN).unwrap_err(), Rejection::TokenRevoked);
    assert!(other.get(&policy, LOGIN).is_ok());
    end(Target::Subject(Subject::new("ada").unwrap()));
    assert_eq!(other.get(&policy, LOGIN).unwrap_err(), Rejection::TokenRevoked);
    assert!(theirs.get(&policy, LOGIN).is_ok() && login(&ada()).get(&policy, LOGIN).is_ok());
    end(Target::Everyone);
    assert_eq!(theirs.get(&policy, LOGIN).unwrap_err(), Rejection::TokenRevoked);
    assert!(login(&bob).get(&policy, LOGIN).is_ok(), "a login in the same second was refused");
}

fn stale(answer: Option<StaleAnswer>) -> (Policy<Roles>, Browser) {
    let mut builder = Policy::builder()
        .issuer(ORIGIN)
        .audience(ORIGIN)
        .keys(KeyRing::new(Key::generate_a256gcm().unwrap()))
        .origin(Origin::parse(ORIGIN).unwrap());
    if let Some(answer) = answer {
        builder = builder.stale_answer(answer);
    }
    let policy = builder.build().unwrap();
    let browser = Browser::logged_in(&policy).echoing();
    policy.revocations().set_fresh_until(at(LOGIN + 60));
    (policy, browser)
}

#[test]
fn while_it_is_not_known_who_was_logged_out_nobody_is_let_in() {
    let (policy, browser) = stale(None);
    assert!(browser.post(&policy, LOGIN + 59).is_ok());
    for now in [LOGIN + 60, LOGIN + 61] {
        assert_eq!(browser.post(&policy, now).unwrap_err(), Rejection::RevocationsStale);
    }
    let answer = Problem::from(Rejection::RevocationsStale).to_response();
    assert_eq!(
        (answer.status().as_u16(), answer.headers()["retry-after"].as_bytes()),
        (503, &b"5"[..])
    );
    assert!(!answer.headers().contains_key("www-authenticate"));
    assert!(!Rejection::RevocationsStale.is_unauthenticated(), "they would be served as strangers");
    policy.revocations().set_fresh_until(at(LOGIN + 120));
    assert!(browser.post(&policy, LOGIN + 61).is_ok());
}

#[test]
fn who_is_known_to_be_logged_out_is_told_so_and_a_stale_list_can_be_added_to() {
    let (policy, browser) = stale(None);
    let (view, now) = (browser.view(&Method::POST), at(LOGIN + 90));
    let everywhere = policy.logout_everywhere(&view, now).unwrap();
    assert!(matches!(everywhere.revocations(), [Revocation::Subject { .. }]));
    let _ = policy.complete(policy.logout(&view, now).unwrap(), now);
    assert_eq!(browser.get(&policy, LOGIN + 90).unwrap_err(), Rejection::TokenRevoked);
}

#[test]
fn going_on_with_what_is_known_must_be_asked_for() {
    let (policy, browser) = stale(Some(StaleAnswer::Allow));
    assert!(browser.post(&policy, LOGIN + 90).is_ok());
}

#[test]
fn a_login_dated_ahead_does_not_outlive_a_restart_that_forgot_its_logout() {
    let keys = KeyRing::new(Key::generate_a256gcm().unwrap());
    let before = policy_with(keys.clone());
    before.begin(at(LOGIN));
    // Its clock may have been set back, so a logout-everywhere reaches ahead, and a login further.
    let first = Browser::logged_in(&before).echoing();
    let (view, now) = (first.view(&Method::POST), at(LOGIN));
    let _ = before.complete(before.logout_everywhere(&view, now).unwrap(), now);
    let ahead = Browser::logged_in(&before).echoing();
    assert!(ahead.get(&before, LOGIN).unwrap().auth_time() > at(LOGIN + 5));
    let _ = before.complete(before.logout(&ahead.view(&Method::POST), now).unwrap(), now);

    let after = policy_with(keys);
    after.begin(at(LOGIN + 5));
    for now in [LOGIN + 5, LOGIN + 100, LOGIN + 3_599] {
        assert_eq!(ahead.get(&after, now).unwrap_err(), Rejection::TokenRevoked, "{now}");
    }
    let again = Browser::with(&after.grant(&ada(), at(LOGIN + 5)).unwrap());
    assert!(again.get(&after, LOGIN + 5).is_ok());
}

#[test]
fn a_clock_behind_the_start_makes_no_session_that_is_dead() {
    let policy = policy();
    policy.begin(at(LOGIN));
    assert!(matches!(policy.grant(&ada(), at(LOGIN - 1)), Err(GrantError::TooManyLogins)));
    // With leeway a token may be a little ahead of the clock.
    let lenient = Policy::builder()
        .issuer(ORIGIN)
        .audience(ORIGIN)
        .keys(KeyRing::new(Key::generate_a256gcm().unwrap()))
        .origin(Origin::parse(ORIGIN).unwrap())
        .lifetimes(Lifetimes::DEFAULT.with_leeway(5).unwrap())
        .build()
        .unwrap();
    lenient.begin(at(LOGIN));
    let browser = Browser::with(&lenient.grant(&ada(), at(LOGIN - 5)).unwrap());
    assert!(browser.get(&lenient, LOGIN - 5).is_ok());
}

#[test]
fn who_logs_out_everywhere_again_and_again_may_log_in_whatever_the_leeway() {
    let policy = Policy::builder()
        .issuer(ORIGIN)
        .audience(ORIGIN)
        .keys(KeyRing::new(Key::generate_a256gcm().unwrap()))
        .origin(Origin::parse(ORIGIN).unwrap())
        .lifetimes(Lifetimes::DEFAULT.with_leeway(60).unwrap())
        .build()
        .unwrap();
    let mut browser = Browser::logged_in(&policy).echoing();
    for now in LOGIN + 1..LOGIN + 20 {
        let view = browser.view(&Method::POST);
        let _ = policy.complete(policy.logout_everywhere(&view, at(now)).unwrap(), at(now));
        assert_eq!(browser.get(&policy, now).unwrap_err(), Rejection::TokenRevoked);
        browser = Browser::with(&policy.grant(&ada(), at(now)).unwrap()).echoing();
        assert!(browser.get(&policy, now).is_ok(), "{now}");
    }
}

#[test]
fn too_many_logins_is_an_error_of_its_own_user_alone() {
    let policy = policy();
    let fact = subject("ada", LOGIN + 100);
    policy.revocations().apply(&fact, at(LOGIN));
    assert!(matches!(policy.grant(&ada(), at(LOGIN)), Err(GrantError::TooManyLogins)));
    let bob = Identity::new(Subject::new("bob").unwrap(), Roles { roles: Vec::new() });
    assert!(policy.grant(&bob, at(LOGIN)).is_ok());
}
