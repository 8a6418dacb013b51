//! HTTP/2 that would be something else in HTTP/1.1. Frames and fields are written byte by byte, since
//! no library would send these.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use crate::support::Gate;

const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const GOAWAY: u8 = 7;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// Fields as literals without a table (RFC 7541 §6.2.2).
fn fields(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut block = Vec::new();
    for text in fields.iter().flat_map(|(name, value)| [(true, name), (false, value)]) {
        if text.0 {
            block.push(0);
        }
        // A length of seven bits, and the rest of it.
        match text.1.len() {
            short @ 0..127 => block.push(u8::try_from(short).unwrap()),
            long => {
                block.push(127);
                let mut left = long - 127;
                while left >= 128 {
                    block.push(u8::try_from(left % 128).unwrap() | 128);
                    left /= 128;
                }
                block.push(u8::try_from(left).unwrap());
            }
        }
        block.extend_from_slice(text.1.as_bytes());
    }
    block
}

/// The kind and the payload of the frame that answers the first stream, or of the one that ends the
/// connection.
fn answer(stream: &mut TcpStream) -> (u8, Vec<u8>) {
    loop {
        let mut head = [0; 9];
        if stream.read_exact(&mut head).is_err() {
            return (GOAWAY, Vec::new());
        }
        let [a, b, c, kind, _, id @ ..] = head;
        let mut payload = vec![0; usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c)];
        stream.read_exact(&mut payload).unwrap();
        let of_stream = u32::from_be_bytes(id) == 1;
        if kind == GOAWAY || (of_stream && (kind == HEADERS || kind == RST_STREAM)) {
            return (kind, payload);
        }
    }
}

/// Sends a request of those fields, the session among them, and `data`; what comes back.
fn exchange(gate: &Gate, given: &[(&str, &str)], data: Option<&[u8]>) -> (u8, Vec<u8>) {
    let session = [("cookie", gate.cookies.as_str()), ("x-csrf-token", gate.csrf.as_str())];
    let block = fields(&[given, &session].concat());
    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    bytes.extend(frame(4, 0, 0, &[]));
    let flags = if data.is_some() { END_HEADERS } else { END_HEADERS | END_STREAM };
    bytes.extend(frame(HEADERS, flags, 1, &block));
    if let Some(data) = data {
        bytes.extend(frame(0, END_STREAM, 1, data));
    }
    let mut stream = gate.connect();
    stream.write_all(&bytes).unwrap();
    answer(&mut stream)
}

/// Whether an answer refuses: the stream or the connection ends, or its status is no success. Statuses
/// of success are in the static table: 0x88 is 200.
fn refuses((kind, payload): &(u8, Vec<u8>)) -> bool {
    *kind != HEADERS || payload.first() != Some(&0x88)
}

const PLAIN: [(&str, &str); 4] =
    [(":method", "POST"), (":scheme", "http"), (":authority", "app.example"), (":path", "/plain")];

#[test]
fn what_http1_would_read_otherwise_reaches_nothing() {
    let gate = Gate::start();
    let with = |more: &[(&'static str, &'static str)]| [&PLAIN[..], more].concat();
    let instead = |name: &str, value: &'static str| {
        PLAIN.map(|(known, plain)| (known, if known == name { value } else { plain })).to_vec()
    };
    for given in [
        with(&[("transfer-encoding", "chunked")]),
        with(&[("connection", "x-auth-subject")]),
        with(&[("upgrade", "websocket")]),
        with(&[("x", "y\r\nx-auth-subject: root")]),
        with(&[("x", "y\nz")]),
        with(&[("x", "y\0")]),
        with(&[("x: y\r\nz", "w")]),
        with(&[("X-Upper", "y")]),
        with(&[("x y", "z")]),
        with(&[("", "z")]),
        with(&[(":path", "/second")]),
        with(&[("x", "y"), (":path", "/late")]),
        with(&[("content-length", "6")]),
        with(&[("content-length", "4")]),
        with(&[("content-length", "5"), ("content-length", "6")]),
        with(&[("content-length", "+5")]),
        with(&[("host", "b"), ("host", "c")]),
        with(&[(":unknown", "x")]),
        with(&[(":status", "200")]),
        instead(":path", "/x HTTP/1.1\r\nX-Auth-Subject: root\r\n\r\n"),
        instead(":path", "/x y"),
        instead(":path", "x"),
        instead(":path", ""),
        instead(":method", "GET /smuggled HTTP/1.1\r\nX: "),
        instead(":method", "GET /smuggled"),
        instead(":authority", "a\r\nX-Auth-Subject: root"),
        instead(":authority", "a/b"),
        instead(":scheme", "http://evil.test/?"),
        PLAIN[1..].to_vec(),
        PLAIN[..3].to_vec(),
    ] {
        let answer = exchange(&gate, &given, Some(b"hello"));
        assert!(refuses(&answer), "{given:?}: {answer:?}");
    }
    assert_eq!(gate.end(), []);
}

#[test]
fn what_is_plain_passes_once() {
    let gate = Gate::start();
    for more in [&[][..], &[("content-length", "5")], &[("te", "trailers")], &[("expect", "x")]] {
        let answer = exchange(&gate, &[&PLAIN[..], more].concat(), Some(b"hello"));
        assert!(!refuses(&answer), "{more:?}: {answer:?}");
    }
    let received = gate.end();
    assert_eq!(received.len(), 4, "{received:#?}");
    for request in received {
        assert_eq!((request.method.as_str(), request.target.as_str()), ("POST", "/plain"));
        assert_eq!(request.body, b"hello");
        assert_eq!(request.all("x-auth-subject"), ["ada"]);
        assert_eq!(request.all("te"), [""; 0]);
    }
}
