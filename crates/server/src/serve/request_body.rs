//! The body of a request, from a client that may stop sending it.

use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Version, header};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use super::pause::Pause;
use super::unread::{Left, Unread};

/// A body that ends in [`Stalled`] when nothing of it arrives for too long, and that is read on when
/// nobody wants it any more.
///
/// The clock runs only while someone waits for the client: an API that is slow to take the body is
/// not the client's fault.
#[derive(Debug)]
pub(crate) struct RequestBody<B: Left = Incoming> {
    /// None once it has ended.
    body: Option<B>,
    pause: Pause,
    /// Who reads what is left of it. None where nobody has to.
    unread: Option<Unread>,
    /// Whether the client may wait to be asked for it: it has sent nothing then, and reading would be
    /// asking.
    is_awaited: bool,
}

/// The client stopped sending in the middle of its request.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("nothing more of the request arrived")]
pub(crate) struct Stalled(());

/// `request` as its handler gets it, from a client that may pause for `patience`. Over HTTP/1.1,
/// `unread` reads what is left of it; an HTTP/2 stream ends without its connection.
pub(super) fn receive(
    request: Request<Incoming>,
    patience: Duration,
    unread: Option<&Unread>,
) -> Request<axum::body::Body> {
    if request.body().is_end_stream() {
        return request.map(|_| axum::body::Body::empty());
    }
    let is_awaited = request.headers().contains_key(header::EXPECT);
    let unread = unread.filter(|_| request.version() <= Version::HTTP_11).cloned();
    request.map(|body| {
        let body = Some(body);
        let pause = Pause::new(patience);
        axum::body::Body::new(RequestBody { body, pause, unread, is_awaited })
    })
}

impl<B: Left> Body for RequestBody<B> {
    type Data = Bytes;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = &mut *self;
        let Some(body) = &mut this.body else { return Poll::Ready(None) };
        this.is_awaited = false;
        if let Poll::Ready(frame) = Pin::new(body).poll_frame(context) {
            this.pause.end();
            if !matches!(frame, Some(Ok(_))) {
                this.body = None;
            }
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        ready!(this.pause.poll_too_long(context));
        this.body = None;
        Poll::Ready(Some(Err(Stalled(()).into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

impl<B: Left> Drop for RequestBody<B> {
    fn drop(&mut self) {
        let (Some(body), Some(unread)) = (self.body.take(), self.unread.take()) else { return };
        if self.is_awaited {
            unread.leave();
        } else if !body.is_end_stream() {
            unread.read(body);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{StreamExt as _, stream};
    use http_body_util::{BodyExt as _, Full, StreamBody};

    use super::*;

    /// A body that nobody has to read to its end.
    const fn body<B: Left>(body: B, patience: Duration) -> RequestBody<B> {
        let pause = Pause::new(patience);
        RequestBody { body: Some(body), pause, unread: None, is_awaited: false }
    }

    #[tokio::test]
    async fn a_client_that_stops_sending_is_given_up() {
        let half = Ok::<_, Stalled>(Frame::data(Bytes::from_static(b"half")));
        let client = StreamBody::new(stream::iter([half]).chain(stream::pending()));
        let mut body = body(client, Duration::from_millis(1));
        let first = body.frame().await.unwrap().unwrap();
        assert_eq!(first.into_data().unwrap(), "half");
        let error = body.frame().await.unwrap().unwrap_err();
        assert!(error.is::<Stalled>(), "{error}");
    }

    #[tokio::test]
    async fn a_whole_body_passes_unchanged() {
        let body = body(Full::new(Bytes::from_static(b"whole")), Duration::MAX);
        assert_eq!(body.size_hint().exact(), Some(5));
        assert_eq!(body.collect().await.unwrap().to_bytes(), "whole");
    }
}
