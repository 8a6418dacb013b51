//! One connection: HTTP/1.1, or HTTP/2 when the client begins with its preface.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderValue, Request, Response, StatusCode, header};
use hyper::body::{Body as _, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use sealpass_tower::problem_response;
use sealpass_tower::sealpass::Problem;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use super::activity::{Activity, TrackedBody};
use super::answer::{Answer, Arrival};
use super::client::ClientAddress;
use super::heads::{Findings, Heads};
use super::peer::{Peer, TrustedProxies};
use super::request_body;
use super::request_head;
use super::request_log::RequestLog;
use super::socket;
use super::tunnels::Tunnels;
use super::unread::Unread;
use super::wire::Wire;
use crate::config::Limits;
use crate::shutdown::Stop;

/// What a connection that is being closed may still take to say goodbye.
pub(super) const FAREWELL: Duration = Duration::from_secs(1);

/// The largest head that is read at all, in bytes; a smaller one may still be refused by
/// [`request_head`], which can say why. Also bounds what is buffered of a body.
pub(super) const MAX_BUFFER: usize = 64 * 1024;

/// Whether the requests of a connection are worth a line of the log each.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Traffic {
    /// Someone wants something.
    Calls,
    /// Machines ask every few seconds whether all is well.
    Probes,
    /// Proxies ask whether a request may pass, and make a failure of theirs of anything but yes or
    /// no.
    Verdicts,
}

/// Serves the requests of one connection until it ends, is idle for too long, or `stop` drains.
pub(super) async fn serve(
    stream: TcpStream,
    client: Client,
    limits: Limits,
    app: Arc<impl Answer>,
    stop: Stop,
) {
    if let Err(error) = socket::prepare(&stream) {
        tracing::debug!(%error, "connection gone before its first request");
        return;
    }
    serve_io(stream, client, limits, app, stop).await;
}

/// Who is at the other end, and why.
#[derive(Clone, Debug)]
pub(super) struct Client {
    pub(super) peer: Peer,
    pub(super) traffic: Traffic,
    /// The proxies that may say whom a request is from.
    pub(super) trusted: TrustedProxies,
}

async fn serve_io(
    io: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    client: Client,
    limits: Limits,
    app: Arc<impl Answer>,
    mut stop: Stop,
) {
    let activity = Arc::new(Activity::new());
    let Client { peer, traffic, .. } = client;
    let heads = Heads::new(traffic == Traffic::Verdicts);
    let tunnels = Tunnels::new(Arc::clone(&activity), stop.clone());
    let shared = Arc::new(Shared {
        app,
        client,
        patience: limits.stall,
        unread: Unread::new(tunnels.clone(), limits.stall),
        activity: Arc::clone(&activity),
        tunnels: tunnels.clone(),
        findings: heads.findings(),
    });
    let service = service_fn(move |request| answer(Arc::clone(&shared), request));
    let builder = protocols(limits, traffic);
    let io = TokioIo::new(Wire::watched(io, limits.stall, heads));
    let connection = builder.serve_connection_with_upgrades(io, service);
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        // Nearly always it is what there is to do, and chance costs more than looking.
        biased;
        ended = connection.as_mut() => ended,
        () = stop.draining() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
        () = activity.idle(limits.idle) => {
            connection.as_mut().graceful_shutdown();
            match tokio::time::timeout(FAREWELL, connection).await {
                Ok(ended) => ended,
                Err(_) => Ok(()),
            }
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, peer = %peer.address(), "connection ended");
    }
    tunnels.ended().await;
}

/// What the requests of a connection share.
struct Shared<A> {
    app: Arc<A>,
    client: Client,
    /// How long a body may pause.
    patience: Duration,
    unread: Unread,
    activity: Arc<Activity>,
    tunnels: Tunnels,
    findings: Arc<Findings>,
}

fn protocols(limits: Limits, traffic: Traffic) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    // A verdict takes a second at most, so that nobody looks whether its proxy has left. That leaves the
    // buffer of one head to the next.
    builder.http1().half_close(traffic == Traffic::Verdicts);
    // Waiting for a head is bounded by `limits.idle`, for every protocol in one place.
    builder.http1().header_read_timeout(None).max_buf_size(MAX_BUFFER);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(u32::try_from(MAX_BUFFER).unwrap_or(u32::MAX))
        .max_concurrent_streams(limits.streams)
        .keep_alive_interval(Duration::from_secs(30));
    builder
}

async fn answer(
    shared: Arc<Shared<impl Answer>>,
    request: Request<Incoming>,
) -> Result<Response<TrackedBody>, Infallible> {
    let in_flight = shared.activity.begin();
    let Client { peer, traffic, ref trusted } = shared.client;
    let client = ClientAddress::of(peer, request.headers(), trusted);
    let log = (traffic != Traffic::Probes).then(|| RequestLog::begin(&request, peer, client));
    let ambiguous = shared.findings.next();
    let has_body = !request.body().is_end_stream();
    let is_chunked = has_body && request.headers().contains_key(header::TRANSFER_ENCODING);
    let is_last = ambiguous.is_some() || is_chunked;
    // Nobody knows where the body of an ambiguous one ends.
    let unread = ambiguous.is_none().then_some(&shared.unread);
    let request = request_body::receive(request, shared.patience, unread);
    let checked = match ambiguous {
        Some(ambiguity) => Err(request_head::ambiguous(ambiguity)),
        None => request_head::check(&request),
    };
    let mut response = match checked {
        Ok(()) => {
            let arrival = Arrival { peer, client, tunnels: shared.tunnels.clone() };
            shared.app.answer(request, arrival).await
        }
        Err(problem) if traffic == Traffic::Verdicts => problem_response(&refusal(&problem)),
        Err(problem) => problem_response(&problem),
    };
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        shared.findings.end();
    }
    if is_last || shared.unread.is_over() {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    if let Some(log) = log {
        log.end(&response, traffic);
    }
    Ok(response.map(|body| TrackedBody::new(body, in_flight)))
}

/// A head that cannot be read, said as a no.
fn refusal(problem: &Problem) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, problem.code(), problem.detail().to_owned())
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use axum::Router;
    use axum::body::{Body, Bytes};
    use axum::routing::{get, post};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};

    use super::*;
    use crate::shutdown;

    fn connect(app: impl Answer, idle: Duration) -> DuplexStream {
        connect_as(Traffic::Calls, app, idle)
    }

    fn connect_as(traffic: Traffic, app: impl Answer, idle: Duration) -> DuplexStream {
        let (client, server) = duplex(1024 * 1024);
        let peer = Peer::new(SocketAddr::from(([127, 0, 0, 1], 1)));
        let trusted = TrustedProxies::default();
        let from = Client { peer, traffic, trusted };
        let (switch, stop) = shutdown::switch();
        tokio::spawn(async move {
            let limits = Limits { idle, ..Limits::LOCAL };
            serve_io(server, from, limits, Arc::new(app), stop).await;
            drop(switch);
        });
        client
    }

    fn app() -> Router {
        Router::new()
            .route("/", get(async || "here"))
            .route("/echo", post(async |body: Bytes| body))
    }

    /// All that comes back until the server closes the connection, as each request makes it do.
    async fn exchange(request: &[u8]) -> String {
        let mut client = connect(app(), Duration::from_secs(10));
        client.write_all(request).await.unwrap();
        let mut answer = Vec::new();
        client.read_to_end(&mut answer).await.unwrap();
        String::from_utf8(answer).unwrap()
    }

    /// Says where each request came from.
    struct Mirror;

    impl Answer for Mirror {
        async fn answer(&self, _request: Request<Body>, arrival: Arrival) -> Response<Body> {
            Response::new(Body::from(arrival.peer.address().to_string()))
        }
    }

    #[tokio::test]
    async fn whoever_answers_is_told_the_peer() {
        let mut client = connect(Mirror, Duration::from_secs(10));
        let request = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
        client.write_all(request).await.unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.ends_with("\r\n\r\n127.0.0.1"), "{answer}");
    }

    #[tokio::test]
    async fn a_head_that_is_too_large_is_answered_431() {
        for (bytes, described) in [(40 * 1024, true), (200 * 1024, false)] {
            let filler = "x".repeat(bytes);
            let head =
                format!("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX: {filler}\r\n\r\n");
            let answer = exchange(head.as_bytes()).await;
            assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
            assert_eq!(answer.contains(r#""code":"headers_too_large""#), described, "{answer}");
        }
        let many = "X: x\r\n".repeat(101);
        let answer = exchange(format!("GET / HTTP/1.1\r\nHost: a\r\n{many}\r\n").as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    }

    #[tokio::test]
    async fn a_front_proxy_is_told_no_whatever_is_wrong_with_a_head() {
        let head = format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "x".repeat(40 * 1024));
        for (head, code) in [
            (head.as_str(), "headers_too_large"),
            ("GET / HTTP/1.1\r\n\r\n", "invalid_host"),
            ("GET /# HTTP/1.1\r\nHost: a\r\n\r\n", "ambiguous_path"),
        ] {
            let answer = verdict(head).await;
            assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
            assert!(answer.contains(&format!(r#""code":"{code}""#)), "{answer}");
        }
    }

    /// Of these a service is never told. nginx would make a 500 of whatever else hyper says.
    #[tokio::test]
    async fn a_front_proxy_is_told_no_by_hyper_too() {
        let large = format!("X: {}\r\n", "x".repeat(200 * 1024));
        for lines in [&"X: x\r\n".repeat(101), &large, "X: \u{1}\r\n", " X: x\r\n"] {
            let answer = verdict(&format!("GET / HTTP/1.1\r\nHost: a\r\n{lines}\r\n")).await;
            assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
        }
        let long = format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "x".repeat(65_535));
        assert!(verdict(&long).await.starts_with("HTTP/1.1 403 "));
    }

    /// What a proxy is told that sends `head` for a verdict.
    async fn verdict(head: &str) -> String {
        let mut client = connect_as(Traffic::Verdicts, app(), Duration::from_millis(100));
        client.write_all(head.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        client.read_to_end(&mut answer).await.unwrap();
        String::from_utf8(answer).unwrap()
    }

    #[tokio::test]
    async fn smuggling_by_two_lengths_is_refused() {
        for lengths in [
            "Content-Length: 1\r\nContent-Length: 2\r\n",
            "Content-Length: 1, 2\r\n",
            "Content-Length: +1\r\n",
            "Content-Length: 0x1\r\n",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
            "Transfer-Encoding: xchunked\r\n",
            "Transfer-Encoding: chunked, x\r\n",
            "Content-Length : 1\r\n",
            "Content-Length: 1\r\n Transfer-Encoding: chunked\r\n",
        ] {
            let request = format!("POST /echo HTTP/1.1\r\nHost: a\r\n{lengths}\r\n12");
            let answer = exchange(request.as_bytes()).await;
            assert!(answer.starts_with("HTTP/1.1 400 "), "{lengths:?}: {answer}");
        }
    }

    #[tokio::test]
    async fn smuggling_by_length_and_chunks_is_refused() {
        for order in [
            "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
            "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
        ] {
            let request = format!(
                "POST /echo HTTP/1.1\r\nHost: a\r\n{order}\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"
            );
            let answer = exchange(request.as_bytes()).await;
            assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{order:?}: {answer}");
            assert!(answer.starts_with("HTTP/1.1 400 "), "{order:?}: {answer}");
            assert!(answer.contains(r#""code":"ambiguous_framing""#), "{order:?}: {answer}");
            assert!(answer.contains("connection: close"), "{order:?}: {answer}");
        }
    }

    #[tokio::test]
    async fn nothing_that_follows_chunks_is_a_request() {
        let chunked = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
        let request = format!("{chunked}2\r\nok\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
        let answer = exchange(request.as_bytes()).await;
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{answer}");
        assert!(
            answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("\r\n\r\nok"),
            "{answer}"
        );
    }

    #[tokio::test]
    async fn an_idle_connection_is_closed_whatever_it_has_sent() {
        for begun in [&b""[..], b"P", b"PRI * HTTP/2.0\r\n", b"GET / HTTP/1.1\r\nHo"] {
            let mut client = connect(app(), Duration::from_millis(1));
            client.write_all(begun).await.unwrap();
            let mut answer = Vec::new();
            client.read_to_end(&mut answer).await.unwrap();
            assert!(answer.is_empty(), "{begun:?}");
        }
    }

    #[tokio::test]
    async fn an_idle_http2_connection_is_told_to_go_away() {
        let mut client = connect(app(), Duration::from_millis(1));
        client.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();
        let mut answer = Vec::new();
        client.read_to_end(&mut answer).await.unwrap();
        let is_goaway = |frame: &[u8]| frame.get(3) == Some(&0x07);
        let mut frames = Vec::new();
        let mut rest = answer.as_slice();
        while let [a, b, c, ..] = rest {
            let length = usize::from(*a) << 16 | usize::from(*b) << 8 | usize::from(*c);
            let (frame, tail) = rest.split_at(9 + length);
            frames.push(frame);
            rest = tail;
        }
        assert!(frames.into_iter().any(is_goaway), "{answer:?}");
    }
}
