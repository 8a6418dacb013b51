//! A connection whose other end may stop reading.

use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper_util::client::legacy::connect::{Connected, Connection};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::pause::Pause;

/// Breaks when the other end takes no byte of what there is to write for `patience`. Whoever waits
/// to write is told [`ErrorKind::TimedOut`].
#[derive(Debug)]
pub(crate) struct Stalling<T> {
    io: T,
    /// Of a write.
    pause: Pause,
}

impl<T> Stalling<T> {
    pub(crate) const fn new(io: T, patience: Duration) -> Self {
        Self { io, pause: Pause::new(patience) }
    }

    #[cfg(test)]
    pub(crate) const fn inner(&self) -> &T {
        &self.io
    }

    /// What a write says that came to `outcome`.
    fn within_patience<R>(
        &mut self,
        context: &mut Context<'_>,
        outcome: Poll<io::Result<R>>,
    ) -> Poll<io::Result<R>> {
        if outcome.is_ready() {
            self.pause.end();
            return outcome;
        }
        ready!(self.pause.poll_too_long(context));
        Poll::Ready(Err(io::Error::new(ErrorKind::TimedOut, "the other end does not read")))
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Stalling<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(context, buffer)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Stalling<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.io).poll_write(context, bytes);
        self.within_patience(context, outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.io).poll_write_vectored(context, slices);
        self.within_patience(context, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }
}

impl<T: Connection> Connection for Stalling<T> {
    fn connected(&self) -> Connected {
        self.io.connected()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};
    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_does_not_read_is_given_up_and_who_reads_slowly_is_not() {
        let (patience, pause) = (Duration::from_mins(1), Duration::from_secs(59));
        let (near, mut far) = duplex(1);
        let mut near = Stalling::new(near, patience);
        let begun = Instant::now();
        let writing = tokio::spawn(async move { near.write_all(b"abc").await });
        for expected in *b"ab" {
            tokio::time::sleep(pause).await;
            assert_eq!(far.read_u8().await.unwrap(), expected);
        }
        writing.await.unwrap().unwrap();
        assert!(begun.elapsed() > patience);

        let (near, _far) = duplex(1);
        let error = Stalling::new(near, patience).write_all(b"abc").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
    }
}
