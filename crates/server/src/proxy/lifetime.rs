//! How long something may go on that a request began: as long as the session, and no longer than we do
//! where it has no end of its own.

use std::future::pending;
use std::time::Duration;

use sealpass_tower::sealpass::Rejection;
use sealpass_tower::{Sealpass, Session};
use tokio::time::{Instant, MissedTickBehavior};

use crate::shutdown::Stop;
use crate::user::Claims;

/// The life of what a session began.
pub(super) struct Lifetime {
    pub(super) auth: Sealpass<Claims>,
    /// None where nobody had to be known.
    pub(super) caller: Option<Session<Claims>>,
    /// None for what is a request in flight when we stop.
    pub(super) stop: Option<Stop>,
}

/// Why something ends that nobody ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum End {
    /// The session has ended, by its times or by a logout anywhere.
    Session,
    /// This server is about to stop.
    Stopping,
}

impl Lifetime {
    /// Resolves at the end.
    pub(super) async fn over(self) -> End {
        let Self { auth, caller, stop } = self;
        let session = async {
            let Some(caller) = caller else { return pending().await };
            let rejection = session_end(&auth, &caller).await;
            let (sid, code) = (caller.session_id(), rejection.code());
            tracing::info!(%sid, code, "closing what outlived its session");
            End::Session
        };
        let stopping = async {
            let Some(mut stop) = stop else { return pending().await };
            stop.draining().await;
            End::Stopping
        };
        tokio::select! {
            end = session => end,
            end = stopping => end,
        }
    }
}

/// Asks again and again: an end may be a matter of time, of a logout here, or of one elsewhere. It
/// takes less than a microsecond, so that ten thousand of these are a hundredth of a processor.
///
/// Not at once: the request has just been let pass, and may have ended its own session with an answer
/// that is there to be read.
async fn session_end(auth: &Sealpass<Claims>, caller: &Session<Claims>) -> Rejection {
    let mut ticks = tokio::time::interval_at(Instant::now() + TICK, TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(rejection) = auth.policy().recheck(caller, auth.now()) {
            return rejection;
        }
    }
}

/// Half of the second within which a revocation is to be seen.
const TICK: Duration = Duration::from_millis(500);
