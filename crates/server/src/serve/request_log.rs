//! One line for every request: never a query, a header or a body, where secrets are.

use http::{Method, Request, Response, Uri};
use sealpass_tower::sealpass::Rejection;
use tokio::time::Instant;

use super::peer::Peer;

/// A request whose answer is still to come.
#[derive(Debug)]
pub(super) struct RequestLog {
    method: Method,
    uri: Uri,
    peer: Peer,
    begun: Instant,
}

impl RequestLog {
    pub(super) fn begin<B>(request: &Request<B>, peer: Peer) -> Self {
        let (method, uri) = (request.method().clone(), request.uri().clone());
        Self { method, uri, peer, begun: Instant::now() }
    }

    /// Writes the line. The latency, in microseconds, is that of the head of the answer.
    pub(super) fn end<B>(self, response: &Response<B>) {
        let latency = u64::try_from(self.begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        let rejection = response.extensions().get::<Rejection>();
        tracing::info!(
            method = excerpt(self.method.as_str()),
            path = excerpt(self.uri.path()),
            status = response.status().as_u16(),
            code = rejection.map(|rejection| rejection.code()),
            latency_us = latency,
            peer = %self.peer.address(),
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
    use super::*;

    #[test]
    fn a_long_path_does_not_fill_the_log() {
        assert_eq!(excerpt("/short"), "/short");
        assert_eq!(excerpt(&"a".repeat(300)).len(), 256);
        assert_eq!(excerpt(&format!("{}\u{e9}", "a".repeat(255))).len(), 255);
    }
}
