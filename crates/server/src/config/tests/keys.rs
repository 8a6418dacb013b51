//! Where keys come from, and that their times go together.

use super::*;

fn keys(toml: &str) -> Keys {
    with(toml).keys
}

#[test]
fn the_source_follows_from_what_is_there() {
    assert_eq!(keys("").source, KeySource::Ephemeral);
    let shared = keys("keys.secret = 'file:secret'");
    let beside = SecretSource::File("/etc/sealpass/secret".into());
    assert_eq!(shared.source, KeySource::Shared { secret: beside });
    assert_eq!((shared.times.period(), shared.times.retention()), (3_600, 3_600));
    let files = keys("keys.directory = 'keys'");
    assert_eq!(files.source, KeySource::Files { directory: "/etc/sealpass/keys".into() });
    assert_eq!(files.times.period(), 30 * 86_400);
    let both = "keys.secret = 'env:A'\nkeys.directory = '/run/keys'\n";
    assert!(problem(both).contains("both `keys.secret` and `keys.directory` are there"));
    for (source, expected) in [
        ("ephemeral", KeySource::Ephemeral),
        ("shared", KeySource::Shared { secret: SecretSource::Variable("A".into()) }),
        ("files", KeySource::Files { directory: "/run/keys".into() }),
    ] {
        assert_eq!(keys(&format!("{both}keys.source = '{source}'")).source, expected);
    }
    assert!(problem("keys.source = 'shared'").contains("`keys.secret` is missing"));
    assert!(problem("keys.source = 'files'").contains("`keys.directory` is missing"));
}

#[test]
fn every_setting_of_keys_reaches_its_place() {
    let keys = keys(
        "[keys]\nsecret = 'credential:sealpass'\nperiod = '2h'\nretention = '90m'\nlead = '3h'\n\
         poll = '250ms'",
    );
    let secret = SecretSource::Credential("sealpass".into());
    assert_eq!(keys.source, KeySource::Shared { secret });
    assert_eq!((keys.times.period(), keys.times.retention()), (7_200, 5_400));
    assert_eq!((keys.lead, keys.poll), (10_800, Duration::from_millis(250)));
}

#[test]
fn times_that_would_refuse_live_sessions_are_refused_with_the_settings_they_come_from() {
    for (toml, expected) in [
        (
            "keys.retention = '59m'",
            "3: `keys.retention` is 59m, so that keys would be gone before what they sealed: a \
             token may be presented for `lifetimes.idle`, 1h, and `lifetimes.leeway`, 0s; give at \
             least 1h",
        ),
        ("keys.retention = '1h'\nlifetimes.leeway = 5", "give at least 3605s"),
        (
            "keys.retention = '1h'\nlifetimes.idle = '2h'",
            "3: `keys.retention` is 1h, so that keys would be gone",
        ),
        (
            "keys.period = '1m'\nkeys.retention = '10d'\nkeys.secret = 'env:A'",
            "3: `keys.period` is 1m, too short for `keys.retention`, 10d: there would be more than \
             100 retired keys; give at least 8728s",
        ),
        (
            "keys.directory = 'k'\nkeys.period = '1d'",
            "`keys.lead` is 1d, not shorter than `keys.period`, 1d",
        ),
        ("keys.lead = '9m'", "`keys.lead`: `9m` is too small"),
        ("keys.period = '59s'", "`keys.period`: `59s` is too small"),
        ("keys.period = '367d'", "`keys.period`: `367d` is too large"),
        ("keys.retention = '61d'", "`keys.retention`: `61d` is too large"),
        ("keys.poll = 0", "`keys.poll`: `0` is too small"),
        ("keys.poll = '6m'", "`keys.poll`: `6m` is too large"),
        ("keys.source = 'vault'", "`keys.source`: `vault` is none of the choices"),
        ("keys.directory = ''", "`keys.directory`: `` is empty"),
    ] {
        let problem = problem(toml);
        assert!(problem.contains(expected), "{toml}: {problem}");
    }
}

#[test]
fn a_secret_in_the_place_of_its_place_is_refused_and_not_printed() {
    for text in ["q1vUnfyLBMbqe5xBvXXP4sHCmEKA2wSsWSDQ-A6J9nU", "env:SEALPASS_SECRET", "hunter:2"] {
        let problem = problem(&format!("keys.secret = '{text}'"));
        assert!(problem.contains("`keys.secret`"), "{problem}");
        assert!(problem.contains("expected `file:PATH`, `env:NAME`"), "{problem}");
        assert!(!problem.contains(text), "{problem}");
    }
}

#[test]
fn a_usual_period_that_is_too_short_is_made_longer_by_itself() {
    let lifetimes = "lifetimes.idle = '30d'\nlifetimes.absolute = '30d'\n";
    let keys = keys(&format!("{lifetimes}keys.secret = 'env:A'"));
    assert_eq!((keys.times.period(), keys.times.retention()), (26_182, 30 * 86_400));
}

#[test]
fn every_cache_of_the_jwk_set_is_filled_again_before_a_key_seals() {
    // The least `keys.lead`, and the most `keys.poll`, in seconds.
    let (lead, poll) = (600, 300);
    assert!(with(&format!("keys.lead = {lead}\nkeys.poll = {poll}")).keys.lead == lead);
    assert!(problem(&format!("keys.lead = {}", lead - 1)).contains("too small"));
    assert!(problem(&format!("keys.poll = {}", poll + 1)).contains("too large"));
    assert!(lead >= poll + crate::keys::jwks::MAX_AGE);
}
