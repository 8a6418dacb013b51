//! The examples of RFC 7520, and those beside them.

use sealpass_jose::{Jwk, Key, KeyRing, UnverifiedToken};
use serde_json::Value;

use crate::folder::{files, find, read_json, stem};
use crate::open::{algorithm, open, ring};
use crate::tally::{Label, Tally};

#[test]
fn every_compact_form_is_opened_and_no_other() {
    let Some(folder) = find("rfc7520-cookbook") else { return };
    let mut tally = Tally::of("rfc7520-cookbook");
    let examples =
        ["curve25519", "jwe", "jws", "rfc7797"].map(|name| files(&folder.join(name), "json"));
    for path in examples.iter().flatten() {
        judge(stem(path), &read_json(path), &mut tally);
    }
    judge_nested(&read_json(&folder.join("6.nesting_signatures_and_encryption.json")), &mut tally);
    tally.finish();
}

#[test]
fn every_key_is_read() {
    let Some(folder) = find("rfc7520-cookbook") else { return };
    let mut tally = Tally::of("rfc7520-cookbook/jwk");
    for path in files(&folder.join("jwk"), "json") {
        let json = read_json(&path).to_string();
        let read = Jwk::parse(json.as_bytes());
        tally.judge(stem(&path), Label::Valid, read.map(|_| ()).map_err(|e| e.code()));
    }
    tally.finish();
}

fn judge(name: &str, example: &Value, tally: &mut Tally) {
    let output = &example["output"];
    for form in ["json", "json_flat"] {
        if let Some(json) = output.get(form) {
            let text = json.to_string();
            let parsed = UnverifiedToken::parse(&text);
            let refusal = parsed.map(|_| ()).map_err(|error| error.code());
            tally.unsupported(name, "JSON serialization", refusal);
        }
    }
    let Some(token) = output["compact"].as_str() else { return };
    let verdict = read(&example["input"], token);
    match unsupported(&example["input"], token) {
        Some(what) => tally.unsupported(name, what, verdict.map(|_| ())),
        None => tally.judge(name, Label::Valid, expect(&example["input"], verdict)),
    }
}

/// RFC 7520 §6: a token in a token.
fn judge_nested(example: &Value, tally: &mut Tally) {
    let inner = example["sign"]["output"]["compact"].as_str().unwrap();
    let outer = example["encrypt"]["output"]["compact"].as_str().unwrap();
    let opened = read(&example["encrypt"]["input"], outer);
    assert_eq!(opened.as_deref(), Ok(inner.as_bytes()));
    tally.judge("6 outer", Label::Valid, opened.map(|_| ()));
    // The claims of the RFC are in the JSON as an object, and were signed with white space.
    let claims = read(&example["sign"]["input"], inner);
    let found = claims.as_ref().ok().and_then(|c| serde_json::from_slice::<Value>(c).ok());
    assert_eq!(found.unwrap()["iss"], "hobbiton.example");
    tally.judge("6 inner", Label::Valid, claims.map(|_| ()));
}

fn read(input: &Value, token: &str) -> Result<Vec<u8>, &'static str> {
    let alg = input["alg"].as_str().unwrap();
    if let Some(named) = algorithm(alg, input["enc"].as_str()) {
        return open(&ring(&input["key"], &[named])?, token);
    }
    // There is no such algorithm to name, so the token is shown to a key of another.
    let other = algorithm("A256KW", input["enc"].as_str()).unwrap();
    open(&KeyRing::new(Key::generate(other).unwrap()), token)
}

/// What an example needs that is refused by design.
fn unsupported(input: &Value, token: &str) -> Option<&'static str> {
    let header = crate::open::header(token).unwrap();
    let alg = input["alg"].as_str().unwrap();
    match alg {
        "RSA1_5" => Some("RSA1_5"),
        _ if alg.starts_with("PBES2-") => Some("PBES2"),
        _ if header.get("zip").is_some() => Some("zip"),
        _ if header.get("b64").is_some() => Some("b64"),
        _ if token.contains("..") && input["enc"].is_null() => Some("detached payload"),
        _ => None,
    }
}

fn expect(input: &Value, opened: Result<Vec<u8>, &'static str>) -> Result<(), &'static str> {
    let expected = input["payload"].as_str().or(input["plaintext"].as_str()).unwrap();
    assert_eq!(String::from_utf8_lossy(&opened?), expected);
    Ok(())
}
