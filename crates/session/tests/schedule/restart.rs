//! Keys never outlive revocations.

use std::sync::Arc;

use http::{HeaderMap, Method};
use sealpass::credential::{Identity, Subject};
use sealpass::revocation::RevocationList;
use sealpass::schedule::{KeyTimes, SharedKeys, SharedSecret};
use sealpass::{Lifetimes, NoClaims, Origin, Policy, Rejection, RequestView};

use crate::at;

const ORIGIN: &str = "https://app.example";

/// A process that begins at `now`, with the one secret they all have.
fn begun(now: u64, revocations: Option<Arc<RevocationList>>) -> Policy<NoClaims> {
    let secret = SharedSecret::parse("q1vUnfyLBMbqe5xBvXXP4sHCmEKA2wSsWSDQ-A6J9nU").unwrap();
    let times = KeyTimes::of(3_600, Lifetimes::DEFAULT).unwrap();
    let keys = SharedKeys::new(secret, times).unwrap().at(at(now), None).unwrap();
    let policy = Policy::builder()
        .issuer(ORIGIN)
        .audience(ORIGIN)
        .keys(keys.ring().clone())
        .origin(Origin::parse(ORIGIN).unwrap());
    let policy = match revocations {
        Some(revocations) => policy.revocations(revocations),
        None => policy,
    };
    let policy = policy.build().unwrap();
    policy.begin(at(now));
    policy
}

fn cookies(policy: &Policy<NoClaims>, now: u64) -> HeaderMap {
    let identity = Identity::new(Subject::new("ada").unwrap(), NoClaims {});
    let grant = policy.grant(&identity, at(now)).unwrap();
    let [session, csrf] = grant.set_cookies();
    let line = format!("{}={}; {}={}", session.name(), session.value(), csrf.name(), csrf.value());
    HeaderMap::from_iter([(http::header::COOKIE, line.parse().unwrap())])
}

fn call(policy: &Policy<NoClaims>, cookies: &HeaderMap, now: u64) -> Result<(), Rejection> {
    let method = Method::GET;
    policy.authenticate(&RequestView::new(&method, cookies), at(now)).map(|_| ())
}

const START: u64 = 1_800_000_000;

#[test]
fn without_its_revocations_a_restart_ends_every_session_that_the_keys_would_open() {
    let before = begun(START, None);
    let session = cookies(&before, START + 10);
    assert_eq!(call(&before, &session, START + 20), Ok(()));
    // The same secret, so the same keys: the token opens, and is refused all the same.
    let after = begun(START + 60, None);
    assert_eq!(call(&after, &session, START + 61), Err(Rejection::TokenRevoked));
    // What is granted after the start goes on.
    let session = cookies(&after, START + 60);
    assert_eq!(call(&after, &session, START + 61), Ok(()));
}

#[test]
fn with_its_revocations_a_restart_ends_those_that_were_logged_out() {
    let revocations = Arc::new(RevocationList::default());
    let before = begun(START, Some(Arc::clone(&revocations)));
    let (live, ended) = (cookies(&before, START + 10), cookies(&before, START + 10));
    let csrf = ended[http::header::COOKIE].to_str().unwrap().rsplit_once('=').unwrap().1.to_owned();
    let mut logout = ended.clone();
    logout.insert("x-csrf-token", csrf.parse().unwrap());
    logout.insert("sec-fetch-site", "same-origin".parse().unwrap());
    let method = Method::POST;
    let pending = before.logout(&RequestView::new(&method, &logout), at(START + 20)).unwrap();
    assert!(before.complete(pending, at(START + 20)).revoked().is_some());

    let after = begun(START + 60, Some(revocations));
    assert_eq!(call(&after, &live, START + 61), Ok(()));
    assert_eq!(call(&after, &ended, START + 61), Err(Rejection::TokenRevoked));
}

#[test]
fn with_another_secret_nothing_opens() {
    let revocations = Arc::new(RevocationList::default());
    let session = cookies(&begun(START, Some(Arc::clone(&revocations))), START);
    let key = sealpass::jose::Key::generate_a256gcm().unwrap();
    let after = begun(START, Some(revocations));
    after.replace_keys(sealpass::jose::KeyRing::new(key));
    assert_eq!(call(&after, &session, START + 1), Err(Rejection::TokenInvalid));
}
