//! One name for the demo: `localhost`.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use http::uri::Authority;
use http::{StatusCode, header};
use sealpass_tower::problem_response;
use sealpass_tower::sealpass::{Origin, Problem};

/// Lets a request through when its `Host` is ours, and leads a reader who typed `127.0.0.1` there.
///
/// The cookies and the `Origin` of the policy belong to `localhost`; and a name that an attacker
/// made resolve to this machine (DNS rebinding) reaches nothing.
pub(super) async fn require(State(ours): State<Origin>, request: Request, next: Next) -> Response {
    let asked = host(&request).and_then(|host| Origin::parse(&format!("http://{host}")).ok());
    if asked.as_ref() == Some(&ours) {
        return next.run(request).await;
    }
    if request.method().is_safe() && asked.is_some_and(|asked| asked.is_loopback()) {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        return Redirect::temporary(&format!("{ours}{path}")).into_response();
    }
    let detail = format!("the demo answers at {ours} only: its cookies belong there");
    problem_response(&Problem::new(StatusCode::MISDIRECTED_REQUEST, "wrong_host", detail))
}

/// The target's own authority, as HTTP/2 has it, or else the header (RFC 9112 §3.2.2).
fn host(request: &Request) -> Option<&str> {
    let header = || request.headers().get(header::HOST)?.to_str().ok();
    request.uri().authority().map(Authority::as_str).or_else(header)
}
