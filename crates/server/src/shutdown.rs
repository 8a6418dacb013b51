//! When to stop: one switch, watched by every listener and every connection.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

/// The switch. Dropping it without a word stops everything at once.
#[derive(Debug)]
pub(crate) struct StopSwitch(watch::Sender<Stage>);

/// What is left of a program's life, for whoever watches the switch.
#[derive(Clone, Debug)]
pub(crate) struct Stop(watch::Receiver<Stage>);

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Stage {
    /// Everything is served.
    Serving,
    /// Requests in flight are finished, new connections refused.
    Draining,
    /// Nothing is waited for any more.
    Over,
}

/// A switch and what watches it.
pub(crate) fn switch() -> (StopSwitch, Stop) {
    let (sender, receiver) = watch::channel(Stage::Serving);
    (StopSwitch(sender), Stop(receiver))
}

impl StopSwitch {
    /// Requests in flight are finished, new connections refused.
    pub(crate) fn drain(&self) {
        self.advance(Stage::Draining);
    }

    /// Whatever is still in flight is cut off.
    pub(crate) fn cut(&self) {
        self.advance(Stage::Over);
    }

    fn advance(&self, stage: Stage) {
        self.0.send_if_modified(|now| std::mem::replace(now, stage.max(*now)) < stage);
    }
}

impl Stop {
    /// Whether new requests are still welcome.
    pub(crate) fn is_serving(&self) -> bool {
        *self.0.borrow() == Stage::Serving && self.0.has_changed().is_ok()
    }

    /// Resolves when no new connection is to be accepted.
    pub(crate) async fn draining(&mut self) {
        self.reached(Stage::Draining).await;
    }

    /// Resolves when nothing is to be waited for any more.
    pub(crate) async fn over(&mut self) {
        self.reached(Stage::Over).await;
    }

    async fn reached(&mut self, stage: Stage) {
        // An error means that the switch is gone: nobody could stop us any more, so stop now.
        let _ = self.0.wait_for(|now| *now >= stage).await;
    }
}

/// Turns the switch on SIGTERM and SIGINT: the first drains, the second cuts off.
///
/// # Errors
/// When the process may not listen to signals.
pub(crate) fn on_signal() -> io::Result<Stop> {
    let (switch, stop) = switch();
    let signals = [signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?];
    tokio::spawn(obey(switch, signals));
    Ok(stop)
}

async fn obey(switch: StopSwitch, [mut terminate, mut interrupt]: [Signal; 2]) {
    let mut next = async || {
        tokio::select! {
            _ = terminate.recv() => "SIGTERM",
            _ = interrupt.recv() => "SIGINT",
        }
    };
    let signal = next().await;
    tracing::info!(signal, "stopping: finishing the requests in flight");
    switch.drain();
    let signal = next().await;
    tracing::warn!(signal, "stopping at once: told twice");
    switch.cut();
    // The switch must not be dropped while the last listener still watches it.
    std::future::pending::<()>().await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_switch_goes_one_way() {
        let (switch, mut stop) = switch();
        assert!(stop.is_serving());
        switch.drain();
        assert!(!stop.is_serving());
        stop.draining().await;
        switch.cut();
        stop.over().await;
        switch.drain();
        stop.over().await;
    }

    #[tokio::test]
    async fn nothing_waits_for_a_switch_that_is_gone() {
        let (switch, mut stop) = switch();
        drop(switch);
        assert!(!stop.is_serving());
        stop.draining().await;
        stop.over().await;
    }
}
