//! `sealpass token seal`.

use std::process::ExitCode;

use sealpass_tower::sealpass::NumericDate;
use sealpass_tower::sealpass::jose::{DEFAULT_MAX_TOKEN_BYTES, SealError};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::args::SealArgs;
use super::input;
use crate::cli::print;
use crate::keys::{self, Refusal, Usage};

/// A token of the claims on standard input, with `iat` and `exp` unless they have them.
pub(super) fn seal(args: &SealArgs) -> anyhow::Result<ExitCode> {
    let accepted = args.accepted.accepted()?;
    let keys = keys::load(&args.key)?;
    let keys = keys::to_ring(&keys, &args.key, &accepted)?;
    let claims = input::whole(DEFAULT_MAX_TOKEN_BYTES)?;
    if claims.len() > DEFAULT_MAX_TOKEN_BYTES {
        let error = SealError::TooLong { max_bytes: DEFAULT_MAX_TOKEN_BYTES };
        return Err(Refusal::from(error).into());
    }
    let claims = with_times(&claims, input::now(args.now), args.lifetime)?;
    let token = keys.seal_json(&args.typ, &claims).map_err(Refusal::from)?;
    print(&format!("{token}\n"))?;
    Ok(ExitCode::SUCCESS)
}

/// Which of them the claims have. What is there twice is refused when the token is made.
#[derive(Deserialize)]
struct Times {
    iat: Option<IgnoredAny>,
    exp: Option<IgnoredAny>,
}

/// The claims as they are, after the `iat` and the `exp` that they lack.
fn with_times(claims: &[u8], now: NumericDate, lifetime: Option<u64>) -> anyhow::Result<String> {
    let malformed = || Refusal {
        code: "claims_malformed",
        reason: "the claims on standard input are not one JSON object".to_owned(),
    };
    let text = str::from_utf8(claims).map_err(|_| malformed())?;
    let times: Times = serde_json::from_str(text).map_err(|_| malformed())?;
    let rest = text.trim_ascii_start().strip_prefix('{').ok_or_else(malformed)?;

    let mut added = Vec::new();
    if times.iat.is_none() {
        added.push(format!("\"iat\":{}", now.as_secs()));
    }
    match (times.exp.is_some(), lifetime) {
        (false, Some(seconds)) => {
            added.push(format!("\"exp\":{}", now.saturating_add(seconds).as_secs()));
        }
        (true, None) => {}
        (true, Some(_)) => {
            return Err(
                Usage("the claims have an `exp`, so leave out --lifetime".to_owned()).into()
            );
        }
        (false, None) => {
            return Err(
                Usage("say --lifetime SECONDS, or give the claims an `exp`".to_owned()).into()
            );
        }
    }
    let comma = if added.is_empty() || rest.trim_ascii_start().starts_with('}') { "" } else { "," };
    Ok(format!("{{{}{comma}{rest}", added.join(",")))
}
