//! `X-Auth-Assertion`: who is calling, signed, for an API that takes no header's word for it.
//!
//! It is a JWT access token (RFC 9068) that is made for one request, for one API, and lasts a minute.
//! Its `typ` and its keys are not those of a session, so neither passes for the other.

use std::collections::BTreeMap;
use std::sync::Arc;

use sealpass_tower::sealpass::jose::{SealError, base64url, random};
use sealpass_tower::sealpass::{Authenticated, NumericDate, RESERVED_CLAIMS};
use serde::Serialize;
use serde_json::Value;

use crate::config::Config;
use crate::keys::KeyView;
use crate::user::Claims;

/// Signs what is known about callers.
#[derive(Clone, Debug)]
pub(crate) struct Assertions(Arc<Rules>);

#[derive(Debug)]
struct Rules {
    issuer: String,
    /// What the session is a session of: the audience of its token.
    client: String,
    /// In seconds.
    lifetime: u64,
    claims: Vec<String>,
    keys: KeyView,
}

/// Why there is no assertion.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum AssertionError {
    /// No randomness for an id.
    #[error(transparent)]
    Random(#[from] random::RandomError),
    /// The key cannot sign, or the claims are too long.
    #[error(transparent)]
    Seal(#[from] SealError),
}

/// RFC 9068 §2.2, and the session.
#[derive(Serialize)]
struct AssertionClaims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    client_id: &'a str,
    iat: NumericDate,
    exp: NumericDate,
    jti: String,
    sid: String,
    auth_time: NumericDate,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    amr: &'a [String],
    /// None of which has a name of those above: [`is_of_assertion`].
    #[serde(flatten)]
    callers: BTreeMap<&'a str, &'a Value>,
}

/// Whether a claim is one of every assertion, or of the session, so that no caller's may be called
/// so.
pub(crate) fn is_of_assertion(name: &str) -> bool {
    RESERVED_CLAIMS.contains(&name) || name == "client_id"
}

impl Assertions {
    /// Assertions as the configuration wants them, signed with `keys`; none when it wants none.
    pub(crate) fn new(config: &Config, keys: Option<KeyView>) -> Option<Self> {
        let (wanted, keys) = config.assertion.as_ref().zip(keys)?;
        Some(Self(Arc::new(Rules {
            issuer: config.issuer.clone(),
            client: config.audience.clone(),
            lifetime: wanted.lifetime,
            claims: wanted.claims.clone(),
            keys,
        })))
    }

    /// The assertion that tells `audience` about `caller`. It does not outlive the session.
    ///
    /// # Errors
    /// [`AssertionError`].
    pub(super) fn sign(
        &self,
        caller: &Authenticated<Claims>,
        audience: &str,
        now: NumericDate,
    ) -> Result<String, AssertionError> {
        let Rules { issuer, client, lifetime, claims, keys } = &*self.0;
        let own = |name: &String| caller.claims().get_key_value(name);
        let callers = claims.iter().filter_map(own).map(|(name, claim)| (name.as_str(), claim));
        let claims = AssertionClaims {
            iss: issuer,
            sub: caller.subject().as_str(),
            aud: audience,
            client_id: client,
            iat: now,
            exp: now.saturating_add(*lifetime).min(caller.summary().session_expires_at()),
            jti: base64url::encode(&random::bytes::<16>()?),
            sid: caller.session_id().to_string(),
            auth_time: caller.auth_time(),
            amr: caller.amr(),
            callers: callers.collect(),
        };
        Ok(keys.seal(TYP, &claims)?)
    }
}

/// RFC 9068 §2.1.
const TYP: &str = "at+jwt";

#[cfg(test)]
pub(super) mod tests;
