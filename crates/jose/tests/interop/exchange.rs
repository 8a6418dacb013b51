//! One makes, the other reads.

use std::collections::HashMap;

use sealpass_jose::{Algorithm, Jwk, KeyRing, Scratch, UnverifiedToken};
use serde_json::{Value, json};

use crate::kind::Kind;
use crate::peer::Peer;

/// Text beyond ASCII, longer than any block.
const PAYLOAD: &str =
    r#"{"iss":"https://auth.example","sub":"Ada — λ","exp":1700000600,"roles":[]}"#;

/// How many kinds of token were exchanged.
pub(crate) fn exchange(peer: &mut Peer) -> usize {
    let kinds = Kind::shared_with(&peer.ask(&json!({"op": "supports"})));
    let mut rsa = HashMap::new();
    for kind in &kinds {
        // Making an RSA key takes longer than all else, and one serves every `enc`.
        let keys = if kind.is_rsa() {
            let alg = kind.algorithm.alg();
            rsa.entry(alg).or_insert_with(|| keys(peer, *kind)).clone()
        } else {
            keys(peer, *kind)
        };
        for key in keys {
            they_make_and_we_read(peer, *kind, &key);
            we_make_and_they_read(peer, *kind, &key);
        }
    }
    kinds.len()
}

/// A key of ours, and one of theirs.
fn keys(peer: &mut Peer, kind: Kind) -> [Jwk; 2] {
    let theirs = peer.ask(&kind.wanted());
    let parsed = Jwk::parse(theirs["key"].to_string().as_bytes());
    [kind.generate(), parsed.unwrap_or_else(|error| panic!("{kind:?}: {error}: {theirs}"))]
}

fn they_make_and_we_read(peer: &mut Peer, kind: Kind, key: &Jwk) {
    let Algorithms { alg, enc } = names(kind);
    let mut header = json!({"alg": alg, "typ": "JWT"});
    if let Some(enc) = enc {
        header["enc"] = enc.into();
    }
    if let Some(kid) = key.kid() {
        header["kid"] = kid.into();
    }
    let maker = if enc.is_some() { for_others(key) } else { private(key) };
    let request = json!({"op": "make", "key": maker, "header": header, "payload": PAYLOAD});
    let token = peer.text(&request, "token").unwrap_or_else(|why| panic!("{kind:?}: {why}"));
    let reader = if enc.is_some() { key.clone() } else { public(key) };
    let ring = ring(&reader, kind.algorithm);
    assert_eq!(open(&ring, &token).as_deref(), Ok(PAYLOAD), "{kind:?}: {token}");
    assert!(open(&ring, &changed(&token)).is_err(), "{kind:?}: {token}");
}

fn we_make_and_they_read(peer: &mut Peer, kind: Kind, key: &Jwk) {
    let Algorithms { alg, enc } = names(kind);
    let maker = if enc.is_some() { public(key) } else { key.clone() };
    let token =
        ring(&maker, kind.algorithm).seal_bytes("JWT", PAYLOAD.as_bytes()).expect("a token");
    let reader = if enc.is_some() { private(key) } else { for_others(key) };
    let mut request = json!({"op": "read", "key": reader, "token": token, "alg": alg});
    if let Some(enc) = enc {
        request["enc"] = enc.into();
    }
    assert_eq!(peer.text(&request, "payload").as_deref(), Ok(PAYLOAD), "{kind:?}: {token}");
    request["token"] = changed(&token).into();
    assert!(peer.text(&request, "payload").is_err(), "{kind:?}: {token}");
}

struct Algorithms {
    alg: &'static str,
    enc: Option<&'static str>,
}

fn names(kind: Kind) -> Algorithms {
    Algorithms { alg: kind.algorithm.alg(), enc: kind.algorithm.enc() }
}

fn private(key: &Jwk) -> Value {
    serde_json::from_str(key.to_private_json().expose()).expect("JSON")
}

/// The public half, or all of a shared key.
fn for_others(key: &Jwk) -> Value {
    match key.to_public_json() {
        Ok(json) => serde_json::from_str(&json).expect("JSON"),
        Err(_) => private(key),
    }
}

fn public(key: &Jwk) -> Jwk {
    key.to_public().unwrap_or_else(|| key.clone())
}

fn ring(key: &Jwk, algorithm: Algorithm) -> KeyRing {
    KeyRing::new(key.to_key(&[algorithm]).expect("a key"))
}

fn open(keys: &KeyRing, token: &str) -> Result<String, &'static str> {
    let token = UnverifiedToken::parse(token).map_err(|error| error.code())?;
    let mut scratch = Scratch::new();
    let opened = keys.open_bytes(Some("JWT"), token, &mut scratch).map_err(|error| error.code())?;
    Ok(str::from_utf8(opened.claims()).expect("UTF-8").to_owned())
}

/// The token with another first character of its tag or signature.
fn changed(token: &str) -> String {
    let (rest, proof) = token.rsplit_once('.').expect("parts");
    let other = if proof.starts_with('A') { 'B' } else { 'A' };
    format!("{rest}.{other}{}", &proof[1..])
}
