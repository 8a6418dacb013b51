//! How long an answer may go on, and how long an API may pause in it.

use http::Version;
use http_body_util::BodyExt as _;
use hyper_util::rt::TokioExecutor;
use sealpass_tower::sealpass::revocation::Revocation;

use super::*;
use crate::route::tests::{public, routes};

const ROWS: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\n";
const CHUNKS: &str = "Transfer-Encoding: chunked\r\n\r\n3\r\n{}\n\r\n";

/// A client that has the head of the answer to its `request`, and the API that has given it.
async fn answered(gate: &Gate, api: &Api, request: &str, answer: &str) -> (Wire, Wire) {
    let mut client = gate.send(request).await;
    let mut upstream = api.accept().await;
    upstream.head().await;
    upstream.send(answer).await;
    assert!(client.head().await.starts_with("HTTP/1.1 200 OK"));
    (client, upstream)
}

const GET: &str = "GET /rows HTTP/1.1\n{host}\n{session}\n\n";

/// Ends the session of `gate` in one of the ways in which sessions end.
fn end_session(gate: &Gate, how: &str) {
    let everyone = Revocation::Everyone { not_before: LOGIN.saturating_add(1) };
    match how {
        "logout" => gate.auth.policy().revocations().apply(&everyone, LOGIN),
        "idle" => gate.clock.store(LOGIN.as_secs() + 3_600, Ordering::Relaxed),
        _ => gate.clock.store(LOGIN.as_secs() + 43_200, Ordering::Relaxed),
    }
}

#[tokio::test]
async fn an_answer_of_unknown_length_ends_with_its_session_and_does_not_look_whole() {
    for how in ["logout", "idle", "absolute"] {
        for framing in [CHUNKS, "Connection: close\r\n\r\n{}\n"] {
            let api = Api::start().await;
            let gate = Gate::before(&api).await;
            let answer = format!("{ROWS}{framing}");
            let (mut client, upstream) = answered(&gate, &api, GET, &answer).await;
            assert_eq!(client.chunk().await, "{}\n");
            end_session(&gate, how);
            assert_eq!(client.rest().await, "", "{how}");
            assert_eq!(upstream.rest().await, "", "{how}");
        }
    }
}

/// As that of an API which changes a password and revokes what there was before.
#[tokio::test]
async fn an_answer_to_a_request_that_ended_its_own_session_arrives_whole() {
    let api = Api::start().await;
    let gate = Gate::before(&api).await;
    let mut client = gate.send(GET).await;
    let mut upstream = api.accept().await;
    upstream.head().await;
    end_session(&gate, "logout");
    upstream.send(&format!("{ROWS}{CHUNKS}")).await;
    assert!(client.head().await.starts_with("HTTP/1.1 200 OK"));
    assert_eq!(client.chunk().await, "{}\n");
    // Less than the second within which a logout is to be seen.
    tokio::time::pause();
    tokio::time::advance(Duration::from_millis(100)).await;
    tokio::time::resume();
    upstream.send("0\r\n\r\n").await;
    assert_eq!(client.chunk().await, "");
}

#[tokio::test]
async fn an_answer_of_unknown_length_over_http2_ends_with_its_session() {
    let api = Api::start().await;
    let gate = Gate::before(&api).await;
    let client = legacy::Client::builder(TokioExecutor::new()).http2_only(true).build_http();
    let mut request = Request::get(format!("http://{}/rows", gate.address));
    for line in gate.session.lines() {
        let (name, value) = line.split_once(": ").unwrap();
        request = request.header(name, value);
    }
    let answer = tokio::spawn(client.request(request.body(Body::empty()).unwrap()));
    let mut upstream = api.accept().await;
    upstream.head().await;
    upstream.send(&format!("{ROWS}{CHUNKS}")).await;
    let answer = answer.await.unwrap().unwrap();
    assert_eq!(answer.version(), Version::HTTP_2);
    let mut body = answer.into_body();
    assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "{}\n");
    end_session(&gate, "logout");
    body.frame().await.expect("no end").expect_err("it would look whole");
    assert_eq!(upstream.rest().await, "");
}

#[tokio::test]
async fn an_answer_of_unknown_length_is_finished_when_the_server_stops() {
    let api = Api::start().await;
    let gate = Gate::before(&api).await;
    let (mut client, mut upstream) = answered(&gate, &api, GET, &format!("{ROWS}{CHUNKS}")).await;
    assert_eq!(client.chunk().await, "{}\n");
    gate.switch.drain();
    while TcpStream::connect(gate.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    for turn in 0..10 {
        upstream.send(&format!("2\r\n{turn}\n\r\n")).await;
        assert_eq!(client.chunk().await, format!("{turn}\n"));
    }
    upstream.send("0\r\n\r\n").await;
    assert_eq!(client.chunk().await, "");
    gate.served.await.unwrap();
}

#[tokio::test]
async fn an_api_that_stalls_in_its_answer_is_given_up() {
    let anyones = "GET /public HTTP/1.1\n{host}\n\n";
    for (request, framing) in
        [(GET, CHUNKS), (anyones, CHUNKS), (GET, "Content-Length: 10\r\n\r\n3\r\n{}\n\r\n")]
    {
        let api = Api::start().await;
        let stall = Duration::from_mins(10);
        let routes = routes([("/public", public())]);
        let setup = Setup { stall, routes, ..Setup::default() };
        let gate = Gate::new(api.address, setup).await;
        let answer = format!("{ROWS}{framing}");
        let (mut client, upstream) = answered(&gate, &api, request, &answer).await;
        assert_eq!(client.bytes(8).await, "3\r\n{}\n\r\n");
        // From here on nothing but time passes, and that at once.
        tokio::time::pause();
        let before = tokio::time::Instant::now();
        assert_eq!(client.rest().await, "", "it would look whole");
        assert!(before.elapsed() > stall / 2, "{:?}", before.elapsed());
        assert_eq!(upstream.rest().await, "");
        tokio::time::resume();
    }
}

#[tokio::test]
async fn a_stream_of_events_may_be_silent_for_longer_than_an_api_may_stall() {
    let api = Api::start().await;
    let gate = Gate::before(&api).await;
    let events = format!("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n{CHUNKS}");
    let (mut client, mut upstream) = answered(&gate, &api, GET, &events).await;
    assert_eq!(client.chunk().await, "{}\n");
    // Many of its timeouts, which pass at once.
    tokio::time::pause();
    tokio::time::sleep(Duration::from_hours(1)).await;
    tokio::time::resume();
    upstream.send("3\r\n{}\n\r\n").await;
    assert_eq!(client.chunk().await, "{}\n");
}
