//! The body of an answer on its way to the client: for as long as the session lasts, and unless the API
//! pauses for too long.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, header};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use super::lifetime::End;
use crate::serve::pause::Pause;

/// Whether an answer is a stream of events, which are few and far between.
pub(super) fn is_event_stream(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|media_type| {
        let essence = media_type.as_bytes().split(|&byte| byte == b';').next().unwrap_or_default();
        essence.trim_ascii().eq_ignore_ascii_case(b"text/event-stream")
    })
}

/// The body of an answer, until something is over.
pub(super) struct AnswerBody<B = Incoming> {
    /// None once it is over: what the API still sends is nobody's.
    body: Option<B>,
    kind: Kind,
    /// Resolves when it has to end. None where it need not.
    over: Option<Pin<Box<dyn Future<Output = End> + Send>>>,
}

/// What an end means to the client, and a pause to us.
#[derive(Debug)]
enum Kind {
    /// It may be silent, and to a browser an end is a reason to connect again and to be told then what
    /// holds.
    Events,
    /// It may pause for so long, and without its end it must not look whole.
    Other(Pause),
}

/// Why an answer breaks off.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
enum BrokenOff {
    #[error("the session has ended")]
    Session,
    #[error("the API sent nothing more of its answer")]
    Stalled,
}

impl<B> AnswerBody<B> {
    /// A stream of events.
    pub(super) fn events(body: B) -> Self {
        Self { body: Some(body), kind: Kind::Events, over: None }
    }

    /// Any other body, of an API that may pause for `patience`.
    pub(super) fn other(body: B, patience: Duration) -> Self {
        Self { body: Some(body), kind: Kind::Other(Pause::new(patience)), over: None }
    }

    /// The same, for as long as `over` does not resolve.
    pub(super) fn until(self, over: impl Future<Output = End> + Send + 'static) -> Self {
        Self { over: Some(Box::pin(over)), ..self }
    }
}

impl<B: Body<Data = Bytes, Error = hyper::Error> + Unpin> Body for AnswerBody<B> {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        let Some(body) = &mut this.body else { return Poll::Ready(None) };
        if this.over.as_mut().is_some_and(|over| over.as_mut().poll(context).is_ready()) {
            this.body = None;
            return Poll::Ready(match this.kind {
                Kind::Events => None,
                Kind::Other(_) => Some(Err(axum::Error::new(BrokenOff::Session))),
            });
        }
        let frame = Pin::new(body).poll_frame(context);
        let Kind::Other(pause) = &mut this.kind else {
            return frame.map_err(axum::Error::new);
        };
        if frame.is_ready() {
            pause.end();
            return frame.map_err(axum::Error::new);
        }
        ready!(pause.poll_too_long(context));
        this.body = None;
        let error = BrokenOff::Stalled;
        tracing::warn!(code = "upstream_stalled", %error, "answer broken off");
        Poll::Ready(Some(Err(axum::Error::new(error))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}
