//! How long something may outlive the request that began it: as long as the session, and no longer
//! than we do.

use std::time::Duration;

use sealpass_tower::sealpass::Rejection;
use sealpass_tower::{Sealpass, Session};
use tokio::time::MissedTickBehavior;

use crate::shutdown::Stop;
use crate::user::Claims;

/// The life of what a session began.
pub(super) struct Lifetime {
    pub(super) auth: Sealpass<Claims>,
    /// None where nobody had to be known.
    pub(super) caller: Option<Session<Claims>>,
    pub(super) stop: Stop,
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
    pub(super) async fn over(mut self) -> End {
        let Some(caller) = self.caller else {
            self.stop.draining().await;
            return End::Stopping;
        };
        tokio::select! {
            rejection = session_end(&self.auth, &caller) => {
                let (sid, code) = (caller.session_id(), rejection.code());
                tracing::info!(%sid, code, "closing what outlived its session");
                End::Session
            }
            () = self.stop.draining() => End::Stopping,
        }
    }
}

/// Asks again and again: an end may be a matter of time, of a logout here, or of one elsewhere. It
/// takes less than a microsecond, so that ten thousand of these are a hundredth of a processor.
async fn session_end(auth: &Sealpass<Claims>, caller: &Session<Claims>) -> Rejection {
    let mut ticks = tokio::time::interval(TICK);
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
