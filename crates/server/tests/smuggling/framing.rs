//! Where a request ends: lengths, transfer codings and chunks that programs read in different ways.

use crate::support::{Gate, statuses};

/// A POST to `/NUMBER` with the header lines `framing` and the bytes `body`, and a request behind it.
fn post(gate: &Gate, number: usize, framing: &str, body: &str) -> String {
    let smuggled = gate.smuggled();
    format!("{}{body}{smuggled}", gate.request("POST", &format!("/{number}"), framing))
}

#[test]
fn what_has_two_ends_reaches_nothing() {
    let gate = Gate::start();
    for (number, framing) in [
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: 5\r\nContent-Length: 5\r\n",
        "Content-Length: 5, 5\r\n",
        "Content-Length: 5, 6\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: -5\r\n",
        "Content-Length: 0x5\r\n",
        "Content-Length: 5 5\r\n",
        "Content-Length: 5\x0b\r\n",
        "Content-Length: 5;\r\n",
        "Content-Length:\r\n",
        "Content-Length: 1e1\r\n",
        "Content-Length: 18446744073709551616\r\n",
        "Content-Length: \u{ff15}\r\n",
        "Content-Length : 5\r\n",
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "transfer-encoding:chunked\r\ncontent-length:5\r\n",
        "Transfer-Encoding:\tchunked\r\nContent-Length: 5\r\n",
        "Transfer-Encoding: xchunked\r\nContent-Length: 5\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        "Transfer-Encoding: \x0bchunked\r\n",
        "Transfer-Encoding: chunked\x0b\r\n",
        "Transfer-Encoding: \"chunked\"\r\n",
        "Transfer-Encoding: chunked;q=1\r\n",
        "Transfer-Encoding:\r\n",
        "Transfer-Encoding : chunked\r\n",
        "Transfer-Encoding\t: chunked\r\n",
        "Transfer-Encoding\0: chunked\r\n",
        "Transfer-Encoding: chu\0nked\r\n",
        "Transfer-Encoding:\r\n chunked\r\n",
        "X: y\r\n Transfer-Encoding: chunked\r\n",
        "X: y\r\n\tContent-Length: 5\r\n",
        "X: y\nTransfer-Encoding: chunked\r\n",
        "X: y\rTransfer-Encoding: chunked\r\n",
        "Content-Length: 5\n",
    ]
    .into_iter()
    .enumerate()
    {
        let answer = gate.exchange(post(&gate, number, framing, "0\r\n\r\n"));
        assert_eq!(statuses(&answer), [400], "{framing:?}: {answer}");
    }
    assert_eq!(gate.end(), []);
}

/// Other codings are framed as the last one says, and not decoded here.
#[test]
fn a_coding_that_is_not_decoded_is_not_passed_on() {
    let gate = Gate::start();
    for coding in [
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked, chunked\r\n",
    ] {
        let answer = gate.exchange(post(&gate, 0, coding, "0\r\n\r\n"));
        assert!(matches!(statuses(&answer)[..], [400 | 501]), "{coding:?}: {answer}");
    }
    assert_eq!(gate.end(), []);
}

#[test]
fn chunks_that_programs_read_in_different_ways_never_become_a_request() {
    let gate = Gate::start();
    for (number, body) in [
        "-5\r\nhello\r\n0\r\n\r\n",
        "+5\r\nhello\r\n0\r\n\r\n",
        "0x5\r\nhello\r\n0\r\n\r\n",
        "5g\r\nhello\r\n0\r\n\r\n",
        "5 5\r\nhello\r\n0\r\n\r\n",
        "\r\n5\r\nhello\r\n0\r\n\r\n",
        "fffffffffffffffff\r\nhello\r\n0\r\n\r\n",
        "10000000000000005\r\nhello\r\n0\r\n\r\n",
        "5\nhello\r\n0\r\n\r\n",
        "5\rhello\r\n0\r\n\r\n",
        "5;x\nhello\r\n0\r\n\r\n",
        "5;x\ry\r\nhello\r\n0\r\n\r\n",
        "5\r\nhello0\r\n\r\n",
        "5\r\nhelloXX0\r\n\r\n",
        "5\r\nhello\n0\r\n\r\n",
        "5\0\r\nhello\r\n0\r\n\r\n",
    ]
    .into_iter()
    .enumerate()
    {
        let answer = gate.exchange(post(&gate, number, "Transfer-Encoding: chunked\r\n", body));
        assert!(matches!(statuses(&answer)[..], [400] | []), "{body:?}: {answer}");
    }
    assert_eq!(gate.end(), []);
}

/// What is one request in one way only passes, in the one form that we write, and what follows chunks
/// is never a request.
#[test]
fn one_request_stays_one_request_in_one_form() {
    let gate = Gate::start();
    let smuggled = gate.smuggled();
    let as_length = format!("Content-Length: {}\r\nConnection: close\r\n", smuggled.len());
    let cases = [
        ("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n", "hello"),
        ("Transfer-Encoding:\tChunked \r\n", "5\r\nhello\r\n0\r\n\r\n", "hello"),
        ("Transfer-Encoding: chunked\r\n", "5;a=b;c\r\nhello\r\n0;d\r\n\r\n", "hello"),
        ("Transfer-Encoding: chunked\r\n", "005\r\nhello\r\n0\r\n\r\n", "hello"),
        (
            "Transfer-Encoding: chunked\r\n",
            "5\r\nhello\r\n0\r\nX-Auth-Subject: root\r\n\r\n",
            "hello",
        ),
        ("Transfer-Encoding: chunked\r\n", "0\r\n\r\nGARBAGE\r\n", ""),
        ("Content-Length: 5\r\nConnection: close\r\n", "hello", "hello"),
        ("Content-Length: 005\r\nConnection: close\r\n", "hello", "hello"),
        (
            "Transfer_Encoding: chunked\r\nContent-Length: 5\r\nConnection: close\r\n",
            "0\r\n\r\n",
            "0\r\n\r\n",
        ),
        ("Content_Length: 0\r\nContent-Length: 5\r\nConnection: close\r\n", "hello", "hello"),
        // The request behind it is its body.
        (as_length.as_str(), "", smuggled.as_str()),
    ];
    for (number, (framing, body, _)) in cases.iter().enumerate() {
        let answer = gate.exchange(post(&gate, number, framing, body));
        assert_eq!(statuses(&answer), [200], "{framing:?} {body:?}: {answer}");
    }
    let received = gate.end();
    assert_eq!(received.len(), cases.len(), "{received:#?}");
    for (number, (framing, body, expected)) in cases.iter().enumerate() {
        let target = format!("/{number}");
        let request = received.iter().find(|request| request.target == target).unwrap();
        assert_eq!(String::from_utf8_lossy(&request.body), *expected, "{framing:?} {body:?}");
        assert_eq!(request.all("x-auth-subject"), ["ada"]);
        assert_eq!(request.all("transfer_encoding").len() + request.all("content_length").len(), 0);
    }
}

/// The body of a request that is refused may look like a request.
#[test]
fn the_body_of_a_refused_request_is_no_request() {
    let gate = Gate::start();
    let smuggled = gate.smuggled();
    let length = smuggled.len();
    for lines in [
        format!("Content-Length: {length}\r\n"),
        format!("Content-Length: {length}\r\nOrigin: https://evil.test\r\n{}", gate.session),
        format!("Content-Length: {length}\r\nHost: b\r\n{}", gate.session),
        format!("Content-Length: {length}\r\nExpect: 100-continue\r\n"),
        "Transfer-Encoding: chunked\r\n".to_owned(),
    ] {
        let body = if lines.starts_with("Transfer") {
            format!("{length:x}\r\n{smuggled}\r\n0\r\n\r\n")
        } else {
            smuggled.clone()
        };
        let request =
            format!("POST /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{lines}\r\n{body}");
        let answer = gate.exchange(request);
        let codes: Vec<_> = statuses(&answer).into_iter().filter(|&status| status != 100).collect();
        assert!(matches!(codes[..], [400 | 401 | 403]), "{lines:?}: {answer}");
    }
    assert_eq!(gate.end(), []);
}

/// The connection may go on behind it, from where the refused body ends.
#[test]
fn what_follows_a_refused_request_begins_behind_its_body() {
    let gate = Gate::start();
    let smuggled = gate.smuggled();
    let length = smuggled.len();
    for lines in ["", "Origin: https://evil.test\r\n"] {
        let refused = format!("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n{lines}");
        let next = gate.request("GET", "/next", "Connection: close\r\n");
        let answer = gate.exchange(format!("{refused}\r\n{smuggled}{next}"));
        assert!(matches!(statuses(&answer)[..], [401 | 403, 200]), "{lines:?}: {answer}");
    }
    let targets: Vec<_> = gate.end().into_iter().map(|request| request.target).collect();
    assert_eq!(targets, ["/next", "/next"]);
}
