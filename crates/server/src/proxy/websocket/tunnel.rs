//! The bytes of a WebSocket, both ways, until one side or the session ends.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Poll, ready};
use std::time::Duration;

use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWriteExt as _, ReadBuf, ReadHalf, WriteHalf, split};

use super::super::lifetime::{End, Lifetime};
use super::frame::{self, Boundary};

/// A WebSocket that was agreed to.
pub(in crate::proxy) struct Tunnel {
    pub(in crate::proxy) client: OnUpgrade,
    pub(in crate::proxy) upstream: OnUpgrade,
    pub(in crate::proxy) lifetime: Lifetime,
}

type Side = TokioIo<Upgraded>;

impl Tunnel {
    /// Passes bytes on until both sides have ended, one is broken, or the lifetime is over. Then the
    /// client is told so, where a frame may stand, and both connections are closed.
    pub(in crate::proxy) async fn run(self) {
        let (client, upstream) = match tokio::try_join!(self.client, self.upstream) {
            Ok((client, upstream)) => (TokioIo::new(client), TokioIo::new(upstream)),
            Err(error) => return tracing::debug!(%error, "WebSocket not opened"),
        };
        let (mut from_client, to_client) = split(client);
        let (from_upstream, mut to_upstream) = split(upstream);
        let mut to_client = Framed { side: to_client, boundary: Boundary::default() };
        let end = tokio::select! {
            passed = async {
                tokio::try_join!(
                    requests(&mut from_client, &mut to_upstream),
                    answers(from_upstream, &mut to_client),
                )
            } => {
                if let Err(error) = passed {
                    tracing::debug!(%error, "WebSocket broken");
                }
                return;
            }
            end = self.lifetime.over() => end,
        };
        drop(to_upstream);
        let _ = tokio::time::timeout(FAREWELL, to_client.close(end, from_client)).await;
    }
}

/// What a connection may still take to say goodbye.
const FAREWELL: Duration = Duration::from_secs(1);

async fn requests(from: &mut ReadHalf<Side>, to: &mut WriteHalf<Side>) -> io::Result<()> {
    while let Some(bytes) = next(from).await? {
        to.write_all(&bytes).await?;
        to.flush().await?;
    }
    to.shutdown().await
}

async fn answers(mut from: ReadHalf<Side>, to: &mut Framed) -> io::Result<()> {
    while let Some(bytes) = next(&mut from).await? {
        to.write_all(&bytes).await?;
    }
    to.side.shutdown().await
}

/// What there is to read, none at the end. While there is nothing no buffer waits for it, since most
/// WebSockets are silent most of the time.
async fn next(side: &mut ReadHalf<Side>) -> io::Result<Option<Vec<u8>>> {
    poll_fn(|context| {
        let mut space = [0; MOST_BYTES];
        let mut buffer = ReadBuf::new(&mut space);
        ready!(Pin::new(&mut *side).poll_read(context, &mut buffer))?;
        let bytes = buffer.filled();
        Poll::Ready(Ok((!bytes.is_empty()).then(|| bytes.to_vec())))
    })
    .await
}

/// At a time and in one direction.
const MOST_BYTES: usize = 16 * 1024;

/// The client's side, and whether a frame may stand there now.
struct Framed {
    side: WriteHalf<Side>,
    boundary: Boundary,
}

impl Framed {
    /// Counts what is written as it is: this may be dropped in the middle.
    async fn write_all(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let written = self.side.write(bytes).await?;
            if written == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            let (passed, rest) = bytes.split_at_checked(written).unwrap_or((bytes, &[]));
            self.boundary.pass(passed);
            bytes = rest;
        }
        self.side.flush().await
    }

    async fn close(mut self, end: End, mut from: ReadHalf<Side>) -> io::Result<()> {
        if self.boundary.is_between_frames() {
            self.side.write_all(&frame::close(code(end))).await?;
            self.side.flush().await?;
        }
        self.side.shutdown().await?;
        // Bytes that nobody has read would make the connection end in a reset, and take the frame
        // with it.
        while next(&mut from).await?.is_some() {}
        Ok(())
    }
}

/// RFC 6455 §7.4.1.
const fn code(end: End) -> u16 {
    match end {
        End::Stopping => 1001,
        End::Session => 1008,
    }
}
