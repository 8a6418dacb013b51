//! Envoy's `ext_authz` over gRPC: `envoy.service.auth.v3.Authorization/Check`.
//!
//! The call describes the original request in a message. A verdict is always an answer and never an
//! error of gRPC, of which `failure_mode_allow` would make a pass. Only a message that cannot be read,
//! or is longer than [`MAX_MESSAGE`], is one.

mod message;

use axum::body::Body;
use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, header};
use tonic::Code;
use tonic::server::Grpc;
use tonic_prost::ProstCodec;

use super::ForwardAuth;
use super::answer;
use super::decide::Pass;
use super::original::{Original, OriginalError};
use super::verdict::{Redirects, Verdict};
use crate::serve::peer::Peer;
use crate::serve::request_log::excerpt;

#[cfg(test)]
pub(super) use self::message::{
    AttributeContext, AttributeRequest, HeaderMap as RawHeaders, HeaderValue as RawHeader,
};
pub(super) use self::message::{
    CheckRequest, CheckResponse, DeniedHttpResponse, HeaderValueOption, HttpRequest, HttpResponse,
    HttpStatus, OkHttpResponse, Status,
};

/// Where Envoy asks.
pub(crate) const PATH: &str = "/envoy.service.auth.v3.Authorization/Check";

/// Bytes: twice what Envoy takes for the headers of one request, so that it can be configured to take
/// more. A body has no business here.
const MAX_MESSAGE: usize = 128 * 1024;

/// The endpoint.
pub(super) async fn check(auth: &ForwardAuth, peer: Peer, request: Request<Body>) -> Response {
    let service = tower::service_fn(async |call: tonic::Request<CheckRequest>| {
        Ok(tonic::Response::new(respond(auth, peer, call.into_inner()).await))
    });
    let mut grpc = Grpc::new(ProstCodec::default()).max_decoding_message_size(MAX_MESSAGE);
    let answer = grpc.unary(service, request).await.map(Body::new);
    // A status in the headers is an error of gRPC: there was no verdict that has a line.
    if let Some(failure) = tonic::Status::from_header_map(answer.headers()) {
        tracing::info!(
            code = OriginalError::Ambiguous.code(),
            grpc_status = ?failure.code(),
            error = excerpt(failure.message()),
            peer = %peer.address(),
            "forward-auth refused"
        );
    }
    answer
}

pub(super) async fn respond(auth: &ForwardAuth, peer: Peer, check: CheckRequest) -> CheckResponse {
    let described = Described::read(check);
    let original = described.as_ref().map_err(|error| *error).and_then(|described| {
        let Described { method, path, headers } = described;
        Original::in_the_call(method.clone(), Some(path), headers)
    });
    match auth.verdict(peer, original, Redirects::Passed).await {
        Verdict::Allow(pass) => allow(pass, described.map(|described| described.headers)),
        Verdict::Login(location) => deny(&answer::redirect(location).map(|_| Vec::new())),
        Verdict::Refuse(problem) => deny(&problem.to_response()),
    }
}

/// What a message says of the original request.
struct Described {
    method: Option<Method>,
    path: String,
    headers: HeaderMap,
}

impl Described {
    fn read(check: CheckRequest) -> Result<Self, OriginalError> {
        let request = check.attributes.and_then(|attributes| attributes.request);
        let http = request.and_then(|request| request.http).ok_or(OriginalError::Missing)?;
        let headers = headers(&http)?;
        let method = (!http.method.is_empty()).then(|| http.method.parse());
        let method = method.transpose().map_err(|_| OriginalError::Ambiguous)?;
        Ok(Self { method, path: http.path, headers })
    }
}

/// The headers of the client, in either form that Envoy has for them.
fn headers(http: &HttpRequest) -> Result<HeaderMap, OriginalError> {
    let joined = http.headers.iter().map(|(name, value)| (name, value.as_bytes()));
    let single = http.header_map.iter().flat_map(|map| &map.headers).map(|header| {
        let raw = header.raw_value.as_slice();
        (&header.key, if raw.is_empty() { header.value.as_bytes() } else { raw })
    });
    if !http.headers.is_empty() && http.header_map.is_some() {
        return Err(OriginalError::Ambiguous);
    }
    let mut headers = HeaderMap::new();
    for (name, value) in joined.chain(single).filter(|(name, _)| !name.starts_with(':')) {
        let name = HeaderName::try_from(name).map_err(|_| OriginalError::Ambiguous)?;
        let value = HeaderValue::from_bytes(value).map_err(|_| OriginalError::Ambiguous)?;
        headers.try_append(name, value).map_err(|_| OriginalError::Ambiguous)?;
    }
    Ok(headers)
}

/// The identity for the API in place of what the client sent, and the cookies of a renewal for the
/// client beside those that the API sets. With them no cache keeps the answer, whatever the API says.
fn allow(pass: Pass, sent: Result<HeaderMap, OriginalError>) -> CheckResponse {
    let sent = sent.unwrap_or_default();
    let headers_to_remove = pass.not_for_the_api(&sent).map(ToString::to_string).collect();
    let cookies = pass.renewal.iter().map(|cookie| option(&header::SET_COOKIE, cookie, None));
    let mut response_headers_to_add: Vec<_> = cookies.collect();
    if !response_headers_to_add.is_empty() {
        let no_store = HeaderValue::from_static("no-store");
        response_headers_to_add.push(option(&header::CACHE_CONTROL, &no_store, Some(false)));
    }
    let mut identity = HeaderMap::new();
    pass.identity.write_to(&mut identity);
    let headers = overwriting(&identity);
    let ok = OkHttpResponse { headers, headers_to_remove, response_headers_to_add };
    CheckResponse {
        status: Some(Status { code: Code::Ok.into() }),
        http_response: Some(HttpResponse::Ok(ok)),
    }
}

/// The answer that reaches the client.
fn deny(answer: &http::Response<Vec<u8>>) -> CheckResponse {
    let code = match answer.status() {
        StatusCode::UNAUTHORIZED => Code::Unauthenticated,
        _ => Code::PermissionDenied,
    };
    let denied = DeniedHttpResponse {
        status: Some(HttpStatus { code: answer.status().as_u16().into() }),
        headers: overwriting(answer.headers()),
        body: String::from_utf8_lossy(answer.body()).into_owned(),
    };
    CheckResponse {
        status: Some(Status { code: code.into() }),
        http_response: Some(HttpResponse::Denied(denied)),
    }
}

fn overwriting(headers: &HeaderMap) -> Vec<HeaderValueOption> {
    headers.iter().map(|(name, value)| option(name, value, Some(false))).collect()
}

fn option(name: &HeaderName, value: &HeaderValue, append: Option<bool>) -> HeaderValueOption {
    let header = message::HeaderValue {
        key: name.to_string(),
        // What is said here is ASCII.
        value: String::from_utf8_lossy(value.as_bytes()).into_owned(),
        raw_value: Vec::new(),
    };
    HeaderValueOption { header: Some(header), append, keep_empty_value: true }
}
