//! A Redis Cluster: three primaries, on one of which the stream is.

use std::path::Path;

use crate::support::{Cluster, Redis, Store, documented_user, free_port, until, write_secret};

/// Three primaries.
struct Shards([Redis; 3]);

impl Shards {
    fn start(folder: &Path) -> Self {
        write_secret(&folder.join("password"), PASSWORD);
        let user = documented_user(PASSWORD, "+cluster|slots +cluster|shards +readonly +asking");
        let operator = format!("user operator on >{PASSWORD} ~* &* +@all\n");
        let node = |name: &str| {
            Redis::on_a_port(&folder.join(name), |port| {
                let bus = free_port();
                format!(
                    "port {port}\ncluster-enabled yes\ncluster-port {bus}\n\
                     cluster-config-file nodes.conf\n{user}{operator}"
                )
            })
        };
        let nodes = Self(["a", "b", "c"].map(node));
        let addresses = nodes.0.each_ref().map(|node| format!("127.0.0.1:{}", node.port()));
        let [a, b, c] = addresses.each_ref().map(String::as_str);
        let made = nodes.ask(0, &["--cluster", "create", a, b, c, "--cluster-yes"]);
        assert!(made.contains("All 16384 slots covered"), "{made}");
        until("every node knows all slots", || {
            (0..3).all(|node| nodes.ask(node, &["CLUSTER", "INFO"]).contains("cluster_state:ok"))
        });
        nodes
    }

    fn ask(&self, node: usize, command: &[&str]) -> String {
        let login = ["--user", "operator", "--pass", PASSWORD, "--no-auth-warning"];
        self.0[node].ask(&[&login, command].concat())
    }
}

impl Store for Shards {
    fn settings(&self) -> String {
        format!(
            "revocation.redis = [\"{}\"]\nrevocation.redis_kind = \"cluster\"\n\
             revocation.redis_user = \"sealpass\"\nrevocation.redis_password = \"file:password\"\n",
            self.0[0].url(),
        )
    }
}

#[test]
fn through_redis_cluster_a_logout_at_one_is_a_logout_at_all() {
    let cluster = Cluster::start_with(2, "", Shards::start);
    let (gone, live) = (cluster.login(0), cluster.login(1));
    assert_eq!(cluster.instances[0].logout(&gone).unwrap().status, 204);
    cluster.expect_refused(&gone);
    cluster.expect_alive(&live);
}

const PASSWORD: &str = "a-password-of-redis-for-these-tests";
