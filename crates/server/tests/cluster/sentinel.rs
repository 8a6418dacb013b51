//! A Redis that Sentinels watch: its replica takes over.

use std::path::Path;

use crate::support::{Cluster, Redis, Store, documented_user, until, write_secret};

/// A primary, a replica, and one Sentinel that decides alone. All of them ask for passwords.
struct Watched {
    primary: Redis,
    replica: Redis,
    sentinel: Redis,
}

impl Watched {
    fn start(folder: &Path) -> Self {
        write_secret(&folder.join("password"), PASSWORD);
        write_secret(&folder.join("sentinel-password"), SENTINEL_PASSWORD);
        // The user of the page, and one for replicas and Sentinels.
        let users = documented_user(PASSWORD, "+role")
            + &format!("user replica on >{PASSWORD} ~* &* +@all\n");
        let users = format!("{users}masteruser replica\nmasterauth {PASSWORD}\n");
        let primary =
            Redis::on_a_port(&folder.join("primary"), |port| format!("port {port}\n{users}"));
        let replica = Redis::on_a_port(&folder.join("replica"), |port| {
            format!("port {port}\n{users}replicaof 127.0.0.1 {}\n", primary.port())
        });
        let sentinel = Redis::on_a_port(&folder.join("sentinel"), |port| {
            format!(
                "port {port}\nsentinel monitor mymaster 127.0.0.1 {} 1\n\
                 sentinel auth-user mymaster replica\nsentinel auth-pass mymaster {PASSWORD}\n\
                 user default on >{SENTINEL_PASSWORD} ~* &* +@all\n",
                primary.port(),
            )
        });
        let watched = Self { primary, replica, sentinel };
        until("the Sentinel knows the replica", || {
            watched.ask(&["SENTINEL", "REPLICAS", "mymaster"]).contains(watched.replica.port())
        });
        watched
    }

    /// What the Sentinel answers.
    fn ask(&self, command: &[&str]) -> String {
        let login = ["--pass", SENTINEL_PASSWORD, "--no-auth-warning"];
        self.sentinel.ask(&[&login, command].concat())
    }

    fn fail_over(&self) {
        until("the replica takes over", || {
            // It refuses for as long as it has no good replica, or is at it already.
            self.ask(&["SENTINEL", "FAILOVER", "mymaster"]);
            let address = self.ask(&["SENTINEL", "GET-MASTER-ADDR-BY-NAME", "mymaster"]);
            address.contains(self.replica.port())
        });
    }
}

impl Store for Watched {
    fn settings(&self) -> String {
        format!(
            "revocation.redis = [\"{}\"]\nrevocation.redis_kind = \"sentinel\"\n\
             revocation.redis_master = \"mymaster\"\nrevocation.redis_user = \"sealpass\"\n\
             revocation.redis_password = \"file:password\"\n\
             revocation.redis_sentinel_password = \"file:sentinel-password\"\n",
            self.sentinel.url(),
        )
    }
}

#[test]
fn through_redis_with_sentinels_logouts_of_before_and_after_a_failover_hold() {
    let mut cluster = Cluster::start_with(2, "", Watched::start);
    let sessions: Vec<_> = (0..3).map(|_| cluster.login(0)).collect();
    let live = cluster.login(1);
    assert_eq!(cluster.instances[0].logout(&sessions[0]).unwrap().status, 204);
    cluster.expect_refused(&sessions[0]);
    cluster.redis.fail_over();
    // While they still find out who the primary is.
    assert_eq!(cluster.instances[1].logout(&sessions[1]).unwrap().status, 204);
    cluster.expect_refused(&sessions[1]);
    cluster.redis.primary.kill();
    assert_eq!(cluster.instances[0].logout(&sessions[2]).unwrap().status, 204);
    for session in &sessions {
        cluster.expect_refused(session);
    }
    cluster.expect_alive(&live);
}

const PASSWORD: &str = "a-password-of-redis-for-these-tests";
const SENTINEL_PASSWORD: &str = "a-password-of-the-sentinels-for-these-tests";
