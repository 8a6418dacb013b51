//! The listener for whoever runs this server: is it alive, is it ready.
//!
//! | call | answer |
//! |---|---|
//! | `GET /healthz` | 200 `ok` as long as the process answers |
//! | `GET /keys` | 200, the keys in JSON: names, states, dates, how often each sealed; and in `problem` why a change of them cannot be used |
//! | `GET /readyz` | 200 `ready` while requests are decided; 503 `shutting_down` once it is told to stop |
//!
//! It is bound after everything a decision needs is there (keys, accounts or their backend), so
//! being able to ask is half of the answer.

use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::{StatusCode, header};
use sealpass_tower::problem_response;
use sealpass_tower::sealpass::Problem;

use crate::keys::KeyView;
use crate::serve::problem;
use crate::shutdown::Stop;

/// The routes. `stop` is what ends the public listener.
pub(crate) fn routes(stop: Stop, keys: KeyView) -> Router {
    Router::new()
        .route("/keys", get(async move || no_store(Json(keys.describe()))))
        .route("/healthz", get(async || text("ok")))
        .route("/readyz", get(async move || ready(&stop)))
        .fallback(async || problem_response(&problem::not_found()))
        .method_not_allowed_fallback(async || problem_response(&problem::method_not_allowed()))
}

fn ready(stop: &Stop) -> Response {
    if stop.is_serving() {
        return text("ready");
    }
    problem_response(&Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "shutting_down",
        "the server finishes its last requests and takes no new ones",
    ))
}

fn text(line: &'static str) -> Response {
    no_store(line)
}

fn no_store(body: impl IntoResponse) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], body).into_response()
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use http::Request;
    use tower::ServiceExt as _;

    use super::*;
    use crate::shutdown;

    async fn call(stop: &Stop, method: &str, path: &str) -> (StatusCode, http::HeaderMap, String) {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        let response = routes(stop.clone(), KeyView::of_new_keys()).oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 4096).await.unwrap();
        (parts.status, parts.headers, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn alive_and_ready_until_told_to_stop() {
        let (switch, stop) = shutdown::switch();
        assert_eq!(call(&stop, "GET", "/healthz").await.2, "ok");
        let (status, headers, body) = call(&stop, "GET", "/readyz").await;
        assert_eq!((status, body.as_str()), (StatusCode::OK, "ready"));
        assert_eq!(headers[header::CACHE_CONTROL], "no-store");
        switch.drain();
        assert_eq!(call(&stop, "GET", "/healthz").await.0, StatusCode::OK);
        let (status, _, body) = call(&stop, "GET", "/readyz").await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(body.contains(r#""code":"shutting_down""#), "{body}");
    }

    #[tokio::test]
    async fn nothing_else_is_here() {
        let (_switch, stop) = shutdown::switch();
        for path in ["/", "/healthz/", "/auth/session", "/metrics"] {
            let (status, headers, body) = call(&stop, "GET", path).await;
            assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
            assert_eq!(headers[header::CONTENT_TYPE], "application/problem+json");
            assert!(body.contains(r#""code":"not_found""#), "{body}");
        }
        for path in ["/healthz", "/readyz"] {
            let (status, headers, body) = call(&stop, "POST", path).await;
            assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
            assert_eq!(headers[header::ALLOW], "GET,HEAD");
            assert!(body.contains(r#""code":"method_not_allowed""#), "{body}");
        }
    }
}
