//! Forward-auth: a proxy in front of an API asks whether a request may pass.
//!
//! [`decide`] is the decision, the same for every proxy, and [`verdict`] what is told of it. A
//! dialect, such as [`nginx`], finds out what the original request was and says yes or no in a way
//! that its proxy understands. There is one endpoint for each, and none tries to guess which proxy is
//! asking.
//!
//! The endpoints have a listener of their own: their answers hold what no page may read, the
//! session token of a renewal among it, and a location of the front proxy that leads to the public
//! listener must never lead here.

mod answer;
mod caddy;
mod decide;
mod dialect;
mod endpoints;
mod envoy;
mod grpc;
mod haproxy;
mod login;
mod nginx;
mod original;
#[cfg(test)]
mod tests;
mod traefik;
mod verdict;

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use http::{StatusCode, Uri};
use sealpass_tower::Sealpass;
use sealpass_tower::sealpass::{Origin, Problem};

use self::login::LoginPage;
use crate::identity::IdentityRules;
use crate::route::Routes;
use crate::serve::peer::{Peer, TrustedProxies};
use crate::user::Claims;

pub(crate) use self::answer::set_cookies;
pub(crate) use self::grpc::PATH as GRPC_PATH;

/// What every dialect needs.
#[derive(Clone, Debug)]
pub(crate) struct ForwardAuth {
    auth: Sealpass<Claims>,
    identity: IdentityRules,
    /// What the API behind the proxy is called in assertions.
    audience: Arc<str>,
    trusted: TrustedProxies,
    routes: Routes,
    login: Option<Arc<LoginPage>>,
    strangers: Arc<Mutex<Strangers>>,
}

/// The untrusted peers that were warned of: each once, and no more of them than anyone would mend,
/// so that nobody can fill the log with warnings.
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
    /// Answers `trusted` proxies about sessions of `auth`, with what `identity` says for the API called
    /// `audience`, where `routes` ask for one.
    pub(crate) fn new(
        auth: Sealpass<Claims>,
        identity: IdentityRules,
        audience: &str,
        trusted: TrustedProxies,
        routes: Routes,
    ) -> Self {
        Self {
            auth,
            identity,
            audience: audience.into(),
            trusted,
            routes,
            login: None,
            strangers: Arc::default(),
        }
    }

    /// The same, sending browsers that nobody is logged in with to the page at `login`, where the
    /// proxy passes that on. The site is `origin`.
    pub(crate) fn with_login_page(self, login: &Uri, origin: &Origin) -> Self {
        Self { login: Some(Arc::new(LoginPage::new(login, origin))), ..self }
    }

    /// Anyone who may ask here learns who a cookie belongs to, and says for which method: only our
    /// own proxies may.
    fn require_trusted(&self, peer: Peer) -> Result<(), Problem> {
        if self.trusted.contains(peer.address()) {
            return Ok(());
        }
        let problem = Problem::new(
            StatusCode::FORBIDDEN,
            "untrusted_proxy",
            "forward-auth answers trusted proxies only",
        );
        let (code, status) = (problem.code(), problem.status().as_u16());
        let is_news = self.strangers.lock().unwrap_or_else(PoisonError::into_inner).note(peer);
        let peer = peer.address();
        if is_news {
            tracing::warn!(
                code,
                status,
                %peer,
                "forward-auth refused: {peer} is not a trusted proxy; if it is yours, \
                 add it to the configuration: trusted_proxies = [\"{peer}\"]"
            );
        } else {
            tracing::info!(code, status, %peer, "forward-auth refused: not a trusted proxy");
        }
        Err(problem)
    }
}
