//! Clients that keep a server waiting.

use std::io::{Read as _, Write as _};
use std::thread::sleep;
use std::time::Duration;

use crate::support::{Gate, rest, statuses};

const SHORT: &str = "limits.idle = \"500ms\"\nlimits.stall = \"500ms\"\n";

#[test]
fn a_head_that_never_ends_is_given_up_however_it_drips() {
    let gate = Gate::with(SHORT);
    let mut stream = gate.connect();
    stream.write_all(b"GET /slow HTTP/1.1\r\nHost: a\r\n").unwrap();
    // It would go on for ever: only the end of the connection ends it.
    while stream.write_all(b"X: y\r\n").is_ok() {
        sleep(Duration::from_millis(20));
    }
    assert_eq!(gate.end(), []);
}

#[test]
fn a_body_that_pauses_is_given_up_and_is_never_whole() {
    let gate = Gate::with(SHORT);
    for (framing, begun) in
        [("Content-Length: 10\r\n", "hello"), ("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n5")]
    {
        let answer = gate.exchange(gate.request("POST", "/slow", framing) + begun);
        assert_eq!(statuses(&answer), [408], "{answer}");
        assert!(answer.contains("\"request_stalled\""), "{answer}");
    }
    assert_eq!(gate.end(), []);
}

#[test]
fn an_answer_that_nobody_takes_is_given_up() {
    let gate = Gate::with(SHORT);
    let mut stream = gate.connect();
    stream.write_all(gate.request("GET", "/flood", "").as_bytes()).unwrap();
    let mut head = [0; 15];
    stream.read_exact(&mut head).unwrap();
    assert_eq!(&head, b"HTTP/1.1 200 OK");
    // Nothing is read any more. The answer would go on for ever: only the end of the connection ends this.
    while stream.write_all(b"x").is_ok() {
        sleep(Duration::from_millis(20));
    }
    let received = gate.end();
    assert_eq!(received.len(), 1, "{received:?}");
}

#[test]
fn more_connections_than_the_limit_wait_for_their_turn() {
    let gate = Gate::with("limits.connections = 2\n");
    let request = gate.request("GET", "/turn", "Connection: close\r\n");
    let (first, second) = (gate.connect(), gate.connect());
    let mut third = gate.connect();
    third.write_all(request.as_bytes()).unwrap();
    third.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    let waiting = third.read(&mut [0]).expect_err("it was accepted");
    assert_eq!(waiting.kind(), std::io::ErrorKind::WouldBlock);
    drop(first);
    third.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
    assert_eq!(statuses(&rest(third)), [200]);
    drop(second);
    assert_eq!(gate.end().len(), 1);
}
