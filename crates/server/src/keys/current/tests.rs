//! The keys of a server, at times that are told to it.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use sealpass_tower::sealpass::Lifetimes;
use sealpass_tower::sealpass::jose::{Algorithm, Jwk, JwsAlgorithm};
use sealpass_tower::sealpass::schedule::KeyTimes;
use serde_json::Value;
use tempfile::TempDir;

use super::*;
use crate::config::{KeySource, SecretSource};
use crate::keys::jwks::PublishedKeys;

fn at(seconds: u64) -> NumericDate {
    NumericDate::from_secs(seconds)
}

fn config(source: KeySource) -> config::Keys {
    let times = KeyTimes::of(3_600, Lifetimes::DEFAULT).unwrap();
    let (purpose, poll) = (Purpose::Sessions, Duration::from_secs(10));
    config::Keys { purpose, source, times, lead: 600, poll }
}

fn files(folder: &TempDir) -> config::Keys {
    config(KeySource::Files { directory: folder.path().to_owned() })
}

fn shared(file: &Path) -> config::Keys {
    config(KeySource::Shared { secret: SecretSource::File(file.to_owned()) })
}

/// Replaces a file, as whoever does it well: another one under the same name.
fn put(folder: &TempDir, name: &str, text: &str) {
    let new = folder.path().join(".new");
    fs::write(&new, text).unwrap();
    fs::set_permissions(&new, Permissions::from_mode(0o600)).unwrap();
    fs::rename(new, folder.path().join(name)).unwrap();
}

fn put_key(folder: &TempDir, kid: &str, algorithm: Algorithm, nbf: u64) {
    let jwk = Jwk::generate(algorithm).unwrap().with_kid(kid).unwrap();
    let json = jwk.to_private_json();
    let json = json.expose().replacen('{', &format!("{{\"nbf\":{nbf},"), 1);
    put(folder, &format!("{kid}.jwk"), &json);
}

fn put_eddsa(folder: &TempDir, kid: &str, nbf: u64) {
    put_key(folder, kid, Algorithm::Jws(JwsAlgorithm::EdDsa), nbf);
}

fn states(keys: &CurrentKeys) -> Vec<String> {
    states_of(&keys.keys)
}

fn states_of(keys: &ScheduledKeys) -> Vec<String> {
    super::states(keys).into_iter().map(|(kid, state)| format!("{kid} {state}")).collect()
}

fn problem(keys: &CurrentKeys) -> Value {
    keys.view().describe()["problem"].clone()
}

const ONE: &str = "q1vUnfyLBMbqe5xBvXXP4sHCmEKA2wSsWSDQ-A6J9nU";
const TWO: &str = "3f9c1d0e5b7a48264c1f90e7d3b8a65274e1c0f93b6d8a5217f4e0c9b3d68a15";

#[test]
fn a_folder_is_read_again_when_it_changes_and_time_moves_its_keys_on() {
    let folder = TempDir::new().unwrap();
    put_eddsa(&folder, "a", 1_000);
    let mut keys = CurrentKeys::open(&files(&folder), at(2_000)).unwrap();
    assert_eq!(states(&keys), ["a active"]);
    assert!(!keys.refresh(at(2_001)), "nothing has changed");
    put_eddsa(&folder, "b", 3_000);
    assert!(keys.refresh(at(2_002)));
    assert_eq!(states(&keys), ["a active", "b next"]);
    assert_eq!(keys.wait(at(2_995)), Duration::from_secs(5));
    assert!(keys.refresh(at(3_000)));
    assert_eq!(
        (states(&keys), keys.ring().active().kid()),
        (vec!["a retired".into(), "b active".into()], "b")
    );
    assert!(keys.refresh(at(6_600)), "the file is still there, and the key is not");
    assert_eq!(states(&keys), ["b active"]);
}

#[test]
fn a_broken_file_keeps_the_old_keys_and_says_so_until_it_is_mended() {
    let folder = TempDir::new().unwrap();
    put_eddsa(&folder, "a", 1_000);
    let mut keys = CurrentKeys::open(&files(&folder), at(2_000)).unwrap();
    let before = keys.ring().active().to_public_jwk().unwrap().thumbprint();
    for broken in ["", "{\"kty\":\"oct\"}", "-----BEGIN PRIVATE KEY-----\n"] {
        put(&folder, "b.jwk", broken);
        assert!(!keys.refresh(at(2_001)));
        assert_eq!(states(&keys), ["a active"]);
        assert!(problem(&keys).as_str().unwrap().contains("b.jwk"), "{}", problem(&keys));
    }
    fs::remove_file(folder.path().join("b.jwk")).unwrap();
    keys.refresh(at(2_002));
    assert_eq!(problem(&keys), Value::Null);
    assert_eq!(keys.ring().active().to_public_jwk().unwrap().thumbprint(), before);

    // Neither an empty folder nor none, nor one in which nothing seals, is an order to forget keys.
    fs::rename(folder.path().join("a.jwk"), folder.path().join(".a")).unwrap();
    put_eddsa(&folder, "c", 9_000);
    assert!(!keys.refresh(at(2_003)));
    assert!(problem(&keys).as_str().unwrap().contains("no key seals yet"), "{}", problem(&keys));
    fs::remove_file(folder.path().join("c.jwk")).unwrap();
    assert!(!keys.refresh(at(2_004)));
    assert!(problem(&keys).as_str().unwrap().contains("no key that can seal"));
    let path = folder.path().to_owned();
    let named = format!("the keys in {}: ", path.display());
    folder.close().unwrap();
    assert!(!keys.refresh(at(2_005)));
    assert_eq!(states(&keys), ["a active"]);
    assert!(problem(&keys).as_str().unwrap().starts_with(&named), "{}", problem(&keys));
    assert!(!path.exists());
}

#[test]
fn a_set_that_becomes_good_by_the_clock_alone_is_taken_then() {
    let folder = TempDir::new().unwrap();
    put_eddsa(&folder, "a", 1_000);
    let mut keys = CurrentKeys::open(&files(&folder), at(2_000)).unwrap();
    put_eddsa(&folder, "b", 3_000);
    fs::remove_file(folder.path().join("a.jwk")).unwrap();
    assert!(!keys.refresh(at(2_001)));
    assert!(keys.refresh(at(3_000)));
    assert_eq!(states(&keys), ["b active"]);
}

#[test]
fn a_key_that_is_taken_away_is_gone_at_once() {
    let folder = TempDir::new().unwrap();
    put_eddsa(&folder, "a", 1_000);
    put_eddsa(&folder, "b", 2_000);
    let mut keys = CurrentKeys::open(&files(&folder), at(2_500)).unwrap();
    assert_eq!(states(&keys), ["a retired", "b active"]);
    fs::remove_file(folder.path().join("a.jwk")).unwrap();
    assert!(keys.refresh(at(2_501)));
    assert_eq!(states(&keys), ["b active"]);
}

#[test]
fn another_key_under_the_same_name_is_another_key() {
    let folder = TempDir::new().unwrap();
    put_eddsa(&folder, "a", 1_000);
    let mut keys = CurrentKeys::open(&files(&folder), at(2_000)).unwrap();
    let before = keys.ring().active().to_public_jwk().unwrap().thumbprint();
    put_eddsa(&folder, "a", 1_000);
    assert!(keys.refresh(at(2_001)));
    assert_ne!(keys.ring().active().to_public_jwk().unwrap().thumbprint(), before);
}

#[test]
fn a_key_that_is_read_again_goes_on_being_counted() {
    let folder = TempDir::new().unwrap();
    let dir = Jwk::generate(Algorithm::Jws(JwsAlgorithm::EdDsa)).unwrap();
    put(&folder, "public.jwk", &dir.to_public_json().unwrap());
    let key = br#"{"kty":"oct","kid":"s","alg":"A256GCM",
        "k":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}"#;
    put(&folder, "s.jwk", str::from_utf8(key).unwrap());
    let mut keys = CurrentKeys::open(&files(&folder), at(2_000)).unwrap();
    keys.ring().seal_bytes("t", b"{}").unwrap();
    put_eddsa(&folder, "b", 3_000);
    assert!(keys.refresh(at(2_001)));
    keys.ring().seal_bytes("t", b"{}").unwrap();
    assert_eq!(keys.ring().get("s").unwrap().sealed(), Some(2));
    assert_eq!(keys.ring().keys().len(), 3);
}

#[test]
fn only_public_halves_are_published_those_of_next_keys_too() {
    let folder = TempDir::new().unwrap();
    put_eddsa(&folder, "a", 1_000);
    put_key(&folder, "b", Algorithm::Jws(JwsAlgorithm::Es256), 9_000);
    put_key(&folder, "c", Algorithm::Jws(JwsAlgorithm::Hs256), 500);
    let keys = CurrentKeys::open(&files(&folder), at(2_000)).unwrap();
    assert_eq!(states(&keys), ["c retired", "a active", "b next"]);
    let view = keys.view();
    let jwks = PublishedKeys::of([view.clone()]).unwrap().unwrap().json();
    let set: Value = serde_json::from_str(&jwks).unwrap();
    let names: Vec<_> = set["keys"].as_array().unwrap().iter().map(|key| &key["kid"]).collect();
    assert_eq!(names, ["a", "b"]);
    for secret in ["\"d\"", "\"k\""] {
        assert!(!jwks.contains(secret) && !view.describe().to_string().contains(secret));
    }
}

#[test]
fn a_secret_is_changed_in_a_running_server() {
    let folder = TempDir::new().unwrap();
    put(&folder, "secret", &format!("{ONE}\n"));
    let file = folder.path().join("secret");
    let mut here = CurrentKeys::open(&shared(&file), at(7_200)).unwrap();
    let there = CurrentKeys::open(&shared(&file), at(7_200)).unwrap();
    assert_eq!(states(&here), states(&there));
    assert!(!here.view().is_published());
    let old = here.ring().active().kid().to_owned();

    put(&folder, "secret", &format!("{ONE}\n{TWO}\n"));
    assert!(here.refresh(at(7_201)));
    assert_eq!(here.ring().active().kid(), old);
    put(&folder, "secret", &format!("{TWO}\n{ONE}\n"));
    assert!(here.refresh(at(7_202)));
    assert_ne!(here.ring().active().kid(), old);
    assert!(here.ring().get(&old).is_some(), "nobody is logged out");
    put(&folder, "secret", TWO);
    assert!(here.refresh(at(7_203)));
    assert!(here.ring().get(&old).is_none());
}

#[test]
fn a_secret_that_cannot_be_used_is_refused_at_start_and_later_changes_nothing() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("secret");
    put(&folder, "secret", ONE);
    let mut keys = CurrentKeys::open(&shared(&file), at(7_200)).unwrap();
    for (text, why) in [
        (String::new(), "it is empty"),
        ("correct horse battery staple".to_owned(), "neither base64url"),
        (format!("{ONE} {ONE}"), "the two secrets are the same one"),
        (format!("{ONE} {TWO} {}", TWO.to_uppercase()), "more than two secrets"),
        (ONE[..30].to_owned(), "bits, and must have 256"),
        ("x".repeat(9_000), "longer than 8192 bytes"),
    ] {
        put(&folder, "secret", &text);
        assert!(!keys.refresh(at(7_201)));
        let refused = format!("{:#}", CurrentKeys::open(&shared(&file), at(7_200)).unwrap_err());
        assert!(refused.contains(why), "{refused}");
        let problem = problem(&keys);
        let problem = problem.as_str().unwrap();
        assert!(problem.contains(why), "{problem}");
        assert!(problem.starts_with(&format!("the file {}", file.display())), "{problem}");
        assert!(text.is_empty() || !refused.contains(&text), "{refused}");
    }
    put(&folder, "secret", ONE);
    fs::set_permissions(&file, Permissions::from_mode(0o640)).unwrap();
    keys.refresh(at(7_202));
    assert_eq!(problem(&keys), Value::Null, "a group may read it");
    fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
    keys.refresh(at(7_203));
    assert!(problem(&keys).as_str().unwrap().contains("mode is 0644"));
    assert_eq!(keys.ring().keys().len(), 3);
    let elsewhere = SecretSource::Variable("SURELY_NOT_THERE".to_owned());
    let refused = CurrentKeys::open(&config(KeySource::Shared { secret: elsewhere }), at(0));
    assert!(format!("{:#}", refused.unwrap_err()).contains("there is no such variable"));
}

#[test]
fn an_ephemeral_key_seals_for_a_period_and_opens_for_the_retention() {
    let mut keys = CurrentKeys::open(&config(KeySource::Ephemeral), at(10_000)).unwrap();
    let first = keys.ring().active().kid().to_owned();
    assert!(!keys.refresh(at(13_599)));
    assert!(keys.refresh(at(13_600)));
    assert_eq!(keys.keys.keys().len(), 2);
    assert_ne!(keys.ring().active().kid(), first);
    assert!(keys.ring().get(&first).is_some());
    // A clock that is set back finds a key that seals.
    keys.refresh(at(9_000));
    assert_eq!(keys.ring().active().kid(), first);
    assert!(keys.refresh(at(17_200)));
    assert!(keys.ring().get(&first).is_none());
    assert_eq!(keys.keys.keys().len(), 2);
}

fn assertions(source: KeySource) -> config::Keys {
    config::Keys { purpose: Purpose::Assertions(JwsAlgorithm::EdDsa), ..config(source) }
}

fn published(keys: &CurrentKeys) -> Vec<String> {
    let json = PublishedKeys::of([keys.view()]).unwrap().unwrap().json();
    let set: Value = serde_json::from_str(&json).unwrap();
    let kids = set["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap());
    kids.map(str::to_owned).collect()
}

#[test]
fn an_ephemeral_key_of_assertions_is_published_a_period_before_it_signs() {
    let mut keys = CurrentKeys::open(&assertions(KeySource::Ephemeral), at(10_000)).unwrap();
    for period in 0..5 {
        let start = 10_000 + 3_600 * period;
        keys.refresh(at(start));
        let signs = keys.ring().active().kid().to_owned();
        let next = published(&keys).pop().unwrap();
        assert_ne!(next, signs);
        keys.refresh(at(start + 3_599));
        assert_eq!(keys.ring().active().kid(), signs);
        assert_eq!(keys.wait(at(start + 3_599)), Duration::from_secs(1));
        keys.refresh(at(start + 3_600));
        assert_eq!(keys.ring().active().kid(), next);
        // What the one before has signed is believed as long as it lasts.
        assert!(published(&keys).contains(&signs));
        assert!(published(&keys).len() <= 4);
    }
}

#[test]
fn instances_with_one_secret_publish_the_same_keys_of_assertions_and_none_of_sessions() {
    let folder = TempDir::new().unwrap();
    put(&folder, "secret", ONE);
    let shared = shared(&folder.path().join("secret"));
    let sessions = CurrentKeys::open(&shared, at(7_200)).unwrap();
    let [here, there] =
        [7_200, 10_799].map(|now| CurrentKeys::open(&assertions(shared.source.clone()), at(now)));
    let (here, there) = (here.unwrap(), there.unwrap());
    assert_eq!(here.ring().active().kid(), there.ring().active().kid());
    let json = |keys: &CurrentKeys| PublishedKeys::of([keys.view()]).unwrap().unwrap().json();
    assert_eq!(json(&here), json(&there));
    assert!(!sessions.view().is_published());
    assert!(published(&here).iter().all(|kid| sessions.ring().get(kid).is_none()));
}

#[test]
fn a_key_that_is_called_after_its_thumbprint_is_not_taken_for_two() {
    let folder = TempDir::new().unwrap();
    let key = Jwk::generate(Algorithm::Jws(JwsAlgorithm::EdDsa)).unwrap();
    put(&folder, "a.pem", key.to_private_pem().unwrap().expose());
    let source = KeySource::Files { directory: folder.path().to_owned() };
    let keys = CurrentKeys::open(&assertions(source), at(2_000)).unwrap();
    assert_eq!(published(&keys), [key.thumbprint()]);
}

#[test]
fn every_doubling_from_a_sixteenth_of_the_limit_on_is_worth_a_word() {
    let sixteenth = 1 << 28;
    assert_eq!(Key::MAX_SEALED, 1 << 32);
    assert!(!is_worth_a_word(0, None));
    assert!(!is_worth_a_word(sixteenth - 1, None));
    assert!(is_worth_a_word(sixteenth, None));
    assert!(!is_worth_a_word(2 * sixteenth - 1, Some(sixteenth)));
    assert!(is_worth_a_word(2 * sixteenth, Some(sixteenth)));
}
