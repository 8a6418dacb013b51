//! `exp`, `nbf` and `iat` to the second, and dates that no clock shows.

use sealpass_jose::{
    KeyRing, NumericDate, Scratch, UnverifiedToken, Verifier, VerifierError, VerifyError,
};
use serde_json::{Value, json};

use crate::support::{
    AUDIENCE, ISSUER, NOW, TYP, claims_with, claims_without, judge_payload, rings,
};

fn policy() -> sealpass_jose::VerifierBuilder<sealpass_jose::Ready> {
    Verifier::builder().issuer(ISSUER).audience(AUDIENCE).typ(TYP)
}

/// The verdict about these claims at `now`.
fn at(verifier: &Verifier, claims: &Value, now: u64) -> Result<(), VerifyError> {
    let [keys, ..] = rings();
    verdict(verifier, &keys, claims, now)
}

fn verdict(
    verifier: &Verifier,
    keys: &KeyRing,
    claims: &Value,
    now: u64,
) -> Result<(), VerifyError> {
    let token = keys.seal(TYP, claims).unwrap();
    let token = UnverifiedToken::parse(&token).unwrap();
    verifier.verify(keys, token, &mut Scratch::new(), NumericDate::from_secs(now)).map(|_| ())
}

#[test]
fn a_token_is_expired_at_exp_and_not_a_second_before() {
    let verifier = policy().build().unwrap();
    let claims = claims_with("exp", NOW + 600);
    for keys in rings() {
        assert_eq!(verdict(&verifier, &keys, &claims, NOW + 599), Ok(()));
        assert_eq!(verdict(&verifier, &keys, &claims, NOW + 600), Err(VerifyError::Expired));
        assert_eq!(verdict(&verifier, &keys, &claims, NOW + 601), Err(VerifyError::Expired));
        assert_eq!(verdict(&verifier, &keys, &claims, u64::MAX), Err(VerifyError::Expired));
    }
}

#[test]
fn leeway_extends_exp_by_its_seconds() {
    let claims = claims_with("exp", NOW + 600);
    for leeway in [1, 30, 60] {
        let verifier = policy().leeway(leeway).build().unwrap();
        assert_eq!(at(&verifier, &claims, NOW + 600 + leeway - 1), Ok(()));
        assert_eq!(at(&verifier, &claims, NOW + 600 + leeway), Err(VerifyError::Expired));
    }
}

#[test]
fn leeway_is_zero_unless_given_and_sixty_at_most() {
    assert!(policy().leeway(60).build().is_ok());
    for seconds in [61, u64::MAX] {
        assert_eq!(policy().leeway(seconds).build().err(), Some(VerifierError::Leeway { seconds }));
    }
}

#[test]
fn nbf_and_iat_in_the_future_are_refused_beyond_the_leeway() {
    for (claim, error) in [("nbf", VerifyError::NotYetValid), ("iat", VerifyError::IssuedInFuture)]
    {
        for leeway in [0, 60] {
            let verifier = policy().leeway(leeway).build().unwrap();
            let claims = claims_with(claim, NOW + leeway);
            assert_eq!(at(&verifier, &claims, NOW), Ok(()), "{claim} {leeway}");
            let claims = claims_with(claim, NOW + leeway + 1);
            assert_eq!(at(&verifier, &claims, NOW), Err(error), "{claim} {leeway}");
        }
    }
}

#[test]
fn nbf_and_iat_may_be_missing_and_exp_may_not() {
    let verifier = policy().build().unwrap();
    for claim in ["nbf", "iat"] {
        assert_eq!(at(&verifier, &claims_without(claim), NOW), Ok(()), "{claim}");
    }
    let missing = Err(VerifyError::ClaimMissing { claim: "exp" });
    assert_eq!(at(&verifier, &claims_without("exp"), NOW), missing);
    let lenient = policy().danger_accept_expired().build().unwrap();
    assert_eq!(at(&lenient, &claims_without("exp"), NOW), missing, "any age, but some age");
}

#[test]
fn accepting_expired_tokens_accepts_nothing_else() {
    let verifier = policy().danger_accept_expired().build().unwrap();
    for exp in [0, 1, NOW - 1, NOW] {
        assert_eq!(at(&verifier, &claims_with("exp", exp), NOW), Ok(()), "{exp}");
    }
    for (claims, error) in [
        (claims_with("nbf", NOW + 1), VerifyError::NotYetValid),
        (claims_with("iat", NOW + 1), VerifyError::IssuedInFuture),
        (claims_with("iss", "https://evil.example"), VerifyError::IssuerMismatch),
        (claims_with("aud", "https://other.example"), VerifyError::AudienceMismatch),
        (claims_with("exp", -1), VerifyError::ClaimDateRange { claim: "exp" }),
    ] {
        assert_eq!(at(&verifier, &claims, NOW), Err(error));
    }
}

/// `Expired` tells the caller that renewing is worth a try.
#[test]
fn expired_is_said_only_when_nothing_else_is_wrong() {
    let verifier = policy().build().unwrap();
    let mut claims = claims_with("exp", NOW - 1);
    assert_eq!(at(&verifier, &claims, NOW), Err(VerifyError::Expired));
    claims["iss"] = json!("https://evil.example");
    assert_eq!(at(&verifier, &claims, NOW), Err(VerifyError::IssuerMismatch));
}

/// The verdict about an authentic token with `exp`, `nbf` or `iat` spelled exactly so.
fn spelled(claim: &str, raw: &str) -> Result<String, &'static str> {
    let rest = serde_json::to_string(&claims_without(claim)).unwrap();
    let payload = format!("{},\"{claim}\":{raw}}}", rest.strip_suffix('}').unwrap());
    judge_payload(payload.as_bytes())
}

#[test]
fn exp_of_zero_is_not_never() {
    for raw in ["0", "0.0", "0e99", "0.5", "1e-99"] {
        assert_eq!(spelled("exp", raw), Err("token_expired"), "{raw}");
    }
}

#[test]
fn fractions_are_rounded_up() {
    assert_eq!(spelled("exp", "1700000000.000000001").as_deref(), Ok("ada"));
    assert_eq!(spelled("exp", "1700000000.0"), Err("token_expired"));
    assert_eq!(spelled("exp", "17000000005e-1").as_deref(), Ok("ada"));
    assert_eq!(spelled("exp", "1.7000000005E9").as_deref(), Ok("ada"));
    assert_eq!(spelled("nbf", "1700000000.0").as_deref(), Ok("ada"));
    assert_eq!(spelled("nbf", "1700000000.1"), Err("token_not_yet_valid"));
    assert_eq!(spelled("iat", "1700000000.1"), Err("iat_in_future"));
}

#[test]
fn negative_and_huge_dates_are_refused_without_overflow() {
    for claim in ["exp", "nbf", "iat"] {
        for raw in [
            "-1",
            "-0",
            "-0.1",
            "-1e400",
            "-9223372036854775808",
            "-9223372036854775809",
            "253402300800",
            "9007199254740993",
            "9223372036854775807",
            "9223372036854775808",
            "18446744073709551615",
            "18446744073709551616",
            "340282366920938463463374607431768211456",
            "1e19",
            "1e308",
            "1e309",
            "1e999999999999999999999999",
            "0.1e999999999999999999999999",
            "9.999e12",
            &"9".repeat(3000),
        ] {
            assert_eq!(spelled(claim, raw), Err("claim_date_range"), "{claim} {raw}");
        }
    }
    assert_eq!(spelled("exp", "253402300799").as_deref(), Ok("ada"), "the last second of 9999");
}

#[test]
fn what_is_not_a_number_is_refused() {
    for claim in ["exp", "nbf", "iat"] {
        for raw in ["\"1700000600\"", "\"\"", "null", "true", "false", "[1700000600]", "{}"] {
            assert_eq!(spelled(claim, raw), Err("claim_type"), "{claim} {raw}");
        }
        for raw in ["NaN", "Infinity", "-Infinity", "nan", "+1", "01", "1.", ".5", "1e", "0x1", "-"]
        {
            assert_eq!(spelled(claim, raw), Err("claims_malformed"), "{claim} {raw}");
        }
    }
}

#[test]
fn the_last_possible_now_does_not_overflow() {
    let verifier = policy().leeway(60).build().unwrap();
    let claims = claims_with("exp", 253_402_300_799_u64);
    assert_eq!(at(&verifier, &claims, u64::MAX), Err(VerifyError::Expired));
    assert_eq!(at(&verifier, &claims, 0), Err(VerifyError::IssuedInFuture));
}
