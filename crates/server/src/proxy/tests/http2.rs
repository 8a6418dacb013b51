//! Clients that speak HTTP/2, as a library of theirs does.

use std::collections::BTreeSet;

use http::{HeaderValue, Method, Version};
use http_body_util::BodyExt as _;
use hyper::client::conn::http2::{self, SendRequest};
use hyper::ext::Protocol;
use hyper_util::rt::{TokioExecutor, TokioIo};

use super::*;

/// A connection, and how it ends.
async fn connect(gate: &Gate) -> (SendRequest<Body>, JoinHandle<hyper::Result<()>>) {
    let stream = TcpStream::connect(gate.address).await.unwrap();
    let handshake = http2::handshake(TokioExecutor::new(), TokioIo::new(stream));
    let (sender, connection) = handshake.await.unwrap();
    (sender, tokio::spawn(connection))
}

/// A request of the session for `uri`.
fn request(gate: &Gate, method: Method, uri: &str) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(uri).version(Version::HTTP_2);
    for line in gate.session.lines() {
        let (name, value) = line.split_once(": ").unwrap();
        request = request.header(name, value);
    }
    request.body(Body::empty()).unwrap()
}

/// The status and the body of an answer.
async fn read(answer: Response<Incoming>) -> (StatusCode, String) {
    let status = answer.status();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

/// That it could be one is not said (RFC 8441 §3), so a browser opens it over HTTP/1.1 instead.
#[tokio::test]
async fn a_websocket_over_http2_ends_its_stream_and_nothing_else() {
    let api = Api::start().await;
    let gate = Gate::before(&api).await;
    let (mut sender, _connection) = connect(&gate).await;
    let mut websocket = request(&gate, Method::CONNECT, "http://app.example/ws");
    websocket.extensions_mut().insert(Protocol::from_static("websocket"));
    websocket.headers_mut().insert("sec-websocket-version", HeaderValue::from_static("13"));
    let refused = sender.send_request(websocket).await.unwrap_err();
    assert!(chain(&refused).contains("stream error received"), "{}", chain(&refused));

    // A tunnel to wherever the client says is another thing, and is not dug either.
    let tunnel = request(&gate, Method::CONNECT, "app.example:443");
    let (status, body) = read(sender.send_request(tunnel).await.unwrap()).await;
    assert_eq!(status, StatusCode::NOT_IMPLEMENTED);
    assert!(body.contains(r#""code":"method_unsupported""#), "{body}");

    // The connection goes on.
    let ours = request(&gate, Method::GET, "http://app.example/auth/session");
    assert_eq!(read(sender.send_request(ours).await.unwrap()).await.0, StatusCode::OK);
    api.assert_unreached();
}

#[tokio::test]
async fn every_stream_is_finished_before_the_server_stops() {
    const STREAMS: usize = 8;
    let api = Api::start().await;
    let gate = Gate::before(&api).await;
    let (sender, connection) = connect(&gate).await;
    let mut answers = Vec::new();
    for stream in 0..STREAMS {
        let request = request(&gate, Method::GET, &format!("http://app.example/{stream}"));
        let mut sender = sender.clone();
        answers.push(tokio::spawn(async move { sender.send_request(request).await }));
    }
    // Some are answered in part when the end begins, some not at all.
    let mut upstreams = Vec::new();
    let mut asked = BTreeSet::new();
    for index in 0..STREAMS {
        let mut upstream = api.accept().await;
        let head = upstream.head().await;
        let path = head.split(' ').nth(1).unwrap().to_owned();
        if index % 2 == 0 {
            upstream.send(BEGUN).await;
        }
        upstreams.push((path.clone(), upstream));
        asked.insert(path);
    }
    assert_eq!(asked.len(), STREAMS, "{asked:?}");
    gate.switch.drain();
    while TcpStream::connect(gate.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    for (index, (path, upstream)) in upstreams.iter_mut().enumerate() {
        if index % 2 == 1 {
            upstream.send(BEGUN).await;
        }
        upstream.send(&format!("{:x}\r\n{path}\r\n0\r\n\r\n", path.len())).await;
    }
    for (stream, answer) in answers.into_iter().enumerate() {
        let (status, body) = read(answer.await.unwrap().unwrap()).await;
        assert_eq!((status, body), (StatusCode::OK, format!("begun/{stream}")));
    }
    gate.served.await.unwrap();
    connection.await.unwrap().unwrap();
}

const BEGUN: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nbegun\r\n";
