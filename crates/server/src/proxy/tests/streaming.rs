//! Bytes flow when they come, and stop when nobody takes them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

#[tokio::test]
async fn both_directions_stream_at_the_same_time() {
    let api = Api::start().await;
    let gate = Gate::before(&api).await;
    let request = "POST /echo HTTP/1.1\n{host}\n{session}\nTransfer-Encoding: chunked\n\n";
    let mut client = gate.send(request).await;
    client.send("5\r\nfirst\r\n").await;
    let mut upstream = api.accept().await;
    upstream.head().await;
    assert_eq!(upstream.chunk().await, "first");
    upstream.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").await;
    assert!(client.head().await.starts_with("HTTP/1.1 200 OK"));
    // Neither side sends its next chunk before it has the other's last.
    for turn in 0..10 {
        upstream.send(&format!("6\r\necho-{turn}\r\n")).await;
        assert_eq!(client.chunk().await, format!("echo-{turn}"));
        client.send(&format!("6\r\nnext-{turn}\r\n")).await;
        assert_eq!(upstream.chunk().await, format!("next-{turn}"));
    }
    client.send("0\r\n\r\n").await;
    assert_eq!(upstream.chunk().await, "");
    upstream.send("0\r\n\r\n").await;
    assert_eq!(client.chunk().await, "");
}

/// What an upload then still is to the API is the API's to say.
#[tokio::test]
async fn an_api_that_answers_early_still_gets_the_upload() {
    let api = Api::start().await;
    let gate = Gate::before(&api).await;
    let request = "POST /x HTTP/1.1\n{host}\n{session}\nContent-Length: 10\n\nhello";
    let mut client = gate.send(request).await;
    let mut upstream = api.accept().await;
    upstream.head().await;
    assert_eq!(upstream.bytes(5).await, "hello");
    upstream.send(OK).await;
    assert!(client.head().await.starts_with("HTTP/1.1 200 OK"));
    assert_eq!(client.bytes(2).await, "ok");
    client.send("world").await;
    assert_eq!(upstream.bytes(5).await, "world");
}

#[tokio::test]
async fn an_api_that_answers_early_and_closes_breaks_no_write_of_the_upload() {
    let api = Api::start().await;
    let gate = Gate::before(&api).await;
    let request = "POST /x HTTP/1.1\n{host}\n{session}\nContent-Length: 100000\n\n";
    let mut client = gate.send(request).await;
    let mut upstream = api.accept().await;
    upstream.head().await;
    let answer = "HTTP/1.1 413 Oh\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno";
    upstream.send(answer).await;
    drop(upstream);
    assert!(client.head().await.starts_with("HTTP/1.1 413 "));
    assert_eq!(client.bytes(2).await, "no");
    for _ in 0..100 {
        client.send(&"x".repeat(1000)).await;
    }
    // What follows is a request of its own.
    client.send(&gate.fill("GET /y HTTP/1.1\n{host}\n{session}\n\n")).await;
    let mut upstream = api.accept().await;
    assert!(upstream.head().await.starts_with("GET /y "));
}

/// Far more than all socket buffers on the way can hold.
const MUCH: usize = 128 * 1024 * 1024;

/// Waits until `passed` no longer grows: on this runtime of one thread, everything that can be done
/// is done between two turns.
async fn settled(passed: &AtomicUsize) -> usize {
    loop {
        let before = passed.load(Ordering::Relaxed);
        for _ in 0..10_000 {
            tokio::task::yield_now().await;
        }
        let now = passed.load(Ordering::Relaxed);
        if now > 0 && now == before || now > MUCH {
            return now;
        }
    }
}

/// Writes without end, and counts what was taken.
fn flood(mut wire: Wire, chunk: String) -> Arc<AtomicUsize> {
    let passed = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&passed);
    tokio::spawn(async move {
        while wire.0.write_all(chunk.as_bytes()).await.is_ok() {
            counter.fetch_add(chunk.len(), Ordering::Relaxed);
        }
    });
    passed
}

fn large_chunk() -> String {
    format!("10000\r\n{}\r\n", "x".repeat(0x10000))
}

#[tokio::test]
async fn an_api_that_does_not_read_stops_the_client() {
    let api = Api::start().await;
    let gate = Gate::before(&api).await;
    let request = "POST /sink HTTP/1.1\n{host}\n{session}\nTransfer-Encoding: chunked\n\n";
    let client = gate.send(request).await;
    let mut upstream = api.accept().await;
    upstream.head().await;
    let passed = settled(&flood(client, large_chunk())).await;
    assert!(passed < MUCH, "{passed} bytes were taken that nobody reads");
}

#[tokio::test]
async fn a_client_that_does_not_read_stops_the_api() {
    let api = Api::start().await;
    let gate = Gate::before(&api).await;
    let mut client = gate.send("GET /source HTTP/1.1\n{host}\n{session}\n\n").await;
    let mut upstream = api.accept().await;
    upstream.head().await;
    upstream.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").await;
    client.head().await;
    let passed = settled(&flood(upstream, large_chunk())).await;
    assert!(passed < MUCH, "{passed} bytes were taken that nobody reads");
}

#[tokio::test]
async fn an_upload_that_breaks_off_does_not_look_whole() {
    let api = Api::start().await;
    let gate = Gate::before(&api).await;
    for (framing, sent) in
        [("Transfer-Encoding: chunked", "5\r\nhello\r\n5\r\nwo"), ("Content-Length: 10", "hello")]
    {
        let request = format!("POST /x HTTP/1.1\n{{host}}\n{{session}}\n{framing}\n\n");
        let mut client = gate.send(&request).await;
        client.send(sent).await;
        let mut upstream = api.accept().await;
        upstream.head().await;
        drop(client);
        let received = upstream.rest().await;
        assert!(received.contains("hello"), "{received:?}");
        assert!(!received.ends_with("0\r\n\r\n"), "{received:?}");
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_does_not_look_whole() {
    for framing in
        ["Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "Content-Length: 10\r\n\r\nhello"]
    {
        let api = Api::start().await;
        let gate = Gate::before(&api).await;
        let mut client = gate.send("GET /x HTTP/1.1\n{host}\n{session}\n\n").await;
        let mut upstream = api.accept().await;
        upstream.head().await;
        upstream.send(&format!("HTTP/1.1 200 OK\r\n{framing}")).await;
        let head = client.head().await;
        drop(upstream);
        let received = client.rest().await;
        assert!(!received.ends_with("0\r\n\r\n"), "{head} {received:?}");
    }
}

#[tokio::test]
async fn a_client_that_goes_away_ends_the_call_to_the_api() {
    let api = Api::start().await;
    let gate = Gate::before(&api).await;
    let client = gate.send("GET /slow HTTP/1.1\n{host}\n{session}\n\n").await;
    let mut upstream = api.accept().await;
    upstream.head().await;
    drop(client);
    assert_eq!(upstream.rest().await, "");
}
