//! Kills and partitions at random points.

use crate::support::{Cluster, Persistence, Random, Session};

const INSTANCES: usize = 3;
const FAULTS: usize = 8;

/// What a client may say of its sessions.
#[derive(Default)]
struct Model {
    live: Vec<Session>,
    /// 204 came back.
    logged_out: Vec<Session>,
}

#[test]
fn through_redis_kills_and_partitions_lose_no_logout_and_end_no_session() {
    run("kills and partitions, with a Redis that keeps its data", Persistence::Always);
}

#[test]
fn through_redis_that_keeps_nothing_kills_and_partitions_lose_no_logout_and_end_no_session() {
    run("kills and partitions, with a Redis that loses its data", Persistence::Never);
}

fn run(test: &str, persistence: Persistence) {
    let mut random = Random::seeded(test);
    let mut cluster = Cluster::start(INSTANCES, persistence, "");
    let mut model = Model::default();
    for _ in 0..FAULTS {
        let at = random.below(INSTANCES);
        let before = random.below(6);
        let meanwhile = random.below(6);
        steps(&cluster, &mut model, &mut random, 2 + before);
        match random.below(4) {
            0 => {
                // At any point of a logout: in flight, on the disk, in Redis, answered.
                let victim = cluster.login(at);
                std::thread::scope(|scope| {
                    let instance = &cluster.instances[at];
                    let logout = scope.spawn(|| instance.logout(&victim));
                    std::thread::sleep(std::time::Duration::from_micros(
                        u64::try_from(random.below(3_000)).unwrap(),
                    ));
                    instance.signal("KILL");
                    if logout.join().unwrap().is_ok_and(|answer| answer.status == 204) {
                        model.logged_out.push(victim.clone());
                    }
                });
                cluster.instances[at].kill_and_restart();
            }
            1 => {
                cluster.redis.kill();
                steps(&cluster, &mut model, &mut random, meanwhile);
                cluster.redis.restart();
            }
            2 => {
                cluster.redis.pause();
                steps(&cluster, &mut model, &mut random, meanwhile);
                cluster.redis.resume();
            }
            _ => {
                // Both. What nobody in memory knows any more, a disk does.
                cluster.redis.kill();
                steps(&cluster, &mut model, &mut random, meanwhile);
                cluster.instances[at].kill();
                cluster.redis.restart();
                cluster.instances[at].restart();
            }
        }
        cluster.wait_until_ready();
        for session in &model.logged_out {
            cluster.expect_refused(session);
        }
        for session in &model.live {
            cluster.expect_alive(session);
        }
    }
    eprintln!(
        "{test}: {FAULTS} faults, {} acknowledged logouts, {} live sessions",
        model.logged_out.len(),
        model.live.len()
    );
}

/// Logins, calls, renewals and logouts, each at any instance.
fn steps(cluster: &Cluster, model: &mut Model, random: &mut Random, count: usize) {
    for _ in 0..count {
        let at = &cluster.instances[random.below(INSTANCES)];
        let index = random.below(model.live.len().max(1));
        match random.below(4) {
            1 if index < model.live.len() => {
                let answer = at.session(&model.live[index]).expect("an answer");
                assert_eq!(answer.status, 200, "{answer:?}");
            }
            2 if index < model.live.len() => {
                model.live[index] = at.renew(&model.live[index]).expect("a renewal");
            }
            3 if index < model.live.len() => {
                let session = model.live.swap_remove(index);
                let answer = at.logout(&session).expect("an answer");
                assert_eq!(answer.status, 204, "{answer:?}");
                // Where it was logged out it is so at once.
                assert_eq!(at.session(&session).expect("an answer").status, 401);
                model.logged_out.push(session);
            }
            _ => model.live.push(cluster.login(random.below(INSTANCES))),
        }
    }
}
