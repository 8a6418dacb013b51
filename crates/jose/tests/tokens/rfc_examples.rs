//! The examples of the RFCs, and tokens of another implementation.
//!
//! RFC 7516 A.1 wraps its content key with RSA, so its content encryption is tested beside the code
//! of it, as are the signatures that must come out byte for byte.

use sealpass_jose::{
    Key, KeyRing, NumericDate, Scratch, Secret, UnverifiedToken, Verifier, VerifyError, base64url,
};

use crate::support::{AUDIENCE, ISSUER, KEY, TYP};

/// RFC 7515 A.1.1.
const RFC7515_A1: &str = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.\
    eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.\
    dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// The `k` of the key of RFC 7515 A.1.1.
const RFC7515_A1_KEY: &str =
    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";

/// RFC 8037 A.4.
const RFC8037_A4: &str = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.\
    hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

/// The `x` of the key of RFC 8037 A.2.
const RFC8037_A2_PUBLIC_KEY: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

fn rfc7515_a1_keys() -> KeyRing {
    let key = base64url::decode(RFC7515_A1_KEY.as_bytes()).unwrap();
    KeyRing::new(Key::hs256("a1", &Secret::new(key)).unwrap())
}

#[test]
fn rfc7515_a1_hs256_verifies() {
    let token = UnverifiedToken::parse(RFC7515_A1).unwrap();
    let mut scratch = Scratch::new();
    let keys = rfc7515_a1_keys();
    let payload = keys.open_bytes(Some("JWT"), token, &mut scratch).unwrap();
    assert_eq!(
        *payload.claims(),
        b"{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}"
    );
    assert_eq!(payload.key_id(), "a1");
}

#[test]
fn rfc7515_a1_has_no_audience_and_so_meets_no_policy() {
    let verifier = Verifier::builder().issuer("joe").audience(AUDIENCE).typ("JWT").build().unwrap();
    let token = UnverifiedToken::parse(RFC7515_A1).unwrap();
    let now = NumericDate::from_secs(1_300_819_379);
    let mut scratch = Scratch::new();
    let keys = rfc7515_a1_keys();
    let verdict = verifier.verify(&keys, token, &mut scratch, now);
    assert_eq!(verdict.err(), Some(VerifyError::ClaimMissing { claim: "aud" }));
}

#[test]
fn rfc8037_a4_ed25519_verifies() {
    let key = base64url::decode_array(RFC8037_A2_PUBLIC_KEY.as_bytes()).unwrap();
    let keys = KeyRing::new(Key::ed25519_public("a4", &key).unwrap());
    let token = UnverifiedToken::parse(RFC8037_A4).unwrap();
    let mut scratch = Scratch::new();
    let payload = keys.open_bytes(None, token, &mut scratch).unwrap();
    assert_eq!(*payload.claims(), b"Example of Ed25519 signing");

    let kind = keys.open_bytes(Some("JWT"), token, &mut scratch);
    assert_eq!(kind.err(), Some(VerifyError::TypeMismatch), "it has no `typ`");
}

/// Made by jwcrypto 1.6.1 with [`KEY`]: other member orders, and a fraction of a second.
const JWCRYPTO: [&str; 3] = [
    "eyJ0eXAiOiJzZXNzaW9uK2p3dCIsImFsZyI6ImRpciIsImVuYyI6IkEyNTZHQ00iLCJraWQiOiJ0aGVpcnMifQ..\
     iSxnyfrfPvX8m1JV.nQFWQYE9S8M8d1w6NTn8J71RI918wlCVBX3KF9W5SYJ-0djR7TxRfGtIfIUPaTis7h3yr2KEfuB\
     gLHuVC6YKyeCfUr5SeviwSYYjr_KF7A-iDSbEPI8L6RwpnvFIkfjVgIOlWuKwgbkjxpSE.W3sK9cDSGq2xcScHJQNm2w",
    "eyJ0eXAiOiJzZXNzaW9uK2p3dCIsImFsZyI6IkhTMjU2Iiwia2lkIjoidGhlaXJzIn0.eyJpc3MiOiJodHRwczovL2F\
     1dGguZXhhbXBsZSIsInN1YiI6ImFkYSIsImF1ZCI6WyJodHRwczovL2FwaS5leGFtcGxlIl0sImV4cCI6MjAwMDAwMDA\
     wMC41LCJpYXQiOjE3MDAwMDAwMDB9.Qvxdhu1f5UWnbfnsmoq4zzEXjGc0ubNyEBX5uYIsadI",
    "eyJ0eXAiOiJzZXNzaW9uK2p3dCIsImFsZyI6IkVkRFNBIiwia2lkIjoidGhlaXJzIn0.eyJpc3MiOiJodHRwczovL2F\
     1dGguZXhhbXBsZSIsInN1YiI6ImFkYSIsImF1ZCI6WyJodHRwczovL2FwaS5leGFtcGxlIl0sImV4cCI6MjAwMDAwMDA\
     wMC41LCJpYXQiOjE3MDAwMDAwMDB9.X1XUyl7k6rAnKTL9i3-Gc0DRgZoxOuOEPO21RjuNHBRiVnUPVecC9bFq6J1w_b\
     ND4DUsNNiTmJYPAURVqHcQDA",
];

#[test]
fn tokens_of_jwcrypto_verify() {
    let keys = [
        Key::a256gcm("theirs", &Secret::new(KEY)).unwrap(),
        Key::hs256("theirs", &Secret::new(KEY.to_vec())).unwrap(),
        Key::ed25519_from_seed("theirs", &Secret::new(KEY)).unwrap(),
    ];
    let policy = Verifier::builder().issuer(ISSUER).audience(AUDIENCE).typ(TYP).build().unwrap();
    for (key, token) in keys.into_iter().zip(JWCRYPTO) {
        let keys = KeyRing::new(key);
        let mut scratch = Scratch::new();
        let token = UnverifiedToken::parse(token).unwrap();
        let at = |seconds| NumericDate::from_secs(seconds);
        let verified = policy.verify(&keys, token, &mut scratch, at(2_000_000_000)).unwrap();
        assert_eq!(verified.claims().subject(), Some("ada"));
        assert_eq!(
            verified.claims().expires_at(),
            at(2_000_000_001),
            "half a second is rounded up"
        );

        let late = policy.verify(&keys, token, &mut scratch, at(2_000_000_001));
        assert_eq!(late.err(), Some(VerifyError::Expired));
    }
}
