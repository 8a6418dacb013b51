//! Wycheproof: signatures, encryption and keys as JOSE.

use serde_json::Value;

use crate::folder::{find, read_json};
use crate::open::{any_jwe, any_jws, header, hex, open, part, ring};
use crate::tally::{Label, Tally};

#[test]
fn json_web_signature() {
    judge_file("json_web_signature_test.json", 401);
}

#[test]
fn json_web_encryption() {
    judge_file("json_web_encryption_test.json", 139);
}

#[test]
fn json_web_key() {
    judge_file("json_web_key_test.json", 26);
}

#[test]
fn json_web_crypto() {
    judge_file("json_web_crypto_test.json", 83);
}

fn judge_file(file: &str, expected_cases: usize) {
    let Some(folder) = find("wycheproof") else { return };
    let vectors = read_json(&folder.join(file));
    let mut tally = Tally::of(file);
    let mut cases = 0;
    for group in vectors["testGroups"].as_array().unwrap() {
        for case in group["tests"].as_array().unwrap() {
            judge(group, case, &mut tally);
            cases += 1;
        }
    }
    assert_eq!(cases, expected_cases, "{file} is not the file that was judged");
    tally.finish();
}

fn judge(group: &Value, case: &Value, tally: &mut Tally) {
    let number = case["tcId"].to_string();
    let (token, verdict) = match (case.get("jws"), case.get("jwe")) {
        (Some(jws), None) => {
            let token = text(jws);
            let verdict = verify(group.get("public").unwrap_or(&group["private"]), &token);
            (token, verdict)
        }
        (None, Some(jwe)) => {
            let token = text(jwe);
            let verdict = decrypt(&group["private"], case, &token);
            (token, verdict)
        }
        _ => panic!("{number}: neither a JWS nor a JWE"),
    };
    match unsupported(&group["private"], &token) {
        Some(what) => tally.unsupported(&number, what, verdict),
        None => tally.judge(&number, Label::of(case["result"].as_str().unwrap()), verdict),
    }
}

/// A compact token, or one of the JSON serializations.
fn text(token: &Value) -> String {
    token.as_str().map_or_else(|| token.to_string(), str::to_owned)
}

fn verify(key: &Value, token: &str) -> Result<(), &'static str> {
    let payload = open(&ring(key, &any_jws())?, token)?;
    assert_eq!(Some(payload), part(token, 1), "{token}: another payload");
    Ok(())
}

fn decrypt(key: &Value, case: &Value, token: &str) -> Result<(), &'static str> {
    let payload = open(&ring(key, &any_jwe(case["enc"].as_str()))?, token)?;
    if let Some(plaintext) = case["pt"].as_str() {
        assert_eq!(payload, hex(plaintext), "{token}: another plaintext");
    }
    Ok(())
}

/// What a case needs that is refused by design.
///
/// Only the key says that an algorithm is not supported: a token that says so to another key is an
/// attack.
fn unsupported(key: &Value, token: &str) -> Option<&'static str> {
    if key["alg"] == "RSA1_5" {
        return Some("RSA1_5");
    }
    header(token)?.get("zip").map(|_| "zip")
}
