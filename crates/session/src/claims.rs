//! The claims of a session token, beside the registered ones of RFC 7519 §4.1.

use sealpass_jose::{ClaimsSet, NumericDate};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::credential::Subject;
use crate::csrf::CsrfToken;
use crate::rejection::Rejection;
use crate::session_id::SessionId;

/// No claims of the application's own.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[expect(
    clippy::exhaustive_structs,
    reason = "it has no fields, and `NoClaims {}` is how it is written"
)]
pub struct NoClaims {}

/// The claims that an application may not use for its own: the session's, the registered ones of
/// RFC 7519 §4.1, and `cnf`. A login whose claims have one of them is refused.
pub const RESERVED_CLAIMS: [&str; 14] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "sid",
    "auth_time",
    "amr",
    "idle",
    "max",
    "csrf",
    "cnf",
];

/// Those of them that are not registered, which a [`ClaimsSet`] has typed.
const SESSION_CLAIMS: [&str; 7] = ["sid", "auth_time", "amr", "idle", "max", "csrf", "cnf"];

/// What was found in a token that is ours: nothing here says that it still counts.
pub(crate) struct Opened<C> {
    pub(crate) session: SessionClaims,
    /// The application's own claims.
    pub(crate) claims: C,
    /// The later one of `iat` and `nbf`: before it the token does not count.
    pub(crate) begins_at: NumericDate,
    /// Where the list of revocations has the subject: the list of the policy that opened the token,
    /// since each has its own key.
    pub(crate) subject_hash: u64,
}

/// What a session token says about its session, read once and typed.
pub(crate) struct SessionClaims {
    pub(crate) subject: Subject,
    pub(crate) sid: SessionId,
    pub(crate) issued_at: NumericDate,
    pub(crate) auth_time: NumericDate,
    pub(crate) amr: Vec<String>,
    pub(crate) expires_at: NumericDate,
    pub(crate) idle_expires_at: NumericDate,
    pub(crate) session_expires_at: NumericDate,
    /// The nonce of the double submit; a bearer token has none.
    pub(crate) csrf: Option<CsrfToken>,
}

impl SessionClaims {
    /// Reads the claims of an opened token. All of them are required: only we mint such tokens.
    pub(crate) fn read(claims: &ClaimsSet<'_>) -> Result<Self, Rejection> {
        let invalid = |_| Rejection::TokenInvalid;
        let sid = claims.str("sid").map_err(invalid)?.ok_or(Rejection::TokenInvalid)?;
        let csrf = claims.str("csrf").map_err(invalid)?;
        Ok(Self {
            subject: claims
                .subject()
                .and_then(|subject| Subject::new(subject).ok())
                .ok_or(Rejection::TokenInvalid)?,
            sid: SessionId::parse(&sid).ok_or(Rejection::TokenInvalid)?,
            issued_at: claims.issued_at().ok_or(Rejection::TokenInvalid)?,
            auth_time: date(claims, "auth_time")?,
            amr: claims.get("amr").ok().flatten().ok_or(Rejection::TokenInvalid)?,
            expires_at: claims.expires_at(),
            idle_expires_at: date(claims, "idle")?,
            session_expires_at: date(claims, "max")?,
            csrf: match csrf {
                Some(token) => {
                    Some(CsrfToken::parse(token.as_bytes()).ok_or(Rejection::TokenInvalid)?)
                }
                None => None,
            },
        })
    }

    /// The application's own claims, of a token whose session was read.
    pub(crate) fn own<C: DeserializeOwned>(claims: &ClaimsSet<'_>) -> Result<C, Rejection> {
        claims.deserialize_except(&SESSION_CLAIMS).map_err(|_| Rejection::TokenInvalid)
    }

    /// The claims set to seal, as one JSON object with the application's claims beside ours.
    pub(crate) fn to_json(
        &self,
        issuer: &str,
        audience: &str,
        jwt_id: &str,
        application: Map<String, Value>,
    ) -> Map<String, Value> {
        let mut json = application;
        let mut put = |name: &str, value: Value| json.insert(name.to_owned(), value);
        put("iss", issuer.into());
        put("sub", self.subject.as_str().into());
        put("aud", audience.into());
        put("iat", self.issued_at.as_secs().into());
        put("nbf", self.issued_at.as_secs().into());
        put("exp", self.expires_at.as_secs().into());
        put("jti", jwt_id.into());
        put("sid", self.sid.to_string().into());
        put("auth_time", self.auth_time.as_secs().into());
        put("amr", self.amr.clone().into());
        put("idle", self.idle_expires_at.as_secs().into());
        put("max", self.session_expires_at.as_secs().into());
        if let Some(csrf) = &self.csrf {
            put("csrf", csrf.expose().into());
        }
        json
    }
}

fn date(claims: &ClaimsSet<'_>, name: &str) -> Result<NumericDate, Rejection> {
    claims.date(name).ok().flatten().ok_or(Rejection::TokenInvalid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_reserved_is_registered_or_the_sessions() {
        let registered = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];
        assert_eq!([&registered[..], &SESSION_CLAIMS].concat(), RESERVED_CLAIMS);
    }
}
