//! What the proxy does for the session of a request, and what the API's answer does to that.

use super::*;

/// The head of the answer to a call that is due for renewal, when the API answers `answer`.
async fn answered_with(answer: &str) -> String {
    let api = Api::start().await;
    let gate = Gate::new(api.address, Setup { age: 400, ..Setup::default() }).await;
    let mut client = gate.send("GET /x HTTP/1.1\n{host}\n{session}\n\n").await;
    let mut upstream = api.accept().await;
    upstream.head().await;
    upstream.send(answer).await;
    client.head().await
}

fn renews(head: &str) -> bool {
    head.to_ascii_lowercase().contains("set-cookie: __host-session=")
}

#[tokio::test]
async fn whatever_status_the_api_answers_the_session_goes_on() {
    for status in ["200 OK", "304 Not Modified", "401 Unauthorized", "403 Forbidden", "500 Oh"] {
        let head = answered_with(&format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n")).await;
        assert!(renews(&head), "{head}");
        assert!(!head.contains("Max-Age=0"), "a 401 of the API clears nothing of ours: {head}");
        assert_eq!(header(&head, "cache-control"), Some("no-store"), "{head}");
    }
}

#[tokio::test]
async fn the_api_can_neither_set_nor_clear_our_cookies_but_all_of_the_site() {
    let clearing = "Set-Cookie: __Host-session=; Max-Age=0; Secure; Path=/\r\n";
    let head =
        answered_with(&format!("HTTP/1.1 200 OK\r\n{clearing}Content-Length: 0\r\n\r\n")).await;
    assert!(renews(&head) && !head.contains("Max-Age=0"), "{head}");
    // The browser is told to forget everything: a cookie of ours may not come after that.
    let clearing = "Clear-Site-Data: \"cookies\"\r\n";
    let head =
        answered_with(&format!("HTTP/1.1 200 OK\r\n{clearing}Content-Length: 0\r\n\r\n")).await;
    assert!(!renews(&head), "{head}");
}

#[tokio::test]
async fn an_api_that_does_not_answer_costs_no_renewal() {
    let api = Api::start().await;
    let gate = Gate::new(api.address, Setup { age: 400, ..Setup::default() }).await;
    let mut client = gate.send("POST /x HTTP/1.1\n{host}\n{session}\nContent-Length: 0\n\n").await;
    let mut upstream = api.accept().await;
    upstream.head().await;
    drop(upstream);
    let head = client.head().await;
    assert!(head.starts_with("HTTP/1.1 502"), "{head}");
    assert!(renews(&head) && !head.contains("Max-Age=0"), "{head}");
}
