//! A password becomes a session.

use axum::extract::{Request, State};
use axum::response::Response;
use http::request::Parts;
use http::{StatusCode, header};
use sealpass::credential::{BackendError, Identity};
use sealpass::policy::Claims;
use sealpass::{Problem, RequestView, SessionSummary};
use serde::Serialize;

use super::{Failure, Shared, body, json};
use crate::answer::set_granted;
use crate::backend::CredentialBackend;

/// `POST /auth/login`: the token goes into a cookie, everything else into the body.
pub(super) async fn login<C: Claims, B: CredentialBackend<Claims = C>>(
    State(shared): State<Shared<C, B>>,
    request: Request,
) -> Result<Response, Failure> {
    let (parts, body) = request.into_parts();
    let policy = shared.auth.policy();
    policy.require_same_site(&view(&parts))?;
    let identity = shared.verify(&parts, body).await?;
    let now = shared.auth.now();
    // First, so that whatever this logout refuses comes before the login.
    shared.auth.revoke(&policy.end_sessions(&view(&parts), now)).await?;
    let grant = policy.grant(&identity, now)?;
    tracing::info!(sid = %grant.session_id(), "login");
    let mut response = json(grant.summary())?;
    set_granted(response.headers_mut(), &grant);
    Ok(response)
}

/// `POST /auth/token`: for native clients, which keep the token themselves.
///
/// A browser has no place to keep it that page script cannot read, so whatever only a browser sends
/// is refused: `Origin`, `Sec-Fetch-*`, cookies.
pub(super) async fn token<C: Claims, B: CredentialBackend<Claims = C>>(
    State(shared): State<Shared<C, B>>,
    request: Request,
) -> Result<Response, Failure> {
    let (parts, body) = request.into_parts();
    if is_browser(&parts) {
        let detail = "bearer tokens are for native clients: a browser logs in at /auth/login";
        return Err(Problem::new(StatusCode::FORBIDDEN, "browser_must_use_cookie", detail).into());
    }
    let identity = shared.verify(&parts, body).await?;
    let now = shared.auth.now();
    let grant = shared.auth.policy().grant_bearer(&identity, now)?;
    tracing::info!(sid = %grant.session_id(), "login for a bearer token");
    json(&BearerBody::new(grant.access_token().expose(), grant.summary(), now))
}

/// The body of RFC 6749 §5.1, with the ends of the session beside it.
#[derive(Serialize)]
pub(super) struct BearerBody<'a> {
    access_token: &'a str,
    token_type: &'static str,
    expires_in: u64,
    #[serde(flatten)]
    summary: &'a SessionSummary,
}

impl<'a> BearerBody<'a> {
    pub(super) fn new(
        token: &'a str,
        summary: &'a SessionSummary,
        now: sealpass::NumericDate,
    ) -> Self {
        let expires_in = summary.expires_at().seconds_since(now);
        Self { access_token: token, token_type: "Bearer", expires_in, summary }
    }
}

impl<C: Claims, B: CredentialBackend<Claims = C>> Shared<C, B> {
    async fn verify(&self, parts: &Parts, body: axum::body::Body) -> Result<Identity<C>, Failure> {
        let credentials =
            body::read_credentials(&parts.headers, body, self.auth.login_body_limit()).await?;
        self.backend.verify(credentials).await.map_err(|error| {
            // Never the username: people type their password into that field.
            if error == BackendError::BadCredentials {
                tracing::info!("login refused");
            } else {
                tracing::warn!(%error, "login not checked");
            }
            Problem::from(&error).into()
        })
    }
}

fn view(parts: &Parts) -> RequestView<'_> {
    RequestView::new(&parts.method, &parts.headers)
}

fn is_browser(parts: &Parts) -> bool {
    parts.headers.keys().any(|name| {
        *name == header::ORIGIN
            || *name == header::COOKIE
            || name.as_str().starts_with("sec-fetch-")
    })
}
