//! The decision about someone else's request: what every dialect of forward-auth shares.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use sealpass_tower::log_csrf_report;
use sealpass_tower::sealpass::cookie::SetCookie;
use sealpass_tower::sealpass::policy::Renewed;
use sealpass_tower::sealpass::{Problem, Rejection, RequestView, csrf};

use super::ForwardAuth;
use crate::identity::spelling::{begins_like, reads_as};
use crate::identity::{self, IdentityHeaders};

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
    /// every spelling of ours but those that the identity replaces, and the anti-CSRF token.
    pub(super) fn not_for_the_api<'h>(
        &'h self,
        headers: &'h HeaderMap,
    ) -> impl Iterator<Item = &'h HeaderName> {
        headers.keys().filter(|name| {
            let text = name.as_str();
            reads_as(text, csrf::HEADER)
                || (begins_like(text, identity::PREFIX) && !self.identity.contains(name))
        })
    }
}

impl ForwardAuth {
    /// Decides about `original`, the request as its client sent it, for `path`; none when the path
    /// cannot be told for certain.
    ///
    /// # Errors
    /// The problem to answer with: 401 for a caller who is not known or must log in again, 403 for
    /// everything else. No other status is possible, since a front proxy would turn it into one of its
    /// own.
    pub(super) async fn decide(
        &self,
        original: &RequestView<'_>,
        path: Option<&str>,
    ) -> Result<Pass, Problem> {
        let now = self.auth.now();
        let caller = self.auth.policy().authenticate(original, now).map_err(refusal)?;
        log_csrf_report(caller.csrf_report(), caller.session_id());
        if let Some(max_age) = self.step_up.max_age(path) {
            caller.require_fresh(max_age, now).map_err(refusal)?;
        }
        let identity = IdentityHeaders::of(&caller, &self.claims).map_err(|error| {
            tracing::error!(%error, sid = %caller.session_id(), "identity does not fit");
            Problem::new(
                StatusCode::FORBIDDEN,
                "identity_too_large",
                "the session has more to say than fits into headers",
            )
        })?;
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

fn refusal(rejection: Rejection) -> Problem {
    if rejection.is_unauthenticated() {
        return rejection.into();
    }
    Problem::new(StatusCode::FORBIDDEN, rejection.code(), rejection.to_string())
}
