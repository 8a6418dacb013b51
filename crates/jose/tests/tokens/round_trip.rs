//! Sealing and opening are inverse, and reading JSON agrees with `serde_json`.

use proptest::prelude::*;
use sealpass_jose::{NumericDate, Scratch, UnverifiedToken};
use serde_json::{Map, Value};

use crate::support::{NOW, TYP, claims, judge, judge_payload, rings, verifier};

/// Names that are neither registered nor equal to each other.
fn name() -> impl Strategy<Value = String> {
    any::<String>().prop_map(|name| format!("x{name}"))
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 30, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::hash_map(any::<String>(), inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn own_claims() -> impl Strategy<Value = Map<String, Value>> {
    proptest::collection::hash_map(name(), value(), 0..8).prop_map(|map| map.into_iter().collect())
}

proptest! {
    #[test]
    fn claims_that_are_sealed_are_opened(own in own_claims()) {
        let mut all = claims().as_object().unwrap().clone();
        all.remove("roles");
        all.extend(own.clone());
        for keys in rings() {
            // What does not fit is refused when it is sealed, never when it is opened.
            let Ok(token) = keys.seal(TYP, &all) else { continue };
            let token = UnverifiedToken::parse(&token).unwrap();
            let mut scratch = Scratch::new();
            let now = NumericDate::from_secs(NOW);
            let verified = verifier().verify(&keys, token, &mut scratch, now).unwrap();
            let opened: Map<String, Value> = verified.claims().deserialize_except(&[]).unwrap();
            prop_assert_eq!(&opened, &own);
            for (name, value) in &own {
                let read: Option<Value> = verified.claims().get(name).unwrap();
                prop_assert_eq!(read.as_ref(), Some(value));
            }
        }
    }

    #[test]
    fn bytes_that_are_sealed_are_opened(payload in proptest::collection::vec(any::<u8>(), 1..3000)) {
        for keys in rings() {
            let token = keys.seal_bytes(TYP, &payload).unwrap();
            let token = UnverifiedToken::parse(&token).unwrap();
            let mut scratch = Scratch::new();
            let opened = keys.open_bytes(Some(TYP), token, &mut scratch).unwrap();
            prop_assert_eq!(*opened.claims(), &payload[..]);
        }
    }

    #[test]
    fn a_single_changed_character_is_refused(index in any::<prop::sample::Index>(), other in any::<char>()) {
        for keys in rings() {
            let token = keys.seal(TYP, &claims()).unwrap();
            let mut characters: Vec<char> = token.chars().collect();
            let index = index.index(characters.len());
            prop_assume!(characters[index] != other);
            characters[index] = other;
            let changed: String = characters.into_iter().collect();
            prop_assert!(judge(&keys, &changed).is_err());
        }
    }

    #[test]
    fn no_text_is_a_token_by_chance(text in "[A-Za-z0-9_=. {}\"-]{0,200}") {
        for keys in rings() {
            prop_assert!(judge(&keys, &text).is_err());
        }
    }

    /// The claims of a token are in `serde_json`'s grammar if and only if they are in ours.
    #[test]
    fn json_is_accepted_exactly_when_serde_json_accepts_it(
        text in r#"[\[\]{},:"\\ua0-9.eE+ \n\ttruefalsn-]{0,12}"#,
    ) {
        let rest = serde_json::to_string(&claims()).unwrap();
        let payload = format!("{},\"x\":{text}}}", rest.strip_suffix('}').unwrap());
        let theirs = serde_json::from_str::<Value>(&payload);
        match judge_payload(payload.as_bytes()) {
            Ok(_) => prop_assert!(theirs.is_ok() || is_number_out_of_range(&theirs), "{}", payload),
            Err("claims_duplicate_member") => {}
            Err(_) => prop_assert!(theirs.is_err(), "{}", payload),
        }
    }
}

/// `serde_json` refuses `1e999`, which is a number of RFC 8259.
fn is_number_out_of_range(verdict: &serde_json::Result<Value>) -> bool {
    verdict.as_ref().is_err_and(|error| error.to_string().starts_with("number out of range"))
}

#[test]
fn nothing_at_all_is_sealed_and_opened_and_is_no_claims() {
    for keys in rings() {
        let token = keys.seal_bytes(TYP, b"").unwrap();
        let mut scratch = Scratch::new();
        let parsed = UnverifiedToken::parse(&token).unwrap();
        let opened = keys.open_bytes(Some(TYP), parsed, &mut scratch).unwrap();
        assert_eq!(*opened.claims(), b"");
        assert_eq!(judge(&keys, &token), Err("claims_malformed"));
    }
}
