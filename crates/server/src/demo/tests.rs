use axum::body::Body;
use axum::response::Response;
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::*;

const URL: &str = "http://localhost:8080";

struct Demo {
    app: Router,
    account: Account,
}

/// A logged-in client: the cookies as it sends them, and its anti-CSRF token.
struct Client {
    cookies: String,
    csrf: String,
}

impl Demo {
    fn start() -> Self {
        let account = Account::generate().unwrap();
        let url = Origin::parse(URL).unwrap();
        Self { app: app(&url, &CookieProfile::host(), account.clone()).unwrap(), account }
    }

    async fn send(&self, request: http::request::Builder, body: Body) -> Response {
        self.app.clone().oneshot(request.body(body).unwrap()).await.unwrap()
    }

    async fn log_in(&self) -> Client {
        let body = json!({ "username": Account::USERNAME, "password": self.account.password() });
        let answer = self.send(post_json("/auth/login"), body.to_string().into()).await;
        assert_eq!(answer.status(), StatusCode::OK);
        let cookies = set_cookies(answer.headers()).map(|cookie| cookie.split(';').next().unwrap());
        let cookies = cookies.collect::<Vec<_>>().join("; ");
        let csrf = read(answer).await["csrf_token"].as_str().unwrap().to_owned();
        Client { cookies, csrf }
    }

    async fn received(&self, client: &Client) -> u64 {
        let request = local("GET", "/api/notes").header(header::COOKIE, &client.cookies);
        read(self.send(request, Body::empty()).await).await["received"].as_u64().unwrap()
    }
}

fn local(method: &str, path: &str) -> http::request::Builder {
    Request::builder().method(method).uri(path).header(header::HOST, "localhost:8080")
}

fn post_json(path: &str) -> http::request::Builder {
    local("POST", path).header(header::CONTENT_TYPE, "application/json")
}

fn set_cookies(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    headers.get_all(header::SET_COOKIE).iter().map(|cookie| cookie.to_str().unwrap())
}

async fn read(answer: Response) -> Value {
    serde_json::from_slice(&answer.into_body().collect().await.unwrap().to_bytes()).unwrap()
}

#[tokio::test]
async fn a_cookie_replayed_after_logout_is_refused_as_revoked() {
    let demo = Demo::start();
    let ada = demo.log_in().await;
    let request = local("POST", "/demo/logout-and-replay")
        .header(header::COOKIE, &ada.cookies)
        .header("x-csrf-token", &ada.csrf);
    let answer = demo.send(request, Body::empty()).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store");
    let cleared: Vec<&str> = set_cookies(answer.headers()).collect();
    assert_eq!(cleared.len(), 2);
    assert!(cleared.iter().all(|cookie| cookie.contains("=; ") && cookie.contains("Max-Age=0")));

    let report = read(answer).await;
    assert_eq!(report["logout"], json!({ "request": "POST /auth/logout", "status": 204 }));
    assert_eq!(report["replay"]["request"], "GET /api/hello");
    assert_eq!(report["replay"]["status"], 401);
    assert_eq!(report["replay"]["code"], "token_revoked");
}

#[tokio::test]
async fn a_forged_logout_and_replay_ends_nothing() {
    let demo = Demo::start();
    let ada = demo.log_in().await;
    let forged = || local("POST", "/demo/logout-and-replay").header(header::COOKIE, &ada.cookies);
    for (request, code) in [
        (forged(), "csrf_missing"),
        (forged().header("x-csrf-token", "AAAAAAAAAAAAAAAAAAAAAA"), "csrf_mismatch"),
        (
            forged().header("x-csrf-token", &ada.csrf).header("sec-fetch-site", "same-site"),
            "cross_site",
        ),
        (
            forged().header("x-csrf-token", &ada.csrf).header("origin", "http://localhost:8081"),
            "cross_site",
        ),
    ] {
        let answer = demo.send(request, Body::empty()).await;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{code}");
        assert!(answer.headers().get(header::SET_COOKIE).is_none(), "{code}");
        assert_eq!(read(answer).await["code"], code);
    }
    let request = local("GET", "/api/hello").header(header::COOKIE, &ada.cookies);
    assert_eq!(demo.send(request, Body::empty()).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn only_what_the_gate_lets_through_reaches_the_api() {
    let demo = Demo::start();
    let ada = demo.log_in().await;
    let write = || post_json("/api/notes").header(header::COOKIE, &ada.cookies);
    let note = |text: &str| Body::from(json!({ "text": text }).to_string());

    assert_eq!(demo.send(write(), note("forged")).await.status(), StatusCode::FORBIDDEN);
    assert_eq!(demo.received(&ada).await, 0);

    for (body, status) in [
        (note("hello"), StatusCode::OK),
        (note(""), StatusCode::BAD_REQUEST),
        (note(&"a".repeat(281)), StatusCode::BAD_REQUEST),
        (note(&"a".repeat(5_000)), StatusCode::PAYLOAD_TOO_LARGE),
        (Body::from("{"), StatusCode::BAD_REQUEST),
        (Body::from(r#"{"text":"a","author":"eve"}"#), StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let request = write().header("x-csrf-token", &ada.csrf);
        assert_eq!(demo.send(request, body).await.status(), status);
    }
    assert_eq!(demo.received(&ada).await, 6);
}

#[tokio::test]
async fn the_notes_are_bounded() {
    let demo = Demo::start();
    let ada = demo.log_in().await;
    let mut latest = Value::Null;
    for i in 0..150 {
        let request = post_json("/api/notes")
            .header(header::COOKIE, &ada.cookies)
            .header("x-csrf-token", &ada.csrf);
        let note = json!({ "text": format!("note {i}") });
        latest = read(demo.send(request, note.to_string().into()).await).await;
    }
    assert_eq!(latest["received"], 150);
    assert_eq!(latest["notes"].as_array().unwrap().len(), 100);
    assert_eq!(latest["notes"][0], "note 149");
}

#[tokio::test]
async fn a_name_that_was_made_to_resolve_here_reaches_nothing() {
    let demo = Demo::start();
    for host in
        ["evil.test:8080", "localhost:8081", "localhost.evil.test:8080", "localhost", "", "\u{e9}"]
    {
        for method in ["GET", "POST"] {
            let request =
                Request::builder().method(method).uri("/auth/session").header(header::HOST, host);
            let answer = demo.send(request, Body::empty()).await;
            let is_local_get = method == "GET" && matches!(host, "localhost:8081" | "localhost");
            let expected = if is_local_get {
                StatusCode::TEMPORARY_REDIRECT
            } else {
                StatusCode::MISDIRECTED_REQUEST
            };
            assert_eq!(answer.status(), expected, "{method} {host:?}");
        }
    }
}

#[tokio::test]
async fn the_authority_of_the_target_goes_before_the_host_header() {
    let demo = Demo::start();
    let request = local("POST", "http://evil.test:8080/auth/logout");
    let answer = demo.send(request, Body::empty()).await;
    assert_eq!(answer.status(), StatusCode::MISDIRECTED_REQUEST);
    let answer = demo.send(Request::get("http://localhost:8080/"), Body::empty()).await;
    assert_eq!(answer.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_reader_at_127_0_0_1_is_led_to_localhost() {
    let demo = Demo::start();
    let request = Request::get("//evil.test/?a=b").header(header::HOST, "127.0.0.1:8080");
    let answer = demo.send(request, Body::empty()).await;
    assert_eq!(answer.status(), StatusCode::TEMPORARY_REDIRECT);
    assert_eq!(answer.headers()[header::LOCATION], "http://localhost:8080//evil.test/?a=b");
}
