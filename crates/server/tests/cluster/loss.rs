//! Redis loses what it had, or drops what somebody had not read yet.

use crate::support::{Cluster, Persistence, until};

#[test]
fn through_redis_its_data_is_restored_from_the_instances_after_a_flush() {
    let cluster = Cluster::start(2, Persistence::Never, "");
    let (gone, live) = (cluster.login(0), cluster.login(1));
    assert_eq!(cluster.instances[0].logout(&gone).unwrap().status, 204);
    cluster.expect_refused(&gone);
    assert_eq!(cluster.redis.ask(&["FLUSHALL"]).trim(), "OK");
    until("the stream is there again", || {
        cluster.redis.ask(&["XLEN", "{sealpass}:revocations"]).trim() != "0"
    });
    cluster.expect_refused(&gone);
    cluster.expect_alive(&live);
    let later = cluster.login(0);
    assert_eq!(cluster.instances[1].logout(&later).unwrap().status, 204);
    cluster.expect_refused(&later);
}

#[test]
fn through_redis_a_new_instance_waits_until_the_others_have_restored_what_was_lost() {
    let mut cluster = Cluster::start(3, Persistence::Never, "");
    let gone: Vec<_> = (0..5).map(|_| cluster.login(0)).collect();
    let live = cluster.login(1);
    for (at, session) in gone.iter().enumerate() {
        assert_eq!(cluster.instances[at % 3].logout(session).unwrap().status, 204);
    }
    for session in &gone {
        cluster.expect_refused(session);
    }
    // All that Redis had goes, and with it all that the third one had read.
    cluster.redis.kill();
    std::fs::remove_file(cluster.folder().join("journal-2")).unwrap();
    cluster.instances[2].kill();
    cluster.redis.restart();
    cluster.instances[2].restart();
    cluster.wait_until_ready();
    for session in &gone {
        assert_eq!(cluster.instances[2].session(session).unwrap().status, 401);
        cluster.expect_refused(session);
    }
    cluster.expect_alive(&live);
}

#[test]
fn through_redis_when_nobody_knows_what_was_logged_out_everyone_logs_in_again() {
    let mut cluster = Cluster::start(2, Persistence::Never, "");
    let session = cluster.login(0);
    cluster.redis.kill();
    for instance in &mut cluster.instances {
        instance.kill();
    }
    for index in 0..2 {
        std::fs::remove_file(cluster.folder().join(format!("journal-{index}"))).unwrap();
    }
    cluster.redis.restart();
    // Sessions are dated by the second, and the refusal reaches to the start.
    for instance in &mut cluster.instances {
        instance.restart();
    }
    cluster.wait_until_ready();
    cluster.expect_refused(&session);
    cluster.expect_alive(&cluster.login(1));
}

#[test]
fn through_redis_an_instance_that_fell_behind_the_trim_reads_everything_again() {
    let cluster = Cluster::start(2, Persistence::Never, "");
    let gone: Vec<_> = (0..20).map(|_| cluster.login(0)).collect();
    let live = cluster.login(0);
    for session in &gone[..10] {
        assert_eq!(cluster.instances[0].logout(session).unwrap().status, 204);
    }
    for session in &gone[..10] {
        cluster.expect_refused(session);
    }
    // What both have read last is dropped, and more: only a comparison finds what is missing.
    cluster.redis.ask(&["XTRIM", "{sealpass}:revocations", "MAXLEN", "=", "0"]);
    for session in &gone[10..] {
        assert_eq!(cluster.instances[1].logout(session).unwrap().status, 204);
    }
    for session in &gone {
        cluster.expect_refused(session);
    }
    cluster.expect_alive(&live);
    until("the stream has all of it again", || {
        let length = cluster.redis.ask(&["XLEN", "{sealpass}:revocations"]);
        length.trim().parse::<usize>().unwrap() >= gone.len()
    });
}

#[test]
fn through_redis_an_entry_of_a_stranger_logs_out_everyone_of_before_it() {
    let cluster = Cluster::start(2, Persistence::Never, "");
    let session = cluster.login(0);
    // The entry is dated by its second, and the session's login came before it ended.
    cluster.redis.ask(&["XADD", "{sealpass}:revocations", "*", "r", "what is this"]);
    cluster.expect_refused(&session);
    until("a new login is welcome", || {
        let session = cluster.login(0);
        cluster.instances.iter().all(|instance| instance.session(&session).unwrap().status == 200)
    });
}

#[test]
fn through_redis_what_it_took_and_lost_before_anyone_read_it_is_put_back() {
    let cluster = Cluster::start(2, Persistence::Never, "");
    let (gone, live) = (cluster.login(0), cluster.login(0));
    assert_eq!(cluster.redis.ask(&["ACL", "SETUSER", "default", "-xread"]).trim(), "OK");
    until("nobody reads any more", || !cluster.redis.ask(&["CLIENT", "LIST"]).contains("flags=b"));
    assert_eq!(cluster.instances[0].logout(&gone).unwrap().status, 204);
    let stream = "{sealpass}:revocations";
    let last = cluster.redis.ask(&["XREVRANGE", stream, "+", "-", "COUNT", "1"]);
    let last = last.lines().next().expect("an entry");
    // As one that was not on the disk yet when Redis was killed, or not at the replica that took over.
    assert_eq!(cluster.redis.ask(&["XDEL", stream, last]).trim(), "1");
    assert_eq!(cluster.redis.ask(&["ACL", "SETUSER", "default", "+xread"]).trim(), "OK");
    cluster.expect_refused(&gone);
    cluster.expect_alive(&live);
}

#[test]
fn through_redis_a_new_instance_does_not_take_an_evicted_stream_for_an_empty_past() {
    let mut cluster = Cluster::start(2, Persistence::Never, "");
    let (gone, live) = (cluster.login(0), cluster.login(0));
    assert_eq!(cluster.instances[0].logout(&gone).unwrap().status, 204);
    cluster.expect_refused(&gone);
    cluster.instances[1].kill();
    std::fs::remove_file(cluster.folder().join("journal-1")).unwrap();
    cluster.instances[0].signal("STOP");
    assert_eq!(cluster.redis.ask(&["DEL", "{sealpass}:revocations"]).trim(), "1");
    cluster.instances[1].restart();
    cluster.instances[0].signal("CONT");
    until("it knows enough to decide", || {
        let answer = cluster.instances[1].session(&gone).unwrap();
        assert_ne!(answer.status, 200, "{answer:?}");
        answer.status == 401
    });
    cluster.expect_alive(&live);
}
