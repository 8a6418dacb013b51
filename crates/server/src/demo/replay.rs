//! Logout, and then the old cookie once more: what a thief would try, and no page can.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use http::{HeaderMap, HeaderName, Method, StatusCode, header};
use http_body_util::{BodyExt as _, Limited};
use serde::{Deserialize, Serialize};
use tower::ServiceExt as _;

/// `POST /demo/logout-and-replay`: sends two requests through `app`, the whole demo but this route.
///
/// It needs no guard of its own. The logout carries every header of this request and meets the same
/// gate; when the gate refuses it, its answer is the answer and nothing is replayed.
pub(super) async fn logout_and_replay(State(app): State<Router>, request: Request) -> Response {
    let mut headers = request.headers().clone();
    for of_the_body in [header::CONTENT_LENGTH, header::CONTENT_TYPE, header::TRANSFER_ENCODING] {
        headers.remove(of_the_body);
    }
    let stolen = keep(&headers, [header::HOST, header::COOKIE]);

    let answer = send(&app, Method::POST, LOGOUT, headers).await;
    if answer.status() != StatusCode::NO_CONTENT {
        return answer;
    }
    let cleared = keep(answer.headers(), [header::SET_COOKIE, header::CACHE_CONTROL]);
    let logout = Step::of(Method::POST, LOGOUT, answer).await;
    let replay = Step::of(Method::GET, REPLAY, send(&app, Method::GET, REPLAY, stolen).await).await;
    (cleared, Json(Report { logout, replay })).into_response()
}

async fn send(app: &Router, method: Method, path: &'static str, headers: HeaderMap) -> Response {
    let mut request = Request::new(Body::empty());
    *request.method_mut() = method;
    *request.uri_mut() = http::Uri::from_static(path);
    *request.headers_mut() = headers;
    app.clone().oneshot(request).await.into_response()
}

fn keep<const N: usize>(headers: &HeaderMap, names: [HeaderName; N]) -> HeaderMap {
    let mut kept = HeaderMap::new();
    for name in names {
        for value in headers.get_all(&name) {
            kept.append(name.clone(), value.clone());
        }
    }
    kept
}

#[derive(Serialize)]
struct Report {
    logout: Step,
    replay: Step,
}

/// One request that was sent, and what came back.
#[derive(Serialize)]
struct Step {
    request: String,
    status: u16,
    #[serde(flatten)]
    problem: Answer,
}

/// The members of a problem that say why; none of them when there was no problem.
#[derive(Default, Deserialize, Serialize)]
struct Answer {
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

impl Step {
    async fn of(method: Method, path: &str, answer: Response) -> Self {
        let status = answer.status().as_u16();
        let body = Limited::new(answer.into_body(), MAX_ANSWER).collect().await;
        let problem = body.ok().and_then(|body| serde_json::from_slice(&body.to_bytes()).ok());
        Self { request: format!("{method} {path}"), status, problem: problem.unwrap_or_default() }
    }
}

const LOGOUT: &str = "/auth/logout";
const REPLAY: &str = "/api/hello";
/// Far more than any answer of these two, in bytes.
const MAX_ANSWER: usize = 64 * 1024;
