//! Texts that may be tokens, headers that may be of tokens, and payloads of any bytes.

use sealpass_jose::base64url;

use crate::keys::{RING, RINGS, open};
use crate::{ACCEPTED, Outcome};

/// The bytes as a token, as the header of one, and as what one holds.
///
/// What is accepted is spelled in one way only, and what is sealed is opened by its key and by no
/// other.
pub fn token(bytes: &[u8]) -> Outcome {
    seal_and_open(bytes);
    let as_header = open_header(bytes);
    let Ok(text) = str::from_utf8(bytes) else { return as_header };
    match open(&RING, text) {
        Ok(_) => {
            require_one_spelling(text);
            ACCEPTED
        }
        Err("token_part_count" | "token_part_empty") => as_header,
        Err(code) => code,
    }
}

/// Nobody can make the rest of a token to an arbitrary header.
fn open_header(bytes: &[u8]) -> Outcome {
    let header = base64url::encode(bytes);
    let vector = base64url::encode(&[0; 12]);
    let tag = base64url::encode(&[0; 16]);
    let encrypted = open(&RING, &format!("{header}..{vector}.AAAA.{tag}"));
    let signed = open(&RING, &format!("{header}.e30.{}", base64url::encode(&[0; 32])));
    match (encrypted, signed) {
        (Err(code), Err("header_malformed" | "enc_unexpected")) | (_, Err(code)) => code,
        (_, Ok(_)) => panic!("a signature of zeros was accepted"),
    }
}

fn seal_and_open(payload: &[u8]) {
    let rings = &*RINGS;
    let first = payload.first().copied().unwrap_or_default();
    let index = usize::from(first) % rings.len();
    let Ok(token) = rings[index].seal_bytes("t", payload) else { return };
    assert_eq!(open(&rings[index], &token).as_deref(), Ok(payload));
    assert_eq!(open(&RING, &token).as_deref(), Ok(payload));
    require_one_spelling(&token);
    let other = &rings[(index + 1) % rings.len()];
    assert!(open(other, &token).is_err(), "another key opened {token}");
    // One bit, somewhere.
    let position = payload.len() * 31 % token.len();
    let mut changed = token.into_bytes();
    changed[position] ^= 1;
    if let Ok(changed) = str::from_utf8(&changed) {
        assert!(open(&rings[index], changed).is_err(), "{changed} was accepted");
    }
}

fn require_one_spelling(token: &str) {
    for part in token.split('.') {
        let bytes = base64url::decode(part.as_bytes()).expect("base64url");
        assert_eq!(base64url::encode(&bytes), part);
    }
}
