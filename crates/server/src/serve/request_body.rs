//! The body of a request, from a client that may stop sending it.

use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use super::pause::Pause;

/// A body that ends in [`Stalled`] when nothing of it arrives for too long.
///
/// The clock runs only while someone waits for the client: an API that is slow to take the body is
/// not the client's fault.
#[derive(Debug)]
pub(crate) struct RequestBody<B = Incoming> {
    body: B,
    pause: Pause,
}

/// The client stopped sending in the middle of its request.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("nothing more of the request arrived")]
pub(crate) struct Stalled(());

impl<B> RequestBody<B> {
    /// `body`, from a client that may pause for `patience`.
    pub(crate) const fn new(body: B, patience: Duration) -> Self {
        Self { body, pause: Pause::new(patience) }
    }
}

impl<B> Body for RequestBody<B>
where
    B: Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>> + Unpin,
{
    type Data = Bytes;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            self.pause.end();
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        ready!(self.pause.poll_too_long(context));
        Poll::Ready(Some(Err(Stalled(()).into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{StreamExt as _, stream};
    use http_body_util::{BodyExt as _, Full, StreamBody};

    use super::*;

    #[tokio::test]
    async fn a_client_that_stops_sending_is_given_up() {
        let half = Ok::<_, Stalled>(Frame::data(Bytes::from_static(b"half")));
        let client = StreamBody::new(stream::iter([half]).chain(stream::pending()));
        let mut body = RequestBody::new(client, Duration::from_millis(1));
        let first = body.frame().await.unwrap().unwrap();
        assert_eq!(first.into_data().unwrap(), "half");
        let error = body.frame().await.unwrap().unwrap_err();
        assert!(error.is::<Stalled>(), "{error}");
    }

    #[tokio::test]
    async fn a_whole_body_passes_unchanged() {
        let body = RequestBody::new(Full::new(Bytes::from_static(b"whole")), Duration::MAX);
        assert_eq!(body.size_hint().exact(), Some(5));
        assert_eq!(body.collect().await.unwrap().to_bytes(), "whole");
    }
}
