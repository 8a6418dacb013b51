//! How long the other end of a connection makes someone wait.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep};

/// A clock that runs only while someone waits for the other end.
#[derive(Debug)]
pub(crate) struct Pause {
    longest: Duration,
    /// Made by the first wait, and used again.
    deadline: Option<Pin<Box<Sleep>>>,
    is_running: bool,
}

impl Pause {
    /// One that may last as long as `longest`.
    pub(crate) const fn new(longest: Duration) -> Self {
        Self { longest, deadline: None, is_running: false }
    }

    /// Nobody waits any more.
    pub(crate) const fn end(&mut self) {
        self.is_running = false;
    }

    /// Someone waits, from now on or since an earlier call. Ready when it has been for too long.
    pub(crate) fn poll_too_long(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let end = Instant::now() + self.longest;
        let was_running = std::mem::replace(&mut self.is_running, true);
        let deadline = self.deadline.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(end)));
        if !was_running {
            deadline.as_mut().reset(end);
        }
        deadline.as_mut().poll(context)
    }
}
