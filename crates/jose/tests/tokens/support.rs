//! Tokens with any header, made with the primitives alone, and one policy to judge them.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::hmac;
use aws_lc_rs::signature::Ed25519KeyPair;
use sealpass_jose::{
    Key, KeyRing, NumericDate, Scratch, Secret, TokenError, UnverifiedToken, Verifier, VerifyError,
    base64url,
};
use serde_json::{Value, json};

pub(crate) const ISSUER: &str = "https://auth.example";
pub(crate) const AUDIENCE: &str = "https://api.example";
pub(crate) const TYP: &str = "session+jwt";
pub(crate) const KID: &str = "2026-11";
pub(crate) const NOW: u64 = 1_700_000_000;

/// The bytes of every key here: a shared key, and the seed of a key pair.
pub(crate) const KEY: [u8; 32] = [
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25,
    26, 27, 28, 29, 30, 31,
];

pub(crate) fn a256gcm(kid: &str) -> Key {
    Key::a256gcm(kid, &Secret::new(KEY)).unwrap()
}

pub(crate) fn hs256(kid: &str) -> Key {
    Key::hs256(kid, &Secret::new(KEY.to_vec())).unwrap()
}

pub(crate) fn ed25519(kid: &str) -> Key {
    Key::ed25519_from_seed(kid, &Secret::new(KEY)).unwrap()
}

/// A ring of one key for every algorithm.
pub(crate) fn rings() -> [KeyRing; 3] {
    [a256gcm(KID), hs256(KID), ed25519(KID)].map(KeyRing::new)
}

pub(crate) fn verifier() -> Verifier {
    Verifier::builder().issuer(ISSUER).audience(AUDIENCE).typ(TYP).build().unwrap()
}

/// Claims that [`verifier`] accepts at [`NOW`].
pub(crate) fn claims() -> Value {
    json!({
        "iss": ISSUER, "sub": "ada", "aud": AUDIENCE, "exp": NOW + 600, "nbf": NOW, "iat": NOW,
        "jti": "1f8c", "roles": ["admin"],
    })
}

/// [`claims`] with one of them replaced.
pub(crate) fn claims_with(name: &str, value: impl Into<Value>) -> Value {
    let mut claims = claims();
    claims[name] = value.into();
    claims
}

pub(crate) fn claims_without(name: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(name);
    claims
}

/// The subject of a token that [`verifier`] accepts at [`NOW`], or the code of its refusal.
pub(crate) fn judge(keys: &KeyRing, token: &str) -> Result<String, &'static str> {
    judge_by(&verifier(), keys, token)
}

pub(crate) fn judge_by(
    verifier: &Verifier,
    keys: &KeyRing,
    token: &str,
) -> Result<String, &'static str> {
    let token = UnverifiedToken::parse(token).map_err(|error: TokenError| error.code())?;
    let mut scratch = Scratch::new();
    verifier
        .verify(keys, token, &mut scratch, NumericDate::from_secs(NOW))
        .map(|verified| verified.claims().subject().unwrap_or_default().to_owned())
        .map_err(|error: VerifyError| error.code())
}

/// What [`verifier`] says at [`NOW`] about an authentic token with this payload.
pub(crate) fn judge_payload(payload: &[u8]) -> Result<String, &'static str> {
    let [keys, ..] = rings();
    let token = keys.seal_bytes(TYP, payload).unwrap();
    judge(&keys, &token)
}

/// An authentic JWE of `dir` with `A256GCM`, whatever its header says.
pub(crate) fn jwe(header: &str, payload: &[u8]) -> String {
    let header = base64url::encode(header.as_bytes());
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &KEY).unwrap());
    let iv = [9; 12];
    let mut content = payload.to_vec();
    let tag = key
        .seal_in_place_separate_tag(
            Nonce::assume_unique_for_key(iv),
            Aad::from(header.as_bytes()),
            &mut content,
        )
        .unwrap();
    let encode = |bytes: &[u8]| base64url::encode(bytes);
    format!("{header}..{}.{}.{}", encode(&iv), encode(&content), encode(tag.as_ref()))
}

/// An authentic JWS of `HS256`, whatever its header says.
pub(crate) fn jws_hs256(header: &str, payload: &[u8]) -> String {
    let input = signing_input(header, payload);
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &KEY), input.as_bytes());
    format!("{input}.{}", base64url::encode(tag.as_ref()))
}

/// An authentic JWS of `EdDSA`, whatever its header says.
pub(crate) fn jws_ed25519(header: &str, payload: &[u8]) -> String {
    let input = signing_input(header, payload);
    let pair = Ed25519KeyPair::from_seed_unchecked(&KEY).unwrap();
    format!("{input}.{}", base64url::encode(pair.sign(input.as_bytes()).as_ref()))
}

fn signing_input(header: &str, payload: &[u8]) -> String {
    format!("{}.{}", base64url::encode(header.as_bytes()), base64url::encode(payload))
}

/// A maker of authentic tokens, the ring that opens them, and the members of their header that
/// name the algorithm.
pub(crate) struct Maker {
    pub(crate) keys: KeyRing,
    pub(crate) algorithm: &'static str,
    make: fn(&str, &[u8]) -> String,
}

impl Maker {
    /// A token whose header has the algorithm, and then `members`.
    pub(crate) fn token(&self, members: &str) -> String {
        (self.make)(&format!("{{{},{members}}}", self.algorithm), &claims_json())
    }

    /// A token with exactly this header.
    pub(crate) fn token_with_header(&self, header: &str) -> String {
        (self.make)(header, &claims_json())
    }
}

pub(crate) fn makers() -> [Maker; 3] {
    let [gcm, hmac, ed25519] = rings();
    [
        Maker { keys: gcm, algorithm: r#""alg":"dir","enc":"A256GCM""#, make: jwe },
        Maker { keys: hmac, algorithm: r#""alg":"HS256""#, make: jws_hs256 },
        Maker { keys: ed25519, algorithm: r#""alg":"EdDSA""#, make: jws_ed25519 },
    ]
}

pub(crate) fn claims_json() -> Vec<u8> {
    serde_json::to_vec(&claims()).unwrap()
}
