//! Forward-auth: a proxy in front of an API asks whether a request may pass.
//!
//! [`decide`] is the decision, the same for every proxy. A dialect, such as [`nginx`], finds out
//! what the original request was and says yes or no in a way that its proxy understands. There is
//! one endpoint for each, and none tries to guess which proxy is asking.
//!
//! The endpoints have a listener of their own: their answers hold what no page may read, the
//! session token of a renewal among it, and a location of the front proxy that leads to the public
//! listener must never lead here.

mod answer;
mod decide;
mod nginx;
mod original;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::routing::any;
use http::StatusCode;
use sealpass_tower::sealpass::Problem;
use sealpass_tower::{Sealpass, problem_response};

pub(crate) use answer::set_cookies;

use crate::config::ClaimHeader;
use crate::serve::peer::{Peer, TrustedProxies};
use crate::serve::problem;
use crate::step_up::StepUp;
use crate::user::Claims;

/// What every dialect needs.
#[derive(Clone, Debug)]
pub(crate) struct ForwardAuth {
    auth: Sealpass<Claims>,
    claims: Arc<[ClaimHeader]>,
    trusted: Arc<TrustedProxies>,
    step_up: Arc<StepUp>,
    strangers: Arc<Mutex<Strangers>>,
}

/// The untrusted peers that were warned of: each once, and no more of them than anyone would mend,
/// so that nobody can fill the log.
#[derive(Debug, Default)]
struct Strangers(HashSet<IpAddr>);

impl Strangers {
    const MAX: usize = 64;

    /// Whether this peer is worth a warning.
    fn note(&mut self, peer: Peer) -> bool {
        self.0.len() < Self::MAX && self.0.insert(peer.address())
    }
}

impl ForwardAuth {
    /// Answers `trusted` proxies about sessions of `auth`, with `claims` beside the subject, and asks
    /// for a recent login where `step_up` does.
    pub(crate) fn new(
        auth: Sealpass<Claims>,
        claims: &[ClaimHeader],
        trusted: TrustedProxies,
        step_up: StepUp,
    ) -> Self {
        Self {
            auth,
            claims: claims.into(),
            trusted: Arc::new(trusted),
            step_up: Arc::new(step_up),
            strangers: Arc::default(),
        }
    }

    /// All that the forward-auth listener answers: the endpoints under `/auth/verify/`.
    pub(crate) fn routes(self) -> Router {
        Router::new()
            .route("/auth/verify/nginx", any(nginx::verify))
            .fallback(async || problem_response(&problem::not_found()))
            .with_state(self)
    }

    /// Anyone who may ask here learns who a cookie belongs to, and says for which method: only our
    /// own proxies may.
    fn require_trusted(&self, peer: Peer) -> Result<(), Problem> {
        if self.trusted.contains(peer.address()) {
            return Ok(());
        }
        let is_news = self.strangers.lock().unwrap_or_else(PoisonError::into_inner).note(peer);
        let peer = peer.address();
        if is_news {
            tracing::warn!(
                %peer,
                "forward-auth refused: {peer} is not a trusted proxy; if it is yours, \
                 add it to the configuration: trusted_proxies = [\"{peer}\"]"
            );
        } else {
            tracing::debug!(%peer, "forward-auth refused: not a trusted proxy");
        }
        Err(Problem::new(
            StatusCode::FORBIDDEN,
            "untrusted_proxy",
            "forward-auth answers trusted proxies only",
        ))
    }
}
