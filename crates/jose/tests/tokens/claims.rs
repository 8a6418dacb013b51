//! Claims: what strangers make of them, and how they are read.

use std::borrow::Cow;
use std::collections::BTreeMap;

use sealpass_jose::{
    ClaimError, ClaimNames, ClaimsSet, NumericDate, Scratch, SealError, UnverifiedToken, Verified,
    VerifyError,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::support::{
    AUDIENCE, ISSUER, NOW, TYP, claims, claims_with, claims_without, judge_payload, rings, verifier,
};

fn judge_claims(claims: &Value) -> Result<String, &'static str> {
    judge_payload(&serde_json::to_vec(claims).unwrap())
}

/// Opens an authentic token around `payload`, and lets `read` look at its claims.
fn with_claims<R>(payload: &[u8], read: impl FnOnce(&ClaimsSet<'_>) -> R) -> R {
    let [keys, ..] = rings();
    let token = keys.seal_bytes(TYP, payload).unwrap();
    let token = UnverifiedToken::parse(&token).unwrap();
    let mut scratch = Scratch::new();
    let verified: Verified<ClaimsSet<'_>> =
        verifier().verify(&keys, token, &mut scratch, NumericDate::from_secs(NOW)).unwrap();
    read(verified.claims())
}

fn with_member<R>(member: &str, read: impl FnOnce(&ClaimsSet<'_>) -> R) -> R {
    let claims = serde_json::to_string(&claims()).unwrap();
    with_claims(format!("{},{member}}}", claims.strip_suffix('}').unwrap()).as_bytes(), read)
}

#[test]
fn registered_claims_are_typed() {
    with_claims(&serde_json::to_vec(&claims()).unwrap(), |claims| {
        assert_eq!(claims.issuer(), ISSUER);
        assert_eq!(claims.subject(), Some("ada"));
        assert_eq!(claims.expires_at(), NumericDate::from_secs(NOW + 600));
        assert_eq!(claims.not_before(), Some(NumericDate::from_secs(NOW)));
        assert_eq!(claims.issued_at(), Some(NumericDate::from_secs(NOW)));
        assert_eq!(claims.jwt_id(), Some("1f8c"));
    });
}

#[test]
fn only_iss_aud_and_exp_are_required() {
    let payload = json!({"iss": ISSUER, "aud": AUDIENCE, "exp": NOW + 1});
    with_claims(&serde_json::to_vec(&payload).unwrap(), |claims| {
        assert_eq!(claims.subject(), None);
        assert_eq!(claims.not_before(), None);
        assert_eq!(claims.issued_at(), None);
        assert_eq!(claims.jwt_id(), None);
    });
    for required in ["iss", "aud", "exp"] {
        assert_eq!(judge_claims(&claims_without(required)), Err("claim_missing"), "{required}");
    }
}

#[test]
fn another_issuer_is_refused() {
    for issuer in ["", "https://auth.example/", "HTTPS://auth.example", "https://auth.example.evil"]
    {
        assert_eq!(judge_claims(&claims_with("iss", issuer)), Err("iss_mismatch"), "{issuer}");
    }
}

#[test]
fn the_audience_may_be_one_of_many() {
    for audience in [json!(AUDIENCE), json!([AUDIENCE]), json!(["a", AUDIENCE, "b"])] {
        assert_eq!(judge_claims(&claims_with("aud", audience)).as_deref(), Ok("ada"));
    }
}

#[test]
fn a_token_for_somebody_else_is_refused() {
    for audience in [
        json!(""),
        json!([]),
        json!("https://api.example.evil"),
        json!(["https://api"]),
        json!(["a", "b"]),
    ] {
        assert_eq!(judge_claims(&claims_with("aud", audience)), Err("aud_mismatch"));
    }
}

#[test]
fn registered_claims_of_the_wrong_type_are_refused() {
    for claim in ["iss", "sub", "jti"] {
        for value in [json!(1), json!(null), json!(true), json!(["ada"]), json!({"ada": 1})] {
            assert_eq!(judge_claims(&claims_with(claim, value)), Err("claim_type"), "{claim}");
        }
    }
    for value in [json!(1), json!(null), json!({}), json!([AUDIENCE, 1]), json!([[AUDIENCE]])] {
        assert_eq!(judge_claims(&claims_with("aud", value)), Err("claim_type"), "aud");
    }
}

#[test]
fn duplicate_claims_are_refused_at_every_level() {
    let claims = serde_json::to_string(&claims()).unwrap();
    let claims = claims.strip_suffix('}').unwrap();
    for member in [
        r#""sub":"eve""#,
        r#""exp":99999999999"#,
        r#""s\u0075b":"eve""#,
        r#""\u0073\u0075\u0062":"eve""#,
        r#""x":1,"x":1"#,
        r#""x":{"y":1,"y":1}"#,
        r#""x":{"y":1,"\u0079":2}"#,
        r#""x":[[{"y":{"z":1,"z":1}}]]"#,
        r#""x":{"":1,"":1}"#,
        r#""x":{"é":1,"\u00e9":1}"#,
        r#""x":{"😀":1,"\ud83d\ude00":1}"#,
        r#""x":{"\/":1,"/":1}"#,
    ] {
        let payload = format!("{claims},{member}}}");
        assert_eq!(judge_payload(payload.as_bytes()), Err("claims_duplicate_member"), "{member}");
    }
    for member in [
        r#""x":{"y":{"y":{"y":1}}}"#,
        r#""x":[{"y":1},{"y":1}]"#,
        r#""Sub":"eve""#,
        r#""x":{"sub":"eve"}"#,
        r#""x":{"e\u0301":1,"é":1}"#,
        r#""abcdef":1,"abcdeg":1,"abcde":1"#,
    ] {
        let payload = format!("{claims},{member}}}");
        assert_eq!(judge_payload(payload.as_bytes()).as_deref(), Ok("ada"), "{member}");
    }
}

#[test]
fn payloads_that_are_not_one_json_object_are_refused() {
    let good = serde_json::to_string(&claims()).unwrap();
    for payload in [
        " ".to_owned(),
        "null".to_owned(),
        format!("[{good}]"),
        format!("\"{good}\""),
        format!("{good}{good}"),
        format!("{good},"),
        format!("{good}\0"),
        format!("\u{feff}{good}"),
        good.replace('}', ""),
        good.replace(':', "="),
        good.replace('"', "'"),
    ] {
        assert_eq!(judge_payload(payload.as_bytes()), Err("claims_malformed"), "{payload}");
    }
    assert_eq!(judge_payload(format!(" \t\r\n{good}\n ").as_bytes()).as_deref(), Ok("ada"));
}

#[test]
fn a_payload_that_is_not_utf8_anywhere_is_refused() {
    let good = serde_json::to_vec(&claims_with("x", "\u{1}")).unwrap();
    for (name, bytes) in [
        ("latin-1", &b"\xe9"[..]),
        ("overlong", b"\xc0\xaf"),
        ("surrogate", b"\xed\xa0\x80"),
        ("too large", b"\xf4\x90\x80\x80"),
        ("cut short", b"\xe2\x82"),
    ] {
        let mut payload = good.clone();
        let position = payload.windows(6).position(|found| found == b"\\u0001").unwrap();
        payload.splice(position..position + 6, bytes.iter().copied());
        assert_eq!(judge_payload(&payload), Err("claims_malformed"), "{name}");
    }
    let utf16: Vec<u8> = "{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(judge_payload(&utf16), Err("claims_malformed"), "utf-16");
}

#[test]
fn lone_surrogates_are_refused() {
    let claims = serde_json::to_string(&claims()).unwrap();
    let claims = claims.strip_suffix('}').unwrap();
    for escape in
        ["\\ud800", "\\udc00", "\\ud800x", "\\ud800\\ud800", "\\udc00\\ud800", "\\ud800\\u0041"]
    {
        for member in [format!("\"x\":\"{escape}\""), format!("\"{escape}\":1")] {
            let payload = format!("{claims},{member}}}");
            assert_eq!(judge_payload(payload.as_bytes()), Err("claims_malformed"), "{member}");
        }
    }
}

#[test]
fn a_string_claim_is_borrowed_unless_it_has_escapes() {
    with_member(r#""a":"plain é","b":"\u0041\n\ud83d\ude00\"","c":7,"d":null"#, |claims| {
        assert!(matches!(claims.str("a"), Ok(Some(Cow::Borrowed("plain é")))));
        assert_eq!(claims.str("b").unwrap().as_deref(), Some("A\n😀\""));
        let not_a_string =
            |claim: &str| ClaimError::Type { claim: claim.to_owned(), expected: "a string" };
        assert_eq!(claims.str("c"), Err(not_a_string("c")));
        assert_eq!(claims.str("d"), Err(not_a_string("d")));
        assert_eq!(claims.str("e"), Ok(None));
        assert_eq!(claims.str("sub").unwrap().as_deref(), Some("ada"));
    });
}

#[test]
fn a_claim_is_found_by_an_escaped_name() {
    with_member(r#""\u0069dle":"x""#, |claims| {
        assert_eq!(claims.str("idle").unwrap().as_deref(), Some("x"));
        assert_eq!(claims.str("\\u0069dle"), Ok(None));
    });
}

#[test]
fn a_date_claim_is_a_whole_second() {
    with_member(r#""a":1700000000,"b":1.5,"c":"1700000000","d":-1,"e":1e300"#, |claims| {
        assert_eq!(claims.date("a"), Ok(Some(NumericDate::from_secs(1_700_000_000))));
        assert_eq!(claims.date("b"), Ok(Some(NumericDate::from_secs(2))));
        assert!(matches!(claims.date("c"), Err(ClaimError::Type { .. })));
        assert_eq!(claims.date("d"), Err(ClaimError::DateRange { claim: "d".to_owned() }));
        assert_eq!(claims.date("e"), Err(ClaimError::DateRange { claim: "e".to_owned() }));
        assert_eq!(claims.date("f"), Ok(None));
    });
}

#[test]
fn any_claim_is_read_by_serde() {
    with_member(r#""cnf":{"jkt":"abc"}"#, |claims| {
        assert_eq!(claims.get::<Vec<&str>>("roles"), Ok(Some(vec!["admin"])));
        assert_eq!(
            claims.get::<BTreeMap<&str, &str>>("cnf"),
            Ok(Some(BTreeMap::from([("jkt", "abc")])))
        );
        assert_eq!(claims.get::<u64>("none"), Ok(None));
        assert!(matches!(claims.get::<u64>("roles"), Err(ClaimError::Type { .. })));
    });
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Own<'a> {
    roles: Vec<&'a str>,
    #[serde(default)]
    tenant: Option<&'a str>,
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
struct Strict {
    roles: Vec<String>,
}

#[test]
fn the_callers_own_claims_are_those_that_are_not_registered() {
    with_member(r#""sid":"s","tenant":"t""#, |claims| {
        let own: Own<'_> = claims.deserialize_except(&["sid"]).unwrap();
        assert_eq!(own, Own { roles: vec!["admin"], tenant: Some("t") });

        let map: Map<String, Value> = claims.deserialize_except(&["sid"]).unwrap();
        assert_eq!(Value::from(map), json!({"roles": ["admin"], "tenant": "t"}));
        let map: Map<String, Value> = claims.deserialize_except(&[]).unwrap();
        assert_eq!(Value::from(map), json!({"roles": ["admin"], "tenant": "t", "sid": "s"}));

        let unit: Result<(), ClaimError> = claims.deserialize_except(&[]);
        assert_eq!(unit, Ok(()));
        let strict: Strict = claims.deserialize_except(&["sid", "tenant"]).unwrap();
        assert_eq!(strict.roles, ["admin"]);
    });
}

#[test]
fn an_escaped_name_does_not_smuggle_a_reserved_claim_into_the_callers_own() {
    with_member(r#""s\u0069d":"evil""#, |claims| {
        let map: Map<String, Value> = claims.deserialize_except(&["sid"]).unwrap();
        assert_eq!(Value::from(map), json!({"roles": ["admin"]}));
    });
}

/// Names that begin alike, and one that is in no payload.
const LOOKED_FOR: ClaimNames<4> = ClaimNames::new(["sid", "auth_time", "auth_tidy", "auth_none"]);

#[test]
fn claims_that_are_looked_up_together_are_found_among_any_number_of_others() {
    // Beside `iss`, `aud` and `exp`, up to as many members as a set may have.
    for others in [0, 1, 12, 13, 14, 15, 16, 17, 18, 64, 122] {
        for (sid, time) in [("sid", "auth_time"), ("s\\u0069d", "auth\\u005ftime")] {
            let mut members = vec![format!(r#""{sid}":"s""#), format!(r#""{time}":7"#)];
            // `auth_ti05` begins as two that are looked for do, and is as long.
            members.extend((0..others).map(|number| format!(r#""auth_ti{number:02x}":{number}"#)));
            // Wherever in the set they stand.
            for shift in [0, members.len() / 2, members.len() - 1] {
                members.rotate_left(shift);
                let members = members.join(",");
                let registered = format!(r#""iss":"{ISSUER}","aud":"{AUDIENCE}","exp":{NOW}1"#);
                with_claims(format!("{{{registered},{members}}}").as_bytes(), |claims| {
                    let ([sid, time, tidy, none], rest) = claims.select(&LOOKED_FOR);
                    assert_eq!(sid.str(), Ok(Some(Cow::Borrowed("s"))), "{members}");
                    assert_eq!(time.date(), Ok(Some(NumericDate::from_secs(7))), "{members}");
                    assert_eq!(tidy.get::<Value>(), Ok(None), "{members}");
                    assert_eq!(none.str(), Ok(None), "{members}");
                    let rest: BTreeMap<String, usize> = rest.deserialize().unwrap();
                    let all = (0..others).map(|number| (format!("auth_ti{number:02x}"), number));
                    assert!(rest.iter().map(|(name, number)| (name.clone(), *number)).eq(all));
                    let alone = claims.deserialize_except(LOOKED_FOR.names());
                    assert_eq!(alone, Ok(rest), "{members}");
                });
            }
        }
    }
}

#[test]
fn a_claim_that_is_looked_up_says_by_its_name_what_it_is_not() {
    with_member(r#""sid":null,"auth_time":"then""#, |claims| {
        let ([sid, time, ..], _) = claims.select(&LOOKED_FOR);
        let mistyped = |claim: &str, expected| ClaimError::Type { claim: claim.into(), expected };
        assert_eq!(sid.str(), Err(mistyped("sid", "a string")));
        assert_eq!(sid.strings().err(), Some(mistyped("sid", "an array of strings")));
        assert!(matches!(time.date(), Err(ClaimError::Type { claim, .. }) if claim == "auth_time"));
    });
}

#[derive(Debug, Deserialize)]
struct Needs {
    #[serde(rename = "plan")]
    _plan: u8,
}

#[test]
fn claims_that_are_not_the_callers_say_which_without_their_value() {
    with_member(r#""plan":"s3cret","x":1"#, |claims| {
        let error = claims.deserialize_except::<Needs>(&[]).unwrap_err();
        assert_eq!(error.to_string(), "the claim `plan` is not of the type its reader declares");
        let error = claims.deserialize_except::<Needs>(&["plan"]).unwrap_err();
        assert_eq!(error, ClaimError::Missing { claim: "plan" });
        let error = claims.deserialize_except::<Strict>(&["plan"]).unwrap_err();
        assert_eq!(error, ClaimError::Unknown { claim: "x".to_owned() });
        let error = claims.deserialize_except::<u64>(&[]).unwrap_err();
        assert_eq!(error, ClaimError::Refused);
        assert!(!format!("{claims:?}").contains("s3cret"), "Debug prints names");
        assert!(format!("{claims:?}").contains("plan"));
    });
}

/// An application's claims flattened beside the registered ones must not replace them.
#[test]
fn a_claim_that_occurs_twice_is_not_sealed() {
    #[derive(Serialize)]
    struct Claims {
        sub: &'static str,
        #[serde(flatten)]
        own: Map<String, Value>,
    }
    let own = json!({"sub": "root"}).as_object().unwrap().clone();
    for keys in rings() {
        let verdict = keys.seal(TYP, &Claims { sub: "ada", own: own.clone() });
        assert_eq!(verdict.map_err(|error| error.code()), Err("claims_duplicate_member"));
    }
}

#[test]
fn what_is_not_an_object_is_not_sealed() {
    for keys in rings() {
        for value in [json!(null), json!([]), json!("claims"), json!(1)] {
            assert!(matches!(keys.seal(TYP, &value), Err(SealError::Claims(_))), "{value}");
        }
        let unserializable = BTreeMap::from([((1, 2), 3)]);
        assert_eq!(keys.seal(TYP, &unserializable), Err(SealError::Serialize));
    }
}

#[test]
fn a_verdict_names_the_claim() {
    let error = VerifyError::ClaimMissing { claim: "aud" };
    assert_eq!(error.to_string(), "`aud` is missing");
}
