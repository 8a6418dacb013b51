//! Envoy's `ext_authz` over HTTP.
//!
//! The call is the original request without its body: the method, and `path_prefix` with path and
//! query behind it. Of the headers only those come along that `allowed_headers` names, so it must name
//! them all: what is not seen is not decided on, and not removed. 200 alone lets a request pass; any
//! other status below 500 reaches the client as it is.

use axum::response::Response;
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Version, header};

use super::answer::{self, Cookies};
use super::decide::Pass;
use super::dialect::Dialect;
use super::original::{Original, OriginalError};
use super::verdict::Redirects;

/// `/auth/verify/envoy` and whatever the client asked for.
pub(super) struct Envoy;

impl Envoy {
    /// `path_prefix`.
    const PREFIX: &str = "/auth/verify/envoy";
}

/// The headers that Envoy takes out of the request, once it has put in what the answer says.
const REMOVE: HeaderName = HeaderName::from_static("x-envoy-auth-headers-to-remove");

impl Dialect for Envoy {
    const REDIRECTS: Redirects = Redirects::Passed;
    const COOKIES: Cookies = Cookies::Plain;

    fn original(call: &Parts) -> Result<Original<'_>, OriginalError> {
        let target = call.uri.path_and_query().map(PathAndQuery::as_str);
        // Over HTTP/2 hyper cuts it off at a `#` before anyone sees it; Envoy may pass on the whole.
        let target = target.filter(|_| call.version < Version::HTTP_2);
        let target = target.and_then(|target| target.strip_prefix(Self::PREFIX));
        Original::in_the_call(Some(call.method.clone()), target, &call.headers)
    }

    fn allow(pass: Pass, headers: HeaderMap) -> Response {
        let names: Vec<_> = pass.not_for_the_api(&headers).map(HeaderName::as_str).collect();
        let names = names.join(",");
        let mut response = answer::allow(pass, Self::COOKIES, headers);
        // What it says of caching Envoy adds to the API's answer, which is not ours to forbid caches
        // unless a cookie is in it. Nothing on the way to Envoy keeps answers.
        if !response.headers().contains_key(header::SET_COOKIE) {
            response.headers_mut().remove(header::CACHE_CONTROL);
        }
        // Names of headers, joined by commas, are always a header value.
        if let (false, Ok(names)) = (names.is_empty(), HeaderValue::try_from(names)) {
            response.headers_mut().insert(REMOVE, names);
        }
        response
    }
}
