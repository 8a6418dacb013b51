//! Rings from JSON, and what they say about a token.

use sealpass_jose::{
    Algorithm, Jwk, JwkError, JwkSet, JwsAlgorithm, Key, KeyRing, Scratch, UnverifiedToken,
};
use serde_json::Value;

/// The public key of RFC 8037 A.2.
pub(crate) const ED25519_X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
/// The private key of RFC 8037 A.1.
pub(crate) const ED25519_D: &str = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";

pub(crate) const EDDSA: Algorithm = Algorithm::Jws(JwsAlgorithm::EdDsa);
pub(crate) const ES256: Algorithm = Algorithm::Jws(JwsAlgorithm::Es256);
pub(crate) const ES512: Algorithm = Algorithm::Jws(JwsAlgorithm::Es512);
pub(crate) const HS256: Algorithm = Algorithm::Jws(JwsAlgorithm::Hs256);
pub(crate) const PS256: Algorithm = Algorithm::Jws(JwsAlgorithm::Ps256);
pub(crate) const RS256: Algorithm = Algorithm::Jws(JwsAlgorithm::Rs256);

pub(crate) fn any_jws() -> [Algorithm; 13] {
    JwsAlgorithm::ALL.map(Algorithm::Jws)
}

pub(crate) fn jwk(json: &str) -> Jwk {
    Jwk::parse(json.as_bytes()).unwrap()
}

/// The code with which a JWK is refused.
pub(crate) fn refused(json: &str) -> &'static str {
    Jwk::parse(json.as_bytes()).unwrap_err().code()
}

/// `json` with one member replaced, or added.
pub(crate) fn with(json: &str, member: &str, value: impl Into<Value>) -> String {
    let mut object: Value = serde_json::from_str(json).unwrap();
    object[member] = value.into();
    object.to_string()
}

pub(crate) fn without(json: &str, member: &str) -> String {
    let mut object: Value = serde_json::from_str(json).unwrap();
    object.as_object_mut().unwrap().remove(member).unwrap();
    object.to_string()
}

pub(crate) fn member(json: &str, member: &str) -> String {
    let object: Value = serde_json::from_str(json).unwrap();
    object[member].as_str().unwrap().to_owned()
}

pub(crate) fn ring(jwk: &Jwk, algorithm: Algorithm) -> KeyRing {
    KeyRing::new(jwk.to_key(&[algorithm]).unwrap())
}

pub(crate) fn key_error(jwk: &Jwk, accepted: &[Algorithm]) -> Option<&'static str> {
    jwk.to_key(accepted).err().map(|error: JwkError| error.code())
}

pub(crate) fn set(json: &str) -> JwkSet {
    JwkSet::parse(json.as_bytes()).unwrap()
}

/// The payload of a token of any kind, or the code of its refusal.
pub(crate) fn open(keys: &KeyRing, token: &str) -> Result<Vec<u8>, &'static str> {
    let token = UnverifiedToken::parse(token).map_err(|error| error.code())?;
    let mut scratch = Scratch::new();
    keys.open_bytes(None, token, &mut scratch)
        .map(|verified| verified.claims().to_vec())
        .map_err(|error| error.code())
}

/// Whether what `signer` makes is accepted by `verifier`, both of that algorithm.
pub(crate) fn agree(signer: &Key, verifier: &Key) -> bool {
    let token = KeyRing::new(signer.clone()).seal_bytes("JWT", b"payload").unwrap();
    open(&KeyRing::new(verifier.clone()), &token).as_deref() == Ok(b"payload")
}
