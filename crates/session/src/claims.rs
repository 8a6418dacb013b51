//! The claims of a session token, beside the registered ones of RFC 7519 §4.1.

use std::borrow::Cow;
use std::sync::LazyLock;

use sealpass_jose::{Claim, ClaimNames, ClaimsSet, NumericDate};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::credential::{PASSWORD_METHOD, Subject};
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
const SESSION_CLAIMS: ClaimNames<7> =
    ClaimNames::new(["sid", "auth_time", "amr", "idle", "max", "csrf", "cnf"]);

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
    pub(crate) amr: Methods,
    pub(crate) expires_at: NumericDate,
    pub(crate) idle_expires_at: NumericDate,
    pub(crate) session_expires_at: NumericDate,
    /// The nonce of the double submit; a bearer token has none.
    pub(crate) csrf: Option<CsrfToken>,
}

/// How a user proved who they are (RFC 8176).
#[derive(Clone)]
pub(crate) enum Methods {
    /// By a password alone, as nearly everyone does: it takes no memory at every request.
    Password,
    These(Vec<String>),
}

static PASSWORD: LazyLock<[String; 1]> = LazyLock::new(|| [PASSWORD_METHOD.to_owned()]);

impl Methods {
    pub(crate) fn new<'m>(methods: impl IntoIterator<Item = Cow<'m, str>>) -> Self {
        let mut methods = methods.into_iter();
        match (methods.next(), methods.next()) {
            (Some(only), None) if only == PASSWORD_METHOD => Self::Password,
            (first, second) => {
                let all = first.into_iter().chain(second).chain(methods);
                Self::These(all.map(Cow::into_owned).collect())
            }
        }
    }

    pub(crate) fn as_slice(&self) -> &[String] {
        match self {
            Self::Password => &*PASSWORD,
            Self::These(methods) => methods,
        }
    }
}

impl SessionClaims {
    /// Reads the claims of an opened token, the session's and the application's own. All of the
    /// session's are required: only we mint such tokens.
    pub(crate) fn read<C: DeserializeOwned>(
        claims: &ClaimsSet<'_>,
    ) -> Result<(Self, C), Rejection> {
        const INVALID: Rejection = Rejection::TokenInvalid;
        let invalid = |_| INVALID;
        let date = |claim: Claim<'_, '_>| claim.date().ok().flatten().ok_or(INVALID);
        let ([sid, auth_time, amr, idle, max, csrf, _cnf], own) = claims.select(&SESSION_CLAIMS);
        let subject = claims.subject().and_then(|subject| Subject::new(subject).ok());
        let sid = sid.str().map_err(invalid)?.and_then(|sid| SessionId::parse(&sid));
        let methods = amr.strings().map_err(invalid)?.ok_or(INVALID)?;
        let csrf = csrf.str().map_err(invalid)?;
        let csrf = csrf.map(|token| CsrfToken::parse(token.as_bytes()).ok_or(INVALID));
        let session = Self {
            subject: subject.ok_or(INVALID)?,
            sid: sid.ok_or(INVALID)?,
            issued_at: claims.issued_at().ok_or(INVALID)?,
            auth_time: date(auth_time)?,
            amr: Methods::new(methods.iter()),
            expires_at: claims.expires_at(),
            idle_expires_at: date(idle)?,
            session_expires_at: date(max)?,
            csrf: csrf.transpose()?,
        };
        Ok((session, own.deserialize().map_err(invalid)?))
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
        put("amr", self.amr.as_slice().into());
        put("idle", self.idle_expires_at.as_secs().into());
        put("max", self.session_expires_at.as_secs().into());
        if let Some(csrf) = &self.csrf {
            put("csrf", csrf.expose().into());
        }
        json
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_reserved_is_registered_or_the_sessions() {
        let registered = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];
        assert_eq!([&registered[..], SESSION_CLAIMS.names()].concat(), RESERVED_CLAIMS);
    }
}
