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

/// The answer that lets a request pass: 200 with an empty body. To some proxies any other 2xx is a
/// refusal.
pub(super) fn allow(pass: &Pass) -> Response {
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    pass.identity.write_to(headers);
    write_renewal(headers, pass);
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

/// Writes the cookies of a renewal in both forms; in the numbered one only, when both are more than
/// a proxy's buffer holds; or not at all. Then the session is renewed by a later request, or ends
/// early, which is better than every request failing.
fn write_renewal(headers: &mut HeaderMap, pass: &Pass) {
    let plain: Vec<_> =
        pass.renewal.iter().map(|cookie| (header::SET_COOKIE, cookie.clone())).collect();
    let numbered: Vec<_> = NUMBERED.iter().cloned().zip(pass.renewal.iter().cloned()).collect();
    let room = IdentityHeaders::MAX_BYTES - pass.identity.len();
    let length = |lines: &[_]| -> usize { lines.iter().map(line_length).sum() };
    if length(&numbered) > room {
        tracing::warn!("a renewed session does not fit into the answer: put less into the claims");
        return;
    }
    if length(&numbered) + length(&plain) <= room {
        for (name, value) in plain {
            headers.append(name, value);
        }
    }
    for (name, value) in numbered {
        headers.insert(name, value);
    }
}
