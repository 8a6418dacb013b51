//! What is read and written here, beside what `serde_json` reads and writes.

use proptest::prelude::*;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{JsonError, Members, NotWritten, Written, scan_object, write_object};

/// What our writer makes of `value`.
fn written<T: Serialize>(value: &T) -> Result<(String, bool), NotWritten> {
    let mut room = [0; 4096];
    let Written { length, is_doubtful } = write_object(value, &mut room)?;
    Ok((String::from_utf8(room[..length].to_vec()).unwrap(), is_doubtful))
}

/// Values without floating point, nested a little, with names and strings of every kind.
fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[a-z]{0,20}".prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 60, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{0,3}|[a-z_]{7,12}|\\PC{0,4}", inner, 0..8)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn objects() -> impl Strategy<Value = Value> {
    prop::collection::btree_map("[a-z]{0,3}|[a-z_]{7,12}|\\PC{0,4}", values(), 0..12)
        .prop_map(|members| Value::Object(members.into_iter().collect()))
}

proptest! {
    #[test]
    fn what_is_written_is_what_serde_json_writes(value in objects()) {
        let theirs = serde_json::to_string(&value).unwrap();
        match written(&value) {
            Ok((ours, is_doubtful)) => {
                prop_assert_eq!(&ours, &theirs);
                // Nothing that a scan refuses was said to be sure.
                let scanned = scan_object(&ours, &mut Members::new());
                prop_assert!(is_doubtful || scanned.is_ok(), "{:?}", scanned);
            }
            Err(NotWritten::Unsupported) => prop_assert!(theirs.contains('\\'), "{}", theirs),
            Err(NotWritten::Full) => prop_assert!(theirs.len() > 4096 - 32),
        }
    }

    #[test]
    fn what_is_scanned_is_what_serde_json_parses(
        value in objects(),
        at in any::<prop::sample::Index>(),
        byte in prop::sample::select(b" \t\n\r\"\\\\{}[]:,-+.0123456789eEtfnul\x00\x1f/bx".to_vec()),
        change in 0..4,
    ) {
        let mut text = serde_json::to_vec(&value).unwrap();
        let at = at.index(text.len());
        match change {
            0 => {}
            1 => text[at] = byte,
            2 => text.insert(at, byte),
            _ => drop(text.remove(at)),
        }
        let Ok(text) = String::from_utf8(text) else { return Ok(()) };
        let theirs = serde_json::from_str::<Map<String, Value>>(&text);
        match scan_object(&text, &mut Members::new()) {
            // They refuse numbers past the range of floating point, which are no concern of a scan.
            Ok(()) => prop_assert!(
                theirs.as_ref().map_or_else(|error| error.to_string().contains("range"), |_| true),
                "{} is accepted",
                text
            ),
            // Stricter than they are, on purpose.
            Err(JsonError::DuplicateMember { .. } | JsonError::TooManyMembers) => {}
            Err(error) => prop_assert!(theirs.is_err(), "{} is refused: {}", text, error),
        }
    }
}

#[test]
fn a_name_written_twice_is_never_sure() {
    #[derive(Serialize)]
    struct Twice<'a> {
        sub: &'a str,
        #[serde(flatten)]
        own: Value,
    }
    for own in [json!({"sub": "eve"}), json!({"a": 1, "sub": "eve"})] {
        let (text, is_doubtful) = written(&Twice { sub: "ada", own }).unwrap();
        assert!(is_doubtful, "{text}");
        assert!(scan_object(&text, &mut Members::new()).is_err(), "{text}");
    }
    let (_, is_doubtful) = written(&Twice { sub: "ada", own: json!({"name": "eve"}) }).unwrap();
    assert!(!is_doubtful, "claims of the usual kind need no second look");
}

#[test]
fn what_is_not_an_object_is_not_written() {
    for value in [json!(null), json!([]), json!("{"), json!(1)] {
        assert_eq!(written(&value), Err(NotWritten::Unsupported), "{value}");
    }
    for value in [json!({"a": 1.5}), json!({"a": "\n"}), json!({"\"": 1})] {
        assert_eq!(written(&value), Err(NotWritten::Unsupported), "{value}");
    }
    let number_as_a_name: std::collections::BTreeMap<u8, u8> = [(1, 2)].into();
    assert_eq!(written(&number_as_a_name), Err(NotWritten::Unsupported));
}

#[test]
fn a_room_that_is_too_small_by_any_number_of_bytes_is_full() {
    let value = json!({"iss": "https://auth.example", "aud": ["a", "bc"], "exp": 1_700_000_000});
    let length = serde_json::to_string(&value).unwrap().len();
    for room in 0..length {
        assert_eq!(write_object(&value, &mut vec![0; room]), Err(NotWritten::Full), "{room}");
    }
    assert_eq!(
        write_object(&value, &mut vec![0; length]).map(|written| written.length),
        Ok(length)
    );
}
