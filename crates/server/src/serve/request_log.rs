//! One line for every request: never a query, a header or a body, where secrets are.

use http::uri::PathAndQuery;
use http::{Method, Request, Response};
use sealpass_tower::ProblemCode;
use tokio::time::Instant;
use tracing::Level;

use super::client::ClientAddress;
use super::connection::Traffic;
use super::peer::Peer;

/// A request whose answer is still to come.
#[derive(Debug)]
pub(super) struct RequestLog {
    method: Method,
    target: Option<PathAndQuery>,
    peer: Peer,
    client: ClientAddress,
    begun: Instant,
}

impl RequestLog {
    pub(super) fn begin<B>(request: &Request<B>, peer: Peer, client: ClientAddress) -> Self {
        let method = request.method().clone();
        let target = request.uri().path_and_query().cloned();
        Self { method, target, peer, client, begun: Instant::now() }
    }

    /// Writes the line. The latency, in microseconds, is that of the head of the answer.
    ///
    /// For a request that may pass there is one at the level `debug` only: the proxy that asks about it
    /// has its own.
    pub(super) fn end<B>(self, response: &Response<B>, traffic: Traffic) {
        let is_pass = traffic == Traffic::Verdicts && response.status().is_success();
        if is_pass && !tracing::enabled!(Level::DEBUG) {
            return;
        }
        let latency = u64::try_from(self.begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        let code = response.extensions().get::<ProblemCode>();
        tracing::info!(
            method = excerpt(self.method.as_str()),
            path = excerpt(self.target.as_ref().map_or("", PathAndQuery::path)),
            status = response.status().as_u16(),
            code = code.map(|code| code.as_str()),
            latency_us = latency,
            peer = %self.peer.address(),
            client = %self.client,
            "request"
        );
    }
}

/// As much of a client's text as a log has use for.
pub(crate) fn excerpt(text: &str) -> &str {
    text.get(..text.floor_char_boundary(MAX_TEXT)).unwrap_or_default()
}

/// Bytes.
const MAX_TEXT: usize = 256;

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use sealpass_tower::problem_response;
    use sealpass_tower::sealpass::Rejection;

    use super::*;
    use crate::log::json;
    use crate::serve::peer::TrustedProxies;

    fn log(request: &Request<()>, response: &Response<()>, traffic: Traffic) {
        let peer = Peer::new(SocketAddr::from(([192, 0, 2, 1], 1)));
        let trusted = TrustedProxies::new(vec!["192.0.2.1/32".parse().unwrap()]);
        let client = ClientAddress::of(peer, request.headers(), &trusted);
        RequestLog::begin(request, peer, client).end(response, traffic);
    }

    #[test]
    fn a_line_has_no_secret_in_it() {
        let request = Request::put("/orders/7?token=secret")
            .header("cookie", "__Host-session=secret")
            .header("authorization", "Bearer secret")
            .header("x-forwarded-for", "secret, 203.0.113.9")
            .body(())
            .unwrap();
        let mut response = problem_response(&Rejection::TokenExpired.into()).map(|_| ());
        response.headers_mut().insert("set-cookie", "a=secret".parse().unwrap());
        let line = json::tests::line(|| log(&request, &response, Traffic::Calls));
        assert_eq!(line["message"], "request");
        assert_eq!(line["method"], "PUT");
        assert_eq!(line["path"], "/orders/7");
        assert_eq!(line["status"], 401);
        assert_eq!(line["code"], "token_expired");
        assert_eq!(line["peer"], "192.0.2.1");
        assert_eq!(line["client"], "203.0.113.9");
        assert!(line["latency_us"].is_u64(), "{line}");
        assert!(!line.to_string().contains("secret"), "{line}");
    }

    #[test]
    fn a_verdict_has_a_line_unless_it_is_a_pass() {
        let request = Request::get("/auth/verify/nginx").body(()).unwrap();
        for (status, lines) in [(200, 0), (302, 1), (401, 1), (403, 1), (404, 1)] {
            let response = Response::builder().status(status).body(()).unwrap();
            let text = json::tests::logged(|| log(&request, &response, Traffic::Verdicts));
            assert_eq!(text.lines().count(), lines, "{status}");
        }
    }

    #[test]
    fn a_long_path_does_not_fill_the_log() {
        assert_eq!(excerpt("/short"), "/short");
        assert_eq!(excerpt(&"a".repeat(300)).len(), 256);
        assert_eq!(excerpt(&format!("{}\u{e9}", "a".repeat(255))).len(), 255);
    }
}
