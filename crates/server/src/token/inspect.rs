//! `sealpass token inspect`.

use std::process::ExitCode;

use sealpass_tower::sealpass::jose::{MAX_TOKEN_BYTES, TokenError, UnverifiedToken, base64url};
use serde::de::IgnoredAny;

use super::{input, json};
use crate::cli::print;
use crate::keys::Refusal;

/// What a token says about itself. No key is needed, so nothing of it is proven.
pub(super) fn inspect() -> anyhow::Result<ExitCode> {
    let bytes = input::whole(MAX_TOKEN_BYTES)?;
    match input::text(&bytes, MAX_TOKEN_BYTES).and_then(describe) {
        Ok(description) => {
            print(&description)?;
            Ok(ExitCode::SUCCESS)
        }
        Err(refusal) => {
            input::refuse(&refusal, false);
            Ok(ExitCode::FAILURE)
        }
    }
}

fn describe(token: &str) -> Result<String, Refusal> {
    match UnverifiedToken::parse_with_limit(token, MAX_TOKEN_BYTES) {
        // An unsecured token has no signature, and is worth looking at.
        Ok(_) | Err(TokenError::EmptyPart { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    let parts: Vec<&str> = token.split('.').collect();
    let (header, claims) = match parts.as_slice() {
        [header, claims, _] => (part(header), part(claims)),
        [header, ..] => (part(header), "encrypted".to_owned()),
        [] => return Err(TokenError::PartCount.into()),
    };
    Ok(format!("UNVERIFIED\nheader: {header}\nclaims: {claims}\n"))
}

/// The JSON of a part on one line, or a word why it is none.
fn part(encoded: &str) -> String {
    let bytes = match base64url::decode(encoded.as_bytes()) {
        Ok(bytes) => bytes,
        Err(error) => return format!("not base64url: {error}"),
    };
    match str::from_utf8(&bytes) {
        Ok(text) if serde_json::from_str::<IgnoredAny>(text).is_ok() => json::one_line(text),
        Ok(text) => format!("not JSON: {}", json::quoted(text)),
        Err(_) => format!("not UTF-8: {} bytes", bytes.len()),
    }
}
