//! What a client is told when the API is not at its best, and what becomes of an answer.

use super::*;

const GET: &str = "GET /x HTTP/1.1\n{host}\n{session}\n\n";
const POST: &str = "POST /x HTTP/1.1\n{host}\n{session}\nContent-Length: 5\n\nhello";

/// The head and the rest of what a client gets for `answer`; the API closes after it.
async fn answered(request: &str, answer: &str, setup: Setup) -> (String, Wire) {
    let api = Api::start().await;
    let gate = Gate::new(api.address, setup).await;
    let mut client = gate.send(request).await;
    let mut upstream = api.accept().await;
    upstream.head().await;
    upstream.send(answer).await;
    let head = client.head().await;
    (head, client)
}

#[tokio::test]
async fn an_api_that_is_down_is_502() {
    let api = Api::start().await;
    let gate = Gate::before(&api).await;
    drop(api);
    let mut client = gate.send(GET).await;
    assert_eq!(client.problem().await, (502, "upstream_unreachable".to_owned()));
    // The connection is as good as before.
    client.send(&gate.fill(POST)).await;
    assert_eq!(client.problem().await, (502, "upstream_unreachable".to_owned()));
}

#[tokio::test]
async fn an_api_that_does_not_answer_is_504() {
    for (request, body) in [(GET, ""), (POST, "hello")] {
        let api = Api::start().await;
        let response_timeout = Duration::from_mins(1);
        let gate = Gate::new(api.address, Setup { response_timeout, ..Setup::default() }).await;
        let mut client = gate.send(request).await;
        let mut upstream = api.accept().await;
        upstream.head().await;
        assert_eq!(upstream.bytes(body.len()).await, body);
        // The API has all of it: from here on nothing but time passes, and that at once.
        tokio::time::pause();
        let before = tokio::time::Instant::now();
        assert_eq!(client.problem().await, (504, "upstream_timeout".to_owned()));
        assert!(before.elapsed() > response_timeout / 2, "{:?}", before.elapsed());
        // And the API is told that nobody waits any more.
        upstream.rest().await;
        tokio::time::resume();
    }
}

#[tokio::test]
async fn a_slow_client_is_not_the_apis_fault() {
    let api = Api::start().await;
    // Long enough for a busy machine to answer within it.
    let response_timeout = Duration::from_millis(400);
    let gate = Gate::new(api.address, Setup { response_timeout, ..Setup::default() }).await;
    let request = "POST /x HTTP/1.1\n{host}\n{session}\nContent-Length: 10\n\nhello";
    let mut client = gate.send(request).await;
    let mut upstream = api.accept().await;
    upstream.head().await;
    assert_eq!(upstream.bytes(5).await, "hello");
    // Longer than the API may take; it passes however much longer this sleeps.
    tokio::time::sleep(response_timeout * 3).await;
    client.send("world").await;
    assert_eq!(upstream.bytes(5).await, "world");
    upstream.send(OK).await;
    assert!(client.head().await.starts_with("HTTP/1.1 200 OK"));
}

#[tokio::test]
async fn an_answer_that_is_no_http_is_502() {
    for answer in [
        "\0\0\0\r\n\r\n",
        "SSH-2.0-OpenSSH_9.2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
    ] {
        let api = Api::start().await;
        let gate = Gate::before(&api).await;
        let mut client = gate.send(GET).await;
        let mut upstream = api.accept().await;
        upstream.head().await;
        upstream.send(answer).await;
        assert_eq!(client.problem().await, (502, "upstream_invalid".to_owned()), "{answer:?}");
    }
}

/// A keep-alive connection that the API closes just as the next request arrives.
#[tokio::test]
async fn a_call_that_changes_nothing_is_repeated_when_the_connection_died() {
    let api = Api::start().await;
    let gate = Gate::before(&api).await;
    let mut client = gate.send(GET).await;
    let mut upstream = api.accept().await;
    upstream.head().await;
    upstream.send(OK).await;
    client.head().await;
    client.bytes(2).await;

    client.send(&gate.fill(GET)).await;
    upstream.head().await;
    drop(upstream);
    let mut upstream = api.accept().await;
    upstream.head().await;
    upstream.send(OK).await;
    assert!(client.head().await.starts_with("HTTP/1.1 200 OK"));
}

#[tokio::test]
async fn a_call_that_may_change_something_is_never_repeated() {
    let api = Api::start().await;
    let gate = Gate::before(&api).await;
    let mut client = gate.send(POST).await;
    let mut upstream = api.accept().await;
    upstream.head().await;
    assert_eq!(upstream.bytes(5).await, "hello");
    drop(upstream);
    assert_eq!(client.problem().await, (502, "upstream_invalid".to_owned()));
    api.assert_unreached();
}

#[tokio::test]
async fn an_answer_passes_without_what_concerned_its_connection() {
    let answer = "HTTP/1.1 418 Custom Words\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\n\
                  Keep-Alive: timeout=5\r\nServer: api\r\nX-Own: a\r\nX-Own: b\r\n\
                  Set-Cookie: theme=light\r\nSet-Cookie: __Host-session=evil; Path=/; Secure\r\n\
                  Set-Cookie: __Host-csrf=evil\r\nContent-Length: 2\r\n\r\nok";
    let (head, mut client) = answered(GET, answer, Setup::default()).await;
    assert_eq!(client.bytes(2).await, "ok");
    let mut lines: Vec<_> = head.lines().filter(|line| !line.starts_with("date: ")).collect();
    lines.get_mut(1..).unwrap().sort_unstable();
    assert_eq!(
        lines,
        [
            "HTTP/1.1 418 I'm a teapot",
            "content-length: 2",
            "server: api",
            "set-cookie: theme=light",
            "x-own: a",
            "x-own: b",
        ]
    );
}

#[tokio::test]
async fn a_length_beside_chunks_is_not_passed_on() {
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n\
                  2\r\nok\r\n0\r\n\r\n";
    let (head, mut client) = answered(GET, answer, Setup::default()).await;
    assert_eq!(header(&head, "content-length"), None);
    assert_eq!(header(&head, "transfer-encoding"), Some("chunked"));
    assert_eq!(client.chunk().await, "ok");
    assert_eq!(client.chunk().await, "");
}

#[tokio::test]
async fn answers_without_a_body_keep_their_length() {
    let head_request = "HEAD /x HTTP/1.1\n{host}\n{session}\n\n";
    for (answer, length) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n", Some("1234")),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", None),
    ] {
        let (head, _) = answered(head_request, answer, Setup::default()).await;
        assert_eq!(header(&head, "content-length"), length, "{head}");
    }
    for status in ["204 No Content", "304 Not Modified"] {
        let answer = format!("HTTP/1.1 {status}\r\nETag: \"1\"\r\n\r\n");
        let (head, _) = answered(GET, &answer, Setup::default()).await;
        assert!(head.starts_with(&format!("HTTP/1.1 {status}\r\netag: \"1\"\r\ndate: ")), "{head}");
        assert_eq!(head.lines().count(), 3, "{head}");
    }
}

#[tokio::test]
async fn a_renewed_session_reaches_the_browser_through_the_proxy() {
    let answer = "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nSet-Cookie: theme=light\r\n\
                  Content-Length: 0\r\n\r\n";
    let (head, _) = answered(GET, answer, Setup { age: 400, ..Setup::default() }).await;
    let cookies: Vec<_> =
        head.lines().filter_map(|line| line.strip_prefix("set-cookie: ")).collect();
    let [theme, session, csrf] = cookies[..] else { panic!("{head}") };
    assert_eq!(theme, "theme=light");
    assert!(
        session.starts_with("__Host-session=ey") && session.contains("; HttpOnly"),
        "{session}"
    );
    assert!(csrf.starts_with("__Host-csrf=") && !csrf.contains("HttpOnly"), "{csrf}");
    assert_eq!(header(&head, "cache-control"), Some("no-store"));
}

#[tokio::test]
async fn claims_that_do_not_fit_are_refused_and_not_cut() {
    let api = Api::start().await;
    let claims = json!({"role": "\u{e9}".repeat(900)});
    let gate = Gate::new(api.address, Setup { claims, ..Setup::default() }).await;
    let answer = gate.send(GET).await.problem().await;
    assert_eq!(answer, (500, "identity_too_large".to_owned()));
    api.assert_unreached();
}
