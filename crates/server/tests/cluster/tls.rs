//! Redis over TLS, with a user that may do no more than it must.

use std::path::Path;

use crate::support::{Authority, Cluster, Redis, Store, documented_user, until, write_secret};

/// A Redis that speaks TLS alone.
struct TlsRedis(Redis);

impl TlsRedis {
    fn start(folder: &Path) -> Self {
        let authority = Authority::new();
        authority.write(&folder.join("ca.pem"));
        Authority::new().write(&folder.join("other-ca.pem"));
        let (certificate, key) = authority.certify(folder);
        write_secret(&folder.join("password"), PASSWORD);
        write_secret(&folder.join("wrong-password"), "not-the-password");
        let user = documented_user(PASSWORD, "");
        Self(Redis::on_a_port(&folder.join("redis"), |port| {
            format!(
                "port 0\ntls-port {port}\ntls-auth-clients no\ntls-cert-file {}\ntls-key-file {}\n\
                 {user}",
                certificate.display(),
                key.display(),
            )
        }))
    }

    fn settings_with(&self, ca: &str, password: &str) -> String {
        format!(
            "revocation.redis = [\"rediss://127.0.0.1:{}\"]\nrevocation.redis_user = \"sealpass\"\n\
             revocation.redis_ca = \"{ca}\"\nrevocation.redis_password = \"file:{password}\"\n",
            self.0.port(),
        )
    }
}

impl Store for TlsRedis {
    fn settings(&self) -> String {
        self.settings_with("ca.pem", "password")
    }
}

#[test]
fn through_redis_over_tls_with_the_documented_user_a_logout_is_one_everywhere() {
    let cluster = Cluster::start_with(2, "", TlsRedis::start);
    let (gone, live) = (cluster.login(0), cluster.login(1));
    assert_eq!(cluster.instances[0].logout(&gone).unwrap().status, 204);
    cluster.expect_refused(&gone);
    cluster.expect_alive(&live);
}

#[test]
fn through_redis_over_tls_an_instance_that_is_refused_says_why_and_lets_nobody_in() {
    let mut cluster = Cluster::start_with(1, "", TlsRedis::start);
    let live = cluster.login(0);
    let wrong_password = cluster.redis.settings_with("ca.pem", "wrong-password");
    let wrong_ca = cluster.redis.settings_with("other-ca.pem", "password");
    for (settings, why) in
        [(wrong_password, "`revocation.redis_password`"), (wrong_ca, "invalid peer certificate")]
    {
        let instance = cluster.add(&settings);
        until("it says why", || {
            let view = instance.revocations();
            view["redis"]["problem"].as_str().is_some_and(|problem| problem.contains(why))
        });
        let said = instance.said();
        assert!(said.contains(why) && said.contains("127.0.0.1"), "{said}");
        assert!(!said.contains("not-the-password") && !said.contains(PASSWORD), "{said}");
        let probe = instance.get("/readyz");
        assert_eq!((probe.status, probe.code()), (503, "revocations_not_synced".to_owned()));
        assert_eq!(instance.session(&live).unwrap().status, 503);
    }
}

const PASSWORD: &str = "a-password-of-redis-for-these-tests";
