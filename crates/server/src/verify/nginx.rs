//! nginx's `auth_request`.
//!
//! The subrequest is a GET with every header of the client, unless the configuration overwrites
//! it; the original method and URL are what the configuration sets:
//!
//! ```nginx
//! proxy_set_header X-Original-Method $request_method;
//! proxy_set_header X-Original-URL $scheme://$http_host$request_uri;
//! ```
//!
//! 401 and 403 reach the client with their status and `WWW-Authenticate`; anything else but 2xx
//! becomes a 500. Of an answer's headers only those that the configuration copies one by one count.

use axum::extract::{Request, State};
use axum::response::Response;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use sealpass_tower::problem_response;
use sealpass_tower::sealpass::{Problem, RequestView};

use super::ForwardAuth;
use super::answer::allow;
use super::decide::Pass;
use super::original::{self, OriginalError};
use crate::serve::peer::Peer;
use crate::serve::request_log::excerpt;

const METHOD: &str = "x-original-method";
const URL: &str = "x-original-url";

/// How Traefik and Caddy, and Envoy, name the original request.
const OTHER_DIALECTS: [&str; 3] = ["x-forwarded-method", "x-forwarded-uri", "x-envoy-original-"];

/// `/auth/verify/nginx`. The path and the query of the call itself count for nothing.
pub(super) async fn verify(State(auth): State<ForwardAuth>, request: Request) -> Response {
    let peer = request.extensions().get().copied().unwrap_or(Peer::UNKNOWN);
    if let Err(problem) = auth.require_trusted(peer) {
        return problem_response(&problem);
    }
    let headers = request.headers();
    match check(&auth, headers).await {
        Ok(pass) => {
            tracing::debug!(url = url(headers), "forward-auth allowed");
            allow(&pass)
        }
        Err(problem) => {
            tracing::info!(code = problem.code(), url = url(headers), "forward-auth refused");
            problem_response(&problem)
        }
    }
}

async fn check(auth: &ForwardAuth, headers: &HeaderMap) -> Result<Pass, Problem> {
    let method = original_method(headers)
        .map_err(|error| Problem::new(StatusCode::FORBIDDEN, error.code(), error.to_string()))?;
    auth.decide(&RequestView::new(&method, headers), path(headers)).await
}

fn original_method(headers: &HeaderMap) -> Result<Method, OriginalError> {
    original::require_no_other_dialect(headers, &OTHER_DIALECTS)?;
    original::single(headers, URL)?;
    original::method(headers, METHOD)
}

/// The path of the original URL. None when it is not plain where it begins: the client has written
/// the host, and may have written more than one.
fn path(headers: &HeaderMap) -> Option<&str> {
    let (_, rest) = headers.get(URL)?.to_str().ok()?.split_once("://")?;
    let (host, rest) = rest.split_at(rest.find('/')?);
    let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b".:-_[]".contains(&byte);
    let path = rest.split(['?', '#']).next()?;
    (host.bytes().all(is_host) && !path.contains("://")).then_some(path)
}

/// The original URL for the log, without the query, where secrets are.
fn url(headers: &HeaderMap) -> &str {
    let url = headers.get(URL).map(HeaderValue::to_str).and_then(Result::ok).unwrap_or_default();
    excerpt(url.split(['?', '#']).next().unwrap_or_default())
}
