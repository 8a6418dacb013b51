//! One session at three instances.

use std::time::{Duration, Instant};

use crate::support::{Cluster, Persistence, until};

/// How many logouts are timed.
const LOGOUTS: usize = 200;

#[test]
fn through_redis_a_logout_at_one_is_a_logout_at_all() {
    let cluster = Cluster::start(3, Persistence::Never, "");
    let [a, b, c] = &cluster.instances[..] else { panic!("three") };
    let mut waits = Vec::new();
    for _ in 0..LOGOUTS {
        let session = cluster.login(0);
        assert_eq!(b.session(&session).unwrap().status, 200);
        let renewed = c.renew(&session).unwrap();
        assert_eq!(a.logout(&renewed).unwrap().status, 204);
        let begun = Instant::now();
        // The cookie of before the renewal is as dead as the one of after it.
        for (instance, cookie) in [(b, &renewed), (c, &renewed), (b, &session), (c, &session)] {
            until("a logout is known everywhere", || {
                let answer = instance.session(cookie).unwrap();
                assert!([200, 401].contains(&answer.status), "{answer:?}");
                answer.status == 401
            });
        }
        waits.push(begun.elapsed());
    }
    waits.sort();
    let (median, worst) = (waits[LOGOUTS / 2], waits[LOGOUTS - 1]);
    let late = waits.iter().filter(|wait| **wait > Duration::from_secs(1)).count();
    eprintln!(
        "{LOGOUTS} logouts, refused at the two others after: median {median:?}, worst {worst:?}, \
         {late} later than 1 s"
    );
}

#[test]
fn through_redis_a_logout_everywhere_is_one_and_a_new_login_is_welcome() {
    let cluster = Cluster::start(2, Persistence::Never, "");
    let [a, b] = &cluster.instances[..] else { panic!("two") };
    let (first, second) = (a.login("ada").unwrap(), b.login("ada").unwrap());
    let other = cluster.login(0);
    assert_eq!(b.post("/auth/logout-everywhere", &first).unwrap().status, 204);
    cluster.expect_refused(&first);
    cluster.expect_refused(&second);
    cluster.expect_alive(&other);
    cluster.expect_alive(&a.login("ada").unwrap());
}
