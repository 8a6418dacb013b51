//! Redis is away: killed, or stopped with its connections open.

use crate::support::{Cluster, Persistence, until};

#[test]
fn through_redis_a_logout_while_it_is_away_is_kept_and_delivered() {
    let mut cluster = Cluster::start(2, Persistence::Always, "");
    let sessions: Vec<_> = (0..4).map(|_| cluster.login(0)).collect();
    let live = cluster.login(0);
    cluster.redis.pause();
    for session in &sessions[..2] {
        assert_eq!(cluster.instances[0].logout(session).unwrap().status, 204);
        assert_eq!(cluster.instances[0].session(session).unwrap().status, 401);
        // The other one cannot know yet, and goes on by what it knows.
        assert_eq!(cluster.instances[1].session(session).unwrap().status, 200);
    }
    cluster.redis.resume();
    cluster.expect_refused(&sessions[0]);
    cluster.expect_refused(&sessions[1]);

    // The same, and nobody but the disk of the first instance knows of it.
    cluster.redis.kill();
    for session in &sessions[2..] {
        assert_eq!(cluster.instances[0].logout(session).unwrap().status, 204);
    }
    cluster.instances[0].kill();
    cluster.redis.restart();
    cluster.instances[0].restart();
    cluster.wait_until_ready();
    for session in &sessions {
        cluster.expect_refused(session);
    }
    cluster.expect_alive(&live);
}

#[test]
fn through_redis_without_an_outbox_a_logout_that_cannot_be_kept_did_not_happen() {
    let mut cluster = Cluster::start(2, Persistence::Always, "revocation.durable_outbox = false\n");
    let session = cluster.login(0);
    cluster.redis.kill();
    let refused = cluster.instances[0].logout(&session).unwrap();
    assert_eq!((refused.status, refused.code()), (503, "logout_not_recorded".to_owned()));
    assert!(refused.all("set-cookie").is_empty(), "the cookies stay: {refused:?}");
    assert!(refused.body.contains("did not take effect"), "{refused:?}");
    cluster.redis.restart();
    cluster.expect_alive(&session);
    until("logouts are taken again", || {
        cluster.instances[0].logout(&session).unwrap().status == 204
    });
    cluster.expect_refused(&session);
}

#[test]
fn through_redis_a_list_that_is_stale_refuses_everyone_until_it_is_not() {
    let cluster = Cluster::start(2, Persistence::Always, "revocation.max_staleness = \"5s\"\n");
    let (gone, live) = (cluster.login(0), cluster.login(0));
    cluster.redis.pause();
    assert_eq!(cluster.instances[0].logout(&gone).unwrap().status, 204);
    let other = &cluster.instances[1];
    // Until the bound it goes on; past it, it does not know and says so.
    until("the list is stale", || {
        let answer = other.session(&gone).unwrap();
        assert!([200, 503].contains(&answer.status), "{answer:?}");
        answer.status == 503
    });
    assert_eq!(other.session(&live).unwrap().code(), "revocations_stale");
    let probe = other.get("/readyz");
    assert_eq!((probe.status, probe.code()), (503, "revocations_stale".to_owned()));
    cluster.redis.resume();
    cluster.expect_alive(&live);
    cluster.expect_refused(&gone);
    cluster.wait_until_ready();
}

#[test]
fn through_redis_a_stale_list_is_gone_on_by_when_that_was_chosen_but_never_an_unread_one() {
    let settings = "revocation.max_staleness = \"5s\"\nrevocation.stale = \"allow\"\n";
    let mut cluster = Cluster::start(2, Persistence::Always, settings);
    let (gone, live) = (cluster.login(0), cluster.login(0));
    assert_eq!(cluster.instances[0].logout(&gone).unwrap().status, 204);
    cluster.expect_refused(&gone);
    cluster.redis.pause();
    // This one has never read anything: it lets nobody in by it.
    cluster.instances[1].kill_and_restart();
    let probe = cluster.instances[1].get("/readyz");
    assert_eq!((probe.status, probe.code()), (503, "revocations_not_synced".to_owned()));
    assert_eq!(cluster.instances[1].session(&live).unwrap().status, 503);
    until("the list is stale", || {
        let view = cluster.instances[0].revocations();
        assert!(view["redis"]["age"].is_u64(), "{view}");
        view["fresh"] == false
    });
    // It still lets in, and says that it is ready to.
    assert_eq!(cluster.instances[0].get("/readyz").status, 200);
    assert_eq!(cluster.instances[0].session(&live).unwrap().status, 200);
    assert_eq!(cluster.instances[0].session(&gone).unwrap().status, 401);
    cluster.redis.resume();
    cluster.wait_until_ready();
    cluster.expect_refused(&gone);
    cluster.expect_alive(&live);
}
