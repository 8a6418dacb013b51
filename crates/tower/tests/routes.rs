//! The `/auth` routes, and everything that can be sent to them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::extract::Request;
use http::Method;
use sealpass::revocation::Revocation;
use sealpass_tower::store::Recording;
use sealpass_tower::{RevocationStore, StoreError};
use support::{Answer, App, Client, LOGIN, ORIGIN};

const JSON: (&str, &str) = ("content-type", "application/json");
const ADA: &str = r#"{"username":"ada","password":"correct-horse"}"#;

async fn login_with(app: &App, headers: &[(&str, &str)], body: &str) -> Answer {
    Client::default().send(app, Method::POST, "/auth/login", headers, body).await
}

#[tokio::test]
async fn login_answers_everything_but_the_token() {
    let app = App::new();
    let mut ada = Client::default();
    let answer = ada.login(&app, "ada", "correct-horse").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["cache-control"], "no-store");
    let cookies = answer.set_cookies();
    assert!(cookies[0].starts_with("__Host-session="), "{cookies:?}");
    assert!(cookies[0].ends_with("; Path=/; Secure; HttpOnly; SameSite=Lax"), "{cookies:?}");
    assert!(cookies[1].ends_with("; Path=/; Secure; SameSite=Strict"), "{cookies:?}");
    let body = answer.json();
    assert_eq!(body["subject"], "ada");
    assert_eq!(body["csrf_token"], ada.csrf());
    assert_eq!(body["expires_at"], LOGIN + 600);
    assert_eq!(body["idle_expires_at"], LOGIN + 3_600);
    assert_eq!(body["session_expires_at"], LOGIN + 43_200);
    assert_eq!(body.as_object().unwrap().len(), 5);
    assert!(!answer.body.contains(&ada.token()));
}

#[tokio::test]
async fn an_unknown_user_and_a_wrong_password_get_the_same_answer() {
    let app = App::new();
    let mut nobody = Client::default();
    let unknown = nobody.login(&app, "nobody", "correct-horse").await;
    let wrong = nobody.login(&app, "ada", "wrong").await;
    assert_eq!(unknown.problem(), (401, "bad_credentials".into()));
    assert_eq!(unknown.body, wrong.body);
    assert_eq!(unknown.headers, wrong.headers);
}

#[tokio::test]
async fn backend_trouble_has_its_own_answers_and_keeps_its_secrets() {
    let app = App::new();
    let mut client = Client::default();
    let busy = client.login(&app, "busy", "x").await;
    assert_eq!(busy.problem(), (429, "too_many_logins".into()));
    assert_eq!(busy.headers["retry-after"], "7");
    let down = client.login(&app, "down", "x").await;
    assert_eq!(down.problem(), (503, "backend_unavailable".into()));
    assert!(!down.body.contains("ldap"), "{down:?}");
    assert_eq!(client.login(&app, "huge", "x").await.problem(), (500, "token_not_made".into()));
}

#[tokio::test]
async fn bad_bodies_are_told_what_is_wrong() {
    let app = App::new();
    let long = format!(r#"{{"username":"ada","password":"{}"}}"#, "x".repeat(16 * 1024));
    let longest_password = format!(r#"{{"username":"ada","password":"{}"}}"#, "x".repeat(1_025));
    for (body, status, code, says) in [
        ("", 400, "malformed_json", "line 1"),
        ("{", 400, "malformed_json", "line 1"),
        ("username=ada", 400, "malformed_json", "line 1 column 1"),
        (r#"{"username":"ada","password":"x"}!"#, 400, "malformed_json", "column"),
        ("\u{feff}{}", 400, "malformed_json", "line 1"),
        ("{}", 400, "missing_field", "`username`"),
        (r#"{"username":"ada"}"#, 400, "missing_field", "`password`"),
        (r#"{"password":"hunter2"}"#, 400, "missing_field", "`username`"),
        (r#"{"username":"ada","password":null}"#, 400, "missing_field", "`password`"),
        (r#"{"username":"ada","password":31337}"#, 400, "invalid_field", "two strings"),
        (r#"{"username":["ada"],"password":"x"}"#, 400, "invalid_field", "two strings"),
        (r#"{"username":"ada","password":"x","password":"y"}"#, 400, "invalid_field", "each once"),
        ("[]", 400, "invalid_field", "two strings"),
        (r#"["ada","correct-horse"]"#, 400, "invalid_field", "two strings"),
        ("7", 400, "invalid_field", "two strings"),
        (r#"{"username":"","password":"x"}"#, 400, "invalid_username", "`username`"),
        (r#"{"username":"a\nb","password":"x"}"#, 400, "invalid_username", "`username`"),
        (r#"{"username":"ada","password":""}"#, 400, "invalid_password", "`password`"),
        (&longest_password, 400, "invalid_password", "1024"),
        (&long, 413, "body_too_large", "16384"),
    ] {
        let answer = login_with(&app, &[JSON], body).await;
        assert_eq!(answer.problem(), (status, code.into()), "{body:.60}");
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains(says), "{detail:?} does not say {says:?}");
        assert!(
            !detail.contains("31337") && !detail.contains("hunter2"),
            "a password came back: {detail}"
        );
    }
}

#[tokio::test]
async fn only_json_is_a_login() {
    let app = App::new();
    for content_type in
        ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", "", "text/json"]
    {
        let answer = login_with(&app, &[("content-type", content_type)], ADA).await;
        assert_eq!(answer.problem(), (415, "unsupported_media_type".into()), "{content_type}");
    }
    assert_eq!(login_with(&app, &[], ADA).await.problem().0, 415);
    assert_eq!(login_with(&app, &[JSON, JSON], ADA).await.problem().0, 415);
    for content_type in ["application/json; charset=utf-8", "Application/JSON"] {
        assert_eq!(
            login_with(&app, &[("content-type", content_type)], ADA).await.status,
            200,
            "{content_type}"
        );
    }
}

#[tokio::test]
async fn login_csrf_is_refused() {
    let app = App::new();
    for header in
        [("origin", "https://evil.test"), ("origin", "null"), ("sec-fetch-site", "cross-site")]
    {
        assert_eq!(
            login_with(&app, &[JSON, header], ADA).await.problem(),
            (403, "cross_site".into())
        );
    }
    assert_eq!(
        login_with(&app, &[JSON, ("origin", ORIGIN), ("sec-fetch-site", "same-origin")], ADA)
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn a_login_replaces_the_session_the_browser_had() {
    let app = App::new();
    let mut ada = Client::logged_in(&app).await;
    let mut planted = ada.clone();
    ada.login(&app, "bob", "correct-horse").await;
    assert_eq!(ada.get(&app, "/api").await.body, "bob admin");
    assert_eq!(planted.get(&app, "/api").await.problem(), (401, "token_revoked".into()));
}

#[tokio::test]
async fn a_failed_login_leaves_the_session_alone() {
    let app = App::new();
    let mut ada = Client::logged_in(&app).await;
    assert_eq!(ada.login(&app, "ada", "wrong").await.problem(), (401, "bad_credentials".into()));
    assert_eq!(ada.get(&app, "/api").await.status, 200);
}

#[tokio::test]
async fn the_session_tells_who_and_until_when() {
    let app = App::new();
    let mut ada = Client::logged_in(&app).await;
    app.at(LOGIN + 100);
    let answer = ada.get(&app, "/auth/session").await;
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_eq!(answer.json()["csrf_token"], ada.csrf());
    assert_eq!(answer.json()["expires_at"], LOGIN + 600);
    assert!(!answer.body.contains(&ada.token()));

    app.at(LOGIN + 700);
    let answer = ada.get(&app, "/auth/session").await;
    assert_eq!(
        answer.json()["expires_at"],
        LOGIN + 1_300,
        "the page is told of the session it has from now on"
    );
    assert_eq!(answer.set_cookies().len(), 2);
    assert_eq!(
        Client::default().get(&app, "/auth/session").await.problem(),
        (401, "token_missing".into())
    );
}

#[tokio::test]
async fn ten_refreshes_of_one_token_all_succeed() {
    let app = App::new();
    let ada = Client::logged_in(&app).await;
    for _ in 0..10 {
        let mut tab = ada.clone();
        let answer = tab.post(&app, "/auth/refresh").await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert!(!answer.body.contains(&tab.token()));
        assert_eq!(tab.get(&app, "/api").await.status, 200);
    }
    assert_eq!(
        ada.clone().post_unguarded(&app, "/auth/refresh").await.problem(),
        (403, "csrf_missing".into())
    );
}

#[tokio::test]
async fn logout_forgets_the_cookies_and_the_saved_one_is_dead() {
    let app = App::new();
    let mut ada = Client::logged_in(&app).await;
    let mut saved = ada.clone();
    assert_eq!(
        saved.clone().post_unguarded(&app, "/auth/logout").await.problem(),
        (403, "csrf_missing".into())
    );
    let answer = ada.post(&app, "/auth/logout").await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (204, ""));
    assert_eq!(answer.set_cookies().len(), 2);
    assert!(
        answer.set_cookies().iter().all(|cookie| cookie.contains("; Max-Age=0; Secure")),
        "{answer:?}"
    );
    assert_eq!(ada.get(&app, "/api").await.problem(), (401, "token_missing".into()));
    assert_eq!(saved.get(&app, "/api").await.problem(), (401, "token_revoked".into()));
    assert_eq!(saved.post(&app, "/auth/refresh").await.problem(), (401, "token_revoked".into()));
    assert_eq!(saved.post(&app, "/auth/logout").await.status, 204, "twice is as good as once");
}

#[tokio::test]
async fn logout_everywhere_ends_the_other_device() {
    let app = App::new();
    let (mut here, mut there) = (Client::logged_in(&app).await, Client::logged_in(&app).await);
    assert_eq!(here.clone().post_unguarded(&app, "/auth/logout-everywhere").await.problem().0, 403);
    assert_eq!(here.post(&app, "/auth/logout-everywhere").await.status, 204);
    assert_eq!(there.get(&app, "/api").await.problem(), (401, "token_revoked".into()));
    assert_eq!(Client::logged_in(&app).await.get(&app, "/api").await.status, 200);
}

#[tokio::test]
async fn a_native_client_carries_its_own_token() {
    let app = App::new();
    let mut phone = Client::default();
    let answer = phone.send(&app, Method::POST, "/auth/token", &[JSON], ADA).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(answer.set_cookies().is_empty());
    assert_eq!(answer.headers["cache-control"], "no-store");
    let body = answer.json();
    assert_eq!(
        (body["token_type"].as_str(), body["expires_in"].as_u64()),
        (Some("Bearer"), Some(600))
    );
    assert!(body.get("csrf_token").is_none());

    let authorization = format!("Bearer {}", body["access_token"].as_str().unwrap());
    let bearer = [("authorization", authorization.as_str())];
    let answer = phone.send(&app, Method::POST, "/api", &bearer, "").await;
    assert_eq!(answer.body, "ada admin", "a bearer token needs no anti-CSRF token");

    app.at(LOGIN + 600);
    let answer = phone.send(&app, Method::POST, "/api", &bearer, "").await;
    assert_eq!(answer.problem(), (401, "token_expired".into()));
    let renewed = phone.send(&app, Method::POST, "/auth/refresh", &bearer, "").await;
    assert_eq!(renewed.status, 200);
    assert!(renewed.json()["access_token"].is_string() && renewed.set_cookies().is_empty());

    assert_eq!(phone.send(&app, Method::POST, "/auth/logout", &bearer, "").await.status, 204);
    let authorization = format!("Bearer {}", renewed.json()["access_token"].as_str().unwrap());
    let answer =
        phone.send(&app, Method::GET, "/api", &[("authorization", &authorization)], "").await;
    assert_eq!(
        answer.problem(),
        (401, "token_revoked".into()),
        "a renewed token outlived the logout"
    );
}

#[tokio::test]
async fn a_browser_gets_no_bearer_token() {
    let app = App::new();
    for header in [
        ("origin", ORIGIN),
        ("sec-fetch-mode", "cors"),
        ("sec-fetch-site", "same-origin"),
        ("cookie", "a=b"),
    ] {
        let answer =
            Client::default().send(&app, Method::POST, "/auth/token", &[JSON, header], ADA).await;
        assert_eq!(answer.problem(), (403, "browser_must_use_cookie".into()), "{header:?}");
    }
    let closed = App::without_bearer();
    let answer = Client::default().send(&closed, Method::POST, "/auth/token", &[JSON], ADA).await;
    assert_eq!(answer.status, 404, "bearer tokens are opt-in");
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_one() {
    let app = App::new();
    for (method, path, allow) in [
        (Method::GET, "/auth/login", "POST"),
        (Method::PUT, "/auth/logout", "POST"),
        (Method::GET, "/auth/refresh", "POST"),
        (Method::POST, "/auth/session", "GET,HEAD"),
    ] {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        let answer = app.send(request).await;
        assert_eq!(answer.problem(), (405, "method_not_allowed".into()), "{path}");
        assert_eq!(answer.headers["allow"], allow, "{path}");
    }
}

/// Keeps what it is told, or says that it cannot.
#[derive(Default)]
struct Store {
    is_broken: AtomicBool,
    kept: Mutex<Vec<Revocation>>,
}

impl RevocationStore for Store {
    fn record<'a>(&'a self, revocations: &'a [Revocation]) -> Recording<'a> {
        Box::pin(async move {
            if self.is_broken.load(Ordering::Relaxed) {
                return Err(StoreError::new("/var/lib/sealpass: disk full"));
            }
            self.kept.lock().unwrap().extend_from_slice(revocations);
            Ok(())
        })
    }
}

impl Store {
    fn kept(&self) -> usize {
        self.kept.lock().unwrap().len()
    }
}

#[tokio::test]
async fn a_logout_is_kept_before_it_is_answered_and_only_once() {
    let store = Arc::new(Store::default());
    let app = App::with_store(store.clone());
    let mut ada = Client::logged_in(&app).await;
    let mut saved = ada.clone();
    assert_eq!(store.kept(), 0, "a login of nobody's was kept");
    assert_eq!(ada.post(&app, "/auth/logout").await.status, 204);
    assert_eq!(saved.post(&app, "/auth/logout").await.status, 204);
    assert_eq!(store.kept(), 1);
    let mut bob = Client::logged_in(&app).await;
    assert_eq!(bob.post(&app, "/auth/logout-everywhere").await.status, 204);
    assert_eq!(store.kept(), 2);
    let mut eve = Client::logged_in(&app).await;
    eve.login(&app, "bob", "correct-horse").await;
    assert_eq!(store.kept(), 3, "the session that a login replaced");
}

#[tokio::test]
async fn a_logout_that_cannot_be_kept_did_not_happen() {
    let store = Arc::new(Store::default());
    let app = App::with_store(store.clone());
    let mut ada = Client::logged_in(&app).await;
    store.is_broken.store(true, Ordering::Relaxed);
    for path in ["/auth/logout", "/auth/logout-everywhere"] {
        let answer = ada.post(&app, path).await;
        assert!(!answer.body.contains("/var/lib"), "{answer:?}");
        assert_eq!(answer.headers["retry-after"], "5");
        assert_eq!(answer.problem(), (503, "logout_not_recorded".into()), "{path}");
        assert_eq!(ada.get(&app, "/api").await.status, 200, "{path} took effect");
    }
    let answer = ada.login(&app, "bob", "correct-horse").await;
    assert_eq!(answer.problem(), (503, "logout_not_recorded".into()), "a login left one behind");
    assert_eq!(Client::logged_in(&app).await.get(&app, "/api").await.status, 200);

    store.is_broken.store(false, Ordering::Relaxed);
    assert_eq!(ada.post(&app, "/auth/logout").await.status, 204);
}
