//! A session ends.

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use sealpass::RequestView;
use sealpass::policy::{Claims, PendingLogout};

use super::{Failure, Shared};
use crate::answer::{log_csrf_report, set_cookies};
use crate::backend::CredentialBackend;

/// `POST /auth/logout`: this session, here and everywhere. Logging out twice is as good as once.
pub(super) async fn logout<C: Claims, B: CredentialBackend<Claims = C>>(
    State(shared): State<Shared<C, B>>,
    request: Request,
) -> Result<Response, Failure> {
    let logout = shared.auth.policy().logout(&RequestView::from(&request), shared.auth.now())?;
    shared.end(logout).await
}

/// `POST /auth/logout-everywhere`: every session this user has.
pub(super) async fn logout_everywhere<C: Claims, B: CredentialBackend<Claims = C>>(
    State(shared): State<Shared<C, B>>,
    request: Request,
) -> Result<Response, Failure> {
    let request = RequestView::from(&request);
    let logout = shared.auth.policy().logout_everywhere(&request, shared.auth.now())?;
    shared.end(logout).await
}

impl<C: Claims, B> Shared<C, B> {
    async fn end(&self, logout: PendingLogout) -> Result<Response, Failure> {
        let ended = self.auth.complete(logout).await?;
        log_csrf_report(ended.csrf_report(), ended.revoked());
        if let Some(sid) = ended.revoked() {
            tracing::info!(%sid, "logout");
        }
        let mut response = StatusCode::NO_CONTENT.into_response();
        set_cookies(response.headers_mut(), ended.set_cookies());
        Ok(response)
    }
}
