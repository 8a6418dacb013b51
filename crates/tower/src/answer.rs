//! What goes back: problems, and the cookies of an answer.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderMap, HeaderValue, header};
use sealpass::cookie::SetCookie;
use sealpass::policy::CookieGrant;
use sealpass::{Problem, Rejection, SessionId};

/// `problem` as an axum response, with its [`ProblemCode`] in the extensions.
///
/// ```
/// use sealpass_tower::sealpass::{Problem, Rejection};
/// use sealpass_tower::{ProblemCode, problem_response};
///
/// let response = problem_response(&Problem::from(Rejection::TokenExpired));
/// assert_eq!(response.status(), 401);
/// let code = response.extensions().get::<ProblemCode>();
/// assert_eq!(code.map(|code| code.as_str()), Some("token_expired"));
/// ```
#[must_use]
pub fn problem_response(problem: &Problem) -> Response {
    let mut response = problem.to_response().map(Body::from);
    response.extensions_mut().insert(ProblemCode(problem.code()));
    response
}

/// The stable code of a problem, in the extensions of its answer: for the log of a layer further out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ProblemCode(&'static str);

impl ProblemCode {
    /// The code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

/// Logs what [`sealpass::csrf::CsrfMode::DangerReportOnly`] let pass: `report` is what
/// [`sealpass::Authenticated::csrf_report`] has.
///
/// The layer and the routes do so themselves; it is for those who ask a [`sealpass::Policy`] directly.
pub fn log_csrf_report(report: Option<Rejection>, sid: impl Into<Option<SessionId>>) {
    if let Some(refused) = report {
        let (code, sid) = (refused.code(), sid.into().map(tracing::field::display));
        tracing::warn!(sid, code, "CSRF report: this request passed and would be refused");
    }
}

/// Appends the cookies of `grant`, and the orders to forget those that it replaces.
pub(crate) fn set_granted(headers: &mut HeaderMap, grant: &CookieGrant) {
    set_cookies(headers, grant.set_cookies());
    set_cookies(headers, grant.removals());
}

/// Appends `cookies`; an answer that sets a cookie is never stored by a cache.
pub(crate) fn set_cookies(headers: &mut HeaderMap, cookies: &[SetCookie]) {
    for cookie in cookies {
        headers.append(header::SET_COOKIE, cookie.to_header_value());
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
}
