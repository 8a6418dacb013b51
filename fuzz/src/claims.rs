//! Payloads that may be claims.

use sealpass_jose::{NumericDate, Scratch, UnverifiedToken, Verifier};
use serde_json::{Map, Value};

use crate::keys::RINGS;
use crate::{ACCEPTED, Outcome};

/// The bytes as the payload of an authentic token.
///
/// What is accepted is what `serde_json` reads there too, and comes back when it is sealed again.
pub fn claims(bytes: &[u8]) -> Outcome {
    let keys = &RINGS[0];
    let Ok(token) = keys.seal_bytes("t", bytes) else { return "too long" };
    let token = UnverifiedToken::parse(&token).expect("the shape of a token");
    let policy = Verifier::builder()
        .issuer("https://auth.example")
        .audience("https://api.example")
        .typ("t")
        .build()
        .expect("a policy");
    let now = NumericDate::from_secs(1_700_000_000);
    let mut scratch = Scratch::new();
    let verified = match policy.verify(keys, token, &mut scratch, now) {
        Ok(verified) => verified,
        Err(error) => return error.code(),
    };
    let claims = verified.claims();
    assert!(claims.expires_at() > now);
    let Ok(theirs) = serde_json::from_slice::<Map<String, Value>>(bytes) else {
        // Only numbers that are in the grammar and out of every range.
        let text = str::from_utf8(bytes).expect("UTF-8");
        let error = serde_json::from_str::<Value>(text).expect_err("the same answer");
        assert!(error.to_string().starts_with("number out of range"), "{error}: {text}");
        return "number out of range";
    };
    assert_eq!(theirs["iss"], claims.issuer());
    assert_eq!(theirs.get("sub").and_then(Value::as_str), claims.subject());
    assert_eq!(theirs.get("jti").and_then(Value::as_str), claims.jwt_id());
    for (name, value) in &theirs {
        assert_eq!(claims.get::<Value>(name).as_ref(), Ok(&Some(value.clone())), "{name}");
        let _ = (claims.str(name), claims.date(name));
    }
    let own: Map<String, Value> = claims.deserialize_except(&["sid"]).expect("an object");
    let registered = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti", "sid"];
    assert!(own.keys().all(|name| !registered.contains(&name.as_str())));
    if let Ok(again) = keys.seal("t", &theirs) {
        let again = UnverifiedToken::parse(&again).expect("the shape of a token");
        let mut scratch = Scratch::new();
        let again = policy.verify(keys, again, &mut scratch, now).expect("the same claims");
        assert_eq!(again.claims().deserialize_except(&["sid"]), Ok(own));
    }
    ACCEPTED
}
