//! Where the stream of logouts is, and that no setting of it weakens another.

use super::*;

const JOURNAL: &str = "revocation.journal = 'j'\n";

#[test]
fn every_setting_of_redis_reaches_its_place() {
    let redis = with(
        "[revocation]\njournal = 'j'\nredis = ['rediss://a.example', 'rediss://b.example']\n\
         redis_kind = 'sentinel'\nredis_master = 'm'\nredis_user = 'u'\nredis_password = 'file:p'\n\
         redis_sentinel_user = 's'\nredis_sentinel_password = 'env:S'\nredis_ca = 'ca.pem'\n\
         redis_prefix = 'shop'\nredis_timeout = '2s'\nmax_staleness = '30s'\nstale = 'allow'",
    )
    .revocation
    .redis
    .unwrap();
    assert_eq!(redis.urls, ["rediss://a.example", "rediss://b.example"]);
    assert_eq!((redis.kind, redis.master.as_deref()), (RedisKind::Sentinel, Some("m")));
    assert_eq!(redis.username.as_deref(), Some("u"));
    assert_eq!(redis.password, Some(SecretSource::File("/etc/sealpass/p".into())));
    assert_eq!(redis.sentinel_username.as_deref(), Some("s"));
    assert_eq!(redis.sentinel_password, Some(SecretSource::Variable("S".into())));
    assert_eq!(redis.ca, Some("/etc/sealpass/ca.pem".into()));
    assert_eq!((redis.prefix.as_str(), redis.timeout), ("shop", Duration::from_secs(2)));
    assert_eq!((redis.max_staleness, redis.stale), (30, StaleChoice::Allow));
    assert!(redis.durable_outbox);
}

#[test]
fn settings_of_redis_that_would_lose_a_logout_are_refused() {
    for (toml, expected) in [
        ("revocation.redis = ['redis://10.0.0.1']", "in the clear to another machine"),
        (
            "revocation.redis = ['redis://127.0.0.1:1', 'redis://127.0.0.1:2']",
            "`revocation.redis` has several addresses: one instance would tell another Redis",
        ),
        (
            "revocation.redis = ['redis://127.0.0.1']\nrevocation.redis_kind = 'sentinel'",
            "`revocation.redis_master` is missing",
        ),
        (
            "revocation.redis = ['redis://127.0.0.1']\nrevocation.durable_outbox = false",
            "`revocation.journal` would not be used",
        ),
    ] {
        let problem = problem(&format!("{JOURNAL}{toml}"));
        assert!(problem.contains(expected), "{toml}: {problem}");
    }
    let problem = problem("revocation.redis = ['redis://127.0.0.1']");
    assert!(problem.contains("there is no `revocation.journal`"), "{problem}");
    let without = "revocation.redis = ['redis://127.0.0.1']\nrevocation.durable_outbox = false";
    assert!(!with(without).revocation.redis.unwrap().durable_outbox);
}
