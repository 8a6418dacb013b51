//! Whether there are assertions, what is in them, and where their keys come from.

use sealpass_tower::sealpass::jose::JwsAlgorithm;

use super::*;

fn assertion(toml: &str) -> Assertion {
    with(&format!("assertion.algorithm = 'EdDSA'\n{toml}")).assertion.unwrap()
}

#[test]
fn there_is_none_unless_an_algorithm_is_chosen() {
    assert!(with("").assertion.is_none());
    assert!(with("assertion.keys = 'k'\nassertion.claims = ['role']").assertion.is_none());
    for (name, algorithm) in [("EdDSA", JwsAlgorithm::EdDsa), ("ES256", JwsAlgorithm::Es256)] {
        let chosen = with(&format!("assertion.algorithm = '{name}'")).assertion.unwrap();
        assert_eq!(chosen.keys.purpose, Purpose::Assertions(algorithm));
    }
    for refused in ["none", "eddsa", "HS256", "RS256", ""] {
        let problem = problem(&format!("assertion.algorithm = '{refused}'"));
        assert!(problem.contains("`off`, `EdDSA` or `ES256`"), "{problem}");
    }
}

#[test]
fn the_defaults_of_an_assertion_are_the_documented_ones() {
    let Assertion { claims, lifetime, keys } = assertion("");
    assert!(claims.is_empty());
    assert_eq!((lifetime, keys.source), (60, KeySource::Ephemeral));
    // The clock of whoever verifies may be a minute behind.
    assert_eq!((keys.times.period(), keys.times.retention()), (86_400, 120));
    assert_eq!((keys.lead, keys.poll), (86_400, Duration::from_secs(10)));
    let files = assertion("assertion.keys = 'a'").keys;
    assert_eq!(files.source, KeySource::Files { directory: "/etc/sealpass/a".into() });
    assert_eq!(files.times.period(), 30 * 86_400);
    assert_eq!(with("").forward_auth.audience, "https://app.example");
    let upstream = |toml: &str| {
        with(&format!("upstream.url = 'http://127.0.0.1:3000/'\n{toml}")).upstream.unwrap()
    };
    assert_eq!(upstream("").audience, "http://127.0.0.1:3000");
    assert_eq!(upstream("assertion.audience = 'orders'").audience, "orders");
}

#[test]
fn every_setting_of_assertions_reaches_its_place() {
    let config = with(
        "[assertion]\nalgorithm = 'ES256'\naudience = 'orders'\nclaims = ['https://a.example/role']\n\
         keys = '/run/assertions'\nlifetime = '5m'\nperiod = '2h'\n\
         [keys]\nlead = '1h'\npoll = '1s'\n\
         [forward_auth]\naudience = 'all'\n\
         [upstream]\nurl = 'https://api.internal'\nclaims = ['role']\n",
    );
    assert_eq!(config.upstream.unwrap().audience, "orders");
    assert_eq!(config.forward_auth.audience, "all");
    let Assertion { claims, lifetime, keys } = config.assertion.unwrap();
    assert_eq!((claims, lifetime), (vec!["https://a.example/role".to_owned()], 300));
    assert_eq!(keys.source, KeySource::Files { directory: "/run/assertions".into() });
    assert_eq!((keys.times.period(), keys.times.retention()), (7_200, 360));
    assert_eq!((keys.lead, keys.poll), (3_600, Duration::from_secs(1)));
}

#[test]
fn its_claims_are_those_in_headers_unless_it_says_which() {
    let told = "upstream.claims = ['role', 'tenant_id']\n";
    assert_eq!(assertion(told).claims, ["role", "tenant_id"]);
    assert_eq!(assertion(&format!("{told}assertion.claims = ['role']")).claims, ["role"]);
    assert!(assertion(&format!("{told}assertion.claims = []")).claims.is_empty());
}

#[test]
fn a_claim_that_would_replace_one_of_the_assertions_own_is_refused() {
    for taken in [
        "iss",
        "sub",
        "aud",
        "exp",
        "iat",
        "nbf",
        "jti",
        "client_id",
        "sid",
        "auth_time",
        "amr",
        "cnf",
        "csrf",
    ] {
        let refused = problem(&format!("assertion.claims = ['role', '{taken}']"));
        assert!(refused.contains(&format!("`{taken}` is a claim of every assertion")), "{refused}");
    }
    let on = "assertion.algorithm = 'EdDSA'\nupstream.claims = ['client_id']\n";
    let refused = problem(on);
    assert!(refused.contains("`upstream.claims` has `client_id`"), "{refused}");
    assert!(with(&format!("{on}assertion.claims = []")).assertion.is_some());
}

#[test]
fn its_keys_are_never_those_of_sessions() {
    let shared = "keys.secret = 'env:A'\n";
    let derived = assertion(shared).keys;
    assert_eq!(derived.source, with(shared).keys.source);
    assert_eq!(
        (derived.purpose, derived.times.period()),
        (Purpose::Assertions(JwsAlgorithm::EdDsa), 86_400)
    );
    assert_eq!(assertion("keys.directory = 'k'").keys.source, KeySource::Ephemeral);
    let refused = "assertion.algorithm = 'EdDSA'\nkeys.directory = 'k'\nassertion.keys = 'k'";
    assert!(problem(refused).contains("`assertion.keys` is the folder of `keys.directory`"));
}

#[test]
fn what_does_not_go_together_is_refused_with_what_does() {
    for (toml, expected) in [
        (
            "keys.secret = 'env:A'\nassertion.algorithm = 'ES256'",
            "4: `assertion.algorithm` is ES256, and of `keys.secret` only keys for EdDSA can be \
             derived; set it to `EdDSA`, or give key files in `assertion.keys`",
        ),
        (
            "assertion.algorithm = 'ES256'\nassertion.keys = 'k'\nassertion.period = '1d'",
            "`keys.lead` is 1d, not shorter than `assertion.period`, 1d",
        ),
        ("assertion.lifetime = '301s'", "`assertion.lifetime`: `301s` is too large"),
        ("assertion.lifetime = 0", "`assertion.lifetime`: `0` is too small"),
        ("assertion.period = '59m'", "`assertion.period`: `59m` is too small"),
        ("assertion.audience = ''", "`assertion.audience`"),
        ("assertion.claims = ['']", "`assertion.claims`"),
    ] {
        let problem = problem(toml);
        assert!(problem.contains(expected), "{toml}: {problem}");
    }
    let files = "keys.secret = 'env:A'\nassertion.algorithm = 'ES256'\nassertion.keys = 'k'";
    assert!(with(files).assertion.is_some());
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    let wrong = "assertion.algorithm = 'ES256'\nassertion.claims = ['sub']\nkeys.secret = 'env:A'";
    let problems = resolve(&format!("{LEAST}{wrong}")).unwrap_err();
    assert!(problems.contains("has 2 problems"), "{problems}");
}

#[test]
fn every_cache_has_the_next_key_before_it_signs() {
    let period = assertion("assertion.period = '1h'").keys.times.period();
    assert!(period >= crate::keys::jwks::MAX_AGE + 300, "and the most `keys.poll`");
}
