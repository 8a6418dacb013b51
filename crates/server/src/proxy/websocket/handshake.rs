//! The opening handshake (RFC 6455 §4), as far as it is between a client and us.

use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Version, header};
use http_body::Body;
use hyper::upgrade::OnUpgrade;

use super::super::error::ForwardError;
use super::super::hop_by_hop::connection_options;

/// A request for a WebSocket.
pub(in crate::proxy) struct Handshake {
    client: OnUpgrade,
}

impl Handshake {
    /// The handshake that a request is, if it asks for a WebSocket. To be asked before what concerns
    /// the client's connection is removed.
    ///
    /// Any other protocol a client offers may be ignored (RFC 9110 §7.8); one that wants a WebSocket
    /// cannot use another answer.
    ///
    /// # Errors
    /// [`ForwardError::WebsocketInvalid`] for one that programs may disagree about.
    pub(in crate::proxy) fn find(
        parts: &mut Parts,
        body: &impl Body,
    ) -> Result<Option<Self>, ForwardError> {
        let headers = &parts.headers;
        if !asks_for_websocket(headers) {
            return Ok(None);
        }
        let is_plain = parts.method == Method::GET
            && parts.version == Version::HTTP_11
            && is_alone(headers, &header::UPGRADE, b"websocket")
            && names_upgrade(headers)
            && headers.get_all(header::SEC_WEBSOCKET_KEY).iter().count() == 1
            && headers.get_all(header::SEC_WEBSOCKET_VERSION).iter().count() == 1
            && !headers.contains_key(header::TRANSFER_ENCODING)
            && body.is_end_stream();
        match parts.extensions.remove::<OnUpgrade>() {
            Some(client) if is_plain => Ok(Some(Self { client })),
            _ => Err(ForwardError::WebsocketInvalid),
        }
    }

    /// Asks the API for the same, after what concerned the client's connection is gone.
    pub(in crate::proxy) fn write_to(headers: &mut HeaderMap) {
        headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    }

    /// Both ends of the tunnel, when `answer` agrees to it.
    ///
    /// # Errors
    /// [`ForwardError::UpstreamInvalid`] when it switches to something else.
    pub(in crate::proxy) fn agreed<B>(
        self,
        answer: &mut Response<B>,
    ) -> Result<(OnUpgrade, OnUpgrade), ForwardError> {
        let headers = answer.headers();
        let is_agreed = answer.status() == StatusCode::SWITCHING_PROTOCOLS
            && is_alone(headers, &header::UPGRADE, b"websocket")
            && names_upgrade(headers)
            && headers.get_all(header::SEC_WEBSOCKET_ACCEPT).iter().count() == 1;
        match answer.extensions_mut().remove::<OnUpgrade>() {
            Some(upstream) if is_agreed => Ok((self.client, upstream)),
            _ => Err(ForwardError::UpstreamInvalid(None)),
        }
    }
}

fn asks_for_websocket(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::UPGRADE)
        .iter()
        .flat_map(|value| value.as_bytes().split(|&byte| byte == b',' || byte == b'/'))
        .any(|protocol| protocol.trim_ascii().eq_ignore_ascii_case(b"websocket"))
}

fn names_upgrade(headers: &HeaderMap) -> bool {
    connection_options(headers).any(|option| option.eq_ignore_ascii_case(b"upgrade"))
}

/// Whether `value` is all that the headers called `name` say.
fn is_alone(headers: &HeaderMap, name: &HeaderName, value: &[u8]) -> bool {
    let mut values = headers.get_all(name).iter();
    let first = values.next().is_some_and(|found| found.as_bytes().eq_ignore_ascii_case(value));
    first && values.next().is_none()
}
