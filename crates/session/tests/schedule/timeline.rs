//! Keys with dates.

use proptest::prelude::*;
use sealpass::jose::Key;
use sealpass::schedule::{DatedKey, KeyState, ScheduledKeys, Timeline, TimelineError};

use crate::at;

fn dated(kid: &str, from: u64) -> DatedKey {
    let bytes = sealpass::Secret::new([7; 32]);
    DatedKey::new(Key::a256gcm(kid, &bytes).unwrap(), at(from))
}

fn states(keys: &ScheduledKeys) -> Vec<(&str, KeyState)> {
    keys.keys().iter().map(|key| (key.key().kid(), key.state())).collect()
}

#[test]
fn a_key_is_next_then_active_then_retired_then_gone() {
    use KeyState::{Active, Next, Retired};
    let keys = vec![dated("c", 300), dated("a", 100), dated("b", 200)];
    let timeline = Timeline::new(keys, 50).unwrap();
    for (now, expected, changes_at) in [
        (100, vec![("a", Active), ("b", Next), ("c", Next)], Some(200)),
        (199, vec![("a", Active), ("b", Next), ("c", Next)], Some(200)),
        (200, vec![("a", Retired), ("b", Active), ("c", Next)], Some(250)),
        (249, vec![("a", Retired), ("b", Active), ("c", Next)], Some(250)),
        (250, vec![("b", Active), ("c", Next)], Some(300)),
        (300, vec![("b", Retired), ("c", Active)], Some(350)),
        (350, vec![("c", Active)], None),
        (u64::MAX, vec![("c", Active)], None),
    ] {
        let keys = timeline.at(at(now)).unwrap();
        assert_eq!(states(&keys), expected, "{now}");
        assert_eq!(keys.changes_at(), changes_at.map(at), "{now}");
        let open: Vec<_> = keys.ring().keys().map(Key::kid).collect();
        assert_eq!(open, expected.iter().map(|(kid, _)| *kid).collect::<Vec<_>>(), "{now}");
        let active = expected.iter().find(|(_, state)| *state == Active).unwrap();
        assert_eq!(keys.ring().active().kid(), active.0, "{now}");
    }
    assert_eq!(timeline.at(at(99)).err(), Some(TimelineError::NotYet { from: at(100) }));
    let gone: Vec<_> = timeline.gone(at(300)).map(Key::kid).collect();
    assert_eq!(gone, ["a"]);
}

#[test]
fn what_does_not_say_which_key_seals_is_refused() {
    let new = |keys| Timeline::new(keys, 50).map(|_| ()).unwrap_err();
    assert_eq!(new(vec![]), TimelineError::Empty);
    let (kid, other) = ("a".to_owned(), "b".to_owned());
    assert_eq!(new(vec![dated("a", 0), dated("b", 0)]), TimelineError::SameDate { kid, other });
    let kid = "a".to_owned();
    assert_eq!(new(vec![dated("a", 0), dated("a", 9)]), TimelineError::DuplicateKid { kid });
    let public =
        Key::ed25519_public("p", Key::generate_ed25519().unwrap().ed25519_public_key().unwrap());
    let public = public.unwrap();
    let kid = "p".to_owned();
    let alone = DatedKey::new(public.clone(), at(0));
    assert_eq!(new(vec![alone]), TimelineError::CannotSeal { kid });

    let timeline = Timeline::new(vec![dated("a", 0)], 50).unwrap();
    let with_public = timeline.clone().with_opening(vec![public]).unwrap();
    assert!(with_public.at(at(9)).unwrap().ring().get("p").is_some());
    let twice = timeline.with_opening(vec![dated("a", 0).key().clone()]);
    assert_eq!(twice.err(), Some(TimelineError::DuplicateKid { kid: "a".to_owned() }));
}

#[test]
fn a_new_key_is_due_so_early_that_it_is_known_before_it_seals() {
    let timeline = Timeline::new(vec![dated("a", 1_000)], 50).unwrap();
    let due = |now| timeline.due(at(now), 600, 100).unwrap();
    assert_eq!(due(1_499), None);
    assert_eq!(due(1_500), Some(at(1_600)));
    // Late is better than never, and never unannounced.
    assert_eq!(due(9_000), Some(at(9_100)));
    let with_next = Timeline::new(vec![dated("a", 1_000), dated("b", 1_600)], 50).unwrap();
    assert_eq!(with_next.due(at(1_500), 600, 100), Ok(None));
    assert_eq!(with_next.due(at(1_600), 600, 100), Ok(None));
    assert_eq!(with_next.due(at(2_100), 600, 100), Ok(Some(at(2_200))));
}

proptest! {
    /// Over any sequence of rotations: what was sealed opens for the retention, the key that seals
    /// was known to open before, and what is gone is not needed.
    #[test]
    fn no_token_outlives_its_key(
        steps in prop::collection::vec((1..5_000_u64, 1..3_000_u64), 1..20),
        (period, lead, retention) in (500..3_000_u64, 1..500_u64, 1..4_000_u64),
    ) {
        let mut now = 1_000;
        let mut keys = vec![dated("0", now)];
        let mut sealed: Vec<(u64, String)> = Vec::new();
        let mut known: Vec<(String, u64)> = vec![("0".to_owned(), 0)];
        for (index, (wait, age)) in steps.into_iter().enumerate() {
            now += wait;
            let timeline = Timeline::new(keys.clone(), retention).unwrap();
            // `sealpass keys rotate`: takes away what is gone, makes what is due.
            let gone: Vec<_> = timeline.gone(at(now)).map(|key| key.kid().to_owned()).collect();
            keys.retain(|key| !gone.contains(&key.key().kid().to_owned()));
            if let Some(from) = timeline.due(at(now), period, lead).unwrap() {
                prop_assert!(from.as_secs() >= now + lead);
                keys.push(dated(&format!("{}", index + 1), from.as_secs()));
                known.push((format!("{}", index + 1), now));
            }
            let timeline = Timeline::new(keys.clone(), retention).unwrap();
            let active = timeline.at(at(now)).unwrap().ring().active().kid().to_owned();
            let since = known.iter().find(|(kid, _)| *kid == active).unwrap().1;
            prop_assert!(active == "0" || now >= since + lead, "{active} was published");
            sealed.push((now, active));
            for (sealed_at, kid) in &sealed {
                for moment in [now, now + age] {
                    if moment < sealed_at + retention {
                        let ring = timeline.at(at(moment)).unwrap();
                        prop_assert!(ring.ring().get(kid).is_some(), "{kid} at {moment}");
                    }
                }
            }
            // Nothing that is gone opened any more.
            for kid in gone {
                prop_assert!(sealed.iter().all(|(when, by)| *by != kid || when + retention <= now));
            }
        }
    }
}
