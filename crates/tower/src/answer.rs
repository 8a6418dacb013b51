//! What goes back: problems, and the cookies of an answer.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderMap, HeaderValue, header};
use sealpass::Problem;
use sealpass::cookie::SetCookie;

/// `problem` as an axum response.
#[must_use]
pub fn problem_response(problem: &Problem) -> Response {
    problem.to_response().map(Body::from)
}

/// Appends `cookies`; an answer that sets a cookie is never stored by a cache.
pub(crate) fn set_cookies(headers: &mut HeaderMap, cookies: &[SetCookie]) {
    for cookie in cookies {
        headers.append(header::SET_COOKIE, cookie.to_header_value());
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
}
