//! `GET /.well-known/jwks.json`: the keys that anyone may verify with.

use axum::Router;
use axum::response::IntoResponse as _;
use axum::routing::get;
use http::header;
use sealpass_tower::problem_response;

use super::KeyView;
use crate::serve::problem;

/// Where it is.
pub(crate) const PATH: &str = "/.well-known/jwks.json";

/// For how many seconds a reader may keep it. A new key is made public that long before it seals, and
/// a compromised one may be believed that long after it was taken away.
pub(crate) const MAX_AGE: u64 = 300;

/// The route.
///
/// With key files there is always a set, which is empty when every key is a shared one: a reader is
/// not told that there is no such place when an operator turns from one kind to the other.
pub(crate) fn routes(view: KeyView) -> Router {
    let set = get(async move || {
        let headers = [
            // RFC 7517 §8.5.2
            (header::CONTENT_TYPE, "application/jwk-set+json".to_owned()),
            (header::CACHE_CONTROL, format!("public, max-age={MAX_AGE}")),
        ];
        (headers, view.jwks()).into_response()
    });
    let refuse = async || problem_response(&problem::method_not_allowed());
    Router::new().route(PATH, set.fallback(refuse))
}
