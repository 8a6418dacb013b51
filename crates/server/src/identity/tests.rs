//! What an API reads about a caller, to the byte.

use serde_json::json;

use super::*;
use crate::identity::assertion::tests::{caller, vouching};

fn wanted(claims: &[&str]) -> Vec<ClaimHeader> {
    let header = |claim: &str| format!("x-auth-claims-{}", claim.replace('_', "-"));
    claims
        .iter()
        .map(|claim| ClaimHeader {
            claim: (*claim).to_owned(),
            header: header(claim).parse().unwrap(),
        })
        .collect()
}

fn told(
    claims: serde_json::Value,
    wanted: &[ClaimHeader],
) -> Result<IdentityHeaders, IdentityError> {
    let (caller, now) = caller(claims);
    IdentityRules::new(wanted, None).headers(Some(&caller), "api", now)
}

fn written(identity: &IdentityHeaders) -> Vec<(String, String)> {
    let mut headers = HeaderMap::new();
    identity.clone().write_to(&mut headers);
    let text = |value: &HeaderValue| value.to_str().unwrap().to_owned();
    let mut written: Vec<_> =
        headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    written.sort();
    written
}

#[test]
fn every_header_is_there_even_when_the_claim_is_not() {
    let claims = json!({"role": "admin", "secret": "not asked for"});
    let (caller, now) = caller(claims);
    let rules = IdentityRules::new(&wanted(&["role", "tenant_id"]), None);
    let identity = rules.headers(Some(&caller), "api", now).unwrap();
    let session = caller.session_id().to_string();
    let expected = [
        ("x-auth-claims-role", "admin"),
        ("x-auth-claims-tenant-id", ""),
        ("x-auth-session", &session),
        ("x-auth-subject", "ada"),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(written(&identity), expected);
}

#[test]
fn nobody_has_every_header_empty_the_assertion_too() {
    let (rules, _) = vouching(&["role"]);
    let rules = IdentityRules::new(&wanted(&["role"]), Some(rules));
    let identity = rules.headers(None, "api", NumericDate::from_secs(0)).unwrap();
    let names = ["x-auth-assertion", "x-auth-claims-role", "x-auth-session", "x-auth-subject"];
    assert_eq!(written(&identity), names.map(|name| (name.to_owned(), String::new())));
}

#[test]
fn an_assertion_is_there_when_it_is_wanted_and_is_not_printed() {
    let (assertions, _) = vouching(&[]);
    let (caller, now) = caller(json!({}));
    let rules = IdentityRules::new(&[], Some(assertions));
    let identity = rules.headers(Some(&caller), "api", now).unwrap();
    let (name, value) = written(&identity).remove(0);
    assert_eq!((name.as_str(), value.split('.').count()), ("x-auth-assertion", 3));
    assert!(!format!("{identity:?}").contains(&value));
}

#[test]
fn what_was_there_before_is_replaced() {
    let mut headers = HeaderMap::new();
    for name in ["x-auth-subject", "x-auth-assertion"] {
        headers.append(name, HeaderValue::from_static("mallory"));
        headers.append(name, HeaderValue::from_static("eve"));
    }
    let (assertions, _) = vouching(&[]);
    let rules = IdentityRules::new(&[], Some(assertions));
    rules.headers(None, "api", NumericDate::from_secs(0)).unwrap().write_to(&mut headers);
    for name in ["x-auth-subject", "x-auth-assertion"] {
        assert_eq!(headers.get_all(name).iter().collect::<Vec<_>>(), [""]);
    }
}

#[test]
fn the_limit_is_on_the_whole_and_exact() {
    let wanted = wanted(&["x"]);
    let of = |bytes: usize| told(json!({"x": "a".repeat(bytes)}), &wanted);
    let room = IdentityHeaders::MAX_BYTES - of(0).unwrap().len();
    assert_eq!(of(room).unwrap().len(), IdentityHeaders::MAX_BYTES);
    let Err(IdentityError::TooLarge { bytes }) = of(room + 1) else { panic!("it fits") };
    assert_eq!(bytes, IdentityHeaders::MAX_BYTES + 1);
}

#[test]
fn encoding_counts_towards_the_limit() {
    let claims = json!({"x": "\u{1F511}".repeat(350)});
    assert!(told(claims, &wanted(&["x"])).is_err());
}

#[test]
fn an_assertion_counts_towards_the_limit() {
    // 2 KiB fit as a header, and not as a header and, in base64url, in an assertion.
    let (caller, now) = caller(json!({"x": "a".repeat(2048)}));
    let headers = |assertions| {
        let rules = IdentityRules::new(&wanted(&["x"]), assertions);
        rules.headers(Some(&caller), "api", now)
    };
    assert!(headers(None).is_ok());
    let refused = headers(Some(vouching(&["x"]).0)).unwrap_err();
    assert_eq!(refused.code(), "identity_too_large");
}
