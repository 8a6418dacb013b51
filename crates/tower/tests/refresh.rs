//! A renewal asks the credential backend what holds of the user by now.

mod support;

use std::future::Future as _;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Waker};

use http::Method;
use support::{App, Client, LOGIN, Says};
use tokio::sync::Notify;

/// When a renewal is due.
const DUE: u64 = LOGIN + 300;

async fn logged_in(says: Says) -> (App, Client) {
    let app = App::new();
    let ada = Client::logged_in(&app).await;
    app.at(DUE);
    app.backend_says(says);
    (app, ada)
}

#[tokio::test]
async fn the_claims_of_the_new_token_are_what_the_backend_says_by_now() {
    let (app, mut ada) = logged_in(Says::Role("guest")).await;
    assert_eq!(ada.get(&app, "/api").await.body, "ada admin", "the request has the old token");
    assert_eq!(ada.get(&app, "/api").await.body, "ada guest");
    assert_eq!(app.asked(), 1, "a token that is not due asks nobody");

    app.backend_says(Says::Role("clerk"));
    assert_eq!(ada.post(&app, "/auth/refresh").await.status, 200);
    assert_eq!(ada.get(&app, "/api").await.body, "ada clerk");

    app.backend_says(Says::Role("cook"));
    app.at(DUE + 300);
    assert_eq!(ada.get(&app, "/auth/session").await.status, 200);
    assert_eq!(ada.get(&app, "/api").await.body, "ada cook");
}

#[tokio::test]
async fn a_user_who_is_gone_stops_at_the_renewal_with_all_of_their_sessions() {
    let (app, mut ada) = logged_in(Says::Gone).await;
    let mut bob = Client::default();
    bob.login(&app, "bob", "correct-horse").await;
    let mut elsewhere = ada.clone();
    // The handler is at work when it is found out; the answer renews nothing and clears nothing.
    let answer = ada.get(&app, "/api").await;
    assert_eq!((answer.status.as_u16(), answer.set_cookies().len()), (200, 0), "{answer:?}");
    assert_eq!(ada.get(&app, "/api").await.problem(), (401, "token_revoked".into()));
    assert_eq!(elsewhere.get(&app, "/api").await.problem(), (401, "token_revoked".into()));
    assert_eq!(bob.get(&app, "/api").await.status, 200, "nobody else is concerned");
}

#[tokio::test]
async fn asking_for_a_renewal_tells_a_user_who_is_gone() {
    let (app, mut ada) = logged_in(Says::Gone).await;
    // `problem` asserts that no cookie is set or cleared.
    assert_eq!(ada.post(&app, "/auth/refresh").await.problem(), (401, "token_revoked".into()));
    assert_eq!(ada.get(&app, "/api").await.problem(), (401, "token_revoked".into()));
}

#[tokio::test]
async fn a_bearer_token_is_renewed_by_what_the_backend_says() {
    let app = App::new();
    let login = r#"{"username":"ada","password":"correct-horse"}"#;
    let json = [("content-type", "application/json")];
    let mut native = Client::default();
    let token = native.send(&app, Method::POST, "/auth/token", &json, login).await.json();
    let bearer = format!("Bearer {}", token["access_token"].as_str().unwrap());
    app.backend_says(Says::Role("guest"));
    let with = |bearer: &str| [("authorization", bearer.to_owned())];
    let send = async |path: &str, method: Method, bearer: &str| {
        let headers = with(bearer);
        let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
        Client::default().send(&app, method, path, &headers, "").await
    };
    let renewed = send("/auth/refresh", Method::POST, &bearer).await.json();
    let renewed = format!("Bearer {}", renewed["access_token"].as_str().unwrap());
    assert_eq!(send("/api", Method::GET, &renewed).await.body, "ada guest");
    app.backend_says(Says::Gone);
    let gone = send("/auth/refresh", Method::POST, &renewed).await;
    assert_eq!(gone.problem(), (401, "token_revoked".into()));
    assert_eq!(send("/api", Method::GET, &bearer).await.problem().1, "token_revoked");
}

#[tokio::test]
async fn without_the_backend_nothing_is_renewed_and_nothing_is_lost() {
    let (app, mut ada) = logged_in(Says::Down).await;
    for age in [300, 599, 600, 601, 3_599] {
        app.at(LOGIN + age);
        let answer = ada.get(&app, "/api").await;
        assert_eq!((answer.status.as_u16(), answer.set_cookies().len()), (200, 0), "{age}");
        assert_eq!(ada.get(&app, "/auth/session").await.status, 200, "{age}");
        let refresh = ada.post(&app, "/auth/refresh").await;
        assert_eq!(refresh.problem(), (503, "backend_unavailable".into()));
        assert_eq!(refresh.headers["retry-after"], "5");
        assert!(!refresh.body.contains("ldap"), "{refresh:?}");
    }
    app.backend_says(Says::Role("guest"));
    assert_eq!(ada.get(&app, "/api").await.set_cookies().len(), 2, "it is back, just in time");
    app.at(LOGIN + 3_600);
    assert_eq!(ada.get(&app, "/api").await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn a_backend_that_says_nothing_holds_an_answer_up_for_a_second_and_no_longer() {
    let never = Arc::new(Notify::new());
    let (app, mut ada) = logged_in(Says::Later(never, "guest")).await;
    for path in ["/api", "/auth/session"] {
        let start = tokio::time::Instant::now();
        let answer = ada.get(&app, path).await;
        assert_eq!((answer.status.as_u16(), answer.set_cookies().len()), (200, 0), "{path}");
        assert_eq!(start.elapsed().as_secs(), 1, "{path}");
    }
    assert_eq!(app.asked(), 1, "the second request waits for the question of the first");
}

#[tokio::test]
async fn ten_tabs_renew_at_once_all_succeed_and_the_backend_is_asked_once() {
    let when = Arc::new(Notify::new());
    let (app, ada) = logged_in(Says::Later(Arc::clone(&when), "guest")).await;
    let (app, csrf) = (Arc::new(app), ada.csrf());
    let tabs: Vec<_> = (0..10)
        .map(|tab| {
            let (app, mut ada, csrf) = (Arc::clone(&app), ada.clone(), csrf.clone());
            tokio::spawn(async move {
                let answer = if tab % 2 == 0 {
                    ada.get(&app, "/api").await
                } else {
                    ada.post(&app, "/auth/refresh").await
                };
                assert_eq!(answer.set_cookies().len(), 2, "{answer:?}");
                assert_eq!(ada.csrf(), csrf, "an open tab would meet a 403");
                assert_eq!(ada.get(&app, "/api").await.body, "ada guest");
                ada.get(&app, "/auth/session").await.json()["session_expires_at"].clone()
            })
        })
        .collect();
    // One thread: each tab has come to wait when this task has its turn again.
    while app.asked() == 0 {
        tokio::task::yield_now().await;
    }
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!(app.asked(), 1);
    when.notify_one();
    for tab in tabs {
        assert_eq!(tab.await.unwrap(), LOGIN + 43_200);
    }
    assert_eq!(app.asked(), 1);
}

#[tokio::test]
async fn hanging_up_keeps_nobody_from_finding_out_that_the_user_is_gone() {
    let (app, ada) = logged_in(Says::Gone).await;
    {
        let mut quick = ada.clone();
        let request = pin!(quick.get(&app, "/api"));
        // The first turn reaches the handler; then the client goes away.
        assert!(request.poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    assert_eq!(app.reached(), 1);
    let mut ada = ada;
    while app.asked() == 0 {
        tokio::task::yield_now().await;
    }
    while ada.get(&app, "/api").await.status == 200 {}
    assert_eq!(ada.get(&app, "/api").await.problem(), (401, "token_revoked".into()));
}

#[tokio::test]
async fn an_end_that_cannot_be_recorded_is_tried_again() {
    let (app, mut ada) = logged_in(Says::Gone).await;
    app.store_refuses(true);
    let answer = ada.get(&app, "/api").await;
    assert_eq!((answer.status.as_u16(), answer.set_cookies().len()), (200, 0));
    let refresh = ada.post(&app, "/auth/refresh").await;
    assert_eq!(refresh.problem(), (503, "backend_unavailable".into()));
    app.store_refuses(false);
    assert_eq!(ada.get(&app, "/api").await.status, 200);
    assert_eq!(ada.get(&app, "/api").await.problem(), (401, "token_revoked".into()));
}

#[tokio::test]
async fn a_logout_while_the_backend_is_asked_wins() {
    let (app, mut ada) = logged_in(Says::Role("guest")).await;
    let answer = ada.post(&app, "/logging-out").await;
    assert_eq!((answer.status.as_u16(), answer.set_cookies().len()), (200, 0), "{answer:?}");
    assert_eq!(ada.get(&app, "/api").await.problem(), (401, "token_revoked".into()));
}

#[tokio::test]
async fn claims_that_do_not_fit_any_more_clear_nothing() {
    let long: &'static str = Box::leak("r".repeat(5_000).into_boxed_str());
    let (app, mut ada) = logged_in(Says::Role(long)).await;
    let answer = ada.get(&app, "/api").await;
    assert_eq!((answer.status.as_u16(), answer.set_cookies().len()), (200, 0), "{answer:?}");
    assert_eq!(ada.post(&app, "/auth/refresh").await.problem(), (500, "token_not_made".into()));
    assert_eq!(ada.get(&app, "/api").await.body, "ada admin");
}
