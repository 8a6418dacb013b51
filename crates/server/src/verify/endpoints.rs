//! All that the forward-auth listener answers.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, Method, Request, header};
use sealpass_tower::problem_response;

use super::caddy::Caddy;
use super::dialect::verify;
use super::envoy::Envoy;
use super::haproxy::Haproxy;
use super::nginx::Nginx;
use super::traefik::Traefik;
use super::{ForwardAuth, grpc};
use crate::serve::answer::{Answer, Arrival};
use crate::serve::problem;

/// One endpoint for each kind of proxy, under `/auth/verify/`, and that of gRPC.
///
/// No router stands between: an API waits for the answer before every one of its own.
impl Answer for ForwardAuth {
    async fn answer(&self, call: Request<Body>, arrival: Arrival) -> Response {
        let peer = arrival.peer;
        match call.uri().path() {
            "/auth/verify/nginx" => verify::<Nginx>(self, peer, call).await,
            "/auth/verify/haproxy" => verify::<Haproxy>(self, peer, call).await,
            "/auth/verify/caddy" => verify::<Caddy>(self, peer, call).await,
            "/auth/verify/traefik" => verify::<Traefik>(self, peer, call).await,
            // Followed by whatever the client asked for.
            path if path.starts_with("/auth/verify/envoy/") => {
                verify::<Envoy>(self, peer, call).await
            }
            grpc::PATH if call.method() == Method::POST => {
                Box::pin(grpc::check(self, peer, call)).await
            }
            grpc::PATH => only_post(),
            _ => problem_response(&problem::not_found()),
        }
    }
}

fn only_post() -> Response {
    let mut response = problem_response(&problem::method_not_allowed());
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
    response
}
