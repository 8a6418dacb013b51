//! All that the forward-auth listener answers.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::response::Response;
use http::{Method, Request};
use sealpass_tower::problem_response;
use tower::Service;

use super::caddy::Caddy;
use super::dialect::verify;
use super::envoy::Envoy;
use super::haproxy::Haproxy;
use super::nginx::Nginx;
use super::traefik::Traefik;
use super::{ForwardAuth, grpc};
use crate::serve::problem;

/// One endpoint for each kind of proxy, under `/auth/verify/`, and that of gRPC.
///
/// No router stands between: an API waits for the answer before every one of its own. Cloning it is
/// cheap.
#[derive(Clone, Debug)]
pub(crate) struct Endpoints(Arc<ForwardAuth>);

impl ForwardAuth {
    /// The endpoints that it answers.
    pub(crate) fn endpoints(self) -> Endpoints {
        Endpoints(Arc::new(self))
    }

    async fn answer(&self, call: Request<Body>) -> Response {
        match call.uri().path() {
            "/auth/verify/nginx" => verify::<Nginx>(self, call).await,
            "/auth/verify/haproxy" => verify::<Haproxy>(self, call).await,
            "/auth/verify/caddy" => verify::<Caddy>(self, call).await,
            "/auth/verify/traefik" => verify::<Traefik>(self, call).await,
            // Followed by whatever the client asked for.
            path if path.starts_with("/auth/verify/envoy/") => verify::<Envoy>(self, call).await,
            grpc::PATH if call.method() == Method::POST => Box::pin(grpc::check(self, call)).await,
            grpc::PATH => problem_response(&problem::method_not_allowed()),
            _ => problem_response(&problem::not_found()),
        }
    }
}

impl Service<Request<Body>> for Endpoints {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, call: Request<Body>) -> Self::Future {
        let auth = Arc::clone(&self.0);
        Box::pin(async move { Ok(auth.answer(call).await) })
    }
}
