//! What is ours and what is the API's.

use std::convert::Infallible;
use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use http::{Request, StatusCode};
use sealpass_tower::layer::SessionService;
use sealpass_tower::{CredentialBackend, Sealpass, problem_response};
use tower::{Layer as _, Service};

use super::problem;
use crate::backend::LoginShares;
use crate::keys::jwks::{self, PublishedKeys};
use crate::proxy::Proxy;
use crate::route::{Access, Routes};
use crate::user::Claims;

/// Everything under `/auth` is answered here, and nothing there ever reaches the API, so that a
/// path that gets a meaning in a later version was nobody's before. So is the JWK Set, if the keys are
/// such that there may be one. Every other path is the API's, as its rule says; without an API it is
/// 404.
///
/// There is a clone for every request, and so only one count of those who hold it.
#[derive(Clone)]
pub(crate) struct App(Arc<Parts>);

struct Parts {
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
        Self(Arc::new(Parts { ours, has_jwks, logins, api }))
    }
}

impl Service<Request<Body>> for App {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // All are always ready: neither the router nor the proxy has a queue.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let path = request.uri().path();
        let is_ours = is_under_auth(path) || (self.0.has_jwks && path == jwks::PATH);
        match &self.0.api {
            Some(api) if !is_ours => api.call(request),
            _ => self.0.answer(request),
        }
    }
}

impl Parts {
    fn answer(&self, request: Request<Body>) -> <App as Service<Request<Body>>>::Future {
        match self.logins.begin(&request) {
            Ok(share) => {
                let answer = self.ours.clone().call(request);
                Box::pin(async move {
                    let answer = answer.await;
                    drop(share);
                    answer
                })
            }
            Err(problem) => Box::pin(ready(Ok(problem_response(&problem)))),
        }
    }
}

impl Api {
    fn call(&self, mut request: Request<Body>) -> <App as Service<Request<Body>>>::Future {
        match self.routes.decide(Some(request.method()), Some(request.uri().path())) {
            Ok(Access::Public) => Box::pin(self.open.clone().for_anyone(request)),
            Ok(Access::Session(needs)) => {
                request.extensions_mut().insert(needs);
                Box::pin(self.behind_session.clone().call(request))
            }
            Err(ambiguous) => {
                tracing::debug!(%ambiguous, "request refused");
                let response = problem_response(&ambiguous.problem(StatusCode::BAD_REQUEST));
                Box::pin(ready(Ok(response)))
            }
        }
    }
}

/// Whether a path is answered here whatever the configuration, and never reaches the API.
pub(crate) fn is_under_auth(path: &str) -> bool {
    path.strip_prefix("/auth").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
