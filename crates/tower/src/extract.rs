//! Whom a handler serves, by its arguments.

use std::ops::Deref;
use std::sync::Arc;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::request::Parts;
use sealpass::{Authenticated, NoClaims, NumericDate, Problem, Rejection};

use crate::answer::problem_response;
use crate::layer::Decision;

/// The caller. A handler that takes it is not reached by anyone else.
///
/// `Option<Session<C>>` is for handlers that serve strangers too, behind
/// [`crate::Sealpass::layer_with_strangers`].
#[derive(Debug)]
pub struct Session<C = NoClaims> {
    caller: Arc<Authenticated<C>>,
    now: NumericDate,
}

impl<C> Session<C> {
    /// When the request was decided, for [`Authenticated::require_fresh`] where [`Fresh`] cannot say how
    /// recent a login must be.
    #[must_use]
    pub const fn decided_at(&self) -> NumericDate {
        self.now
    }
}

impl<C> Clone for Session<C> {
    fn clone(&self) -> Self {
        Self { caller: Arc::clone(&self.caller), now: self.now }
    }
}

impl<C> Deref for Session<C> {
    type Target = Authenticated<C>;

    fn deref(&self) -> &Authenticated<C> {
        &self.caller
    }
}

/// A caller who logged in less than `SECONDS` ago, for what a stolen session must not be enough for.
///
/// Anyone else is answered 401 `reauth_required` (RFC 9470).
///
/// ```
/// use sealpass_tower::Fresh;
/// use sealpass_tower::sealpass::NoClaims;
///
/// async fn change_password(caller: Fresh<300, NoClaims>) -> String {
///     format!("{} may", caller.subject())
/// }
/// ```
#[derive(Debug)]
pub struct Fresh<const SECONDS: u64, C = NoClaims>(Session<C>);

impl<const SECONDS: u64, C> Deref for Fresh<SECONDS, C> {
    type Target = Authenticated<C>;

    fn deref(&self) -> &Authenticated<C> {
        &self.0
    }
}

/// Why a handler was not reached.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SessionRejection {
    /// No layer decided about this request: a mistake of the application.
    #[error(
        "no Sealpass layer with these claims stands before this route: add `.layer(auth.layer())`"
    )]
    MissingLayer,
    /// The caller is not known, or not well enough.
    #[error(transparent)]
    Refused(#[from] Rejection),
}

impl IntoResponse for SessionRejection {
    fn into_response(self) -> Response {
        match self {
            Self::MissingLayer => {
                tracing::error!(error = %self, "route without a session layer");
                problem_response(&Problem::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "missing_layer",
                    "the server is not set up correctly",
                ))
            }
            Self::Refused(rejection) => {
                let mut response = problem_response(&Problem::from(rejection));
                response.extensions_mut().insert(rejection);
                response
            }
        }
    }
}

impl<C: Send + Sync + 'static, S: Sync> FromRequestParts<S> for Session<C> {
    type Rejection = SessionRejection;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, SessionRejection> {
        decided(parts)
    }
}

impl<C: Send + Sync + 'static, S: Sync> OptionalFromRequestParts<S> for Session<C> {
    type Rejection = SessionRejection;

    async fn from_request_parts(
        parts: &mut Parts,
        _state: &S,
    ) -> Result<Option<Self>, SessionRejection> {
        match decided(parts) {
            Ok(session) => Ok(Some(session)),
            Err(SessionRejection::Refused(rejection)) if rejection.is_unauthenticated() => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl<const SECONDS: u64, C: Send + Sync + 'static, S: Sync> FromRequestParts<S>
    for Fresh<SECONDS, C>
{
    type Rejection = SessionRejection;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, SessionRejection> {
        let session = decided(parts)?;
        session.require_fresh(SECONDS, session.decided_at())?;
        Ok(Self(session))
    }
}

fn decided<C: Send + Sync + 'static>(parts: &Parts) -> Result<Session<C>, SessionRejection> {
    let decision = parts.extensions.get::<Decision<C>>().ok_or(SessionRejection::MissingLayer)?;
    let caller = decision.caller.as_ref().map_err(|&rejection| rejection)?;
    Ok(Session { caller: Arc::clone(caller), now: decision.now })
}
