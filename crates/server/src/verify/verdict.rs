//! What a front proxy is told, whatever its dialect.

use http::{HeaderValue, StatusCode};
use sealpass_tower::sealpass::Problem;

use super::ForwardAuth;
use super::decide::{Pass, Target};
use super::original::{Original, OriginalError};
use crate::serve::client::ClientAddress;
use crate::serve::peer::Peer;
use crate::serve::request_log::excerpt;

/// What becomes of a request.
#[derive(Debug)]
pub(super) enum Verdict {
    Allow(Pass),
    /// The browser is sent to this URL, where someone can log in.
    Login(HeaderValue),
    /// With 401 or 403: proxies turn every other status into one of their own.
    Refuse(Problem),
}

/// Whether a proxy passes a redirect on to the client.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Redirects {
    Lost,
    Passed,
}

impl ForwardAuth {
    /// The verdict on the `original` request that `peer` asks about.
    ///
    /// Whatever is no pass has a line of its own: the answer of a call of gRPC is always 200, so the line of
    /// the call says nothing.
    pub(super) async fn verdict(
        &self,
        peer: Peer,
        original: Result<Original<'_>, OriginalError>,
        redirects: Redirects,
    ) -> Verdict {
        if let Err(problem) = self.require_trusted(peer) {
            return Verdict::Refuse(problem);
        }
        let original = match original {
            Ok(original) => original,
            Err(error) => {
                let status = StatusCode::FORBIDDEN;
                tracing::info!(
                    code = error.code(),
                    status = status.as_u16(),
                    proxy = %peer.address(),
                    "forward-auth refused"
                );
                return Verdict::Refuse(Problem::new(status, error.code(), error.to_string()));
            }
        };
        let client = || ClientAddress::of(peer, original.headers(), &self.trusted);
        let path = || original.path().map(excerpt);
        let target = Target { method: original.method(), path: original.path() };
        let problem = match self.decide(&original.view(), target).await {
            Ok(pass) => {
                tracing::debug!(path = path(), client = %client(), "forward-auth allowed");
                return Verdict::Allow(pass);
            }
            Err(problem) => problem,
        };
        let login = match (&self.login, redirects, problem.status()) {
            (Some(login), Redirects::Passed, StatusCode::UNAUTHORIZED) => {
                login.for_request(&original)
            }
            _ => None,
        };
        let status = if login.is_some() { StatusCode::FOUND } else { problem.status() };
        tracing::info!(
            code = problem.code(),
            status = status.as_u16(),
            path = path(),
            client = %client(),
            "forward-auth refused"
        );
        login.map_or(Verdict::Refuse(problem), Verdict::Login)
    }
}
