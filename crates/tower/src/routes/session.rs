//! A session is looked at and renewed.

use axum::extract::{Request, State};
use axum::response::Response;
use sealpass::policy::{Claims, Renewed};
use sealpass::{NumericDate, RequestView};

use super::login::BearerBody;
use super::{Failure, Shared, json};
use crate::answer::{log_csrf_report, set_granted};
use crate::backend::CredentialBackend;

/// `GET /auth/session`: who am I, when does it end, and the anti-CSRF token. Renews when that is due,
/// so a page that opens after a pause is told about the session it has from now on.
pub(super) async fn session<C: Claims, B: CredentialBackend<Claims = C>>(
    State(shared): State<Shared<C, B>>,
    request: Request,
) -> Result<Response, Failure> {
    let (policy, now) = (shared.auth.policy(), shared.auth.now());
    let caller = policy.authenticate(&RequestView::from(&request), now)?;
    log_csrf_report(caller.csrf_report(), caller.session_id());
    match shared.auth.renew_if_due(&caller).await {
        Some(renewed) => answer(&renewed, now),
        None => json(&policy.summarize(&caller)?),
    }
}

/// `POST /auth/refresh`: renews before `idle`, in the channel the token came in.
pub(super) async fn refresh<C: Claims, B: CredentialBackend<Claims = C>>(
    State(shared): State<Shared<C, B>>,
    request: Request,
) -> Result<Response, Failure> {
    let (policy, now) = (shared.auth.policy(), shared.auth.now());
    let caller = policy.authenticate_for_renewal(&RequestView::from(&request), now)?;
    log_csrf_report(caller.csrf_report(), caller.session_id());
    answer(&shared.auth.renew(&caller).await?, now)
}

fn answer(renewed: &Renewed, now: NumericDate) -> Result<Response, Failure> {
    match renewed {
        Renewed::Bearer(grant) => {
            json(&BearerBody::new(grant.access_token().expose(), grant.summary(), now))
        }
        Renewed::Cookie(grant) => {
            let mut response = json(grant.summary())?;
            set_granted(response.headers_mut(), grant);
            Ok(response)
        }
    }
}
