//! What is left of a request that is answered before it was read to its end.
//!
//! A connection that is closed while something in it is unread is reset, and the reset may take the
//! answer away from whoever is still sending (RFC 9112 §9.6): a front proxy says 502 then. So what
//! comes is read and thrown away, within bounds.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http_body::Body;
use http_body_util::BodyExt as _;

use super::connection::FAREWELL;
use super::tunnels::Tunnels;

/// The most that is read for nothing of one request, in bytes: of a request that has more left, the
/// connection ends. Reading costs little, and a proxy that is not read to the end says 502.
pub(super) const MOST: u64 = 8 * 1024 * 1024;

/// Reads what is left of the requests of one HTTP/1.1 connection. A clone is the same.
#[derive(Clone, Debug)]
pub(super) struct Unread {
    tunnels: Tunnels,
    patience: Duration,
    /// Whether more is left of a request than is read.
    is_over: Arc<AtomicBool>,
}

/// A body that may be left.
pub(crate) trait Left:
    Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>> + Send + Unpin + 'static
{
}

impl<B> Left for B where
    B: Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>> + Send + Unpin + 'static
{
}

impl Unread {
    /// For the connection of `tunnels`; all that is left of a request may take `patience`.
    pub(super) fn new(tunnels: Tunnels, patience: Duration) -> Self {
        Self { tunnels, patience, is_over: Arc::default() }
    }

    /// Reads `body` beside the answer, which does not wait for it.
    pub(super) fn read(&self, body: impl Left) {
        if body.size_hint().lower() > MOST {
            self.leave();
        }
        let (patience, mut stop) = (self.patience, self.tunnels.stop());
        self.tunnels.dig(async move {
            let stopped = async {
                stop.draining().await;
                tokio::time::sleep(FAREWELL).await;
            };
            tokio::select! {
                () = discard(body) => {}
                () = tokio::time::sleep(patience) => {}
                () = stopped => {}
            }
        });
    }

    /// Leaves the rest of a request unread.
    pub(super) fn leave(&self) {
        self.is_over.store(true, Ordering::Relaxed);
    }

    /// Whether a request is known to be left with a rest, so that no other can follow it.
    pub(super) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }
}

/// Reads `body` to its end, or as much of it as is read of any.
async fn discard(mut body: impl Left) {
    let mut left = MOST;
    while let Some(Ok(frame)) = body.frame().await {
        let length = frame.data_ref().map_or(0, Bytes::len);
        match left.checked_sub(length as u64) {
            Some(less) => left = less,
            None => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};

    use axum::Router;
    use axum::extract::DefaultBodyLimit;
    use axum::routing::post;
    use futures_util::{StreamExt as _, stream};
    use http::StatusCode;
    use http_body::Frame;
    use http_body_util::StreamBody;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;
    use tokio::time::Instant;

    use super::*;
    use crate::config::Limits;
    use crate::serve::activity::Activity;
    use crate::serve::listener::Listener;
    use crate::shutdown::{self, StopSwitch};

    const REFUSED: &str = "HTTP/1.1 403 Forbidden\r\n";

    /// A connection to a server that never reads a body but at `/limited`, and there 16 bytes.
    async fn connect(stall: Duration) -> (TcpStream, StopSwitch) {
        let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        // Nothing ends but by what is tested here.
        let limits = Limits { stall, idle: Duration::from_hours(1), ..Limits::LOCAL };
        let listener = Listener::bind(loopback, limits).await.unwrap();
        let address = listener.address();
        let (switch, stop) = shutdown::switch();
        let app = Router::new()
            .route("/", post(async || StatusCode::FORBIDDEN))
            .route("/limited", post(async |_: Bytes| ()))
            .layer(DefaultBodyLimit::max(16));
        tokio::spawn(listener.serve(app, stop, Duration::ZERO));
        (TcpStream::connect(address).await.unwrap(), switch)
    }

    /// A head with the further `lines`, and what has come behind it.
    async fn send(client: &mut TcpStream, path: &str, lines: &str, begun: &str) {
        let request = format!("POST {path} HTTP/1.1\r\nHost: a\r\n{lines}\r\n\r\n{begun}");
        client.write_all(request.as_bytes()).await.unwrap();
    }

    /// The head of an answer, whose body is empty.
    async fn head(client: &mut TcpStream) -> String {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(client.read_u8().await.unwrap());
        }
        String::from_utf8(head).unwrap()
    }

    /// Whether the connection ended in whatever way, and nothing came before.
    async fn has_ended(client: &mut TcpStream) -> bool {
        !matches!(client.read(&mut [0; 64]).await, Ok(1..))
    }

    #[tokio::test]
    async fn an_answer_before_the_body_was_read_breaks_no_write_of_the_body() {
        let (mut client, _switch) = connect(Duration::from_hours(1)).await;
        for length in [2, 100_000, usize::try_from(MOST).unwrap()] {
            send(&mut client, "/", &format!("Content-Length: {length}"), "").await;
            // It does not wait for the body, nor for an end of the connection.
            let answer = head(&mut client).await;
            assert!(answer.starts_with(REFUSED), "{answer}");
            assert!(!answer.contains("connection: close"), "{answer}");
            for piece in vec![b'x'; length].chunks(1024) {
                client.write_all(piece).await.unwrap();
            }
        }
        for (lines, body) in
            [("Content-Length: 0", ""), ("Content-Length: 5\r\nConnection: close", "hello")]
        {
            send(&mut client, "/", lines, body).await;
            assert!(head(&mut client).await.starts_with(REFUSED));
        }
        assert!(has_ended(&mut client).await);
    }

    #[tokio::test]
    async fn an_answer_in_the_middle_of_the_body_breaks_no_write_of_the_body() {
        let (mut client, _switch) = connect(Duration::from_hours(1)).await;
        let begun = "11\r\n12345678901234567";
        send(&mut client, "/limited", "Transfer-Encoding: chunked", begun).await;
        let answer = head(&mut client).await;
        assert!(answer.starts_with("HTTP/1.1 413 Payload Too Large\r\n"), "{answer}");
        assert!(answer.contains("connection: close"), "{answer}");
        for _ in 0..10 {
            client.write_all(b"\r\n3\r\nabc").await.unwrap();
        }
        client.write_all(b"\r\n0\r\n\r\n").await.unwrap();
        let mut rest = String::new();
        // An end, and no reset.
        client.read_to_string(&mut rest).await.unwrap();
        assert!(!rest.contains("HTTP/1.1"), "{rest}");
    }

    #[tokio::test]
    async fn of_a_request_with_too_much_left_the_connection_ends() {
        let length = 1_u64 << 40;
        for framing in
            [format!("Content-Length: {length}"), "Transfer-Encoding: chunked".to_owned()]
        {
            let (mut client, _switch) = connect(Duration::from_hours(1)).await;
            send(&mut client, "/", &framing, &format!("{length:x}\r\n")).await;
            let answer = head(&mut client).await;
            assert!(answer.starts_with(REFUSED), "{answer}");
            // Whoever can stop sending is told to.
            assert!(answer.contains("connection: close"), "{answer}");
            let block = vec![b'x'; 64 * 1024];
            while client.write_all(&block).await.is_ok() {}
            assert!(has_ended(&mut client).await);
        }
    }

    #[tokio::test]
    async fn a_client_that_sends_nothing_more_is_not_waited_for_long() {
        let (mut client, _switch) = connect(Duration::from_millis(1)).await;
        send(&mut client, "/", "Content-Length: 5", "hell").await;
        assert!(head(&mut client).await.starts_with(REFUSED));
        assert!(has_ended(&mut client).await);
    }

    #[tokio::test]
    async fn a_client_that_waits_to_be_asked_is_answered_at_once_and_not_asked() {
        let (mut client, _switch) = connect(Duration::from_hours(1)).await;
        send(&mut client, "/", "Content-Length: 5\r\nExpect: 100-continue", "").await;
        let answer = head(&mut client).await;
        assert!(answer.starts_with(REFUSED), "{answer}");
        assert!(answer.contains("connection: close"), "{answer}");
        assert!(has_ended(&mut client).await);
    }

    /// How long a body without end, of which a byte comes every second, is read.
    async fn time_for_drips(patience: Duration, prepare: impl FnOnce(&StopSwitch)) -> Duration {
        let (switch, stop) = shutdown::switch();
        let tunnels = Tunnels::new(Arc::new(Activity::new()), stop);
        let drips = stream::repeat(()).then(async |()| {
            tokio::time::sleep(Duration::from_secs(1)).await;
            Ok::<_, std::convert::Infallible>(Frame::data(Bytes::from_static(b"x")))
        });
        prepare(&switch);
        let begun = Instant::now();
        Unread::new(tunnels.clone(), patience).read(StreamBody::new(drips.boxed()));
        tunnels.ended().await;
        begun.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_drips_is_not_read_for_ever() {
        let patience = Duration::from_mins(1);
        assert_eq!(time_for_drips(patience, |_| ()).await, patience);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_nobody_wants_does_not_hold_up_a_shutdown() {
        assert_eq!(time_for_drips(Duration::from_mins(1), StopSwitch::drain).await, FAREWELL);
    }
}
