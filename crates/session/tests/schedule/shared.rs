//! Keys that are derived from a secret.

use aws_lc_rs::hmac;
use proptest::prelude::*;
use sealpass::Lifetimes;
use sealpass::jose::{Key, KeyRing, NumericDate, Scratch, Secret, UnverifiedToken, Verifier};
use sealpass::schedule::{KeyState, KeyTimes, SharedKeys, SharedKeysError, SharedSecret};

use crate::at;

/// 32 bytes that look random and differ with `n`.
fn bytes(n: u8) -> Vec<u8> {
    (0..32_u8).map(|i| i.wrapping_mul(113).wrapping_add(n)).collect()
}

fn secret(n: u8) -> SharedSecret {
    SharedSecret::new(Secret::new(bytes(n))).unwrap()
}

fn keys(n: u8, period: u64) -> SharedKeys {
    SharedKeys::new(secret(n), KeyTimes::of(period, Lifetimes::DEFAULT).unwrap()).unwrap()
}

fn kids(ring: &KeyRing) -> Vec<&str> {
    ring.keys().map(Key::kid).collect()
}

/// Whether a token that `key` seals is opened by a ring.
fn opens(ring: &KeyRing, key: &Key) -> bool {
    let claims =
        serde_json::json!({ "iss": "i", "aud": "a", "sub": "s", "exp": 4_000_000_000_u64 });
    let token = KeyRing::new(key.clone()).seal("t", &claims).unwrap();
    let verifier = Verifier::builder().issuer("i").audience("a").typ("t").build().unwrap();
    let mut scratch = Scratch::new();
    let token = UnverifiedToken::parse(&token).unwrap();
    verifier.verify(ring, token, &mut scratch, at(0)).is_ok()
}

fn hmac(key: &[u8], data: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), data).as_ref().to_vec()
}

/// RFC 5869 §2 for at most one hash of output, from HMAC alone.
fn hkdf(secret: &[u8], salt: &[u8], info: &[u8]) -> Vec<u8> {
    hmac(&hmac(salt, secret), &[info, &[1]].concat())
}

#[test]
fn a_key_is_what_the_page_says_it_is() {
    for (period, number) in [(3_600_u64, 500_000_u64), (86_400, 20_833), (60, 0)] {
        let derived = keys(7, period).at(at(period * number), None).unwrap();
        let after = |label: &[u8], number: u64| {
            let info = [label, &period.to_be_bytes(), &number.to_be_bytes()].concat();
            hkdf(&bytes(7), b"sealpass shared secret v1", &info)
        };
        let name = sealpass::jose::base64url::encode(&after(b"name\0", 0)[..6]);
        let active = derived.ring().active();
        assert_eq!(active.kid(), format!("{name}.{number}"));
        assert_eq!(active.algorithm().to_string(), "dir with A256GCM");
        let key: [u8; 32] = after(b"session dir A256GCM\0", number).try_into().unwrap();
        let same = Key::a256gcm(active.kid(), &Secret::new(key)).unwrap();
        assert!(opens(&KeyRing::new(same), active));
    }
}

/// What is written here must never change: live sessions would be refused after an update.
#[test]
fn the_names_of_keys_are_what_they_were() {
    let derived = keys(7, 3_600).at(at(1_800_000_000), None).unwrap();
    assert_eq!(kids(derived.ring()), ["kKmd_tuK.499999", "kKmd_tuK.500000", "kKmd_tuK.500001"]);
}

fn for_assertions(n: u8) -> SharedKeys {
    let times = KeyTimes::of(86_400, Lifetimes::new(60, 60, 60).unwrap()).unwrap();
    SharedKeys::for_assertions(secret(n), times).unwrap()
}

#[test]
fn a_key_of_assertions_is_what_the_page_says_it_is() {
    let (period, number) = (86_400_u64, 20_833_u64);
    let derived = for_assertions(7).at(at(period * number), None).unwrap();
    let after = |label: &[u8], number: u64| {
        let info = [label, &period.to_be_bytes(), &number.to_be_bytes()].concat();
        hkdf(&bytes(7), b"sealpass shared secret v1", &info)
    };
    let name = sealpass::jose::base64url::encode(&after(b"assertion name\0", 0)[..6]);
    let active = derived.ring().active();
    assert_eq!(active.kid(), format!("{name}.{number}"));
    let seed: [u8; 32] = after(b"assertion EdDSA Ed25519\0", number).try_into().unwrap();
    let same = Key::ed25519_from_seed(active.kid(), &Secret::new(seed)).unwrap();
    assert_eq!(active.ed25519_public_key(), same.ed25519_public_key());
}

#[test]
fn a_key_of_assertions_is_published_a_period_before_it_signs() {
    let keys = for_assertions(7);
    let today = keys.at(at(1_800_000_000), None).unwrap();
    let tomorrow = keys.at(at(1_800_086_400), None).unwrap();
    let next = today.keys().last().unwrap();
    assert_eq!(next.state(), KeyState::Next);
    assert_eq!(next.key().kid(), tomorrow.ring().active().kid());
    assert_eq!(
        next.key().ed25519_public_key().unwrap(),
        tomorrow.ring().active().ed25519_public_key().unwrap()
    );
}

#[test]
fn no_key_of_assertions_has_the_name_of_one_of_sessions() {
    let times = KeyTimes::of(3_600, Lifetimes::DEFAULT).unwrap();
    let assertions = SharedKeys::for_assertions(secret(7), times).unwrap();
    let assertions = assertions.at(at(1_800_000_000), None).unwrap();
    let sessions = keys(7, 3_600).at(at(1_800_000_000), None).unwrap();
    assert!(kids(sessions.ring()).iter().all(|kid| assertions.ring().get(kid).is_none()));
}

#[test]
fn every_edge_of_a_period_is_where_it_should_be() {
    use KeyState::{Active, Next, Retired};
    let keys = keys(7, 3_600);
    let states = |now: u64| {
        let keys = keys.at(at(now), None).unwrap();
        let state = |key: &sealpass::schedule::ScheduledKey| {
            let (_, number) = key.key().kid().split_once('.').unwrap();
            (number.parse::<u64>().unwrap(), key.state())
        };
        (keys.keys().iter().map(state).collect::<Vec<_>>(), keys.changes_at().unwrap().as_secs())
    };
    // The retention is 3 600 too, so one retired key is kept to the second.
    assert_eq!(states(0), (vec![(0, Active), (1, Next)], 3_600));
    assert_eq!(states(3_599), (vec![(0, Active), (1, Next)], 3_600));
    assert_eq!(states(3_600), (vec![(0, Retired), (1, Active), (2, Next)], 7_200));
    assert_eq!(states(7_199), (vec![(0, Retired), (1, Active), (2, Next)], 7_200));
    assert_eq!(states(7_200), (vec![(1, Retired), (2, Active), (3, Next)], 10_800));
}

#[test]
fn a_change_of_the_secret_refuses_nobody_at_any_step() {
    let times = KeyTimes::of(3_600, Lifetimes::DEFAULT).unwrap();
    let one = |n| SharedKeys::new(secret(n), times).unwrap();
    let two = |n, other| one(n).with_other(secret(other)).unwrap();
    let steps = [one(1), two(1, 2), two(2, 1), one(2)];
    let now = at(1_800_000_000);
    for pair in steps.windows(2) {
        // While the change is made, some instances have made it and some have not.
        let rings = [&pair[0], &pair[1]].map(|keys| keys.at(now, None).unwrap());
        for (sealer, opener) in [(0, 1), (1, 0)] {
            assert!(opens(rings[opener].ring(), rings[sealer].ring().active()));
        }
    }
    // Without the steps between, it is another matter.
    let [before, after] = [1, 2].map(|n| one(n).at(now, None).unwrap());
    assert!(!opens(after.ring(), before.ring().active()));
    assert_eq!(one(1).with_other(secret(1)).err(), Some(SharedKeysError::SameSecret));
}

#[test]
fn another_secret_or_another_period_has_other_names_and_other_keys() {
    let now = at(1_800_000_000);
    let rings = [(1, 3_600), (2, 3_600), (1, 7_200)]
        .map(|(n, period)| keys(n, period).at(now, None).unwrap());
    for (index, one) in rings.iter().enumerate() {
        for other in &rings[index + 1..] {
            assert!(one.ring().keys().all(|key| other.ring().get(key.kid()).is_none()));
        }
    }
}

#[test]
fn what_a_key_has_sealed_is_counted_across_every_change() {
    let keys = keys(7, 3_600);
    let first = keys.at(at(3_599), None).unwrap();
    first.ring().seal_bytes("t", b"{}").unwrap();
    let second = keys.at(at(3_600), Some(first.ring())).unwrap();
    second.ring().seal_bytes("t", b"{}").unwrap();
    // The clock is set back over the boundary, and forth again.
    let back = keys.at(at(3_599), Some(second.ring())).unwrap();
    back.ring().seal_bytes("t", b"{}").unwrap();
    let forth = keys.at(at(3_600), Some(back.ring())).unwrap();
    let sealed: Vec<_> = forth.keys().iter().map(|key| key.key().sealed()).collect();
    assert_eq!(sealed, [Some(2), Some(1), Some(0)]);
}

#[test]
fn the_last_representable_second_is_no_way_to_panic() {
    let keys = keys(7, 3_600).at(at(u64::MAX), None).unwrap();
    assert!(keys.ring().keys().len() >= 2);
}

fn lifetimes() -> impl Strategy<Value = Lifetimes> {
    (1..2_000_u64, 1..5_000_u64, 0..=60_u64).prop_map(|(access, more, leeway)| {
        let idle = access + more;
        Lifetimes::new(access, idle, idle * 2).unwrap().with_leeway(leeway).unwrap()
    })
}

proptest! {
    /// Whatever one instance seals, another opens for as long as it may be presented, however their
    /// clocks differ within the leeway; and no longer than a period and the retention.
    #[test]
    fn instances_agree_at_every_time(
        lifetimes in lifetimes(),
        extra in 0..10_000_u64,
        sealed_at in 0..2_000_000_000_u64,
        ahead in any::<bool>(),
        skew in 0..=60_u64,
        age in 0.0..1.0_f64,
    ) {
        let shortest = lifetimes.presentable().div_ceil(99).max(lifetimes.leeway()).max(1);
        let times = KeyTimes::of(shortest + extra, lifetimes).unwrap();
        let [here, there] = [(); 2].map(|()| SharedKeys::new(secret(7), times).unwrap());
        let sealer = here.at(at(sealed_at), None).unwrap();
        let kid = sealer.ring().active().kid();

        let skew = skew.min(lifetimes.leeway());
        let seen_at = if ahead { sealed_at + skew } else { sealed_at.saturating_sub(skew) };
        let presentable = lifetimes.idle() + lifetimes.leeway() - 1;
        #[expect(
            clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss,
            reason = "some moment of the span"
        )]
        let some_age = (age * presentable as f64) as u64;
        for moment in [seen_at, sealed_at, sealed_at + some_age, sealed_at + presentable] {
            let opener = there.at(at(moment), None).unwrap();
            prop_assert!(opener.ring().get(kid).is_some(), "{kid} at {moment}");
        }
        let gone = sealed_at + times.period() + times.retention() + 1;
        prop_assert!(there.at(at(gone), None).unwrap().ring().get(kid).is_none());
    }

    /// Asking again when told to is asking at every second.
    #[test]
    fn nothing_changes_before_it_is_said_to(
        lifetimes in lifetimes(),
        period in 100..5_000_u64,
        now in 0..1_000_000_u64,
        share in 0..100_u64,
    ) {
        let keys = SharedKeys::new(secret(7), KeyTimes::of(period, lifetimes).unwrap()).unwrap();
        let state = |now: NumericDate| {
            let keys = keys.at(now, None).unwrap();
            let keys: Vec<_> =
                keys.keys().iter().map(|key| (key.key().kid().to_owned(), key.state())).collect();
            keys
        };
        let changes_at = keys.at(at(now), None).unwrap().changes_at().unwrap();
        prop_assert!(changes_at > at(now));
        let between = now + (changes_at.as_secs() - 1 - now) * share / 100;
        prop_assert_eq!(state(at(now)), state(at(between)));
        prop_assert_eq!(state(at(now)), state(changes_at.saturating_sub(1)));
        prop_assert_ne!(state(at(now)), state(changes_at));
    }
}
