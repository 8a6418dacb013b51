//! The body of a request on its way to the API, and how long the API may leave us waiting.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// A client's body, without trailers, that says whose turn it is.
///
/// It is taken frame by frame, as the API's connection has room: nothing is collected.
#[derive(Debug)]
pub(super) struct OutgoingBody {
    body: Body,
    turn: watch::Sender<Turn>,
}

/// Whom everybody waits for.
#[derive(Clone, Copy, Debug)]
enum Turn {
    /// The client, to send more.
    Client,
    /// The API, to take more or to answer, since then.
    Upstream(Instant),
}

/// Measures how long the API has been silent.
#[derive(Debug)]
pub(super) struct Patience(watch::Receiver<Turn>);

impl OutgoingBody {
    pub(super) fn new(body: Body) -> (Self, Patience) {
        let (turn, watched) = watch::channel(Turn::Upstream(Instant::now()));
        (Self { body, turn }, Patience(watched))
    }
}

impl http_body::Body for OutgoingBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        let turn = if frame.is_pending() { Turn::Client } else { Turn::Upstream(Instant::now()) };
        self.turn.send_replace(turn);
        // Trailers come last, so leaving them out ends the body.
        frame.map(|frame| frame.filter(|frame| !matches!(frame, Ok(frame) if frame.is_trailers())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Patience {
    /// Resolves when the API has neither taken a byte nor answered for `limit`. While the client is
    /// the one who is waited for, no time passes.
    pub(super) async fn lost(mut self, limit: Duration) {
        loop {
            let turn = *self.0.borrow_and_update();
            let ended = match turn {
                Turn::Client => self.0.changed().await.is_err(),
                Turn::Upstream(since) => tokio::select! {
                    () = sleep_until(since + limit) => return,
                    changed = self.0.changed() => changed.is_err(),
                },
            };
            if ended {
                let since = if let Turn::Upstream(since) = turn { since } else { Instant::now() };
                return sleep_until(since + limit).await;
            }
        }
    }
}
