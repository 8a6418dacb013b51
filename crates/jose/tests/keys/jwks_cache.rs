//! Every transition of the cache of a published set.

use std::sync::Arc;

use sealpass_jose::{
    Fetch, Jwk, JwkSet, JwksCache, JwksError, JwksSchedule, JwksScheduleError, NumericDate,
    UnknownKey,
};

use crate::support::{ED25519_X, EDDSA, ES256, HS256};

const FRESH: u64 = 600;
const COOLDOWN: u64 = 30;
const STALENESS: u64 = 3_600;
const TIMEOUT: u64 = 10;

fn schedule() -> JwksSchedule {
    JwksSchedule::recommended()
        .fresh(FRESH)
        .cooldown(COOLDOWN)
        .staleness(STALENESS)
        .fetch_timeout(TIMEOUT)
}

fn cache() -> JwksCache {
    JwksCache::new(schedule(), &[EDDSA]).unwrap()
}

const fn at(seconds: u64) -> NumericDate {
    NumericDate::from_secs(1_000_000 + seconds)
}

fn body(kid: &str) -> Vec<u8> {
    format!(
        r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","x":"{ED25519_X}","kid":"{kid}"}},
            {{"kty":"new"}}]}}"#
    )
    .into_bytes()
}

fn has(cache: &JwksCache, kid: &str, now: NumericDate) -> bool {
    cache.keys(now).is_some_and(|keys| keys.get(kid).is_some())
}

fn loaded(kid: &str) -> JwksCache {
    let mut cache = cache();
    let fetch = cache.due(at(0)).unwrap();
    cache.loaded(fetch, &body(kid), at(0)).unwrap();
    cache
}

fn fetch(unknown: UnknownKey) -> Fetch {
    match unknown {
        UnknownKey::Fetch(fetch) => fetch,
        other => panic!("{other:?}"),
    }
}

#[test]
fn without_a_set_there_are_no_keys_and_a_fetch_is_due() {
    let mut cache = cache();
    assert!(cache.keys(at(0)).is_none());
    assert_eq!(cache.fetched_at(), None);
    assert!(cache.due(at(0)).is_some());
}

#[test]
fn only_one_fetch_is_under_way() {
    let mut cache = cache();
    let first = cache.due(at(0)).unwrap();
    assert_eq!(cache.due(at(1)), None);
    assert_eq!(cache.unknown_key(at(1)), UnknownKey::Wait);
    cache.loaded(first, &body("a"), at(2)).unwrap();
    assert!(has(&cache, "a", at(2)));
}

#[test]
fn a_fresh_set_is_not_due_and_an_old_one_is() {
    let mut cache = loaded("a");
    assert_eq!(cache.due(at(FRESH - 1)), None);
    let again = cache.due(at(FRESH)).unwrap();
    assert!(has(&cache, "a", at(FRESH)), "the last good set is used meanwhile");
    cache.loaded(again, &body("b"), at(FRESH + 1)).unwrap();
    assert!(!has(&cache, "a", at(FRESH + 1)));
    assert!(has(&cache, "b", at(FRESH + 1)));
    assert_eq!(cache.fetched_at(), Some(at(FRESH + 1)));
    assert_eq!(cache.skipped().len(), 1);
    assert_eq!(cache.due(at(2 * FRESH)), None);
    assert!(cache.due(at(2 * FRESH + 1)).is_some());
}

#[test]
fn a_key_that_is_not_known_is_fetched_after_the_cool_down() {
    let mut cache = loaded("a");
    assert_eq!(cache.unknown_key(at(0)), UnknownKey::Refuse);
    assert_eq!(cache.unknown_key(at(COOLDOWN - 1)), UnknownKey::Refuse);
    let again = fetch(cache.unknown_key(at(COOLDOWN)));
    assert_eq!(cache.unknown_key(at(COOLDOWN)), UnknownKey::Wait);
    cache.loaded(again, &body("b"), at(COOLDOWN)).unwrap();
    assert!(has(&cache, "b", at(COOLDOWN)));
    assert_eq!(cache.unknown_key(at(COOLDOWN)), UnknownKey::Refuse);
}

#[test]
fn a_flood_of_unknown_keys_makes_one_fetch_for_each_cool_down() {
    let mut cache = loaded("a");
    let mut fetches = 0;
    for second in 0..10 * COOLDOWN {
        for _ in 0..10 {
            if let UnknownKey::Fetch(fetch) = cache.unknown_key(at(second)) {
                fetches += 1;
                cache.failed(fetch, at(second));
            }
        }
    }
    assert_eq!(fetches, 9);
}

#[test]
fn a_failed_fetch_keeps_the_last_good_set_until_it_is_too_old() {
    let mut cache = loaded("a");
    for second in FRESH..STALENESS + 100 {
        if let Some(fetch) = cache.due(at(second)) {
            cache.failed(fetch, at(second));
        }
        assert_eq!(has(&cache, "a", at(second)), second < STALENESS, "{second}");
    }
    let fetch = cache.due(at(2 * STALENESS)).unwrap();
    cache.loaded(fetch, &body("a"), at(2 * STALENESS)).unwrap();
    assert!(has(&cache, "a", at(2 * STALENESS)));
}

#[test]
fn a_failed_fetch_is_followed_by_a_cool_down() {
    let mut cache = cache();
    let first = cache.due(at(0)).unwrap();
    cache.failed(first, at(5));
    assert_eq!(cache.due(at(5 + COOLDOWN - 1)), None);
    assert_eq!(cache.unknown_key(at(5 + COOLDOWN - 1)), UnknownKey::Refuse);
    assert!(cache.due(at(5 + COOLDOWN)).is_some());
}

#[test]
fn what_is_no_good_set_changes_nothing() {
    let long = vec![b' '; 70_000];
    let bodies: [(&[u8], &str); 6] = [
        (b"", "jwks_malformed"),
        (b"<html>", "jwks_malformed"),
        (b"{\"keys\":[]}", "jwks_no_usable_key"),
        (b"{\"keys\":[{\"kty\":\"new\"}]}", "jwks_no_usable_key"),
        (b"{\"keys\":[{\"kty\":\"oct\",\"k\":\"AA\"}]}", "jwks_private_key"),
        (&long, "jwks_too_long"),
    ];
    for (bytes, code) in bodies {
        let mut cache = loaded("a");
        let fetch = cache.due(at(FRESH)).unwrap();
        let error = cache.loaded(fetch, bytes, at(FRESH)).unwrap_err();
        assert_eq!(error.code(), code);
        assert!(has(&cache, "a", at(FRESH)));
        assert_eq!(cache.fetched_at(), Some(at(0)));
        assert_eq!(cache.due(at(FRESH + COOLDOWN - 1)), None, "a cool-down follows");
        assert!(cache.due(at(FRESH + COOLDOWN)).is_some());
    }
}

/// Whoever could fetch the set can sign with what is in it.
#[test]
fn a_published_private_key_refuses_the_set() {
    let pair = Jwk::generate(EDDSA).unwrap();
    let shared = Jwk::generate(HS256).unwrap();
    for leaked in [&pair, &shared] {
        let mut cache = JwksCache::new(schedule(), &[EDDSA, HS256]).unwrap();
        let set = JwkSet::new([leaked.clone()]).unwrap().to_private_json();
        let fetch = cache.due(at(0)).unwrap();
        let refused = cache.loaded(fetch, set.expose().as_bytes(), at(0));
        assert_eq!(refused, Err(JwksError::PrivateKey));
        assert!(cache.keys(at(0)).is_none());
    }
}

#[test]
fn keys_for_other_algorithms_are_left_out() {
    let mut cache = JwksCache::new(schedule(), &[ES256]).unwrap();
    let fetch = cache.due(at(0)).unwrap();
    let error = cache.loaded(fetch, &body("a"), at(0)).unwrap_err();
    assert_eq!(error.code(), "jwks_no_usable_key");
}

#[test]
fn a_fetch_that_never_ends_is_given_up() {
    let mut cache = cache();
    let forgotten = cache.due(at(0)).unwrap();
    assert_eq!(cache.due(at(TIMEOUT - 1)), None);
    let second = cache.due(at(TIMEOUT)).unwrap();

    assert_eq!(cache.loaded(forgotten, &body("late"), at(TIMEOUT)), Err(JwksError::Late));
    assert!(cache.keys(at(TIMEOUT)).is_none(), "what came late is not used");
    assert_eq!(cache.unknown_key(at(TIMEOUT)), UnknownKey::Wait, "the second is still under way");
    cache.loaded(second, &body("a"), at(TIMEOUT + 1)).unwrap();
    assert!(has(&cache, "a", at(TIMEOUT + 1)));
}

#[test]
fn a_late_failure_does_not_end_the_fetch_after_it() {
    let mut cache = loaded("a");
    let forgotten = cache.due(at(FRESH)).unwrap();
    let second = fetch(cache.unknown_key(at(FRESH + TIMEOUT)));
    cache.failed(forgotten, at(FRESH + TIMEOUT));
    assert_eq!(cache.unknown_key(at(FRESH + TIMEOUT)), UnknownKey::Wait);
    cache.failed(second, at(FRESH + TIMEOUT + 1));
    assert_eq!(cache.unknown_key(at(FRESH + TIMEOUT + 1)), UnknownKey::Refuse);
}

#[test]
fn a_slow_answer_before_anyone_gave_up_is_taken() {
    let mut cache = cache();
    let slow = cache.due(at(0)).unwrap();
    cache.loaded(slow, &body("a"), at(TIMEOUT * 5)).unwrap();
    assert!(has(&cache, "a", at(TIMEOUT * 5)));
}

#[test]
fn a_clock_that_is_set_back_does_not_stop_the_fetching() {
    let mut cache = loaded("a");
    let past = NumericDate::from_secs(500);
    assert!(has(&cache, "a", past));
    let again = cache.due(past).unwrap();
    cache.loaded(again, &body("b"), past).unwrap();
    assert!(has(&cache, "b", past));
    assert_eq!(cache.due(past), None);
    assert_eq!(cache.unknown_key(past), UnknownKey::Refuse);
}

#[test]
fn a_ring_that_was_given_out_stays_what_it_is() {
    let mut cache = loaded("a");
    let snapshot = Arc::clone(cache.keys(at(0)).unwrap());
    let again = cache.due(at(FRESH)).unwrap();
    cache.loaded(again, &body("b"), at(FRESH)).unwrap();
    assert!(snapshot.get("a").is_some() && snapshot.get("b").is_none());
}

#[test]
fn a_schedule_out_of_bounds_is_refused() {
    let refused = |schedule| JwksCache::new(schedule, &[EDDSA]).err();
    assert_eq!(refused(schedule()), None);
    assert_eq!(refused(JwksSchedule::recommended()), None);
    assert_eq!(refused(schedule().cooldown(0)), Some(JwksScheduleError::Cooldown));
    assert_eq!(refused(schedule().cooldown(FRESH + 1)), Some(JwksScheduleError::Cooldown));
    assert_eq!(refused(schedule().fresh(0)), Some(JwksScheduleError::Cooldown));
    assert_eq!(refused(schedule().staleness(FRESH - 1)), Some(JwksScheduleError::Staleness));
    assert_eq!(refused(schedule().staleness(604_801)), Some(JwksScheduleError::Staleness));
    assert_eq!(refused(schedule().fetch_timeout(0)), Some(JwksScheduleError::FetchTimeout));
    assert_eq!(refused(schedule().fetch_timeout(301)), Some(JwksScheduleError::FetchTimeout));
}

#[test]
fn the_recommended_schedule_is_the_documented_one() {
    let mut cache = JwksCache::new(JwksSchedule::recommended(), &[EDDSA]).unwrap();
    let fetch = cache.due(at(0)).unwrap();
    assert_eq!(cache.due(at(29)), None);
    cache.loaded(fetch, &body("a"), at(0)).unwrap();
    assert_eq!(cache.unknown_key(at(29)), UnknownKey::Refuse);
    assert_eq!(cache.due(at(599)), None);
    assert!(has(&cache, "a", at(86_399)) && !has(&cache, "a", at(86_400)));
    assert!(cache.due(at(600)).is_some());
}
