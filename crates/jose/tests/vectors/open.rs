//! From a vector's JSON to a ring, and what that says about a token.

use sealpass_jose::{
    Algorithm, ContentEncryption, JweAlgorithm, Jwk, JwkSet, JwsAlgorithm, KeyRing,
    MAX_TOKEN_BYTES, Scratch, UnverifiedToken, base64url,
};
use serde_json::Value;

pub(crate) fn any_jws() -> Vec<Algorithm> {
    JwsAlgorithm::ALL.map(Algorithm::Jws).to_vec()
}

/// Every key management with that content encryption, or with every one.
pub(crate) fn any_jwe(enc: Option<&str>) -> Vec<Algorithm> {
    let encs = match enc {
        Some(name) => ContentEncryption::from_name(name).into_iter().collect(),
        None => ContentEncryption::ALL.to_vec(),
    };
    let pairs =
        JweAlgorithm::ALL.into_iter().flat_map(|alg| encs.iter().map(move |enc| (alg, *enc)));
    pairs.map(|(alg, enc)| Algorithm::Jwe(alg, enc)).collect()
}

/// The algorithm that a caller names.
pub(crate) fn algorithm(alg: &str, enc: Option<&str>) -> Option<Algorithm> {
    match enc {
        Some(enc) => {
            let enc = ContentEncryption::from_name(enc)?;
            JweAlgorithm::from_name(alg).map(|alg| Algorithm::Jwe(alg, enc))
        }
        None => JwsAlgorithm::from_name(alg).map(Algorithm::Jws),
    }
}

/// The ring of a JWK or of a JWK Set, or the code of what is wrong with it.
pub(crate) fn ring(key: &Value, accepted: &[Algorithm]) -> Result<KeyRing, &'static str> {
    let json = key.to_string();
    if key.get("keys").is_some() {
        let set = JwkSet::parse(json.as_bytes()).map_err(|error| error.code())?;
        return set.to_ring(accepted).map_err(|error| error.code());
    }
    let jwk = Jwk::parse(json.as_bytes()).map_err(|error| error.code())?;
    jwk.to_key(accepted).map(KeyRing::new).map_err(|error| error.code())
}

/// The payload of a token of any kind, or the code of its refusal.
pub(crate) fn open(keys: &KeyRing, token: &str) -> Result<Vec<u8>, &'static str> {
    let token =
        UnverifiedToken::parse_with_limit(token, MAX_TOKEN_BYTES).map_err(|error| error.code())?;
    let mut scratch = Scratch::new();
    keys.open_bytes(None, token, &mut scratch)
        .map(|verified| verified.claims().to_vec())
        .map_err(|error| error.code())
}

/// What the header of a token says, if it is JSON: for counting, never for opening.
pub(crate) fn header(token: &str) -> Option<Value> {
    let header = base64url::decode(token.split('.').next()?.as_bytes()).ok()?;
    serde_json::from_slice(&header).ok()
}

/// The bytes of a part of a token.
pub(crate) fn part(token: &str, index: usize) -> Option<Vec<u8>> {
    base64url::decode(token.split('.').nth(index)?.as_bytes()).ok()
}

pub(crate) fn hex(text: &str) -> Vec<u8> {
    assert!(text.len().is_multiple_of(2), "{text} is not hexadecimal");
    let digits = |i| text.get(i..i + 2).and_then(|two| u8::from_str_radix(two, 16).ok());
    (0..text.len()).step_by(2).map(|i| digits(i).expect("hexadecimal")).collect()
}
