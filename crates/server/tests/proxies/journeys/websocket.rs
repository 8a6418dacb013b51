//! What is opened by a request and goes on when it is over.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use super::{Stage, TRUSTING};
use crate::proxy::Kind;
use crate::rules::{self, RULES};
use crate::support::{ORIGIN, SUBJECT, exchange};

/// An API that takes `Upgrade: h2c` would from then on get requests that nobody has asked about.
pub(crate) fn an_upgrade_to_anything_but_a_websocket_reaches_no_api(kind: Kind) {
    let stage = Stage::with(kind, &format!("{TRUSTING}{RULES}"));
    let site = stage.site();
    for offered in [
        "h2c",
        "H2C",
        "h2c, websocket",
        "websocket, h2c",
        "websocketx",
        "TLS/1.0",
        "websocket\r\nUpgrade: h2c",
        "h2c\r\nUpgrade: websocket",
    ] {
        let before = stage.api.requests().len();
        let headers = format!(
            "Upgrade: {offered}\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n\
             Connection: Upgrade, HTTP2-Settings\r\n"
        );
        let answer = rules::get(&site, "/public", &headers);
        let arrived = stage.api.requests().split_off(before);
        // Whether the offer or the request is refused may differ, but for an offer that many clients make.
        let is_common = offered.eq_ignore_ascii_case("h2c");
        let statuses = if is_common { &[200][..] } else { &[200, 400, 403] };
        assert!(statuses.contains(&answer.status), "{offered:?}: {answer:#?}");
        assert_eq!(arrived.len(), usize::from(answer.status == 200), "{offered:?}: {answer:#?}");
        for (name, value) in arrived.into_iter().flat_map(|request| request.headers) {
            let is_plain = value.is_empty() || value.eq_ignore_ascii_case("websocket");
            assert!(name != "upgrade" || is_plain, "{offered:?}: {value}");
            assert!(name != "http2-settings" || value.is_empty(), "{offered:?}");
        }
    }
}

pub(crate) fn a_websocket_reaches_the_api(kind: Kind) {
    let stage = Stage::with(kind, &format!("{TRUSTING}{RULES}"));
    let received = stage.api.one_request(|| {
        let mut stream = TcpStream::connect(&stage.proxy.address).expect("connected");
        let request = b"GET /public HTTP/1.1\r\nHost: app.example\r\nConnection: Upgrade\r\n\
            Upgrade: WebSocket\r\nSec-WebSocket-Version: 13\r\n\
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        stream.write_all(request).expect("sent");
        let mut status = [0; 12];
        stream.read_exact(&mut status).expect("an answer");
        assert_eq!(status, *b"HTTP/1.1 200", "an API that opens none");
    });
    let upgrade = received.header("upgrade").unwrap_or_default();
    assert!(upgrade.eq_ignore_ascii_case("websocket"), "{received:#?}");
    let connection = received.header("connection").unwrap_or_default();
    assert!(connection.eq_ignore_ascii_case("upgrade"), "{received:#?}");
}

/// What a browser sends to open a WebSocket with a session, and `lines`.
fn handshake(cookie: &str, connection: &str, lines: &str) -> String {
    format!(
        "GET /socket HTTP/1.1\r\nHost: app.example\r\nConnection: {connection}\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Cookie: __Host-session={cookie}\r\nSec-Fetch-Mode: websocket\r\n{lines}\r\n"
    )
}

pub(crate) fn a_websocket_of_the_site_opens_and_bytes_pass_both_ways(kind: Kind) {
    let stage = Stage::behind(kind);
    let (client, _) = stage.login();
    let cookie = client.cookie("__Host-session").expect("a session").value;
    let request = handshake(
        &cookie,
        "Upgrade",
        &format!("Origin: {ORIGIN}\r\nSec-Fetch-Site: same-origin\r\n"),
    );
    let received = stage.api.one_request(|| {
        let mut stream = TcpStream::connect(&stage.proxy.address).expect("connected");
        stream.write_all(request.as_bytes()).expect("sent");
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).expect("a head");
            answer.extend(byte);
        }
        let answer = String::from_utf8(answer).expect("text").to_lowercase();
        assert!(answer.starts_with("http/1.1 101 "), "{answer}");
        assert!(answer.contains("\r\nupgrade: websocket\r\n"), "{answer}");
        assert!(!answer.contains("x-auth-"), "{answer}");
        // Frames or not: to a proxy these are bytes.
        for said in ["hello", "and again"] {
            stream.write_all(said.as_bytes()).expect("sent");
            let mut heard = vec![0; said.len()];
            stream.read_exact(&mut heard).expect("an echo");
            assert_eq!(heard, said.as_bytes());
        }
    });
    assert_eq!(received.header("x-auth-subject"), Some(SUBJECT));
    assert_eq!(received.header("sec-websocket-version"), Some("13"));
}

/// A page of another site can open one, and the browser attaches the cookie where it is not `SameSite`.
pub(crate) fn a_websocket_of_another_site_is_refused(kind: Kind) {
    let stage = Stage::behind(kind);
    let (client, _) = stage.login();
    let cookie = client.cookie("__Host-session").expect("a session").value;
    for lines in [
        "Origin: https://evil.example\r\nSec-Fetch-Site: cross-site\r\n",
        "Origin: https://evil.app.example\r\nSec-Fetch-Site: same-site\r\n",
        "Origin: https://evil.example\r\n",
        "Origin: null\r\n",
        "Sec-Fetch-Site: cross-site\r\n",
    ] {
        let request = handshake(&cookie, "Upgrade, close", lines);
        let answer = stage.api.no_request(|| exchange(&stage.proxy.address, request.as_bytes()));
        stage.expect_refusal(answer, 403, "cross_site");
    }
}
