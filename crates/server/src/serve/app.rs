//! What is ours and what is the API's.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use http::Request;
use sealpass_tower::layer::SessionService;
use sealpass_tower::{CredentialBackend, Sealpass, problem_response};
use tower::{Layer as _, Service};

use super::problem;
use crate::proxy::Proxy;
use crate::user::Claims;

/// Everything under `/auth` is answered here, and nothing there ever reaches the API, so that a
/// path that gets a meaning in a later version was nobody's before. Every other path is the API's,
/// behind the session; without an API it is 404.
#[derive(Clone)]
pub(crate) struct App {
    ours: Router,
    api: Option<SessionService<Claims, Proxy>>,
}

impl App {
    pub(crate) fn new<B: CredentialBackend<Claims = Claims>>(
        auth: &Sealpass<Claims>,
        backend: B,
        proxy: Option<Proxy>,
    ) -> Self {
        let ours = auth.routes(backend).fallback(async || problem_response(&problem::not_found()));
        Self { ours, api: proxy.map(|proxy| auth.layer().layer(proxy)) }
    }
}

impl Service<Request<Body>> for App {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // Both are always ready: neither the router nor the proxy has a queue.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        match &mut self.api {
            Some(api) if !is_ours(request.uri().path()) => Box::pin(api.call(request)),
            _ => Box::pin(self.ours.call(request)),
        }
    }
}

fn is_ours(path: &str) -> bool {
    path.strip_prefix("/auth").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
