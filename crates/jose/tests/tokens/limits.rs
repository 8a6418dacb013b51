//! Nothing grows with what a stranger sends.

use sealpass_jose::{
    DEFAULT_MAX_TOKEN_BYTES, KeyRing, MAX_TOKEN_BYTES, NumericDate, Scratch, SealError, TokenError,
    UnverifiedToken, Verifier, VerifyError,
};
use serde_json::json;

use crate::support::{
    AUDIENCE, ISSUER, KID, NOW, TYP, a256gcm, claims, claims_with, judge, judge_payload, jws_hs256,
    makers, rings,
};

#[test]
fn the_default_limit_is_eight_kibibytes() {
    assert_eq!(DEFAULT_MAX_TOKEN_BYTES, 8192);
}

/// Its parts are not even looked for: it has none.
#[test]
fn a_token_over_the_limit_is_refused_before_anything_is_decoded() {
    let at_limit = "!".repeat(DEFAULT_MAX_TOKEN_BYTES);
    assert_eq!(UnverifiedToken::parse(&at_limit).err(), Some(TokenError::PartCount));
    let over = "!".repeat(DEFAULT_MAX_TOKEN_BYTES + 1);
    let error = TokenError::TooLong { bytes: 8193, max_bytes: 8192 };
    assert_eq!(UnverifiedToken::parse(&over).err(), Some(error));
    assert_eq!(error.code(), "token_too_long");
}

#[test]
fn no_limit_is_higher_than_the_highest() {
    let over = "!".repeat(MAX_TOKEN_BYTES + 1);
    let verdict = UnverifiedToken::parse_with_limit(&over, usize::MAX);
    let max_bytes = MAX_TOKEN_BYTES;
    assert_eq!(verdict.err(), Some(TokenError::TooLong { bytes: max_bytes + 1, max_bytes }));
}

#[test]
fn the_limit_of_a_policy_holds_for_a_token_that_was_parsed_with_another() {
    let [keys, ..] = rings();
    let token = keys.seal(TYP, &claims()).unwrap();
    let parsed = UnverifiedToken::parse(&token).unwrap();
    let now = NumericDate::from_secs(NOW);
    let policy = || Verifier::builder().issuer(ISSUER).audience(AUDIENCE).typ(TYP);
    let exact = policy().max_token_bytes(token.len()).build().unwrap();
    assert!(exact.verify(&keys, parsed, &mut Scratch::new(), now).is_ok());
    let short = policy().max_token_bytes(token.len() - 1).build().unwrap();
    let mut scratch = Scratch::new();
    let verdict = short.verify(&keys, parsed, &mut scratch, now);
    assert_eq!(verdict.err(), Some(VerifyError::TooLong { max_bytes: token.len() - 1 }));
}

#[test]
fn a_token_up_to_the_limit_is_sealed_and_opened() {
    for keys in rings() {
        let shortest = keys.seal(TYP, &claims_with("fill", "")).unwrap().len();
        // Every byte of payload is a character and a third of token.
        let room = (DEFAULT_MAX_TOKEN_BYTES - shortest) / 4 * 3;
        let token = keys.seal(TYP, &claims_with("fill", "x".repeat(room))).unwrap();
        assert!(token.len() > DEFAULT_MAX_TOKEN_BYTES - 4, "{}", token.len());
        assert_eq!(judge(&keys, &token).as_deref(), Ok("ada"));

        let verdict = keys.seal(TYP, &claims_with("fill", "x".repeat(room + 3)));
        assert_eq!(verdict, Err(SealError::TooLong { max_bytes: DEFAULT_MAX_TOKEN_BYTES }));
        let verdict = keys.seal(TYP, &claims_with("fill", "x".repeat(1 << 20)));
        assert_eq!(verdict, Err(SealError::TooLong { max_bytes: DEFAULT_MAX_TOKEN_BYTES }));
    }
}

#[test]
fn a_longer_token_is_read_when_policy_and_parser_are_told_so() {
    let [_, hmac, _] = makers();
    let payload = serde_json::to_vec(&claims_with("fill", "x".repeat(40_000))).unwrap();
    let token = jws_hs256(&format!(r#"{{"alg":"HS256","kid":"{KID}","typ":"{TYP}"}}"#), &payload);
    let parsed = UnverifiedToken::parse_with_limit(&token, MAX_TOKEN_BYTES).unwrap();
    let verifier = Verifier::builder()
        .issuer(ISSUER)
        .audience(AUDIENCE)
        .typ(TYP)
        .max_token_bytes(MAX_TOKEN_BYTES)
        .build()
        .unwrap();
    let mut scratch = Scratch::new();
    let now = NumericDate::from_secs(NOW);
    assert!(verifier.verify(&hmac.keys, parsed, &mut scratch, now).is_ok());
}

#[test]
fn a_scratch_is_reused_for_long_and_short_tokens() {
    let [keys, ..] = rings();
    let policy = crate::support::verifier();
    let mut scratch = Scratch::new();
    for fill in [0, 5000, 1, 3000, 10] {
        let fill = "x".repeat(fill);
        let token = keys.seal(TYP, &claims_with("fill", fill.as_str())).unwrap();
        let token = UnverifiedToken::parse(&token).unwrap();
        let now = NumericDate::from_secs(NOW);
        let verified = policy.verify(&keys, token, &mut scratch, now).unwrap();
        assert_eq!(verified.claims().str("fill").unwrap().as_deref(), Some(fill.as_str()));
    }
}

#[test]
fn a_header_over_its_limit_is_refused() {
    for maker in makers() {
        let named = format!(r#""kid":"{KID}","typ":"{TYP}""#);
        let filled = |bytes: usize| {
            let length = format!("{{{},{named},\"x\":\"\"}}", maker.algorithm).len();
            maker.token(&format!("{named},\"x\":\"{}\"", "x".repeat(bytes - length)))
        };
        assert_eq!(judge(&maker.keys, &filled(1024)).as_deref(), Ok("ada"));
        assert_eq!(judge(&maker.keys, &filled(1025)), Err("header_too_long"));
    }
}

#[test]
fn parts_of_every_wrong_number_are_refused() {
    for count in [0, 1, 2, 4, 6, 7, 100, 4000] {
        let text = vec!["a"; count].join(".");
        assert_eq!(UnverifiedToken::parse(&text).err(), Some(TokenError::PartCount), "{count}");
    }
    let dots = ".".repeat(DEFAULT_MAX_TOKEN_BYTES);
    assert_eq!(UnverifiedToken::parse(&dots).err(), Some(TokenError::PartCount));
}

#[test]
fn an_empty_part_is_refused_except_where_a_token_may_have_one() {
    for (text, accepted) in [
        ("a.b.c", true),
        (".b.c", false),
        ("a..c", true),
        ("a.b.", false),
        ("..", false),
        ("a.b.c.d.e", true),
        ("a..c.d.e", true),
        (".b.c.d.e", false),
        ("a.b..d.e", false),
        ("a.b.c..e", true),
        ("a.b.c.d.", false),
        ("....", false),
    ] {
        assert_eq!(UnverifiedToken::parse(text).is_ok(), accepted, "{text}");
    }
}

#[test]
fn a_json_serialization_is_refused() {
    let text = r#"{"payload":"e30","protected":"e30","signature":"AAAA"}"#;
    let error = UnverifiedToken::parse(text).unwrap_err();
    assert_eq!(error.code(), "json_serialization_refused");
}

fn nested(depth: usize) -> Vec<u8> {
    // The claims themselves are the first level.
    let inner = format!("{}{}", "[".repeat(depth - 1), "]".repeat(depth - 1));
    let claims = serde_json::to_string(&claims()).unwrap();
    format!("{},\"x\":{inner}}}", claims.strip_suffix('}').unwrap()).into_bytes()
}

#[test]
fn claims_nested_too_deep_are_refused() {
    assert_eq!(judge_payload(&nested(32)).as_deref(), Ok("ada"));
    assert_eq!(judge_payload(&nested(33)), Err("claims_malformed"));
    assert_eq!(judge_payload(&nested(2500)), Err("claims_malformed"));
}

fn with_members(count: usize) -> serde_json::Value {
    let mut claims = claims();
    let object = claims.as_object_mut().unwrap();
    for index in object.len()..count {
        object.insert(format!("m{index}"), json!(index));
    }
    claims
}

#[test]
fn too_many_members_are_refused_in_reading_and_in_making() {
    let keys = KeyRing::new(a256gcm(KID));
    let most = keys.seal(TYP, &with_members(128)).unwrap();
    assert_eq!(judge(&keys, &most).as_deref(), Ok("ada"));
    let code = keys.seal(TYP, &with_members(129)).map_err(|error| error.code());
    assert_eq!(code, Err("claims_malformed"));
    let payload = serde_json::to_vec(&with_members(129)).unwrap();
    assert_eq!(judge_payload(&payload), Err("claims_malformed"));
}

#[test]
fn members_of_objects_that_are_over_do_not_count() {
    let many = vec![json!({"a": 1, "b": {"c": 2}}); 200];
    let payload = serde_json::to_vec(&claims_with("list", many)).unwrap();
    assert_eq!(judge_payload(&payload).as_deref(), Ok("ada"));
}
