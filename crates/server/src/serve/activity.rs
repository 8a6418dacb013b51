//! Whether a connection is in use, and since when it is not.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::time::Instant;

/// The requests of one connection.
#[derive(Debug)]
pub(super) struct Activity {
    opened: Instant,
    requests: AtomicUsize,
    /// When the last request ended, in milliseconds after `opened`.
    last_end: AtomicU64,
}

/// A request that is not finished before the last byte of its answer is.
#[derive(Debug)]
pub(super) struct InFlight(Arc<Activity>);

impl Activity {
    pub(super) fn new() -> Self {
        Self { opened: Instant::now(), requests: AtomicUsize::new(0), last_end: AtomicU64::new(0) }
    }

    pub(super) fn begin(self: &Arc<Self>) -> InFlight {
        self.requests.fetch_add(1, Ordering::Relaxed);
        InFlight(Arc::clone(self))
    }

    /// Resolves when there has been no request for `patience`.
    pub(super) async fn idle(&self, patience: Duration) {
        loop {
            let now = Instant::now();
            // Pairs with the release in `drop`: whoever sees no request sees when the last one ended.
            let since = if self.requests.load(Ordering::Acquire) > 0 {
                now
            } else {
                self.opened + Duration::from_millis(self.last_end.load(Ordering::Relaxed))
            };
            if now >= since + patience {
                return;
            }
            tokio::time::sleep_until(since + patience).await;
        }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let age = u64::try_from(self.0.opened.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.0.last_end.store(age, Ordering::Relaxed);
        self.0.requests.fetch_sub(1, Ordering::Release);
    }
}

/// The body of an answer, which keeps its connection in use until the last byte is sent.
#[derive(Debug)]
pub(super) struct TrackedBody {
    body: Body,
    _in_flight: InFlight,
}

impl TrackedBody {
    pub(super) const fn new(body: Body, in_flight: InFlight) -> Self {
        Self { body, _in_flight: in_flight }
    }
}

impl http_body::Body for TrackedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
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
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_connection_in_use_is_not_idle() {
        let activity = Arc::new(Activity::new());
        let in_flight = activity.begin();
        let idle = tokio::spawn({
            let activity = Arc::clone(&activity);
            async move { activity.idle(Duration::from_millis(1)).await }
        });
        // The clock is paused: it jumps when every task waits, past many an idle check.
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(!idle.is_finished());
        drop(in_flight);
        idle.await.unwrap();
    }
}
