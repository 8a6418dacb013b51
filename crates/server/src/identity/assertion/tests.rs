//! What an assertion says, and to whom.

use proptest::prelude::*;
use sealpass_tower::sealpass::credential::{Identity, Subject};
use sealpass_tower::sealpass::jose::{
    JwkSet, JwsAlgorithm, Key, KeyRing, Scratch, UnverifiedToken, Verifier, VerifyError,
};
use sealpass_tower::sealpass::{Origin, Policy, RequestView};
use serde_json::json;

use super::*;
use crate::keys::Purpose;

const LOGIN: NumericDate = NumericDate::from_secs(1_800_000_000);

/// A user who has just logged in with a bearer token, and when.
pub(in crate::identity) fn caller(claims: Value) -> (Authenticated<Claims>, NumericDate) {
    let (caller, now, _) = caller_at(claims, LOGIN.saturating_add(1));
    (caller, now)
}

/// The caller, the time, and the token of the session.
fn caller_at(claims: Value, now: NumericDate) -> (Authenticated<Claims>, NumericDate, String) {
    let policy: Policy<Claims> = Policy::builder()
        .issuer("https://app.example")
        .audience("https://app.example")
        .keys(KeyRing::new(Key::generate_ed25519().unwrap()))
        .origin(Origin::parse("https://app.example").unwrap())
        .revocations(Arc::default())
        .bearer_tokens()
        .lifetimes(sealpass_tower::sealpass::Lifetimes::new(900, 900, 900).unwrap())
        .build()
        .unwrap();
    let ada = Identity::new(Subject::new("ada").unwrap(), serde_json::from_value(claims).unwrap());
    let ada = ada.with_amr(vec!["pwd".to_owned()]);
    let grant = policy.grant_bearer(&ada, LOGIN).unwrap();
    let token = grant.access_token().expose().clone();
    let mut headers = http::HeaderMap::new();
    headers.insert("authorization", format!("Bearer {token}").parse().unwrap());
    let request = RequestView::new(&http::Method::GET, &headers);
    (policy.authenticate(&request, now).unwrap(), now, token)
}

/// Assertions with these claims, and the keys they are verified with.
pub(in crate::identity) fn vouching(claims: &[&str]) -> (Assertions, KeyView) {
    vouching_for(JwsAlgorithm::EdDsa, claims)
}

fn vouching_for(algorithm: JwsAlgorithm, claims: &[&str]) -> (Assertions, KeyView) {
    let keys = KeyView::of_new_keys(Purpose::Assertions(algorithm));
    let assertions = Assertions(Arc::new(Rules {
        issuer: "https://app.example".to_owned(),
        client: "web".to_owned(),
        lifetime: 60,
        claims: claims.iter().map(|&claim| claim.to_owned()).collect(),
        keys: keys.clone(),
    }));
    (assertions, keys)
}

/// The claims of `token`, as an API reads them that has the public halves of `keys`.
fn read(
    keys: &KeyView,
    token: &str,
    audience: &str,
    now: NumericDate,
) -> Result<Value, VerifyError> {
    let ring = JwkSet::new(keys.public()).unwrap().to_ring(&Purpose::SIGNATURES).unwrap();
    assert!(!ring.active().can_make());
    let issuer = Verifier::builder().issuer("https://app.example");
    let verifier = issuer.audience(audience).typ("at+jwt").build().unwrap();
    let unverified = UnverifiedToken::parse(token).unwrap();
    verifier.verify(&ring, unverified, &mut Scratch::new(), now)?;
    let payload = token.split('.').nth(1).unwrap();
    Ok(serde_json::from_slice(&base64url::decode(payload.as_bytes()).unwrap()).unwrap())
}

#[test]
fn it_says_who_calls_whom_and_when_and_what_was_asked_for() {
    for algorithm in [JwsAlgorithm::EdDsa, JwsAlgorithm::Es256] {
        let (caller, now) = caller(json!({"role": "admin", "groups": ["a"], "secret": 7}));
        let (assertions, keys) = vouching_for(algorithm, &["role", "groups", "absent"]);
        let token = assertions.sign(&caller, "https://api.example", now).unwrap();
        let mut claims = read(&keys, &token, "https://api.example", now).unwrap();
        assert_eq!(claims["jti"].as_str().unwrap().len(), 22);
        claims["jti"].take();
        let now = now.as_secs();
        let expected = json!({
            "iss": "https://app.example", "sub": "ada", "aud": "https://api.example",
            "client_id": "web", "iat": now, "exp": now + 60, "jti": null,
            "sid": caller.session_id().to_string(), "auth_time": LOGIN.as_secs(), "amr": ["pwd"],
            "role": "admin", "groups": ["a"],
        });
        assert_eq!(claims, expected);
        let header = base64url::decode(token.split('.').next().unwrap().as_bytes()).unwrap();
        let header: Value = serde_json::from_slice(&header).unwrap();
        assert_eq!((&header["typ"], &header["alg"]), (&json!("at+jwt"), &json!(algorithm.name())));
    }
}

#[test]
fn it_is_for_one_api_and_for_one_minute() {
    let (caller, now) = caller(json!({}));
    let (assertions, keys) = vouching(&[]);
    let token = assertions.sign(&caller, "orders", now).unwrap();
    let later = |seconds| now.saturating_add(seconds);
    assert!(read(&keys, &token, "orders", later(59)).is_ok());
    assert_eq!(read(&keys, &token, "orders", later(60)), Err(VerifyError::Expired));
    assert_eq!(read(&keys, &token, "invoices", now), Err(VerifyError::AudienceMismatch));
    let (_, others) = vouching(&[]);
    assert_eq!(read(&others, &token, "orders", now), Err(VerifyError::KeyUnknown));
    assert_ne!(token, assertions.sign(&caller, "orders", now).unwrap(), "each has its own jti");
}

#[test]
fn it_does_not_outlive_the_session() {
    let (caller, now, _) = caller_at(json!({}), LOGIN.saturating_add(880));
    let (assertions, keys) = vouching(&[]);
    let token = assertions.sign(&caller, "orders", now).unwrap();
    let claims = read(&keys, &token, "orders", now).unwrap();
    assert_eq!(claims["exp"], LOGIN.as_secs() + 900);
}

#[test]
fn a_session_token_in_the_place_of_an_assertion_is_refused_and_the_other_way_round() {
    let (caller, now, session) = caller_at(json!({}), LOGIN.saturating_add(1));
    let (assertions, keys) = vouching(&[]);
    let refused = read(&keys, &session, "https://app.example", now).unwrap_err();
    assert_eq!(refused.code(), "typ_mismatch");

    let assertion = assertions.sign(&caller, "https://app.example", now).unwrap();
    let ring = JwkSet::new(keys.public()).unwrap().to_ring(&Purpose::SIGNATURES).unwrap();
    // Even with its key among those of sessions.
    let policy: Policy<Claims> = Policy::builder()
        .issuer("https://app.example")
        .audience("https://app.example")
        .keys(
            KeyRing::new(Key::generate_a256gcm().unwrap())
                .with_retired(ring.active().clone())
                .unwrap(),
        )
        .origin(Origin::parse("https://app.example").unwrap())
        .revocations(Arc::default())
        .bearer_tokens()
        .build()
        .unwrap();
    for (name, value) in [
        ("authorization", format!("Bearer {assertion}")),
        ("cookie", format!("__Host-session={assertion}")),
    ] {
        let mut headers = http::HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        let request = RequestView::new(&http::Method::GET, &headers);
        assert_eq!(policy.authenticate(&request, now).unwrap_err().code(), "token_invalid");
    }
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{1,4}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn it_carries_exactly_the_configured_claims_of_any_caller(
        members in prop::collection::btree_map("[a-z_]{1,6}|.{1,4}", json_value(), 0..6),
        also in prop::collection::btree_set("[a-z_]{1,6}", 0..4),
        chosen in prop::collection::vec(any::<bool>(), 6),
    ) {
        let mut claims: serde_json::Map<String, Value> = members.into_iter().collect();
        claims.retain(|name, _| !is_of_assertion(name));
        let mut wanted: Vec<&str> = claims
            .keys()
            .zip(&chosen)
            .filter_map(|(name, chosen)| chosen.then_some(name.as_str()))
            .collect();
        wanted.extend(also.iter().map(String::as_str).filter(|name| !is_of_assertion(name)));
        let (caller, now) = caller(Value::Object(claims.clone()));
        let (assertions, keys) = vouching(&wanted);
        let token = assertions.sign(&caller, "api", now).unwrap();
        let Value::Object(mut told) = read(&keys, &token, "api", now).unwrap() else { panic!() };
        told.retain(|name, _| !is_of_assertion(name));
        let asked = |(name, _): &(&String, &Value)| wanted.contains(&name.as_str());
        prop_assert!(told.iter().eq(claims.iter().filter(asked)), "{:?} of {:?}", told, claims);
    }
}
