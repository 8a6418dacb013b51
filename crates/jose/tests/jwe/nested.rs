//! Signed, then encrypted; and what is mistaken for it.

use sealpass_jose::{
    ContentEncryption, JweAlgorithm, Key, KeyRing, NumericDate, Scratch, SealError, Secret,
    UnverifiedToken, Verifier, VerifyError, base64url,
};
use serde_json::{Value, json};

use crate::foreign::{DIR_KEY, dir_token};
use crate::keys::Kind;

const TYP: &str = "grant+jwt";

fn verifier() -> Verifier {
    let builder =
        Verifier::builder().issuer("https://auth.example").audience("https://api.example");
    builder.typ(TYP).build().unwrap()
}

fn claims() -> Value {
    json!({"iss": "https://auth.example", "aud": "https://api.example", "exp": 1000, "sub": "ada"})
}

fn signer() -> KeyRing {
    KeyRing::new(Key::ed25519_from_seed("s", &Secret::new([5; 32])).unwrap())
}

fn outer() -> KeyRing {
    KeyRing::new(Key::a256gcm("a", &Secret::new(DIR_KEY)).unwrap())
}

fn verify_nested(token: &str) -> Result<String, VerifyError> {
    verify_nested_by(&outer(), &signer(), token)
}

fn verify_nested_by(outer: &KeyRing, inner: &KeyRing, token: &str) -> Result<String, VerifyError> {
    let token = UnverifiedToken::parse(token).unwrap();
    let now = NumericDate::from_secs(999);
    let mut scratch = Scratch::new();
    let verified = verifier().verify_nested(outer, inner, token, &mut scratch, now)?;
    Ok(verified.claims().subject().unwrap().to_owned())
}

fn verify_plain(keys: &KeyRing, token: &str) -> Result<String, VerifyError> {
    let token = UnverifiedToken::parse(token).unwrap();
    let mut scratch = Scratch::new();
    let verified = verifier().verify(keys, token, &mut scratch, NumericDate::from_secs(999))?;
    Ok(verified.claims().subject().unwrap().to_owned())
}

/// A token around `content` under an outer header of somebody else.
fn wrapped(members: &str, content: &str) -> String {
    let header = format!(r#"{{"alg":"dir","enc":"A256GCM","kid":"a"{members}}}"#);
    dir_token(&header, content.as_bytes())
}

#[test]
fn every_algorithm_encrypts_a_signed_token() {
    for kind in Kind::all() {
        for enc in [ContentEncryption::A256Gcm, ContentEncryption::A256CbcHs512] {
            let outer = KeyRing::new(kind.key(enc));
            let token = outer.seal_nested(&signer(), TYP, &claims()).unwrap();
            let verified = verify_nested_by(&outer, &signer(), &token);
            assert_eq!(verified.as_deref(), Ok("ada"), "{kind} with {enc}");
        }
    }
}

#[test]
fn a_public_key_is_enough_to_encrypt_and_the_signer_is_who_is_named() {
    let kind = Kind::new(JweAlgorithm::RsaOaep256);
    let public = KeyRing::new(kind.public_key(ContentEncryption::A256Gcm).unwrap());
    let token = public.seal_nested(&signer(), TYP, &claims()).unwrap();
    let private = KeyRing::new(kind.key(ContentEncryption::A256Gcm));
    let mut scratch = Scratch::new();
    let token = UnverifiedToken::parse(&token).unwrap();
    let now = NumericDate::from_secs(999);
    let signer = signer();
    let verified = verifier().verify_nested(&private, &signer, token, &mut scratch, now).unwrap();
    assert_eq!(verified.key_id(), "s");
    assert_eq!(verified.algorithm().alg(), "EdDSA");
}

#[test]
fn the_headers_say_what_rfc_7519_and_8725_ask_for() {
    let token = outer().seal_nested(&signer(), TYP, &claims()).unwrap();
    let header = |token: &str| -> Value {
        let header = base64url::decode(token.split('.').next().unwrap().as_bytes()).unwrap();
        serde_json::from_slice(&header).unwrap()
    };
    let expected = json!({"alg": "dir", "enc": "A256GCM", "kid": "a", "typ": TYP, "cty": "JWT"});
    assert_eq!(header(&token), expected);
    let mut scratch = Scratch::new();
    let outer = outer();
    let opened =
        outer.open_bytes(Some(TYP), UnverifiedToken::parse(&token).unwrap(), &mut scratch).unwrap();
    let inner = str::from_utf8(opened.claims()).unwrap();
    assert_eq!(header(inner), json!({"alg": "EdDSA", "kid": "s", "typ": TYP}));
}

#[test]
fn sign_and_encrypt_confusion_is_refused_in_both_directions() {
    let nested = outer().seal_nested(&signer(), TYP, &claims()).unwrap();
    let encrypted = outer().seal(TYP, &claims()).unwrap();
    let signed = signer().seal(TYP, &claims()).unwrap();
    let both = outer().with_retired(signer().active().clone()).unwrap();

    assert_eq!(verify_nested(&nested).as_deref(), Ok("ada"));
    assert_eq!(verify_plain(&both, &nested), Err(VerifyError::NestedUnexpected));
    assert_eq!(verify_plain(&both, &encrypted).as_deref(), Ok("ada"));
    assert_eq!(verify_plain(&both, &signed).as_deref(), Ok("ada"));
    for token in [&encrypted, &signed] {
        assert_eq!(verify_nested_by(&both, &both, token), Err(VerifyError::NestedMissing));
    }
    assert_eq!(verify_plain(&outer(), &signed), Err(VerifyError::KeyUnknown));
    assert_eq!(verify_plain(&signer(), &encrypted), Err(VerifyError::KeyUnknown));
}

#[test]
fn claims_that_nobody_signed_are_refused() {
    let cty = format!(r#","typ":"{TYP}","cty":"JWT""#);
    let unsigned = wrapped(&cty, &claims().to_string());
    assert_eq!(verify_nested(&unsigned).unwrap_err().code(), "nested_malformed");

    let none = base64url::encode(br#"{"alg":"none","typ":"grant+jwt"}"#);
    let payload = base64url::encode(claims().to_string().as_bytes());
    assert_eq!(
        verify_nested(&wrapped(&cty, &format!("{none}.{payload}."))).unwrap_err().code(),
        "nested_malformed"
    );
    assert_eq!(
        verify_nested(&wrapped(&cty, &format!("{none}.{payload}.AA"))).unwrap_err().code(),
        "alg_none_refused"
    );
}

#[test]
fn a_token_that_somebody_else_signed_is_refused() {
    let other = Key::ed25519_from_seed("s", &Secret::new([6; 32])).unwrap();
    let token = outer().seal_nested(&KeyRing::new(other), TYP, &claims()).unwrap();
    assert_eq!(verify_nested(&token), Err(VerifyError::NotAuthentic));
    let other = Key::ed25519_from_seed("t", &Secret::new([5; 32])).unwrap();
    let token = outer().seal_nested(&KeyRing::new(other), TYP, &claims()).unwrap();
    assert_eq!(verify_nested(&token), Err(VerifyError::KeyUnknown));
}

#[test]
fn nesting_is_exactly_one_deep() {
    let cty = format!(r#","typ":"{TYP}","cty":"JWT""#);
    let signed = signer().seal(TYP, &claims()).unwrap();
    let nested = outer().seal_nested(&signer(), TYP, &claims()).unwrap();
    assert_eq!(verify_nested(&wrapped(&cty, &signed)).as_deref(), Ok("ada"));

    // Encrypted twice around a signed one, and around claims.
    assert_eq!(verify_nested(&wrapped(&cty, &nested)), Err(VerifyError::NestedMissing));
    let encrypted = outer().seal(TYP, &claims()).unwrap();
    assert_eq!(verify_nested(&wrapped(&cty, &encrypted)), Err(VerifyError::NestedMissing));
}

/// A signed token inside a signed one, where one or none is expected.
#[test]
fn a_token_signed_twice_is_refused() {
    let header = base64url::encode(br#"{"alg":"HS256","kid":"h","typ":"grant+jwt","cty":"JWT"}"#);
    let inner = signer().seal(TYP, &claims()).unwrap();
    let input = format!("{header}.{}", base64url::encode(inner.as_bytes()));
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &[4; 32]);
    let tag = aws_lc_rs::hmac::sign(&key, input.as_bytes());
    let twice = format!("{input}.{}", base64url::encode(tag.as_ref()));
    let keys = KeyRing::new(Key::hs256("h", &Secret::new(vec![4; 32])).unwrap());

    assert_eq!(verify_plain(&keys, &twice), Err(VerifyError::NestedUnexpected));
    let cty = format!(r#","typ":"{TYP}","cty":"JWT""#);
    let refused = verify_nested_by(&outer(), &keys, &wrapped(&cty, &twice));
    assert_eq!(refused, Err(VerifyError::NestedUnexpected));
    assert_eq!(verify_nested_by(&keys, &signer(), &twice), Err(VerifyError::NestedMissing));
}

#[test]
fn the_kind_of_token_is_required_inside_and_outside() {
    let right = signer().seal(TYP, &claims()).unwrap();
    let wrong = signer().seal("session+jwt", &claims()).unwrap();
    for (members, content, expected) in [
        (r#","cty":"JWT""#, &right, Ok("ada")),
        (r#","cty":"jwt","typ":"application/GRANT+jwt""#, &right, Ok("ada")),
        (r#","cty":"application/jwt""#, &right, Ok("ada")),
        (r#","cty":"JWT""#, &wrong, Err(VerifyError::TypeMismatch)),
        (r#","cty":"JWT","typ":"session+jwt""#, &right, Err(VerifyError::TypeMismatch)),
        (r#","cty":"JWT","typ":"JWT""#, &right, Err(VerifyError::TypeMismatch)),
        (r#","typ":"grant+jwt""#, &right, Err(VerifyError::NestedMissing)),
        (r#","cty":"json""#, &right, Err(VerifyError::NestedMissing)),
        (r#","cty":"text/jwt""#, &right, Err(VerifyError::NestedMissing)),
    ] {
        let verified = verify_nested(&wrapped(members, content));
        assert_eq!(verified.as_deref(), expected.as_ref().copied(), "{members}");
    }
    let refused = verify_nested(&wrapped(r#","cty":1"#, &right)).unwrap_err();
    assert_eq!(refused.code(), "header_member_type");
}

#[test]
fn the_claims_inside_are_under_the_policy() {
    for (claim, value, code) in [
        ("exp", json!(999), "token_expired"),
        ("iss", json!("https://evil.example"), "iss_mismatch"),
        ("aud", json!("https://other.example"), "aud_mismatch"),
        ("nbf", json!(2000), "token_not_yet_valid"),
    ] {
        let mut claims = claims();
        claims[claim] = value;
        let token = outer().seal_nested(&signer(), TYP, &claims).unwrap();
        assert_eq!(verify_nested(&token).unwrap_err().code(), code);
    }
}

#[test]
fn only_a_signer_signs_and_only_an_encrypter_encrypts() {
    let seal = |outer: &KeyRing, signer: &KeyRing| outer.seal_nested(signer, TYP, &claims()).err();
    assert_eq!(seal(&outer(), &outer()), Some(SealError::SigningKeyRequired));
    assert_eq!(seal(&signer(), &signer()), Some(SealError::EncryptionKeyRequired));
    let Some(public) = signer().active().ed25519_public_key().copied() else { panic!() };
    let public = KeyRing::new(Key::ed25519_public("s", &public).unwrap());
    assert_eq!(seal(&outer(), &public), Some(SealError::VerifyOnlyKey));
    let typ = outer().seal_nested(&signer(), "not a type", &claims());
    assert_eq!(typ.err(), Some(SealError::Typ));
}

#[test]
fn a_nested_token_that_would_be_too_long_is_not_made() {
    let mut claims = claims();
    claims["pad"] = "x".repeat(5_000).into();
    let refused = outer().seal_nested(&signer(), TYP, &claims);
    assert!(matches!(refused, Err(SealError::TooLong { .. })));
}
