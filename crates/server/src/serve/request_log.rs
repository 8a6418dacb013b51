//! One line for every request: never a query, a header or a body, where secrets are.

use http::{Method, Request, StatusCode, Uri};
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

pub(super) fn begin<B>(request: &Request<B>, peer: Peer) -> RequestLog {
    RequestLog {
        method: request.method().clone(),
        uri: request.uri().clone(),
        peer,
        begun: Instant::now(),
    }
}

impl RequestLog {
    /// Writes the line. The latency, in microseconds, is that of the head of the answer.
    pub(super) fn end(self, status: StatusCode) {
        let latency = u64::try_from(self.begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        tracing::info!(
            method = excerpt(self.method.as_str()),
            path = excerpt(self.uri.path()),
            status = status.as_u16(),
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
