//! A connection whose other end may stop reading, and along which someone may look.

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
pub(crate) struct Wire<T, W = Unwatched> {
    io: T,
    /// Of a write.
    pause: Pause,
    watch: W,
}

/// Looks along a connection.
pub(super) trait Watch: Unpin {
    /// These bytes were read.
    fn read(&mut self, bytes: &[u8]);

    /// What `bytes`, which are about to be written, shall begin with in place of as many of their own.
    fn instead_of(&self, bytes: &[u8]) -> Option<&'static [u8]>;
}

/// Nobody does.
#[derive(Debug)]
pub(crate) struct Unwatched;

impl Watch for Unwatched {
    fn read(&mut self, _: &[u8]) {}

    fn instead_of(&self, _: &[u8]) -> Option<&'static [u8]> {
        None
    }
}

impl<T> Wire<T> {
    pub(crate) const fn new(io: T, patience: Duration) -> Self {
        Self::watched(io, patience, Unwatched)
    }

    #[cfg(test)]
    pub(crate) const fn inner(&self) -> &T {
        &self.io
    }
}

impl<T, W> Wire<T, W> {
    /// The same, with `watch` looking along.
    pub(super) const fn watched(io: T, patience: Duration, watch: W) -> Self {
        Self { io, pause: Pause::new(patience), watch }
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

impl<T: AsyncRead + Unpin, W: Watch> AsyncRead for Wire<T, W> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.io).poll_read(context, buffer))?;
        self.watch.read(buffer.filled().get(before..).unwrap_or_default());
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncWrite + Unpin, W: Watch> AsyncWrite for Wire<T, W> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(context, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let first = slices.first().map_or(&[][..], |first| first);
        let replaced = self.watch.instead_of(first).map(|instead| {
            [instead, first.get(instead.len()..).unwrap_or_default()].map(IoSlice::new)
        });
        let slices = replaced.as_ref().map_or(slices, |replaced| replaced);
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

impl<T: Connection, W> Connection for Wire<T, W> {
    fn connected(&self) -> Connected {
        self.io.connected()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};
    use tokio::time::Instant;

    use super::*;

    /// Wants `new` in place of `old`, and remembers what was read.
    struct Instead(Vec<u8>);

    impl Watch for Instead {
        fn read(&mut self, bytes: &[u8]) {
            self.0.extend_from_slice(bytes);
        }

        fn instead_of(&self, bytes: &[u8]) -> Option<&'static [u8]> {
            bytes.starts_with(b"old").then_some(b"new")
        }
    }

    #[tokio::test]
    async fn what_is_written_instead_is_as_long_however_much_is_taken() {
        for taken in [1, 2, 3, 4, 100] {
            let (near, mut far) = duplex(taken);
            let mut near = Wire::watched(near, Duration::from_hours(1), Instead(Vec::new()));
            let writing = tokio::spawn(async move {
                let slices = [IoSlice::new(b"old one, "), IoSlice::new(b"old two")];
                let mut written = near.write_vectored(&slices).await.unwrap();
                let all = b"old one, old two";
                while written < all.len() {
                    written += near.write(&all[written..]).await.unwrap();
                }
                near.write_all(b" other").await.unwrap();
            });
            let mut read = String::new();
            far.read_to_string(&mut read).await.unwrap();
            writing.await.unwrap();
            assert_eq!(read.len(), "old one, old two other".len(), "{taken}");
            // Whoever takes less than all of it gets the rest as it was.
            let begins = if taken < 3 { &"new"[..taken] } else { "new one, " };
            assert!(read.starts_with(begins) && read.ends_with(" other"), "{taken}: {read}");
        }
    }

    #[tokio::test]
    async fn all_that_is_read_is_looked_at_once() {
        let (near, mut far) = duplex(2);
        let mut near = Wire::watched(near, Duration::from_hours(1), Instead(Vec::new()));
        tokio::spawn(async move { far.write_all(b"abcde").await.unwrap() });
        let mut read = Vec::new();
        near.read_to_end(&mut read).await.unwrap();
        assert_eq!((read.as_slice(), near.watch.0.as_slice()), (&b"abcde"[..], &b"abcde"[..]));
    }

    #[tokio::test(start_paused = true)]
    async fn who_does_not_read_is_given_up_and_who_reads_slowly_is_not() {
        let (patience, pause) = (Duration::from_mins(1), Duration::from_secs(59));
        let (near, mut far) = duplex(1);
        let mut near = Wire::new(near, patience);
        let begun = Instant::now();
        let writing = tokio::spawn(async move { near.write_all(b"abc").await });
        for expected in *b"ab" {
            tokio::time::sleep(pause).await;
            assert_eq!(far.read_u8().await.unwrap(), expected);
        }
        writing.await.unwrap().unwrap();
        assert!(begun.elapsed() > patience);

        let (near, _far) = duplex(1);
        let error = Wire::new(near, patience).write_all(b"abc").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
    }
}
