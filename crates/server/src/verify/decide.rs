//! The decision about someone else's request: what every dialect of forward-auth shares.

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use sealpass_tower::log_csrf_report;
use sealpass_tower::sealpass::cookie::SetCookie;
use sealpass_tower::sealpass::policy::Renewed;
use sealpass_tower::sealpass::{Problem, Rejection, RequestView, SessionId};

use super::ForwardAuth;
use crate::identity::{IdentityError, IdentityHeaders, forbidden};
use crate::route::Access;

/// The request may pass.
#[derive(Clone, Debug)]
pub(super) struct Pass {
    pub(super) identity: IdentityHeaders,
    /// A `Set-Cookie` each, those that set before those that forget; empty unless the session is due
    /// for renewal.
    pub(super) renewal: Vec<HeaderValue>,
}

impl Pass {
    /// The headers of the client that no API may see, for proxies that take out what they are told:
    /// every spelling of ours but those that the identity replaces, and what else is not the client's to
    /// say.
    pub(super) fn not_for_the_api<'h>(
        &'h self,
        headers: &'h HeaderMap,
    ) -> impl Iterator<Item = &'h HeaderName> {
        headers.keys().filter(|name| {
            forbidden::is_clients_alone(name.as_str()) && !self.identity.contains(name)
        })
    }
}

/// What the rules look at: the method and the path of the original request, each none when the proxy
/// does not tell it for certain.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target<'r> {
    pub(super) method: Option<&'r Method>,
    pub(super) path: Option<&'r str>,
}

impl ForwardAuth {
    /// Decides about `original`, the request as its client sent it.
    ///
    /// # Errors
    /// The problem to answer with: 401 for a caller who is not known or must log in again, 403 for
    /// everything else. No other status is possible, since a front proxy would turn it into one of its
    /// own.
    pub(super) async fn decide(
        &self,
        original: &RequestView<'_>,
        target: Target<'_>,
    ) -> Result<Pass, Problem> {
        let access = self.routes.decide(target.method, target.path).map_err(|ambiguous| {
            tracing::debug!(%ambiguous, "original request refused");
            ambiguous.problem(StatusCode::FORBIDDEN)
        })?;
        let needs = match access {
            Access::Public => {
                let identity = self.identity.headers(None, &self.audience, self.auth.now());
                let identity = identity.map_err(|error| untold(&error, None))?;
                return Ok(Pass { identity, renewal: Vec::new() });
            }
            Access::Session(needs) => needs,
        };
        let now = self.auth.now();
        let caller = self.auth.policy().authenticate(original, now).map_err(refusal)?;
        log_csrf_report(caller.csrf_report(), caller.session_id());
        needs.require(&caller, now)?;
        let identity = self.identity.headers(Some(&caller), &self.audience, now);
        let identity = identity.map_err(|error| untold(&error, Some(caller.session_id())))?;
        // Without one, the session is good for this request all the same.
        let renewal = match self.auth.renew_if_due(&caller).await {
            Some(Renewed::Cookie(grant)) => {
                let cookies = grant.set_cookies().iter().chain(grant.removals());
                cookies.map(SetCookie::to_header_value).collect()
            }
            // Only a token from a cookie is ever due.
            Some(Renewed::Bearer(_)) | None => Vec::new(),
        };
        Ok(Pass { identity, renewal })
    }
}

fn untold(error: &IdentityError, sid: Option<SessionId>) -> Problem {
    let sid = sid.map(tracing::field::display);
    tracing::error!(%error, sid, "the API cannot be told who calls");
    Problem::new(StatusCode::FORBIDDEN, error.code(), error.detail())
}

fn refusal(rejection: Rejection) -> Problem {
    if rejection.is_unauthenticated() {
        return rejection.into();
    }
    Problem::new(StatusCode::FORBIDDEN, rejection.code(), rejection.to_string())
}
