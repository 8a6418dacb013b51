//! The listener for whoever runs this server: is it alive, is it ready.
//!
//! | call | answer |
//! |---|---|
//! | `GET /healthz` | 200 `ok` as long as the process answers |
//! | `GET /keys` | 200, the keys in JSON: names, states, dates, how often each sealed; in `problem` why a change of them cannot be used; and in `assertions` the same of those keys |
//! | `GET /revocations` | 200, in JSON how many entries the list has, whether it is fresh, and of Redis whether all was read once (`synced`), how many seconds ago everything was known for the last time (`age`), why it cannot be read (`problem`) and whether it took the last logout |
//! | `GET /readyz` | 200 `ready` while requests are decided; 503 `shutting_down` once it is told to stop, `revocations_not_synced` until what other machines revoked is known, `revocations_stale` while it is not known any more and requests are refused for it |
//! | `POST /admin/revoke` | 204, once what it says is revoked; see `revoke.rs` |
//!
//! It is bound after everything a decision needs is there (keys, accounts or their backend), so
//! being able to ask is half of the answer.

pub(crate) mod revoke;

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::{StatusCode, header};
use sealpass_tower::sealpass::Problem;
use sealpass_tower::sealpass::policy::StaleAnswer;
use sealpass_tower::{Sealpass, problem_response};
use serde_json::{Value, json};

use self::revoke::AdminToken;
use crate::keys::KeyView;
use crate::revocation::redis::SyncState;
use crate::serve::problem;
use crate::shutdown::Stop;
use crate::user::Claims;

/// What this listener tells of, and does.
pub(crate) struct Admin {
    /// What ends the public listener.
    pub(crate) stop: Stop,
    pub(crate) keys: KeyView,
    /// None: nobody is told by an assertion.
    pub(crate) assertion_keys: Option<KeyView>,
    pub(crate) auth: Sealpass<Claims>,
    /// None: nobody may revoke.
    pub(crate) token: Option<AdminToken>,
    /// None: no other machine revokes anything.
    pub(crate) sync: Option<Arc<SyncState>>,
}

/// The routes.
pub(crate) fn routes(admin: Admin) -> Router {
    let Admin { stop, keys, assertion_keys, auth, token, sync } = admin;
    let revoke = revoke::routes(auth.clone(), token);
    let revocations = {
        let (auth, sync) = (auth.clone(), sync.clone());
        async move || no_store(Json(describe(&auth, sync.as_deref())))
    };
    let ready = async move || {
        answer(&match not_ready(&stop, sync.as_deref(), &auth) {
            None => return text("ready"),
            Some(why) => why,
        })
    };
    let keys = async move || {
        let mut described = keys.describe();
        if let Some(assertions) = &assertion_keys {
            described["assertions"] = assertions.describe();
        }
        no_store(Json(described))
    };
    Router::new()
        .route("/keys", get(keys))
        .route("/revocations", get(revocations))
        .route("/healthz", get(async || text("ok")))
        .route("/readyz", get(ready))
        .merge(revoke)
        .fallback(async || problem_response(&problem::not_found()))
        .method_not_allowed_fallback(async || problem_response(&problem::method_not_allowed()))
}

fn describe(auth: &Sealpass<Claims>, sync: Option<&SyncState>) -> Value {
    let (list, now) = (auth.policy().revocations(), auth.now());
    json!({
        "entries": list.len(),
        "fresh": list.is_fresh(now),
        "redis": sync.map(|sync| sync.describe(now)),
    })
}

fn not_ready(
    stop: &Stop,
    sync: Option<&SyncState>,
    auth: &Sealpass<Claims>,
) -> Option<(&'static str, &'static str)> {
    if !stop.is_serving() {
        let detail = "the server finishes its last requests and takes no new ones";
        return Some(("shutting_down", detail));
    }
    if !sync?.is_synced() {
        let detail = "what other instances revoked has not been read yet";
        return Some(("revocations_not_synced", detail));
    }
    let policy = auth.policy();
    if policy.stale_answer() == StaleAnswer::Refuse && !policy.revocations().is_fresh(auth.now()) {
        let detail = "what other instances revoke cannot be read";
        return Some(("revocations_stale", detail));
    }
    None
}

fn answer((code, detail): &(&'static str, &'static str)) -> Response {
    problem_response(&Problem::new(StatusCode::SERVICE_UNAVAILABLE, code, *detail))
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
    use sealpass_tower::sealpass::jose::{Key, KeyRing};
    use sealpass_tower::sealpass::{Origin, Policy};
    use tower::ServiceExt as _;

    use super::*;
    use crate::keys::Purpose;
    use crate::shutdown;

    fn admin(stop: &Stop) -> Admin {
        let origin = Origin::parse("https://app.example").unwrap();
        let keys = KeyRing::new(Key::generate_a256gcm().unwrap());
        let policy = Policy::builder().issuer("us").audience("us").keys(keys).origin(origin);
        let auth = Sealpass::new(policy.build().unwrap());
        let keys = KeyView::of_new_keys(Purpose::Sessions);
        Admin { stop: stop.clone(), keys, assertion_keys: None, auth, token: None, sync: None }
    }

    async fn call(stop: &Stop, method: &str, path: &str) -> (StatusCode, http::HeaderMap, String) {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        let response = routes(admin(stop)).oneshot(request).await.unwrap();
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
