//! Answers that do not end by themselves: `text/event-stream`.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, header};
use http_body::{Frame, SizeHint};

use super::lifetime::{End, Lifetime};

/// Whether an answer is a stream of events.
pub(super) fn is_one(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|media_type| {
        let essence = media_type.as_bytes().split(|&byte| byte == b';').next().unwrap_or_default();
        essence.trim_ascii().eq_ignore_ascii_case(b"text/event-stream")
    })
}

/// The same answer, which ends with `lifetime`. To a browser that is a reason to connect again, and to
/// be told then what holds.
pub(super) fn ending_with(lifetime: Lifetime, answer: Response) -> Response {
    answer.map(|body| Body::new(EndingBody { body, over: Some(Box::pin(lifetime.over())) }))
}

struct EndingBody<O> {
    body: Body,
    /// None once it is over.
    over: Option<Pin<Box<O>>>,
}

impl<O: Future<Output = End>> http_body::Body for EndingBody<O> {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let Some(over) = &mut self.over else { return Poll::Ready(None) };
        if over.as_mut().poll(context).is_ready() {
            self.over = None;
            // What the API still sends is nobody's.
            self.body = Body::empty();
            return Poll::Ready(None);
        }
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.over.is_none() || self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
