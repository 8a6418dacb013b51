//! Request lines and header lines that programs read in different ways, and switches of protocols.

use std::io::Write as _;

use crate::support::{Gate, rest, statuses};

#[test]
fn a_head_that_programs_read_in_different_ways_reaches_nothing() {
    let gate = Gate::start();
    let session = gate.session.clone();
    for line in [
        "GET  /x HTTP/1.1",
        "GET /x  HTTP/1.1",
        "GET /x HTTP/1.1 ",
        " GET /x HTTP/1.1",
        "GET\t/x\tHTTP/1.1",
        "GET /x HTTP/1.2",
        "GET /x HTTP/2.0",
        "GET /x HTTP/11",
        "GET /x HTTP/1.1x",
        "GET /x http/1.1",
        "GET /x",
        "GET x HTTP/1.1",
        "GET /x\0 HTTP/1.1",
        "GET /x\r HTTP/1.1",
        "G ET /x HTTP/1.1",
        "GET /x HTTP/1.1\r\nHost: b",
        "GET /x HTTP/1.1\r\nX-Auth-Subject : root",
        "GET /x HTTP/1.1\r\nX Auth: root",
        "GET /x HTTP/1.1\r\nno colon",
        "GET /x HTTP/1.1\r\n: empty",
        "GET /x HTTP/1.1\r\nX: a\0b",
        "GET /x HTTP/1.1\r\nX: a\rb",
        "GET /x HTTP/1.1\r\nX: a\r\n folded",
        "GET /x HTTP/1.1\r\n X: first",
        "GET /x HTTP/1.1\nX: a",
        "GET http://a/x@b HTTP/1.1\r\nHost: a b",
    ] {
        let request = format!(
            "{line}\r\nHost: app.example\r\nConnection: close\r\n{session}\r\n{}",
            gate.smuggled()
        );
        let answer = gate.exchange(request);
        assert!(matches!(statuses(&answer)[..], [400]), "{line:?}: {answer}");
    }
    assert_eq!(gate.end(), []);
}

/// A client may name another host in front of a path, and any header in `Connection`: neither gets it
/// anywhere else, nor rids a request of what we say.
#[test]
fn what_a_client_names_changes_nothing_for_the_api() {
    let gate = Gate::start();
    for (target, lines) in [
        ("http://evil.test:1/named", ""),
        ("https://evil.test/named", ""),
        ("/named", "Connection: X-Auth-Subject, Host, Via, X-Forwarded-For\r\n"),
        ("/named", "Connection: x_auth_subject\r\nx_auth_subject: root\r\n"),
        (
            "/named",
            "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk\r\n",
        ),
        ("/named", "Upgrade: TLS/1.0\r\nConnection: Upgrade\r\n"),
        ("/named", "Expect: 100-continue\r\n"),
    ] {
        let close = format!("{lines}Connection: close\r\n");
        let answer = gate.exchange(gate.request("GET", target, &close) + &gate.smuggled());
        let last = statuses(&answer).into_iter().filter(|&status| status != 100);
        assert_eq!(last.collect::<Vec<_>>(), [200], "{target} {lines:?}: {answer}");
    }
    let received = gate.end();
    assert_eq!(received.len(), 7, "{received:#?}");
    for request in &received {
        assert_eq!(request.target, "/named");
        assert_eq!(request.all("x-auth-subject"), ["ada"]);
        assert_eq!(request.all("via"), ["1.1 sealpass"]);
        let host = request.all("host");
        assert!(matches!(host[..], [host] if host.starts_with("127.0.0.1:")), "{host:?}");
        for name in ["connection", "upgrade", "http2-settings", "expect", "x_auth_subject"] {
            assert_eq!(request.all(name), [""; 0], "{name}");
        }
    }
}

/// An answer other than 101 leaves a connection on which requests are decided; and 101 to what was no
/// handshake is no tunnel.
#[test]
fn what_is_not_agreed_to_is_no_tunnel() {
    let gate = Gate::start();
    let websocket = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 777\r\n\
                     Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: https://app.example\r\n";
    let stranger =
        "GET /smuggled HTTP/1.1\r\nHost: a\r\nX-Auth-Subject: root\r\nConnection: close\r\n\r\n";
    let answer = gate.exchange(gate.request("GET", "/426", websocket) + stranger);
    assert_eq!(statuses(&answer), [426, 401], "{answer}");

    let h2c = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n";
    let answer = gate.exchange(gate.request("GET", "/switch", h2c) + stranger);
    assert_eq!(statuses(&answer), [502, 401], "{answer}");

    for (target, status) in [("/426", 426), ("/switch", 502)] {
        let handshake = websocket.replace("777", "13");
        let answer = gate.exchange(gate.request("GET", target, &handshake) + stranger);
        assert_eq!(statuses(&answer), [status, 401], "{answer}");
    }
    let targets: Vec<_> = gate.end().into_iter().map(|request| request.target).collect();
    assert_eq!(targets, ["/426", "/switch", "/426", "/switch"]);
}

/// HTTP/0.9 has no headers, so nobody is known; and after an error nothing is read any more.
#[test]
fn nothing_is_read_after_an_error() {
    let gate = Gate::start();
    let answer = gate.exchange("GET /x\r\n".to_owned() + &gate.smuggled());
    assert_eq!(statuses(&answer), [400], "{answer}");
    let first = gate.request("GET", "/first", "");
    let broken = "BROKEN\r\n\r\n";
    let mut stream = gate.connect();
    stream.write_all((first + broken + &gate.smuggled()).as_bytes()).unwrap();
    let answer = rest(stream);
    assert_eq!(statuses(&answer), [200, 400], "{answer}");
    let targets: Vec<_> = gate.end().into_iter().map(|request| request.target).collect();
    assert_eq!(targets, ["/first"]);
}
