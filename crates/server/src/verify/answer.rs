//! What a front proxy is told.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use super::decide::Pass;
use crate::identity::{IdentityHeaders, line_length};

/// Each cookie of a renewal once more, under a name of its own: nginx keeps one value of a header,
/// and joins two `Set-Cookie` into one that has lost its attributes.
///
/// The first two set; the others forget the cookies of at most two previous profiles.
static NUMBERED: [HeaderName; 6] = [
    HeaderName::from_static("x-auth-set-cookie-1"),
    HeaderName::from_static("x-auth-set-cookie-2"),
    HeaderName::from_static("x-auth-set-cookie-3"),
    HeaderName::from_static("x-auth-set-cookie-4"),
    HeaderName::from_static("x-auth-set-cookie-5"),
    HeaderName::from_static("x-auth-set-cookie-6"),
];

/// The names of those that there may be with `profiles` cookie profiles, the previous ones among them.
pub(crate) fn set_cookies(profiles: usize) -> &'static [HeaderName] {
    NUMBERED.get(..2 * profiles).unwrap_or(&NUMBERED)
}

/// The form in which a proxy reads the cookies of a renewal.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Cookies {
    /// `X-Auth-Set-Cookie-N`.
    Numbered,
    /// `Set-Cookie`.
    Plain,
}

/// The answer that lets a request pass: 200 with an empty body. To some proxies any other 2xx is a
/// refusal.
///
/// Of the `question` only the room that its headers took is used, which hyper keeps for the next one.
pub(super) fn allow(pass: Pass, read: Cookies, question: HeaderMap) -> Response {
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    *headers = question;
    headers.clear();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    write_renewal(headers, &pass, read);
    pass.identity.write_to(headers);
    response
}

/// The answer that sends a browser to `location`.
pub(super) fn redirect(location: HeaderValue) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::FOUND;
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::LOCATION, location);
    response
}

/// Writes the cookies of a renewal in both forms; in the one that the proxy reads, when both are more
/// than a proxy's buffer holds; or not at all. Then the session is renewed by a later request, or ends
/// early, which is better than every request failing.
fn write_renewal(headers: &mut HeaderMap, pass: &Pass, read: Cookies) {
    if pass.renewal.is_empty() {
        return;
    }
    let plain: Vec<_> =
        pass.renewal.iter().map(|cookie| (header::SET_COOKIE, cookie.clone())).collect();
    let numbered: Vec<_> = NUMBERED.iter().cloned().zip(pass.renewal.iter().cloned()).collect();
    let room = IdentityHeaders::MAX_BYTES - pass.identity.len();
    let length = |lines: &[_]| -> usize { lines.iter().map(line_length).sum() };
    let (read, other) = match read {
        Cookies::Numbered => (numbered, plain),
        Cookies::Plain => (plain, numbered),
    };
    if length(&read) > room {
        tracing::warn!("a renewed session does not fit into the answer: put less into the claims");
        return;
    }
    let other = if length(&read) + length(&other) <= room { other } else { Vec::new() };
    for (name, value) in read.into_iter().chain(other) {
        headers.append(name, value);
    }
}
