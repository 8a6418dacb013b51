//! One endpoint for each kind of proxy that asks over HTTP.

use axum::body::Body;
use axum::response::Response;
use http::request::Parts;
use http::{HeaderMap, Request};
use sealpass_tower::problem_response;

use super::ForwardAuth;
use super::answer::{self, Cookies};
use super::decide::Pass;
use super::original::{Original, OriginalError};
use super::verdict::{Redirects, Verdict};
use crate::serve::peer::Peer;

/// What one kind of proxy does differently.
pub(super) trait Dialect {
    /// Whether what is neither 200 nor 401 nor 403 reaches the client as it is.
    const REDIRECTS: Redirects;

    /// The form in which it reads the cookies of a renewal.
    const COOKIES: Cookies;

    /// The original request that `call` asks about. Of the call itself nothing else counts.
    ///
    /// # Errors
    /// [`OriginalError`], when it is not described once and readably.
    fn original(call: &Parts) -> Result<Original<'_>, OriginalError>;

    /// The answer that lets the request with `headers` pass.
    fn allow(pass: Pass, headers: HeaderMap) -> Response {
        answer::allow(pass, Self::COOKIES, headers)
    }
}

/// The endpoint of `D`.
pub(super) async fn verify<D: Dialect>(
    auth: &ForwardAuth,
    peer: Peer,
    call: Request<Body>,
) -> Response {
    let (call, _) = call.into_parts();
    match auth.verdict(peer, D::original(&call), D::REDIRECTS).await {
        Verdict::Allow(pass) => D::allow(pass, call.headers),
        Verdict::Login(location) => answer::redirect(location),
        Verdict::Refuse(problem) => problem_response(&problem),
    }
}
