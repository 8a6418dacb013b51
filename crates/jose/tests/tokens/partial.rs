//! [`PartialVerifier`]: what it is not told it leaves out, and nothing else.

use sealpass_jose::danger::PartialVerifier;
use sealpass_jose::{
    Key, KeyRing, NumericDate, Scratch, Secret, UnverifiedToken, Verifier, VerifierError,
    VerifyError,
};
use serde_json::{Value, json};

use crate::support::{AUDIENCE, ISSUER, KEY, NOW, TYP, claims, claims_with, claims_without, rings};

fn any() -> PartialVerifier {
    PartialVerifier::of_any_token()
}

fn full() -> PartialVerifier {
    any().issuer(ISSUER).unwrap().audience(AUDIENCE).unwrap().typ(TYP).unwrap()
}

fn judge(policy: &PartialVerifier, typ: &str, claims: &Value) -> Result<(), &'static str> {
    let verdicts = rings().map(|keys| {
        let token = keys.seal(typ, claims).unwrap();
        let token = UnverifiedToken::parse(&token).unwrap();
        let now = NumericDate::from_secs(NOW);
        let mut scratch = Scratch::new();
        let by_ring = policy.verify(&keys, token, &mut scratch, now);
        let by_ring = by_ring.map(|verified| verified.claims().json().to_owned());
        let by_key = policy.verify_by(keys.active(), token, &mut scratch, now);
        let by_key = by_key.map(|verified| verified.claims().json().to_owned());
        assert_eq!(by_ring, by_key);
        by_ring.map(|_| ()).map_err(|error| error.code())
    });
    assert!(verdicts.iter().all(|verdict| *verdict == verdicts[0]), "{verdicts:?}");
    verdicts[0]
}

#[test]
fn told_everything_it_is_as_strict_as_a_verifier() {
    let cases = [
        claims(),
        claims_without("iss"),
        claims_without("aud"),
        claims_without("exp"),
        claims_with("iss", "https://other.example"),
        claims_with("iss", 1),
        claims_with("aud", "https://other.example"),
        claims_with("aud", json!([AUDIENCE, 1])),
        claims_with("aud", json!(["https://other.example", AUDIENCE])),
        claims_with("sub", 1),
        claims_with("jti", 1),
        claims_with("exp", NOW),
        claims_with("exp", NOW + 1),
        claims_with("exp", "soon"),
        claims_with("exp", -1),
        claims_with("exp", 1e300),
        claims_with("nbf", NOW + 1),
        claims_with("iat", NOW + 1),
        claims_with("iat", Value::Null),
    ];
    let strict = Verifier::builder().issuer(ISSUER).audience(AUDIENCE).typ(TYP).build().unwrap();
    for claims in cases {
        for typ in [TYP, "JWT"] {
            let [keys, ..] = rings();
            let token = keys.seal(typ, &claims).unwrap();
            let token = UnverifiedToken::parse(&token).unwrap();
            let mut scratch = Scratch::new();
            let verdict = strict.verify(&keys, token, &mut scratch, NumericDate::from_secs(NOW));
            let expected = verdict.map(|_| ()).map_err(|error| error.code());
            assert_eq!(judge(&full(), typ, &claims), expected, "{typ} {claims}");
        }
    }
}

#[test]
fn what_it_is_not_told_it_leaves_out() {
    for (policy, typ, claims, expected) in [
        (any(), "JWT", json!({"exp": NOW + 1}), Ok(())),
        (any(), "JWT", json!({"exp": NOW}), Err("token_expired")),
        (any(), "JWT", json!({}), Err("claim_missing")),
        (any().accept_missing_expiry(), "JWT", json!({}), Ok(())),
        (any().accept_missing_expiry(), "JWT", json!({"exp": NOW}), Err("token_expired")),
        (any().accept_missing_expiry(), "JWT", json!({"nbf": NOW + 1}), Err("token_not_yet_valid")),
        // What is there is of its type, also when nobody asks for it.
        (any(), "JWT", json!({"exp": NOW + 1, "aud": 1}), Err("claim_type")),
        (any(), "JWT", json!({"exp": NOW + 1, "iss": null}), Err("claim_type")),
        (any().issuer(ISSUER).unwrap(), "JWT", json!({"exp": NOW + 1}), Err("claim_missing")),
        (any().typ("jwt").unwrap(), "JWT", json!({"exp": NOW + 1}), Ok(())),
        (any().typ(TYP).unwrap(), "JWT", json!({"exp": NOW + 1}), Err("typ_mismatch")),
        (any().leeway(60).unwrap(), "JWT", json!({"exp": NOW - 59}), Ok(())),
        (any().leeway(60).unwrap(), "JWT", json!({"exp": NOW - 60}), Err("token_expired")),
    ] {
        assert_eq!(judge(&policy, typ, &claims), expected, "{policy:?} {claims}");
    }
}

#[test]
fn an_answer_that_no_token_could_meet_is_refused() {
    assert_eq!(any().issuer("").err(), Some(VerifierError::Issuer));
    assert_eq!(any().audience("").err(), Some(VerifierError::Audience));
    assert_eq!(any().typ("no media type").err(), Some(VerifierError::Typ));
    assert_eq!(any().leeway(61).err(), Some(VerifierError::Leeway { seconds: 61 }));
}

#[test]
fn a_token_inside_a_token_is_not_claims() {
    let [outer, _, inner] = rings();
    let token = outer.seal_nested(&inner, TYP, &claims()).unwrap();
    let token = UnverifiedToken::parse(&token).unwrap();
    let mut scratch = Scratch::new();
    let now = NumericDate::from_secs(NOW);
    let verdict = any().verify(&outer, token, &mut scratch, now);
    assert_eq!(verdict.err(), Some(VerifyError::NestedUnexpected));
}

/// One key of a caller's choice: its algorithm counts, the name in the token does not.
#[test]
fn a_key_without_a_name_reads_tokens_of_any_name_and_of_its_algorithm_alone() {
    let theirs = KeyRing::new(Key::ed25519_from_seed("theirs", &Secret::new(KEY)).unwrap());
    let token = theirs.seal("JWT", &claims()).unwrap();
    let token = UnverifiedToken::parse(&token).unwrap();
    let now = NumericDate::from_secs(NOW);
    let mut scratch = Scratch::new();

    let ours = Key::ed25519_from_seed("ours", &Secret::new(KEY)).unwrap();
    assert!(any().verify_by(&ours, token, &mut scratch, now).is_ok());
    let ours = KeyRing::new(ours);
    let by_name = any().verify(&ours, token, &mut scratch, now);
    assert_eq!(by_name.err(), Some(VerifyError::KeyUnknown));

    let shared = Key::hs256("theirs", &Secret::new(KEY.to_vec())).unwrap();
    let confused = any().verify_by(&shared, token, &mut scratch, now);
    assert_eq!(confused.err(), Some(VerifyError::AlgorithmMismatch));
    let other = Key::generate_ed25519().unwrap();
    let forged = any().verify_by(&other, token, &mut scratch, now);
    assert_eq!(forged.err(), Some(VerifyError::NotAuthentic));
}

#[test]
fn claims_are_given_as_they_were_sent_and_not_printed() {
    let [keys, ..] = rings();
    let json = format!("{{ \"exp\":{} ,\"a\": [1.0]}}", NOW + 1);
    let token = keys.seal_json(TYP, &json).unwrap();
    let token = UnverifiedToken::parse(&token).unwrap();
    let mut scratch = Scratch::new();
    let verified = any().verify(&keys, token, &mut scratch, NumericDate::from_secs(NOW)).unwrap();
    let claims = verified.claims();
    assert_eq!(claims.json(), json);
    assert_eq!((claims.raw("a"), claims.raw("b")), (Some("[1.0]"), None));
    assert_eq!(claims.expires_at(), Some(NumericDate::from_secs(NOW + 1)));
    assert_eq!(format!("{claims:?}"), "PartialClaims { .. }");
}

#[test]
fn json_that_would_not_be_read_is_not_sealed() {
    let [keys, ..] = rings();
    let long = format!(r#"{{"a":"{}"}}"#, "a".repeat(8 * 1024));
    for (json, code) in [
        ("", "claims_malformed"),
        ("[]", "claims_malformed"),
        ("{} {}", "claims_malformed"),
        (r#"{"a":1,"\u0061":2}"#, "claims_duplicate_member"),
        (&long, "token_too_long"),
    ] {
        assert_eq!(keys.seal_json(TYP, json).err().map(|error| error.code()), Some(code), "{json}");
    }
    assert_eq!(
        keys.seal_json("no media type", "{}").err().map(|error| error.code()),
        Some("typ_refused")
    );
}
