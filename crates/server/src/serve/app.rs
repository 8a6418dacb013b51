//! What is ours and what is the API's.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use http::{Request, StatusCode};
use sealpass_tower::layer::SessionService;
use sealpass_tower::{CredentialBackend, Sealpass, problem_response};
use tower::{Layer as _, Service};

use super::answer::{Answer, Arrival};
use super::problem;
use crate::backend::LoginShares;
use crate::keys::jwks::{self, PublishedKeys};
use crate::proxy::{Admission, Proxy};
use crate::route::{Access, Routes};
use crate::user::Claims;

/// Everything under `/auth` is answered here, and nothing there ever reaches the API, so that a
/// path that gets a meaning in a later version was nobody's before. So is the JWK Set, if the keys are
/// such that there may be one. Every other path is the API's, as its rule says; without an API it is
/// 404.
pub(crate) struct App {
    ours: Router,
    has_jwks: bool,
    logins: LoginShares,
    api: Option<Api>,
}

/// The API, for strangers and for callers.
struct Api {
    routes: Routes,
    open: Proxy,
    behind_session: SessionService<Claims, Proxy>,
}

impl App {
    pub(crate) fn new<B: CredentialBackend<Claims = Claims>>(
        auth: &Sealpass<Claims>,
        backend: B,
        proxy: Option<Proxy>,
        routes: &Routes,
        keys: Option<PublishedKeys>,
        feed: Option<Router>,
        logins: LoginShares,
    ) -> Self {
        let has_jwks = keys.is_some();
        let ours = auth.routes(backend);
        let ours = feed.into_iter().fold(ours, Router::merge);
        let ours = keys.map(jwks::routes).into_iter().fold(ours, Router::merge);
        let ours = ours.fallback(async || problem_response(&problem::not_found()));
        let api = proxy.map(|proxy| Api {
            routes: routes.clone(),
            behind_session: auth.layer().layer(proxy.clone()),
            open: proxy,
        });
        Self { ours, has_jwks, logins, api }
    }
}

impl Answer for App {
    async fn answer(&self, request: Request<Body>, arrival: Arrival) -> Response {
        let path = request.uri().path();
        let is_ours = is_under_auth(path) || (self.has_jwks && path == jwks::PATH);
        match &self.api {
            // In a box, since every connection has room for the answer, and few are at work at a time.
            Some(api) if !is_ours => Box::pin(api.answer(request, arrival)).await,
            _ => match self.logins.begin(&request, arrival.client) {
                Ok(_share) => self.ours.answer(request, arrival).await,
                Err(problem) => problem_response(&problem),
            },
        }
    }
}

impl Api {
    async fn answer(&self, mut request: Request<Body>, arrival: Arrival) -> Response {
        match self.routes.decide(Some(request.method()), Some(request.uri().path())) {
            Ok(Access::Public) => self.open.answer_anyone(request, arrival).await,
            Ok(Access::Session(needs)) => {
                let needs = Arc::clone(needs);
                request.extensions_mut().insert(Admission { needs, arrival });
                match self.behind_session.clone().call(request).await {
                    Ok(response) => response,
                    Err(never) => match never {},
                }
            }
            Err(ambiguous) => {
                tracing::debug!(%ambiguous, "request refused");
                problem_response(&ambiguous.problem(StatusCode::BAD_REQUEST))
            }
        }
    }
}

/// Whether a path is answered here whatever the configuration, and never reaches the API.
pub(crate) fn is_under_auth(path: &str) -> bool {
    path.strip_prefix("/auth").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
