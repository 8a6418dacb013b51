//! The signed feed of revocations, from the list of one service into that of another.

#![expect(clippy::expect_used, clippy::unreachable, reason = "a test stops where it is surprised")]

mod support;

use std::sync::Arc;

use sealpass::credential::Subject;
use sealpass::jose::{Key, KeyRing};
use sealpass::revocation::{Cursor, FollowError, Revocation, RevocationFollower, RevocationList};
use sealpass::{NoClaims, NumericDate, Origin, Policy, SessionId};
use support::{LOGIN, ORIGIN};

const MAX_STALENESS: u64 = 60;

fn at(seconds: u64) -> NumericDate {
    NumericDate::from_secs(LOGIN + seconds)
}

/// A service with a feed, and the keys to read it with.
struct Issuer {
    policy: Policy<NoClaims>,
    keys: KeyRing,
}

impl Issuer {
    fn new(key: Key) -> Self {
        let keys = KeyRing::new(key);
        let list = Arc::new(RevocationList::default().with_feed().expect("random numbers"));
        let policy = Policy::builder()
            .issuer(ORIGIN)
            .audience(ORIGIN)
            .keys(keys.clone())
            .origin(Origin::parse(ORIGIN).expect("an origin"))
            .revocations(list)
            .build()
            .expect("a policy");
        Self { policy, keys }
    }

    fn revoke(&self, name: &str, seconds: u64) -> Revocation {
        let fact = Revocation::Subject {
            subject: Subject::new(name).expect("a subject"),
            not_before: at(seconds),
            until: at(seconds + 3_600),
        };
        self.policy.revocations().apply(&fact, at(seconds));
        fact
    }

    fn page(&self, since: Option<&str>, seconds: u64) -> String {
        let since = since.map(|since| Cursor::parse(since).expect("a cursor"));
        let page = self.policy.revocations().page(since).expect("a feed");
        let (as_of, now) = (at(seconds), at(seconds));
        self.policy.seal_revocations(since, &page, as_of, now).expect("a page")
    }

    fn follower() -> (RevocationFollower, Arc<RevocationList>) {
        let list = Arc::new(RevocationList::default());
        let follower = RevocationFollower::new(ORIGIN, ORIGIN, Arc::clone(&list), MAX_STALENESS);
        (follower.expect("a follower"), list)
    }

    /// Answers until there is nothing more; how many pages it took.
    fn catch_up(&self, follower: &mut RevocationFollower, seconds: u64) -> usize {
        for pages in 1.. {
            let page = self.page(follower.since().as_deref(), seconds);
            if !follower.accept(page.as_bytes(), &self.keys, at(seconds)).expect("a page") {
                return pages;
            }
        }
        unreachable!("it ends")
    }
}

fn is_revoked(list: &RevocationList, name: &str, seconds: u64) -> bool {
    list.is_revoked(SessionId::generate().expect("random numbers"), name, at(seconds))
}

#[test]
fn a_follower_learns_everything_page_by_page_with_any_kind_of_key() {
    for key in [Key::generate_a256gcm().unwrap(), Key::generate_ed25519().unwrap()] {
        let issuer = Issuer::new(key);
        let longest = |n: u64| format!("{n:0>width$}", width = Subject::MAX);
        for n in 0..100 {
            issuer.revoke(&longest(n), 0);
        }
        let (mut follower, list) = Issuer::follower();
        assert!(!list.is_fresh(at(0)), "nothing is known yet");
        assert!(follower.is_due(at(0)));
        assert!(issuer.catch_up(&mut follower, 1) > 3);
        assert!((0..100).all(|n| is_revoked(&list, &longest(n), 0)));
        assert!(list.is_fresh(at(MAX_STALENESS)) && !list.is_fresh(at(1 + MAX_STALENESS)));
        assert!(!follower.is_due(at(1)) && follower.is_due(at(6)));

        issuer.revoke("ada", 2);
        assert!(!is_revoked(&list, "ada", 2));
        assert_eq!(issuer.catch_up(&mut follower, 6), 1, "only what is new");
        assert!(is_revoked(&list, "ada", 2));
    }
}

#[test]
fn a_page_that_was_not_asked_for_is_refused_since_it_may_leave_something_out() {
    let issuer = Issuer::new(Key::generate_ed25519().unwrap());
    issuer.revoke("ada", 0);
    let (mut other, _) = Issuer::follower();
    issuer.catch_up(&mut other, 0);
    issuer.revoke("bob", 1);
    let second = issuer.page(other.since().as_deref(), 1);

    let (mut follower, list) = Issuer::follower();
    let refused = follower.accept(second.as_bytes(), &issuer.keys, at(1));
    assert_eq!(refused, Err(FollowError::Gap));
    assert!(!list.is_fresh(at(1)) && list.is_empty());
    assert!(!follower.is_due(at(1)) && follower.is_due(at(2)));
    issuer.catch_up(&mut follower, 2);
    assert!(is_revoked(&list, "ada", 0) && is_revoked(&list, "bob", 1));
}

#[test]
fn a_page_of_someone_else_of_another_kind_or_of_yesterday_is_refused() {
    let (issuer, stranger) = (
        Issuer::new(Key::generate_ed25519().unwrap()),
        Issuer::new(Key::generate_ed25519().unwrap()),
    );
    let (mut follower, list) = Issuer::follower();
    let page = issuer.page(None, 0);
    let altered = format!("{}A{}", &page[..page.len() - 9], &page[page.len() - 8..]);
    let claims = serde_json::json!({
        "iss": ORIGIN, "aud": ORIGIN, "iat": LOGIN, "exp": LOGIN + 60, "as_of": LOGIN,
        "more": false, "facts": "", "next": "AAAAAAAAAAAAAAAAAAAAAA",
    });
    let as_session = issuer.keys.seal("sealpass-session+jwt", &claims).unwrap();
    for (what, body) in [
        ("nothing", String::new()),
        ("another key", stranger.page(None, 0)),
        ("altered", altered),
        ("another kind", as_session),
    ] {
        let refused = follower.accept(body.as_bytes(), &issuer.keys, at(0));
        assert_eq!(refused, Err(FollowError::Token), "{what}");
    }
    assert_eq!(follower.accept(&[0xff], &issuer.keys, at(0)), Err(FollowError::Token));
    // A cache that keeps an old page keeps nobody fresh.
    let refused = follower.accept(page.as_bytes(), &issuer.keys, at(3_600));
    assert_eq!(refused, Err(FollowError::Token));
    assert!(!list.is_fresh(at(0)));
    // The same claims as a page are one, so it was their kind that was wrong.
    let as_page = issuer.keys.seal("sealpass-revocations+jwt", &claims).unwrap();
    assert_eq!(follower.accept(as_page.as_bytes(), &issuer.keys, at(0)), Ok(false));
}

#[test]
fn an_older_true_page_does_not_make_the_list_fresher_or_staler() {
    let issuer = Issuer::new(Key::generate_ed25519().unwrap());
    let (mut follower, list) = Issuer::follower();
    issuer.catch_up(&mut follower, 0);
    let since = follower.since();
    let old = issuer.page(since.as_deref(), 5);
    let new = issuer.page(since.as_deref(), 30);
    assert_eq!(follower.accept(new.as_bytes(), &issuer.keys, at(30)), Ok(false));
    assert_eq!(follower.accept(old.as_bytes(), &issuer.keys, at(40)), Ok(false));
    assert!(list.is_fresh(at(30 + MAX_STALENESS - 1)) && !list.is_fresh(at(30 + MAX_STALENESS)));
}

#[test]
fn a_clock_that_is_set_back_keeps_no_list_fresh() {
    let issuer = Issuer::new(Key::generate_ed25519().unwrap());
    let (mut follower, list) = Issuer::follower();
    let hour = 3_600;
    issuer.catch_up(&mut follower, hour);
    // Back by an hour, and what comes now is true as of now.
    assert!(follower.is_due(at(0)), "it would not be asked for an hour");
    issuer.catch_up(&mut follower, 0);
    assert!(list.is_fresh(at(MAX_STALENESS - 1)) && !list.is_fresh(at(MAX_STALENESS)));
    // Once more, and nothing comes at all.
    issuer.catch_up(&mut follower, hour);
    follower.failed(at(0));
    assert!(!list.is_fresh(at(0)));
}

#[test]
fn a_page_that_leads_nowhere_is_refused() {
    let issuer = Issuer::new(Key::generate_ed25519().unwrap());
    let (mut follower, _) = Issuer::follower();
    let page = |since: Option<&str>| {
        let mut claims = serde_json::json!({
            "iss": ORIGIN, "aud": ORIGIN, "iat": LOGIN, "exp": LOGIN + 60, "as_of": LOGIN,
            "more": true, "facts": "", "next": "AAAAAAAAAAAAAAAAAAAAAA",
        });
        if let Some(since) = since {
            claims["since"] = since.into();
        }
        issuer.keys.seal("sealpass-revocations+jwt", &claims).unwrap()
    };
    assert_eq!(follower.accept(page(None).as_bytes(), &issuer.keys, at(0)), Ok(true));
    let again = page(follower.since().as_deref());
    let refused = follower.accept(again.as_bytes(), &issuer.keys, at(0));
    assert_eq!(refused, Err(FollowError::Page));
}

#[test]
fn a_feed_that_fails_is_tried_again_later_and_later() {
    let (mut follower, _) = Issuer::follower();
    let mut now = 0;
    for wait in [1, 2, 4, 5, 5] {
        follower.failed(at(now));
        assert_eq!(follower.due(), at(now + wait));
        now += wait;
    }
}
