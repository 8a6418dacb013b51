//! A session ends.

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use sealpass::RequestView;
use sealpass::policy::{Claims, LoggedOut};

use super::{Failure, Shared};
use crate::answer::set_cookies;
use crate::backend::CredentialBackend;

/// `POST /auth/logout`: this session, here and everywhere. Logging out twice is as good as once.
pub(super) async fn logout<C: Claims, B: CredentialBackend<Claims = C>>(
    State(shared): State<Shared<C, B>>,
    request: Request,
) -> Result<Response, Failure> {
    let ended = shared.auth.policy().logout(&RequestView::from(&request), shared.auth.now())?;
    Ok(forget(&ended))
}

/// `POST /auth/logout-everywhere`: every session this user has.
pub(super) async fn logout_everywhere<C: Claims, B: CredentialBackend<Claims = C>>(
    State(shared): State<Shared<C, B>>,
    request: Request,
) -> Result<Response, Failure> {
    let ended =
        shared.auth.policy().logout_everywhere(&RequestView::from(&request), shared.auth.now())?;
    Ok(forget(&ended))
}

fn forget(ended: &LoggedOut) -> Response {
    if let Some(sid) = ended.revoked() {
        tracing::info!(%sid, "logout");
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    set_cookies(response.headers_mut(), ended.set_cookies());
    response
}
