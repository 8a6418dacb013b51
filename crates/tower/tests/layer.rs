//! What reaches a handler, and what the answer does to the session.

mod support;

use axum::body::Body;
use axum::extract::Request;
use http::Method;
use support::{App, Client, LOGIN};

#[tokio::test]
async fn a_stranger_reaches_no_handler() {
    let app = App::new();
    let mut stranger = Client::default();
    assert_eq!(stranger.get(&app, "/api").await.problem(), (401, "token_missing".into()));
    assert_eq!(stranger.post(&app, "/api").await.problem(), (401, "token_missing".into()));
    assert_eq!(app.reached(), 0);
}

#[tokio::test]
async fn a_session_reaches_the_handler_with_its_claims() {
    let app = App::new();
    let mut ada = Client::logged_in(&app).await;
    assert_eq!(ada.get(&app, "/api").await.body, "ada admin");
    assert_eq!(ada.post(&app, "/api").await.body, "ada admin");
    assert_eq!(app.reached(), 2);
}

#[tokio::test]
async fn an_unsafe_request_without_its_csrf_token_never_reaches_a_handler() {
    let app = App::new();
    let mut ada = Client::logged_in(&app).await;
    let mut bob = Client::default();
    bob.login(&app, "bob", "correct-horse").await;
    assert_eq!(ada.post_unguarded(&app, "/api").await.problem(), (403, "csrf_missing".into()));
    for path in ["/api", "/public"] {
        for (name, value, code) in [
            ("x-csrf-token", bob.csrf(), "csrf_mismatch"),
            ("origin", "https://evil.test".into(), "cross_site"),
            ("sec-fetch-site", "same-site".into(), "cross_site"),
        ] {
            let headers = [(name, value.as_str())];
            let answer = ada.send(&app, Method::POST, path, &headers, "").await;
            assert_eq!(answer.problem(), (403, code.into()), "{path} {name}");
        }
    }
    let answer = ada.send(&app, Method::DELETE, "/api", &[], "").await;
    assert_eq!(answer.problem(), (403, "csrf_missing".into()));
    assert_eq!(app.reached(), 0);
}

#[tokio::test]
async fn a_public_route_serves_strangers_and_refuses_forgeries() {
    let app = App::new();
    let mut stranger = Client::default();
    assert_eq!(stranger.get(&app, "/public").await.body, "stranger");
    let mut ada = Client::logged_in(&app).await;
    assert_eq!(ada.get(&app, "/public").await.body, "ada");
    assert_eq!(ada.post_unguarded(&app, "/public").await.problem(), (403, "csrf_missing".into()));
    app.at(LOGIN + 3_600);
    assert_eq!(
        ada.get(&app, "/public").await.body,
        "stranger",
        "a dead cookie is no reason for a 401"
    );
}

#[tokio::test]
async fn a_route_without_the_layer_answers_nobody() {
    let app = App::new();
    let mut ada = Client::logged_in(&app).await;
    assert_eq!(ada.get(&app, "/forgotten").await.problem(), (500, "missing_layer".into()));
}

#[tokio::test]
async fn step_up_asks_for_a_recent_login() {
    let app = App::new();
    let mut ada = Client::logged_in(&app).await;
    app.at(LOGIN + 299);
    assert_eq!(ada.get(&app, "/fresh").await.body, "ada");
    app.at(LOGIN + 300);
    let answer = ada.get(&app, "/fresh").await;
    // RFC 9470 §3, to the letter.
    assert_eq!(
        answer.headers["www-authenticate"],
        r#"Bearer realm="sealpass", error="insufficient_user_authentication", error_description="this needs a login within the last 300 seconds: log in again", max_age="300""#
    );
    assert_eq!(answer.status, 401);
    assert_eq!(answer.json()["code"], "reauth_required");
    let mut before = ada.clone();
    ada.login(&app, "ada", "correct-horse").await;
    assert_eq!(ada.get(&app, "/fresh").await.body, "ada");
    let replaced = before.get(&app, "/api").await.problem();
    assert_eq!(replaced, (401, "token_revoked".into()), "the session of before is over");
}

#[tokio::test]
async fn a_handler_may_ask_for_a_recent_login_by_its_own_rules() {
    let app = App::new();
    let missing = Client::default().get(&app, "/transfer").await.problem();
    assert_eq!(missing, (401, "token_missing".into()), "strangers are welcome, but not here");
    let mut ada = Client::logged_in(&app).await;
    app.at(LOGIN + 299);
    assert_eq!(ada.get(&app, "/transfer").await.body, "done");
    app.at(LOGIN + 300);
    let refused = ada.get(&app, "/transfer").await;
    assert!(refused.headers["www-authenticate"].to_str().unwrap().ends_with(r#"max_age="300""#));
    assert_eq!(refused.problem(), (401, "reauth_required".into()));
    assert_eq!(ada.get(&app, "/api").await.status, 200, "the session is as good as before");
}

#[tokio::test]
async fn the_answer_renews_the_session_and_is_never_stored() {
    let app = App::new();
    let mut ada = Client::logged_in(&app).await;
    let first = ada.token();
    app.at(LOGIN + 299);
    assert!(ada.get(&app, "/api").await.set_cookies().is_empty(), "renewed too early");
    app.at(LOGIN + 300);
    let answer = ada.get(&app, "/api").await;
    assert_eq!(answer.set_cookies().len(), 2, "{answer:?}");
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_ne!(ada.token(), first);
    app.at(LOGIN + 300 + 3_599);
    assert_eq!(ada.get(&app, "/api").await.status, 200);
}

#[tokio::test]
async fn a_refused_request_renews_nothing_and_clears_nothing() {
    let app = App::new();
    let mut ada = Client::logged_in(&app).await;
    app.at(LOGIN + 400);
    // `problem` asserts that no cookie is set.
    assert_eq!(ada.post_unguarded(&app, "/api").await.problem(), (403, "csrf_missing".into()));
    app.at(LOGIN + 3_600);
    assert_eq!(ada.get(&app, "/api").await.problem(), (401, "token_expired".into()));
    assert_eq!(ada.post(&app, "/auth/refresh").await.problem(), (401, "token_expired".into()));
    app.at(LOGIN + 43_200);
    assert_eq!(ada.get(&app, "/api").await.problem(), (401, "session_expired".into()));
}

#[tokio::test]
async fn cookie_and_bearer_together_are_ambiguous() {
    let app = App::new();
    let mut ada = Client::logged_in(&app).await;
    let headers = [("authorization", "Bearer x")];
    for path in ["/api", "/public", "/auth/session"] {
        let answer = ada.send(&app, Method::GET, path, &headers, "").await;
        assert_eq!(answer.problem(), (400, "ambiguous_credentials".into()), "{path}");
    }
}

#[tokio::test]
async fn the_challenge_follows_rfc_6750() {
    let app = App::new();
    let missing = Client::default().get(&app, "/api").await;
    assert_eq!(missing.headers["www-authenticate"], r#"Bearer realm="sealpass""#);
    let request = Request::get("/api")
        .header("cookie", "__Host-session=garbage")
        .body(Body::empty())
        .unwrap();
    let invalid = app.send(request).await;
    let challenge = invalid.headers["www-authenticate"].to_str().unwrap();
    assert!(
        challenge
            .starts_with(r#"Bearer realm="sealpass", error="invalid_token", error_description=""#)
    );
    assert_eq!(invalid.problem(), (401, "token_invalid".into()));
}

#[tokio::test]
async fn a_logout_during_the_request_is_not_undone_by_its_renewal() {
    let app = App::new();
    let mut ada = Client::logged_in(&app).await;
    app.at(LOGIN + 400);
    let answer = ada.post(&app, "/logging-out").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(
        answer.set_cookies().is_empty(),
        "a session that was logged out was renewed: {answer:?}"
    );
    assert_eq!(ada.get(&app, "/api").await.problem(), (401, "token_revoked".into()));
}

#[tokio::test]
async fn an_answer_that_sets_the_session_cookie_itself_has_the_last_word() {
    let app = App::new();
    let mut ada = Client::logged_in(&app).await;
    app.at(LOGIN + 400);
    let answer = ada.get(&app, "/forgetting").await;
    assert_eq!(answer.set_cookies(), ["__Host-session=; Path=/; Max-Age=0; Secure"]);
}

#[tokio::test]
async fn an_answer_that_says_anything_of_our_cookies_is_not_renewed() {
    let app = App::new();
    let ada = Client::logged_in(&app).await;
    app.at(LOGIN + 400);
    for said in [
        "set-cookie: __Host-session=; Max-Age=0",
        "set-cookie:  __Host-session =x; Path=/",
        "set-cookie: \t__Host-session\t=x",
        "set-cookie: __Host-csrf=; Max-Age=0; Secure; Path=/",
        "clear-site-data: \"cookies\"",
        "clear-site-data: \"cache\", \"cookies\"",
        "clear-site-data: \"*\"",
    ] {
        let answer = ada.clone().send(&app, Method::GET, "/saying", &[("x-say", said)], "").await;
        let said_cookies = usize::from(said.starts_with("set-cookie"));
        assert_eq!(answer.set_cookies().len(), said_cookies, "{said:?}: {answer:?}");
    }
    for said in [
        "set-cookie: __Host-sessions=x",
        "set-cookie: theme=__Host-session=x",
        "set-cookie: x; __Host-session=y",
        "clear-site-data: \"cache\"",
    ] {
        let answer = ada.clone().send(&app, Method::GET, "/saying", &[("x-say", said)], "").await;
        let ours = answer.set_cookies();
        let ours = ours.iter().filter(|cookie| cookie.ends_with("SameSite=Strict"));
        assert_eq!(ours.count(), 1, "{said:?}: {answer:?}");
    }
}

#[tokio::test]
async fn a_websocket_from_a_sibling_subdomain_is_refused() {
    let app = App::new();
    let mut ada = Client::logged_in(&app).await;
    for handshake in
        [("upgrade", "WebSocket"), ("upgrade", "h2c, websocket"), ("sec-websocket-key", "x")]
    {
        for evil in [("origin", "https://evil.app.example"), ("sec-fetch-site", "same-site")] {
            let answer = ada.send(&app, Method::GET, "/api", &[handshake, evil], "").await;
            assert_eq!(answer.problem(), (403, "cross_site".into()), "{handshake:?} {evil:?}");
        }
        let ours = ("origin", support::ORIGIN);
        assert_eq!(ada.send(&app, Method::GET, "/api", &[handshake, ours], "").await.status, 200);
    }
    assert_eq!(ada.send(&app, Method::GET, "/api", &[("upgrade", "h2c")], "").await.status, 200);
}

#[tokio::test]
async fn a_session_of_before_the_start_is_refused_since_its_logout_may_be_forgotten() {
    let (first, second) = App::twice();
    let mut ada = Client::logged_in(&first).await;
    assert_eq!(ada.get(&first, "/api").await.status, 200);
    second.at(LOGIN + 1);
    assert_eq!(ada.get(&second, "/api").await.problem(), (401, "token_revoked".into()));
}
