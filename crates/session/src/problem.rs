//! Every refusal as an HTTP answer: RFC 9457 in the body, RFC 6750 in the challenge.

use std::borrow::Cow;

use http::{HeaderValue, Response, StatusCode, header};
use serde::Serialize;

use crate::credential::BackendError;
use crate::rejection::Rejection;

/// An `application/problem+json` answer (RFC 9457) with a stable `code`.
///
/// `type` is left out, which means `about:blank`, and `title` is the status in words, as RFC 9457
/// §4.2.1 asks; the code is what programs go by.
///
/// ```
/// use sealpass::{Problem, Rejection};
///
/// let answer = Problem::from(Rejection::TokenExpired).to_response();
/// assert_eq!(answer.status(), 401);
/// assert_eq!(
///     answer.headers()["www-authenticate"],
///     r#"Bearer realm="sealpass", error="invalid_token", error_description="the token has expired""#
/// );
/// assert_eq!(
///     String::from_utf8(answer.into_body())?,
///     r#"{"title":"Unauthorized","status":401,"code":"token_expired","detail":"the token has expired"}"#
/// );
/// # Ok::<_, std::string::FromUtf8Error>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: Cow<'static, str>,
    challenge: Option<String>,
    retry_after: Option<u64>,
}

impl Problem {
    /// A problem. `detail` says what was wrong and what would be accepted, and has nothing in it
    /// that the client did not send or may not know.
    pub fn new(
        status: StatusCode,
        code: &'static str,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        // RFC 9110 §15.5.2: a 401 must say how to authenticate.
        let challenge = (status == StatusCode::UNAUTHORIZED).then(|| challenge(""));
        Self { status, code, detail: detail.into(), challenge, retry_after: None }
    }

    /// The same problem, worth another try after `seconds`.
    #[must_use]
    pub fn with_retry_after(self, seconds: u64) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    /// The status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.code
    }

    /// What was wrong, as a sentence.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The value of `WWW-Authenticate` (RFC 6750 §3), when there is one.
    #[must_use]
    pub fn challenge(&self) -> Option<&str> {
        self.challenge.as_deref()
    }

    /// The whole answer. It is never cacheable: the next request may be allowed.
    #[must_use]
    pub fn to_response(&self) -> Response<Vec<u8>> {
        let body = Body {
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            code: self.code,
            detail: &self.detail,
        };
        // Strings and a number always serialize; an empty body would still carry the status.
        let mut response = Response::new(serde_json::to_vec(&body).unwrap_or_default());
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(challenge) = self.challenge.as_deref().and_then(|text| text.parse().ok()) {
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

#[derive(Serialize)]
struct Body<'a> {
    title: &'a str,
    status: u16,
    code: &'a str,
    detail: &'a str,
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        let status = match rejection {
            Rejection::AmbiguousCredentials => StatusCode::BAD_REQUEST,
            Rejection::CrossSite | Rejection::CsrfMismatch | Rejection::CsrfMissing => {
                StatusCode::FORBIDDEN
            }
            Rejection::RevocationsStale => StatusCode::SERVICE_UNAVAILABLE,
            Rejection::BearerDisabled
            | Rejection::ReauthRequired { .. }
            | Rejection::SessionExpired
            | Rejection::TokenExpired
            | Rejection::TokenInvalid
            | Rejection::TokenMissing
            | Rejection::TokenRevoked => StatusCode::UNAUTHORIZED,
        };
        let detail = rejection.to_string();
        let error = match rejection {
            // RFC 6750 §3.1: a request without a credential is told how, and not that it erred.
            Rejection::TokenMissing => String::new(),
            Rejection::ReauthRequired { max_age } => format!(
                r#", error="insufficient_user_authentication", error_description="{detail}", max_age="{max_age}""#
            ),
            _ => format!(r#", error="invalid_token", error_description="{detail}""#),
        };
        let challenge = (status == StatusCode::UNAUTHORIZED).then(|| challenge(&error));
        let retry_after = (rejection == Rejection::RevocationsStale).then_some(RETRY_STALE);
        Self { challenge, retry_after, ..Self::new(status, rejection.code(), detail) }
    }
}

impl From<&BackendError> for Problem {
    fn from(error: &BackendError) -> Self {
        match error {
            BackendError::BadCredentials => Self::new(
                StatusCode::UNAUTHORIZED,
                "bad_credentials",
                "the username or the password is wrong",
            ),
            BackendError::Busy { retry_after } => Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too_many_logins",
                "too many logins at once",
            )
            .with_retry_after(*retry_after),
            // The reason names hosts and files: it is for the log.
            BackendError::Unavailable { .. } => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "backend_unavailable",
                "logins cannot be checked at the moment",
            ),
        }
    }
}

/// Seconds until it is worth asking again whether the list of revocations is whole.
const RETRY_STALE: u64 = 5;

/// A `Bearer` challenge with `parameters` behind the realm. Their texts are our own, without quotes.
fn challenge(parameters: &str) -> String {
    format!(r#"Bearer realm="sealpass"{parameters}"#)
}
