//! What an API is told, and what it is not.

use super::*;

/// The head an API receives of `request`, and the proxy's answer to `OK`.
async fn pass(request: &str) -> (String, Wire) {
    let api = Api::start().await;
    let gate = Gate::before(&api).await;
    let mut client = gate.send(request).await;
    let mut upstream = tokio::select! {
        upstream = api.accept() => upstream,
        refused = client.head() => panic!("{request} was answered {refused}"),
    };
    let head = upstream.head().await;
    upstream.send(OK).await;
    let answer = client.head().await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert_eq!(client.bytes(2).await, "ok");
    (head.replace(&api.address.to_string(), "{api}"), client)
}

/// The lines of a head, sorted but for the first.
fn lines(head: &str) -> Vec<&str> {
    let mut lines: Vec<_> = head.lines().collect();
    lines.get_mut(1..).unwrap().sort_unstable();
    lines
}

#[tokio::test]
async fn an_api_is_told_who_calls_and_nothing_that_is_ours() {
    let (head, _) = pass(
        "GET /orders?id=7 HTTP/1.1\n{host}\n{session}\nAccept: */*\nX-Auth-Subject: mallory\n\
         X_Auth_Claims_Role: root\nX-Forwarded-For: 192.0.2.1\nForwarded: for=192.0.2.1\n\n",
    )
    .await;
    let session = header(&head, "x-auth-session").unwrap();
    assert_eq!(session.len(), 22);
    assert_eq!(
        lines(&head),
        [
            "GET /orders?id=7 HTTP/1.1",
            "accept: */*",
            "cookie: theme=dark",
            "host: {api}",
            "via: 1.1 sealpass",
            "x-auth-claims-absent: ",
            "x-auth-claims-groups: a,b%2Cc",
            "x-auth-claims-role: admin",
            &format!("x-auth-session: {session}"),
            "x-auth-subject: ada",
            "x-forwarded-for: 127.0.0.1",
            "x-forwarded-host: app.example",
            "x-forwarded-proto: https",
        ]
    );
}

#[tokio::test]
async fn connection_cannot_name_our_headers_away() {
    let (head, _) = pass(
        "GET / HTTP/1.1\n{host}\n{session}\nConnection: X-Auth-Subject, x-auth-claims-role, \
         X-Forwarded-For, X-Own, Host, Via\nX-Own: 1\n\n",
    )
    .await;
    assert_eq!(header(&head, "x-auth-subject"), Some("ada"));
    assert_eq!(header(&head, "x-auth-claims-role"), Some("admin"));
    assert_eq!(header(&head, "x-forwarded-for"), Some("127.0.0.1"));
    assert_eq!(header(&head, "via"), Some("1.1 sealpass"));
    assert_eq!(header(&head, "host"), Some("{api}"));
    assert_eq!(header(&head, "x-own"), None);
    assert_eq!(header(&head, "connection"), None);
}

#[tokio::test]
async fn path_and_query_pass_byte_for_byte() {
    for target in [
        "/",
        "//double//slash",
        "/a/../b/./c",
        "/%2e%2e/%2E%2E/%2f%2F%5c%00",
        "/a;b=c/d:e@f",
        "/x?y=%20+%20&z=[]{}|\\^`'",
        "/x??y=/../?",
        "/\\..\\x|{}\"",
        "/caf%C3%A9?%",
        "/caf\u{e9}",
        "/authx",
        "/AUTH/login",
    ] {
        let (head, _) = pass(&format!("GET {target} HTTP/1.1\n{{host}}\n{{session}}\n\n")).await;
        assert_eq!(head.lines().next().unwrap(), format!("GET {target} HTTP/1.1"));
    }
}

/// What `http::Uri` cannot hold, and a fragment, which is no part of a request (RFC 9110 §7.1).
#[tokio::test]
async fn a_target_that_is_no_uri_reaches_nothing() {
    for target in ["/<x>", "/x?<", "/x?\"", "x", "a.test:80", "?x", "/x\u{1}", "/x y", "", "/x#y"] {
        let api = Api::start().await;
        let gate = Gate::before(&api).await;
        let request = format!("GET {target} HTTP/1.1\n{{host}}\n{{session}}\n\n");
        let head = gate.send(&request).await.head().await;
        assert!(head.starts_with("HTTP/1.1 400 "), "{target:?}: {head}");
        api.assert_unreached();
    }
}

#[tokio::test]
async fn a_target_with_a_host_chooses_no_upstream() {
    for (target, path) in [("http://evil.test:1/x", "/x"), ("https://evil.test", "/")] {
        let (head, _) = pass(&format!("GET {target} HTTP/1.1\n{{host}}\n{{session}}\n\n")).await;
        assert!(head.starts_with(&format!("GET {path} HTTP/1.1\r\n")), "{head}");
        assert_eq!(header(&head, "host"), Some("{api}"));
        assert!(!head.contains("evil"), "{head}");
    }
}

#[tokio::test]
async fn a_bearer_token_stays_here() {
    let (head, _) = pass("POST /x HTTP/1.1\n{host}\n{bearer}\nContent-Length: 0\n\n").await;
    assert_eq!(header(&head, "authorization"), None);
    assert_eq!(header(&head, "x-auth-subject"), Some("ada"));
    // RFC 9110 §8.6: a POST without a body says so, and some servers insist.
    assert_eq!(header(&head, "content-length"), Some("0"));
}

#[tokio::test]
async fn an_unknown_protocol_offer_is_ignored() {
    let (head, _) = pass(
        "GET / HTTP/1.1\n{host}\n{session}\nConnection: Upgrade, HTTP2-Settings\nUpgrade: h2c\n\
         HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\nTE: trailers\nKeep-Alive: timeout=5\n\
         Proxy-Connection: keep-alive\nProxy-Authorization: Basic dTpw\n\n",
    )
    .await;
    for name in ["connection", "upgrade", "http2-settings", "te", "keep-alive", "proxy-connection"]
    {
        assert_eq!(header(&head, name), None, "{name}");
    }
    assert_eq!(header(&head, "proxy-authorization"), None);
}

#[tokio::test]
async fn what_cannot_be_passed_on_is_refused_before_the_api() {
    for (request, status, code) in [
        ("TRACE / HTTP/1.1\n{host}\n{bearer}\n\n", 501, "method_unsupported"),
        ("CONNECT a.test:443 HTTP/1.1\n{host}\n{bearer}\n\n", 501, "method_unsupported"),
        ("OPTIONS * HTTP/1.1\n{host}\n{session}\n\n", 400, "target_unsupported"),
        (
            "POST / HTTP/1.1\n{host}\n{session}\nTransfer-Encoding: gzip, chunked\n\n0\n\n",
            501,
            "transfer_coding_unsupported",
        ),
        (
            "POST / HTTP/1.1\n{host}\n{session}\nTransfer-Encoding: chunked\nTransfer-Encoding: chunked\n\n0\n\n",
            501,
            "transfer_coding_unsupported",
        ),
        ("GET / HTTP/1.1\n{session}\n\n", 400, "invalid_host"),
        ("GET / HTTP/1.1\n{host}\n{host}\n{session}\n\n", 400, "invalid_host"),
    ] {
        let api = Api::start().await;
        let gate = Gate::before(&api).await;
        let answer = gate.send(request).await.problem().await;
        assert_eq!(answer, (status, code.to_owned()), "{request}");
        api.assert_unreached();
    }
}

#[tokio::test]
async fn who_is_not_known_or_not_meant_does_not_reach_the_api() {
    for (request, status, code) in [
        ("GET / HTTP/1.1\n{host}\n\n", 401, "token_missing"),
        ("GET / HTTP/1.1\n{host}\nX-Auth-Subject: ada\n\n", 401, "token_missing"),
        ("GET / HTTP/1.1\n{host}\nCookie: __Host-session=x\n\n", 401, "token_invalid"),
        ("GET / HTTP/1.1\n{host}\n{session}\n{bearer}\n\n", 400, "ambiguous_credentials"),
        ("POST / HTTP/1.1\n{host}\n{session}\nOrigin: https://evil.test\n\n", 403, "cross_site"),
        ("GET /auth/unknown HTTP/1.1\n{host}\n{session}\n\n", 404, "not_found"),
        ("GET /auth HTTP/1.1\n{host}\n{session}\n\n", 404, "not_found"),
        ("GET /auth/login/ HTTP/1.1\n{host}\n{session}\n\n", 404, "not_found"),
        ("GET /auth/login HTTP/1.1\n{host}\n{session}\n\n", 405, "method_not_allowed"),
    ] {
        let api = Api::start().await;
        let gate = Gate::before(&api).await;
        let answer = gate.send(request).await.problem().await;
        assert_eq!(answer, (status, code.to_owned()), "{request}");
        api.assert_unreached();
    }
}

#[tokio::test]
async fn smuggling_by_length_and_chunks_reaches_nothing() {
    for lengths in [
        "Content-Length: 4\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\nContent-Length: 4",
    ] {
        let api = Api::start().await;
        let gate = Gate::before(&api).await;
        let request = format!(
            "POST /a HTTP/1.1\n{{host}}\n{{session}}\n{lengths}\n\n0\n\nGET /smuggled HTTP/1.1\n{{host}}\n{{session}}\n\n"
        );
        let mut client = gate.send(&request).await;
        assert_eq!(client.problem().await, (400, "ambiguous_framing".to_owned()));
        assert_eq!(client.rest().await, "");
        api.assert_unreached();
    }
}

#[tokio::test]
async fn a_get_with_a_body_keeps_it_and_no_trailer_becomes_a_header() {
    let api = Api::start().await;
    let gate = Gate::before(&api).await;
    let request = "GET /search HTTP/1.1\n{host}\n{session}\nTransfer-Encoding: chunked\n\
                   Trailer: X-Auth-Subject\n\n5\nhello\n0\nX-Auth-Subject: mallory\n\n";
    let mut client = gate.send(request).await;
    let mut upstream = api.accept().await;
    let head = upstream.head().await;
    assert_eq!(header(&head, "transfer-encoding"), Some("chunked"));
    assert_eq!(header(&head, "trailer"), None);
    assert_eq!(upstream.chunk().await, "hello");
    assert_eq!(upstream.chunk().await, "");
    upstream.send(OK).await;
    assert!(client.head().await.starts_with("HTTP/1.1 200 OK"));
}

#[tokio::test]
async fn expect_is_answered_here() {
    let api = Api::start().await;
    let gate = Gate::before(&api).await;
    let request = "PUT /x HTTP/1.1\n{host}\n{session}\nContent-Length: 5\nExpect: 100-continue\n\n";
    let mut client = gate.send(request).await;
    assert_eq!(client.head().await, "HTTP/1.1 100 Continue");
    client.send("hello").await;
    let mut upstream = api.accept().await;
    let head = upstream.head().await;
    assert_eq!(header(&head, "expect"), None);
    assert_eq!(header(&head, "content-length"), Some("5"));
    assert_eq!(upstream.bytes(5).await, "hello");
    upstream.send(OK).await;
    assert!(client.head().await.starts_with("HTTP/1.1 200 OK"));
}

#[tokio::test]
async fn an_http2_client_is_served_and_its_cookies_are_joined() {
    let api = Api::start().await;
    let gate = Gate::before(&api).await;
    let client = legacy::Client::builder(hyper_util::rt::TokioExecutor::new())
        .http2_only(true)
        .build_http::<Body>();
    let (session, csrf) = gate.session.split_once("; ").unwrap();
    let request = Request::post(format!("http://{}/x?y", gate.address))
        .header("cookie", session.strip_prefix("Cookie: ").unwrap())
        .header("cookie", csrf.split_once("\r\n").unwrap().0)
        .header("cookie", "lang=en")
        .header("x-csrf-token", gate.session.rsplit_once(": ").unwrap().1.trim_end())
        .body(Body::from("hello"))
        .unwrap();
    let answer = tokio::spawn(client.request(request));
    let mut upstream = api.accept().await;
    let head = upstream.head().await;
    assert!(head.starts_with("POST /x?y HTTP/1.1\r\n"), "{head}");
    assert_eq!(header(&head, "cookie"), Some("theme=dark; lang=en"));
    assert_eq!(header(&head, "via"), Some("2.0 sealpass"));
    assert_eq!(header(&head, "host").unwrap(), api.address.to_string());
    let body = match header(&head, "content-length") {
        Some(length) => upstream.bytes(length.parse().unwrap()).await,
        None => upstream.chunk().await,
    };
    assert_eq!(body, "hello");
    upstream.send(OK).await;
    assert_eq!(answer.await.unwrap().unwrap().status(), 200);
}
