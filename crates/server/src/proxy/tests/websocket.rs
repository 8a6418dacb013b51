//! WebSockets, and what else is not over with its answer.

use sealpass_tower::sealpass::revocation::Revocation;

use super::*;

const OPEN: &str = "GET /ws?room=1 HTTP/1.1\n{host}\n{session}\nOrigin: https://app.example\n\
                    Connection: keep-alive, Upgrade, X-Auth-Subject\nUpgrade: websocket\n\
                    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\nSec-WebSocket-Version: 13\n\
                    Sec-WebSocket-Protocol: chat\nX-Auth-Subject: mallory\n\n";
const SWITCH: &str = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                      Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\
                      Sec-WebSocket-Protocol: chat\r\nSet-Cookie: __Host-session=evil\r\n\r\n";
/// A text frame of the server: `hello`.
const HELLO: [u8; 7] = *b"\x81\x05hello";
const POLICY_VIOLATION: [u8; 4] = [0x88, 2, 0x03, 0xf0];
const GOING_AWAY: [u8; 4] = [0x88, 2, 0x03, 0xe9];

/// Both ends of a WebSocket, and the heads of its handshake.
async fn opened(api: &Api, gate: &Gate) -> (Wire, Wire, [String; 2]) {
    let mut client = gate.send(OPEN).await;
    let mut upstream = tokio::select! {
        upstream = api.accept() => upstream,
        refused = client.head() => panic!("answered {refused}"),
    };
    let asked = upstream.head().await;
    upstream.send(SWITCH).await;
    let answered = client.head().await;
    (client, upstream, [asked, answered])
}

impl Wire {
    async fn write(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.unwrap();
    }

    /// What comes until the other side closes.
    async fn raw_rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        let _ = self.0.read_to_end(&mut rest).await;
        rest
    }
}

#[tokio::test]
async fn a_handshake_is_a_request_like_any_other_and_then_bytes_pass_both_ways() {
    let api = Api::start().await;
    let gate = Gate::new(api.address, Setup { age: 400, ..Setup::default() }).await;
    let (mut client, mut upstream, [asked, answered]) = opened(&api, &gate).await;

    assert!(asked.starts_with("GET /ws?room=1 HTTP/1.1\r\n"), "{asked}");
    for (name, value) in [
        ("connection", "Upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("sec-websocket-version", "13"),
        ("sec-websocket-protocol", "chat"),
        ("cookie", "theme=dark"),
        ("x-auth-subject", "ada"),
        ("x-auth-claims-role", "admin"),
        ("x-forwarded-for", "127.0.0.1"),
    ] {
        assert_eq!(header(&asked, name), Some(value), "{asked}");
    }
    assert!(!asked.contains("mallory"), "{asked}");

    assert!(answered.starts_with("HTTP/1.1 101 "), "{answered}");
    assert_eq!(header(&answered, "upgrade"), Some("websocket"));
    assert_eq!(header(&answered, "connection"), Some("Upgrade"));
    assert_eq!(header(&answered, "sec-websocket-accept"), Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    assert_eq!(header(&answered, "sec-websocket-protocol"), Some("chat"));
    assert!(!answered.contains("evil"), "{answered}");
    let renewed = answered.to_ascii_lowercase().contains("set-cookie: __host-session=ey");
    assert!(renewed, "the answer was due for a renewal: {answered}");

    for turn in 0..10 {
        client.send(&format!("ping-{turn}")).await;
        assert_eq!(upstream.bytes(6).await, format!("ping-{turn}"));
        upstream.send(&format!("pong-{turn}")).await;
        assert_eq!(client.bytes(6).await, format!("pong-{turn}"));
    }
    // Each direction ends for itself.
    client.0.shutdown().await.unwrap();
    assert_eq!(upstream.raw_rest().await, b"");
    upstream.send("last words").await;
    drop(upstream);
    assert_eq!(client.raw_rest().await, b"last words");
}

#[tokio::test]
async fn what_follows_a_handshake_at_once_is_not_lost() {
    let api = Api::start().await;
    let gate = Gate::before(&api).await;
    let mut client = gate.send(&format!("{OPEN}early")).await;
    let mut upstream = api.accept().await;
    upstream.head().await;
    upstream.send(&format!("{SWITCH}first")).await;
    client.head().await;
    assert_eq!(client.bytes(5).await, "first");
    assert_eq!(upstream.bytes(5).await, "early");
}

#[tokio::test]
async fn a_websocket_ends_with_its_session() {
    let everyone = |auth: &Sealpass<Claims>| {
        let everyone = Revocation::Everyone { not_before: LOGIN.saturating_add(1) };
        auth.policy().revocations().apply(&everyone, LOGIN);
    };
    for end in ["logout", "idle", "absolute"] {
        let api = Api::start().await;
        let gate = Gate::before(&api).await;
        let (mut client, mut upstream, _) = opened(&api, &gate).await;
        upstream.write(&HELLO).await;
        assert_eq!(client.raw(HELLO.len()).await, HELLO);
        match end {
            "logout" => everyone(&gate.auth),
            "idle" => gate.clock.store(LOGIN.as_secs() + 3_600, Ordering::Relaxed),
            _ => gate.clock.store(LOGIN.as_secs() + 43_200, Ordering::Relaxed),
        }
        assert_eq!(client.raw_rest().await, POLICY_VIOLATION, "{end}");
        assert_eq!(upstream.raw_rest().await, b"", "{end}");
    }
}

/// A frame of ours would be taken for a part of theirs.
#[tokio::test]
async fn within_a_frame_the_connection_just_ends() {
    let api = Api::start().await;
    let gate = Gate::before(&api).await;
    let (mut client, mut upstream, _) = opened(&api, &gate).await;
    upstream.write(&HELLO[..4]).await;
    assert_eq!(client.raw(4).await, HELLO[..4]);
    gate.clock.store(LOGIN.as_secs() + 3_600, Ordering::Relaxed);
    assert_eq!(client.raw_rest().await, b"");
}

#[tokio::test]
async fn a_websocket_does_not_hold_up_a_shutdown() {
    let api = Api::start().await;
    let gate = Gate::before(&api).await;
    let (mut client, mut upstream, _) = opened(&api, &gate).await;
    gate.switch.drain();
    assert_eq!(client.raw_rest().await, GOING_AWAY);
    drop(client);
    assert_eq!(upstream.raw_rest().await, b"");
    gate.served.await.unwrap();
}

#[tokio::test]
async fn a_side_that_does_not_read_stops_the_other_and_is_given_up() {
    let api = Api::start().await;
    let stall = Duration::from_millis(300);
    let setup = || Setup {
        limits: Limits { stall, ..Limits::LOCAL },
        response_timeout: stall,
        ..Setup::default()
    };
    let gate = Gate::new(api.address, setup()).await;
    let (_client, mut upstream, _) = opened(&api, &gate).await;
    let megabyte = vec![0; 1 << 20];
    // More than every buffer on the way holds is never taken: the connection breaks first.
    while upstream.0.write_all(&megabyte).await.is_ok() {}

    let gate = Gate::new(api.address, setup()).await;
    let (mut client, _upstream, _) = opened(&api, &gate).await;
    while client.0.write_all(&megabyte).await.is_ok() {}
}

/// A page of another site may open a WebSocket with the cookies of ours, and then talk.
#[tokio::test]
async fn a_websocket_from_a_page_of_another_site_is_refused() {
    for (from, metadata) in [
        ("https://evil.test", ""),
        ("https://sibling.app.example", ""),
        ("null", ""),
        ("https://app.example", "Sec-Fetch-Site: cross-site\n"),
        ("https://app.example", "Sec-Fetch-Site: same-site\n"),
        ("https://app.example", "Origin: https://evil.test\n"),
    ] {
        let api = Api::start().await;
        let gate = Gate::before(&api).await;
        let request = OPEN.replace("https://app.example\n", &format!("{from}\n{metadata}"));
        let answer = gate.send(&request).await.problem().await;
        assert_eq!(answer, (403, "cross_site".to_owned()), "{request}");
        api.assert_unreached();
    }
}

#[tokio::test]
async fn smuggling_by_a_handshake_that_programs_disagree_about_reaches_nothing() {
    for (part, instead) in [
        ("Upgrade: websocket\n", "Upgrade: websocket, h2c\n"),
        ("Upgrade: websocket\n", "Upgrade: h2c\nUpgrade: websocket\n"),
        ("keep-alive, Upgrade", "keep-alive"),
        ("GET ", "POST "),
        ("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\n", ""),
        ("Sec-WebSocket-Version: 13\n", ""),
        ("Sec-WebSocket-Version: 13\n", "Sec-WebSocket-Version: 13\nSec-WebSocket-Version: 8\n"),
        ("Sec-WebSocket-Version: 13\n", "Sec-WebSocket-Version: 13\nContent-Length: 5\n"),
        ("Sec-WebSocket-Version: 13\n", "Sec-WebSocket-Version: 13\nTransfer-Encoding: chunked\n"),
    ] {
        let api = Api::start().await;
        let gate = Gate::before(&api).await;
        let answer = gate.send(&OPEN.replacen(part, instead, 1)).await.problem().await;
        assert_eq!(answer, (400, "websocket_invalid".to_owned()), "{instead}");
        api.assert_unreached();
    }
    let api = Api::start().await;
    let gate = Gate::before(&api).await;
    let answer = gate.send(&OPEN.replace(" HTTP/1.1", " HTTP/1.0")).await.problem().await;
    assert_eq!(answer, (400, "websocket_invalid".to_owned()));
}

/// What is sent behind a handshake that was not agreed to is a request, which is decided, and no byte
/// of a tunnel.
#[tokio::test]
async fn smuggling_behind_a_refused_handshake_is_a_request_of_its_own() {
    let api = Api::start().await;
    let gate = Gate::before(&api).await;
    let request = OPEN.replace("Version: 13", "Version: 777");
    let mut client = gate
        .send(&format!("{request}GET /admin HTTP/1.1\n{{host}}\nX-Auth-Subject: root\n\n"))
        .await;
    let mut upstream = api.accept().await;
    assert_eq!(header(&upstream.head().await, "sec-websocket-version"), Some("777"));
    upstream
        .send("HTTP/1.1 426 Upgrade Required\r\nSec-WebSocket-Version: 13\r\nContent-Length: 0\r\n\r\n")
        .await;
    assert!(client.head().await.starts_with("HTTP/1.1 426 "));
    assert_eq!(client.problem().await, (401, "token_missing".to_owned()));
    drop(client);
    drop(gate);
    assert_eq!(upstream.rest().await, "");
}

#[tokio::test]
async fn a_switch_to_something_else_is_502() {
    for answer in [
        SWITCH.replace("Upgrade: websocket", "Upgrade: h2c"),
        SWITCH.replace("Connection: Upgrade\r\n", ""),
        SWITCH.replace("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n", ""),
    ] {
        let api = Api::start().await;
        let gate = Gate::before(&api).await;
        let mut client = gate.send(OPEN).await;
        let mut upstream = api.accept().await;
        upstream.head().await;
        upstream.send(&answer).await;
        assert_eq!(client.problem().await, (502, "upstream_invalid".to_owned()), "{answer}");
    }
}

const EVENTS: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n\
                      Transfer-Encoding: chunked\r\n\r\n";

async fn streaming(api: &Api, gate: &Gate) -> (Wire, Wire) {
    let mut client = gate.send("GET /events HTTP/1.1\n{host}\n{session}\n\n").await;
    let mut upstream = api.accept().await;
    upstream.head().await;
    upstream.send(EVENTS).await;
    client.head().await;
    (client, upstream)
}

#[tokio::test]
async fn each_event_arrives_at_once_and_a_stream_ends_with_its_session() {
    let api = Api::start().await;
    let gate = Gate::before(&api).await;
    let (mut client, mut upstream) = streaming(&api, &gate).await;
    // The next one is not sent before the last has arrived.
    for turn in 0..10 {
        upstream.send(&format!("9\r\ndata: {turn}\n\n\r\n")).await;
        assert_eq!(client.chunk().await, format!("data: {turn}\n\n"));
    }
    gate.clock.store(LOGIN.as_secs() + 3_600, Ordering::Relaxed);
    assert_eq!(client.chunk().await, "");
    assert_eq!(upstream.rest().await, "");
}

#[tokio::test]
async fn a_stream_of_events_does_not_hold_up_a_shutdown() {
    let api = Api::start().await;
    let gate = Gate::before(&api).await;
    let (mut client, upstream) = streaming(&api, &gate).await;
    gate.switch.drain();
    assert_eq!(client.chunk().await, "");
    assert_eq!(upstream.rest().await, "");
    gate.served.await.unwrap();
}
