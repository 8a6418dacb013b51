//! Where a browser is sent that nobody is logged in with.

use super::via::{Told, Via, told};
use super::*;

const PAGE: [(&str, &str); 2] =
    [("sec-fetch-mode", "navigate"), ("accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8")];

fn server(login: &str) -> Server {
    let server = Server::new();
    let forward_auth = server.forward_auth.clone();
    let forward_auth = forward_auth.with_login_page(&login.parse().unwrap(), &origin());
    Server { forward_auth, ..server }
}

async fn location(login: &str, target: &str) -> Option<String> {
    let answer = server(login).ask(Via::Traefik, "GET", target, &PAGE).await;
    sent(&answer)
}

fn sent(answer: &Told) -> Option<String> {
    let location = answer.headers.get("location")?.to_str().unwrap().to_owned();
    assert_eq!(answer.verdict(), told(302, ""));
    assert_eq!(answer.all("cache-control"), ["no-store"]);
    assert!(answer.all("www-authenticate").is_empty());
    Some(location)
}

#[tokio::test]
async fn rule_11_a_page_gets_the_login_page_where_the_proxy_passes_it_on() {
    let server = server("https://app.example/login");
    for via in Via::ALL {
        let answer = server.ask(via, "GET", "/orders/7?a=1&b=2", &PAGE).await;
        let expected = "https://app.example/login?return_to=%2Forders%2F7%3Fa%3D1%26b%3D2";
        if via == Via::Nginx {
            assert_eq!(answer.verdict(), told(401, "token_missing"));
            assert!(answer.all("location").is_empty());
        } else {
            assert_eq!(sent(&answer).as_deref(), Some(expected), "{via:?}");
        }
    }
}

#[tokio::test]
async fn rule_11_an_api_call_gets_401() {
    let with = server("https://app.example/login");
    let without = Server::new();
    let mode = |mode| ("sec-fetch-mode", mode);
    let accept = |accept| ("accept", accept);
    for via in Via::ALL {
        for (method, headers) in [
            ("GET", &[][..]),
            ("GET", &[accept("text/html")]),
            ("GET", &[mode("navigate")]),
            ("GET", &[mode("navigate"), accept("application/json, text/html-not")]),
            ("GET", &[mode("cors"), accept("text/html")]),
            ("POST", &PAGE),
        ] {
            let answer = with.ask(via, method, "/", headers).await;
            assert_eq!(
                answer.verdict(),
                told(401, "token_missing"),
                "{via:?} {method} {headers:?}"
            );
        }
        assert_eq!(with.ask(via, "HEAD", "/", &PAGE).await.status, 401, "{via:?}");
        let answer = without.ask(via, "GET", "/", &PAGE).await;
        assert_eq!(answer.verdict(), told(401, "token_missing"), "{via:?}");
    }
}

#[tokio::test]
async fn rule_11_what_a_login_does_not_mend_is_refused_as_ever() {
    let server = server("https://app.example/login");
    for via in Via::ALL {
        let [mode, accept] = PAGE;
        let answer = server.verdict_of(via, "GET", &[COOKIE, BEARER, mode, accept]).await;
        assert_eq!(answer, told(403, "ambiguous_credentials"), "{via:?}");
        let answer = server.ask_as([192, 0, 2, 1], via, "GET", "/", &PAGE).await;
        assert_eq!(answer.verdict(), told(403, "untrusted_proxy"), "{via:?}");
    }
}

#[tokio::test]
async fn nobody_is_sent_to_another_site_afterwards() {
    for target in [
        "//evil.test/",
        "/..//evil.test/",
        "/.//evil.test/",
        "//evil.test",
        "/\\evil.test",
        "/\t/evil.test",
        "https://evil.test/",
    ] {
        let location = location("https://app.example/login", target).await;
        assert_eq!(location.as_deref(), Some("https://app.example/login"), "{target:?}");
    }
    let long = format!("/{}", "x".repeat(2000));
    let location_of_long = location("https://app.example/login", &long).await;
    assert_eq!(location_of_long.as_deref(), Some("https://app.example/login"));
    assert_eq!(
        location("https://id.example/in?app=1", "/a b%20\u{7e}").await.as_deref(),
        Some("https://id.example/in?app=1"),
        "white space"
    );
    assert_eq!(
        location("https://id.example/in?app=1", "/a%20b?c=%2F%2Fevil.test").await.as_deref(),
        Some("https://id.example/in?app=1&return_to=%2Fa%2520b%3Fc%3D%252F%252Fevil.test")
    );
}

#[tokio::test]
async fn a_login_page_that_wants_a_session_does_not_go_round_for_ever() {
    assert_eq!(location("https://app.example/login?x", "/login?return_to=%2F").await, None);
    assert!(location("https://app.example/login", "/login/help").await.is_some());
    assert!(location("https://id.example/login", "/login").await.is_some(), "another site's");
}
