//! `JSONTestSuite`: as a protected header, and as claims.

use std::path::Path;

use sealpass_jose::{
    Key, KeyRing, NumericDate, Scratch, Secret, UnverifiedToken, Verifier, base64url,
};
use serde_json::Value;

use crate::folder::{files, find, read, stem};
use crate::open::open;
use crate::tally::{Label, Tally};

#[test]
fn as_a_header() {
    judge_files("JSONTestSuite as a header", |text| {
        let token = format!("{}.e30.AAAA", base64url::encode(text));
        match open(&keys(), &token) {
            // The object was read, and `alg` is not in it.
            Err("alg_missing") => Ok(()),
            verdict => verdict.map(|_| ()),
        }
    });
}

#[test]
fn as_claims() {
    judge_files("JSONTestSuite as claims", |text| {
        match claims(text, |_| ()) {
            // The object was read, and `iss` is not in it.
            Err("claim_missing") => Ok(()),
            verdict => verdict,
        }
    });
}

/// Every text that must be accepted as a value, as one that another reader understands alike.
#[test]
fn as_a_claim() {
    let Some(folder) = find("JSONTestSuite/test_parsing") else { return };
    let mut tally = Tally::of("JSONTestSuite as one claim");
    for path in files(&folder, "json").iter().filter(|path| stem(path).starts_with("y_")) {
        let text = read(path);
        let payload =
            [br#"{"iss":"i","aud":"a","exp":9,"claim":"#.as_slice(), &text, br"}"].concat();
        let verdict = claims(&payload, |found| {
            assert_eq!(found, serde_json::from_slice(&text).ok(), "{}", path.display());
        });
        tally.judge(stem(path), label(path, &text, Label::Valid), verdict);
    }
    tally.finish();
}

/// What readers make of these differs, so only that there is an answer.
#[test]
fn texts_that_readers_disagree_on_get_an_answer() {
    let Some(folder) = find("JSONTestSuite/test_transform") else { return };
    let mut tally = Tally::of("JSONTestSuite transformations");
    for path in files(&folder, "json") {
        let verdict = claims(&read(&path), |_| ());
        let is_ambiguous = stem(&path).starts_with("object_same_key");
        let label = if is_ambiguous { Label::Invalid } else { Label::Acceptable };
        if is_ambiguous {
            assert_eq!(verdict, Err("claims_duplicate_member"));
        }
        tally.judge(stem(&path), label, verdict);
    }
    tally.finish();
}

fn judge_files(name: &str, read_as: impl Fn(&[u8]) -> Result<(), &'static str>) {
    let Some(folder) = find("JSONTestSuite/test_parsing") else { return };
    let mut tally = Tally::of(name);
    for path in files(&folder, "json") {
        let text = read(&path);
        let unless_object = if is_object(&text) { Label::Valid } else { Label::Invalid };
        tally.judge(stem(&path), label(&path, &text, unless_object), read_as(&text));
    }
    tally.finish();
}

/// A name starts with what a reader must do: `y_` accept, `n_` refuse, `i_` either.
fn label(path: &Path, text: &[u8], of_accepted: Label) -> Label {
    let name = stem(path);
    match name.split_at(2).0 {
        // A member twice is JSON all the same, and never the JSON of a token.
        "y_" if name.contains("duplicated_key") => Label::Invalid,
        "y_" => of_accepted,
        "n_" => Label::Invalid,
        "i_" => Label::Acceptable,
        _ => panic!("{name} says nothing about {text:?}"),
    }
}

fn is_object(text: &[u8]) -> bool {
    serde_json::from_slice(text).is_ok_and(|value: Value| value.is_object())
}

fn keys() -> KeyRing {
    KeyRing::new(Key::hs256("k", &Secret::new(vec![7; 32])).unwrap())
}

/// Whether claims in an authentic token are accepted; `check` gets the one named `claim`.
fn claims(payload: &[u8], check: impl FnOnce(Option<Value>)) -> Result<(), &'static str> {
    // What is longer than any token is made of is never claims.
    let token = keys().seal_bytes("t", payload).map_err(|error| error.code())?;
    let token = UnverifiedToken::parse(&token).map_err(|error| error.code())?;
    let policy = Verifier::builder().issuer("i").audience("a").typ("t").build().unwrap();
    let mut scratch = Scratch::new();
    let keys = keys();
    let verified = policy
        .verify(&keys, token, &mut scratch, NumericDate::from_secs(1))
        .map_err(|error| error.code())?;
    check(verified.claims().get("claim").ok().flatten());
    Ok(())
}
