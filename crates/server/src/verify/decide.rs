//! The decision about someone else's request: what every dialect of forward-auth shares.

use http::{HeaderValue, StatusCode};
use sealpass_tower::sealpass::cookie::SetCookie;
use sealpass_tower::sealpass::policy::Renewed;
use sealpass_tower::sealpass::{NumericDate, Policy, Problem, Rejection, RequestView};

use crate::config::ClaimHeader;
use crate::identity::IdentityHeaders;
use crate::user::Claims;

/// The request may pass.
#[derive(Clone, Debug)]
pub(super) struct Pass {
    pub(super) identity: IdentityHeaders,
    /// A `Set-Cookie` each; empty unless the session is due for renewal.
    pub(super) renewal: Vec<HeaderValue>,
}

/// Decides about `original`, the request as its client sent it.
///
/// # Errors
/// The problem to answer with: 401 for a caller who is not known, 403 for everything else. No other
/// status is possible, since a front proxy would turn it into one of its own.
pub(super) fn decide(
    policy: &Policy<Claims>,
    claims: &[ClaimHeader],
    original: &RequestView<'_>,
    now: NumericDate,
) -> Result<Pass, Problem> {
    let caller = policy.authenticate(original, now).map_err(refusal)?;
    let identity = IdentityHeaders::of(&caller, claims).map_err(|error| {
        tracing::error!(%error, sid = %caller.session_id(), "identity does not fit");
        Problem::new(
            StatusCode::FORBIDDEN,
            "identity_too_large",
            "the session has more to say than fits into headers",
        )
    })?;
    let renewal = if caller.renewal_due() {
        match policy.renew(&caller, now) {
            Ok(Renewed::Cookie(grant)) => {
                grant.set_cookies().iter().map(SetCookie::to_header_value).collect()
            }
            // Only a token from a cookie is ever due.
            Ok(Renewed::Bearer(_)) => Vec::new(),
            // The session is good for this request all the same.
            Err(error) => {
                tracing::debug!(%error, sid = %caller.session_id(), "session not renewed");
                Vec::new()
            }
        }
    } else {
        Vec::new()
    };
    Ok(Pass { identity, renewal })
}

fn refusal(rejection: Rejection) -> Problem {
    if rejection.is_unauthenticated() {
        return rejection.into();
    }
    Problem::new(StatusCode::FORBIDDEN, rejection.code(), rejection.to_string())
}
