//! One original request, asked about in the way of each proxy.

use std::convert::Infallible;

use axum::body::{Body, to_bytes};
use http::{HeaderMap, HeaderName, HeaderValue, Request};
use serde_json::Value;

use super::super::grpc::{
    AttributeContext, AttributeRequest, CheckRequest, CheckResponse, HeaderValueOption,
    HttpRequest, HttpResponse,
};
use super::{PROXY, Server, peer};
use crate::serve::answer::{Answer as _, Arrival};

/// Who asks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Via {
    Caddy,
    Envoy,
    Grpc,
    Haproxy,
    Nginx,
    Traefik,
}

impl Via {
    pub(super) const ALL: [Self; 6] =
        [Self::Caddy, Self::Envoy, Self::Grpc, Self::Haproxy, Self::Nginx, Self::Traefik];

    /// Those that describe the original request in headers, with the name of the method's.
    pub(super) const BY_HEADERS: [(Self, &str, &str); 4] = [
        (Self::Caddy, "x-forwarded-method", "x-forwarded-uri"),
        (Self::Haproxy, "x-original-method", "x-original-url"),
        (Self::Nginx, "x-original-method", "x-original-url"),
        (Self::Traefik, "x-forwarded-method", "x-forwarded-uri"),
    ];

    /// Where it asks over HTTP.
    pub(super) fn endpoint(self) -> String {
        format!("/auth/verify/{}", format!("{self:?}").to_lowercase())
    }
}

/// What the proxy is told. Of an answer of gRPC, what Envoy makes of it.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    /// Headers of the client that are taken out.
    pub(super) removed: Vec<String>,
}

impl Told {
    pub(super) fn all(&self, name: &str) -> Vec<&str> {
        self.headers.get_all(name).iter().map(|value| value.to_str().unwrap()).collect()
    }

    /// The status and the `code`; no code for an empty body.
    pub(super) fn verdict(&self) -> (u16, String) {
        if self.body.is_empty() {
            return (self.status, String::new());
        }
        let body: Value = serde_json::from_slice(&self.body).unwrap();
        (self.status, body["code"].as_str().unwrap().to_owned())
    }
}

pub(super) fn told(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

impl Server {
    /// Asks as `via` does about `method target` with `headers`.
    pub(super) async fn ask(
        &self,
        via: Via,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
    ) -> Told {
        self.ask_as(PROXY, via, method, target, headers).await
    }

    pub(super) async fn verdict_of(
        &self,
        via: Via,
        method: &str,
        headers: &[(&str, &str)],
    ) -> (u16, String) {
        self.ask(via, method, "/api/me?x=1", headers).await.verdict()
    }

    pub(super) async fn ask_as(
        &self,
        from: [u8; 4],
        via: Via,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
    ) -> Told {
        let url = format!("https://app.example{target}");
        let call = Request::builder();
        let call = match via {
            Via::Grpc => return self.check(from, &message(self, method, target, headers)).await,
            Via::Envoy => call.method(method).uri(via.endpoint() + target),
            Via::Caddy => {
                let query = target.split_once('?').map(|(_, query)| format!("?{query}"));
                call.uri(via.endpoint() + &query.unwrap_or_default())
                    .header("x-forwarded-method", method)
                    .header("x-forwarded-uri", target)
                    .header("x-forwarded-host", "app.example")
                    .header("x-forwarded-proto", "https")
            }
            Via::Traefik => call
                .uri(via.endpoint())
                .header("x-forwarded-for", "192.0.2.1")
                .header("x-forwarded-host", "app.example")
                .header("x-forwarded-method", method)
                .header("x-forwarded-port", "443")
                .header("x-forwarded-proto", "https")
                .header("x-forwarded-server", "edge-1")
                .header("x-forwarded-uri", target),
            Via::Haproxy | Via::Nginx => call
                .uri(via.endpoint())
                .header("x-original-method", method)
                .header("x-original-url", url),
        };
        self.call(from, call, headers).await
    }

    /// Calls an HTTP endpoint, whatever the call says.
    pub(super) async fn call(
        &self,
        from: [u8; 4],
        call: http::request::Builder,
        headers: &[(&str, &str)],
    ) -> Told {
        let call =
            headers.iter().fold(call, |call, (name, value)| call.header(*name, self.filled(value)));
        let call = call.body(Body::empty()).unwrap();
        let answer = self.forward_auth.answer(call, Arrival::from(peer(from))).await;
        let (answer, body) = answer.into_parts();
        let body = to_bytes(body, 4096).await.unwrap().to_vec();
        let removed = answer.headers.get("x-envoy-auth-headers-to-remove");
        let removed = removed.map(|names| names.to_str().unwrap().split(',').map(str::to_owned));
        let removed = removed.into_iter().flatten().collect();
        Told { status: answer.status.as_u16(), headers: answer.headers, body, removed }
    }

    /// Calls the endpoint of gRPC.
    pub(super) async fn check(&self, from: [u8; 4], message: &CheckRequest) -> Told {
        let service = tower::service_fn(|call: Request<tonic::body::Body>| async move {
            let call = call.map(Body::new);
            Ok::<_, Infallible>(self.forward_auth.answer(call, Arrival::from(peer(from))).await)
        });
        let mut client = tonic::client::Grpc::new(service);
        client.ready().await.unwrap();
        let request = tonic::Request::new(message.clone());
        let path = super::super::grpc::PATH.parse().unwrap();
        let codec = tonic_prost::ProstCodec::default();
        told_by(client.unary(request, path, codec).await.unwrap().into_inner())
    }
}

/// What Envoy makes of an answer.
pub(super) fn told_by(answer: CheckResponse) -> Told {
    let code = answer.status.unwrap().code;
    match answer.http_response.unwrap() {
        HttpResponse::Ok(ok) => {
            assert_eq!(code, 0);
            let options = ok.headers.into_iter().chain(ok.response_headers_to_add);
            let removed = ok.headers_to_remove;
            Told { status: 200, headers: applied(options), body: Vec::new(), removed }
        }
        HttpResponse::Denied(denied) => {
            assert_ne!(code, 0);
            let status = denied.status.unwrap().code.try_into().unwrap();
            let headers = applied(denied.headers);
            Told { status, headers, body: denied.body.into_bytes(), removed: Vec::new() }
        }
    }
}

fn applied(options: impl IntoIterator<Item = HeaderValueOption>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for option in options {
        let header = option.header.unwrap();
        let name: HeaderName = header.key.parse().unwrap();
        let value: HeaderValue = header.value.parse().unwrap();
        if option.append == Some(false) {
            headers.insert(name, value);
        } else {
            headers.append(name, value);
        }
    }
    headers
}

/// The message in which Envoy asks.
pub(super) fn message(
    server: &Server,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
) -> CheckRequest {
    let mut http = HttpRequest {
        method: method.to_owned(),
        path: target.to_owned(),
        ..HttpRequest::default()
    };
    http.headers.insert(":method".to_owned(), method.to_owned());
    http.headers.insert(":path".to_owned(), target.to_owned());
    http.headers.insert("x-forwarded-proto".to_owned(), "https".to_owned());
    http.headers.insert("x-request-id".to_owned(), "b321ef5e".to_owned());
    for (name, value) in headers {
        let joined = http.headers.entry(name.to_lowercase()).or_default();
        if !joined.is_empty() {
            joined.push(',');
        }
        joined.push_str(&server.filled(value));
    }
    let request = AttributeRequest { http: Some(http) };
    CheckRequest { attributes: Some(AttributeContext { request: Some(request) }) }
}
