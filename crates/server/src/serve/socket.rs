//! What the system is told about a connection.

use std::io;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpStream;

/// How long the other end may say nothing until the system asks whether it is still there.
pub(crate) const SILENCE: Duration = Duration::from_mins(1);
/// How long the system waits for an answer, each time.
pub(crate) const INTERVAL: Duration = Duration::from_secs(15);
/// How often it asks until the connection is broken.
pub(crate) const RETRIES: u32 = 4;

/// Sends what is written at once, and breaks the connection when the other end has vanished without a
/// word. A WebSocket may be silent for as long as it likes, so nothing else would tell.
///
/// # Errors
/// That the connection is gone already.
pub(super) fn prepare(stream: &TcpStream) -> io::Result<()> {
    let keep_alive = TcpKeepalive::new().with_time(SILENCE).with_interval(INTERVAL);
    SockRef::from(stream).set_tcp_keepalive(&keep_alive.with_retries(RETRIES))?;
    stream.set_nodelay(true)
}

#[cfg(test)]
pub(crate) mod tests {
    use tokio::net::TcpListener;

    use super::*;

    /// Sees that the system asks after the other end of `stream`.
    pub(crate) fn assert_is_asked_after(stream: &TcpStream) {
        let socket = SockRef::from(stream);
        assert!(socket.keepalive().unwrap());
        assert_eq!(socket.tcp_keepalive_time().unwrap(), SILENCE);
        assert_eq!(socket.tcp_keepalive_interval().unwrap(), INTERVAL);
        assert_eq!(socket.tcp_keepalive_retries().unwrap(), RETRIES);
    }

    #[tokio::test]
    async fn a_client_that_vanishes_is_noticed() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let _client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        prepare(&stream).unwrap();
        assert_is_asked_after(&stream);
        assert!(stream.nodelay().unwrap());
    }
}
