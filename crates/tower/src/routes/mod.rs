//! `/auth/*`: a session begins, goes on and ends.

mod body;
mod login;
mod logout;
mod session;

use std::sync::Arc;

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::{HeaderValue, StatusCode, header};
use sealpass::credential::BackendError;
use sealpass::policy::{Claims, GrantError};
use sealpass::{Problem, Rejection};
use serde::Serialize;

use crate::answer::problem_response;
use crate::auth::Sealpass;
use crate::backend::CredentialBackend;
use crate::renew::RenewError;
use crate::store::StoreError;

pub(crate) fn router<C: Claims, B: CredentialBackend<Claims = C>>(
    auth: Sealpass<C>,
    backend: Arc<B>,
) -> Router {
    let mut router = Router::new()
        .route("/auth/login", post(login::login::<C, B>))
        .route("/auth/refresh", post(session::refresh::<C, B>))
        .route("/auth/session", get(session::session::<C, B>))
        .route("/auth/logout", post(logout::logout::<C, B>))
        .route("/auth/logout-everywhere", post(logout::logout_everywhere::<C, B>));
    if auth.policy().accepts_bearer() {
        router = router.route("/auth/token", post(login::token::<C, B>));
    }
    router.method_not_allowed_fallback(method_not_allowed).with_state(Shared { auth, backend })
}

/// What every route needs.
pub(crate) struct Shared<C, B> {
    auth: Sealpass<C>,
    backend: Arc<B>,
}

impl<C, B> Clone for Shared<C, B> {
    fn clone(&self) -> Self {
        Self { auth: self.auth.clone(), backend: Arc::clone(&self.backend) }
    }
}

/// Every way a route can fail, as the answer it becomes.
pub(crate) struct Failure {
    problem: Problem,
    /// For the log of a layer further out, as the session layer gives it.
    rejection: Option<Rejection>,
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = problem_response(&self.problem);
        if let Some(rejection) = self.rejection {
            response.extensions_mut().insert(rejection);
        }
        response
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self { problem, rejection: None }
    }
}

impl From<Rejection> for Failure {
    fn from(rejection: Rejection) -> Self {
        Self { problem: rejection.into(), rejection: Some(rejection) }
    }
}

impl From<GrantError> for Failure {
    fn from(error: GrantError) -> Self {
        match error {
            GrantError::SessionEnded(rejection) => rejection.into(),
            GrantError::TooManyLogins => {
                Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_logins", error.to_string())
                    .with_retry_after(60)
                    .into()
            }
            // What is wrong with the claims is the operator's to know.
            _ => {
                tracing::error!(%error, "no token could be made");
                let detail = "the credentials are right, but no session could be made of them";
                Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "token_not_made", detail).into()
            }
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "a session was not ended");
        let detail = "the logout could not be recorded and did not take effect: try again";
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "logout_not_recorded", detail)
            .with_retry_after(5)
            .into()
    }
}

impl From<RenewError> for Failure {
    fn from(error: RenewError) -> Self {
        let retry_after = match error {
            RenewError::Grant(error) => return error.into(),
            RenewError::Backend(BackendError::Busy { retry_after }) => retry_after,
            RenewError::Backend(_) | RenewError::Store(_) => 5,
        };
        tracing::warn!(%error, "session not renewed");
        let detail =
            "the session cannot be renewed at the moment, and its token still counts: try again";
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "backend_unavailable", detail)
            .with_retry_after(retry_after)
            .into()
    }
}

async fn method_not_allowed() -> Failure {
    let detail = "this method is not allowed here: see the Allow header";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail).into()
}

/// A body that says something about a session: `no-store`, since it has the anti-CSRF token in it.
fn json(body: &impl Serialize) -> Result<Response, Failure> {
    let bytes = serde_json::to_vec(body).map_err(|error| {
        tracing::error!(%error, "an answer did not serialize");
        Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal_error",
            "the answer could not be written",
        )
    })?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, bytes).into_response())
}
