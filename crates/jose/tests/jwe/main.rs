//! Encryption through the public interface: what is sealed is opened, and nothing else is.

#![expect(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "these are tests")]

mod foreign;
mod key_agreement;
mod keys;
mod management;
mod material;
mod nested;
mod oracles;
mod round_trip;
mod tampering;

use sealpass_jose::{Key, KeyRing, Scratch, UnverifiedToken, VerifyError};

/// The bytes in a token of any kind.
fn open(key: &Key, token: &str) -> Result<Vec<u8>, VerifyError> {
    let token = UnverifiedToken::parse(token).expect("the shape of a token");
    let mut scratch = Scratch::new();
    let keys = KeyRing::new(key.clone());
    let opened = keys.open_bytes(None, token, &mut scratch)?;
    Ok(opened.claims().to_vec())
}

fn seal(key: &Key, payload: &[u8]) -> String {
    KeyRing::new(key.clone()).seal_bytes("test", payload).expect("a token")
}

/// Why a token is not opened.
fn refusal(key: &Key, token: &str) -> VerifyError {
    open(key, token).expect_err("a refusal")
}

/// The five parts of a token, still encoded.
fn parts(token: &str) -> [String; 5] {
    let parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    parts.try_into().expect("five parts")
}
