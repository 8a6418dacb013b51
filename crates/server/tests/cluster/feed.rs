//! Another service follows what is revoked, and verifies by itself.

use sealpass_tower::sealpass::jose::KeyRing;
use sealpass_tower::sealpass::policy::StaleAnswer;
use sealpass_tower::sealpass::revocation::{RevocationFollower, RevocationList};
use sealpass_tower::sealpass::schedule::{KeyTimes, SharedKeys, SharedSecret};
use sealpass_tower::sealpass::{Lifetimes, NoClaims, Origin, Policy, Rejection, RequestView};
use sealpass_tower::system_time;
use std::sync::Arc;

use crate::support::{Cluster, Instance, KEYS, ORIGIN, Persistence, Session, call, until};

/// A service with the shared secret, and no Redis.
struct Service {
    policy: Policy<NoClaims>,
    keys: KeyRing,
    follower: RevocationFollower,
}

impl Service {
    fn new() -> Self {
        let times = KeyTimes::of(3_600, Lifetimes::DEFAULT).unwrap();
        let secret = SharedSecret::parse(KEYS).unwrap();
        let keys = SharedKeys::new(secret, times).unwrap().at(system_time(), None).unwrap();
        let keys = keys.ring().clone();
        let list = Arc::new(RevocationList::default());
        let follower = RevocationFollower::new(ORIGIN, ORIGIN, Arc::clone(&list), 60).unwrap();
        let policy = Policy::builder()
            .issuer(ORIGIN)
            .audience(ORIGIN)
            .keys(keys.clone())
            .origin(Origin::parse(ORIGIN).unwrap())
            .revocations(list)
            .stale_answer(StaleAnswer::Allow)
            .build()
            .unwrap();
        Self { policy, keys, follower }
    }

    fn catch_up(&mut self, at: &Instance) {
        loop {
            let since = self.follower.since().map(|since| format!("?since={since}"));
            let path = format!("/auth/revocations{}", since.unwrap_or_default());
            let page = call(&at.address, "GET", &path, &[], "").unwrap();
            assert_eq!(page.status, 200, "{page:?}");
            if !self.follower.accept(page.body.as_bytes(), &self.keys, system_time()).unwrap() {
                return;
            }
        }
    }

    fn decide(&self, session: &Session) -> Result<(), Rejection> {
        let mut headers = http::HeaderMap::new();
        headers.insert("cookie", session.cookies.parse().unwrap());
        let request = RequestView::new(&http::Method::GET, &headers);
        self.policy.authenticate(&request, system_time()).map(|_| ())
    }
}

#[test]
fn through_redis_another_service_follows_the_feed_of_any_instance() {
    let cluster = Cluster::start(2, Persistence::Never, "revocation.feed = true\n");
    let mut service = Service::new();
    let (gone, live) = (cluster.login(0), cluster.login(1));
    assert_eq!(service.decide(&live), Err(Rejection::RevocationsStale), "it knows nothing yet");
    service.catch_up(&cluster.instances[0]);
    assert_eq!((service.decide(&gone), service.decide(&live)), (Ok(()), Ok(())));
    assert_eq!(cluster.instances[0].logout(&gone).unwrap().status, 204);
    cluster.expect_refused(&gone);
    // Behind a balancer it may be another one that answers.
    service.catch_up(&cluster.instances[1]);
    assert_eq!(service.decide(&gone), Err(Rejection::TokenRevoked));
    assert_eq!(service.decide(&live), Ok(()));
}

#[test]
fn through_redis_the_feed_can_be_cached_and_refuses_what_it_did_not_say() {
    let cluster = Cluster::start(1, Persistence::Never, "revocation.feed = true\n");
    let address = &cluster.instances[0].address;
    let get =
        |path: &str, headers: &[(&str, &str)]| call(address, "GET", path, headers, "").unwrap();
    let page = get("/auth/revocations", &[]);
    assert_eq!((page.status, page.all("content-type")), (200, vec!["application/jwt"]));
    assert_eq!(page.all("cache-control"), ["public, max-age=2"]);
    // Its tag changes with the seconds: ask again until two answers fall into the same ones.
    until("it has not changed", || {
        let page = get("/auth/revocations", &[]);
        let tag = page.all("etag")[0];
        let answer = get("/auth/revocations", &[("If-None-Match", tag)]);
        assert!(answer.status == 200 || answer.body.is_empty(), "{answer:?}");
        answer.status == 304
    });
    for path in ["/auth/revocations?since=", "/auth/revocations?since=x", "/auth/revocations?a=1"] {
        let answer = get(path, &[]);
        assert_eq!((answer.status, answer.code().as_str()), (400, "invalid_cursor"), "{path}");
    }
    let answer = call(address, "POST", "/auth/revocations", &[], "").unwrap();
    assert_eq!(answer.status, 405);
}
