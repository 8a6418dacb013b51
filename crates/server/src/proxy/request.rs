//! The request an API receives, made from the one a client sent.

use http::request::Parts;
use http::uri::{self, Uri};
use http::{HeaderMap, HeaderValue, Method, Version, header};
use http_body::Body;

use super::api::Api;
use super::error::ForwardError;
use super::forwarded::Forwarded;
use super::{client_headers, cookies, hop_by_hop};
use crate::identity::IdentityHeaders;
use crate::serve::peer::Peer;

/// What is the same for every request.
#[derive(Clone, Debug)]
pub(super) struct RequestRules {
    pub(super) forwarded: Forwarded,
    /// Names of the cookies that are ours, those of previous profiles among them.
    pub(super) cookies: Vec<String>,
}

impl RequestRules {
    /// Turns the head of a client's request into that of `api`'s.
    ///
    /// First what cannot be passed on is refused. Then whatever the client may not say is removed,
    /// and only then is written what we say, so that nothing in the request removes it or stands
    /// beside it.
    ///
    /// # Errors
    /// [`ForwardError::MethodUnsupported`], [`ForwardError::TargetUnsupported`],
    /// [`ForwardError::TransferCodingUnsupported`].
    pub(super) fn apply(
        &self,
        parts: &mut Parts,
        body: &impl Body,
        api: &Api,
        peer: Peer,
        identity: IdentityHeaders,
    ) -> Result<(), ForwardError> {
        require_method(&parts.method)?;
        require_one_framing(&parts.headers)?;
        parts.uri = target(&parts.uri, api)?;

        let headers = &mut parts.headers;
        let chain = self.forwarded.chain(headers, peer);
        let has_length = headers.contains_key(header::CONTENT_LENGTH);
        hop_by_hop::strip(headers);
        client_headers::strip(headers);
        cookies::strip(headers, &self.cookies);
        // The client of the upstream writes its own, from the URI.
        headers.remove(header::HOST);
        // Trailers are not passed on: an API might take one for a header.
        headers.remove(header::TRAILER);

        frame(headers, body, has_length);
        self.forwarded.write_to(headers, chain, parts.version);
        identity.write_to(headers);
        parts.version = Version::HTTP_11;
        Ok(())
    }
}

/// That a method is passed on to an API.
///
/// # Errors
/// [`ForwardError::MethodUnsupported`].
pub(crate) fn require_method(method: &Method) -> Result<(), ForwardError> {
    if matches!(*method, Method::CONNECT | Method::TRACE) {
        return Err(ForwardError::MethodUnsupported);
    }
    Ok(())
}

/// The same path and query, byte for byte, at `api`. What a client wrote in front of them
/// (`GET http://other.example/ HTTP/1.1`) counts for nothing.
fn target(uri: &Uri, api: &Api) -> Result<Uri, ForwardError> {
    let target = uri.path_and_query().filter(|target| target.as_str().starts_with('/'));
    let mut parts = uri::Parts::default();
    parts.scheme = Some(api.scheme.clone());
    parts.authority = Some(api.authority.clone());
    parts.path_and_query = Some(target.ok_or(ForwardError::TargetUnsupported)?.clone());
    Uri::from_parts(parts).map_err(|_| ForwardError::TargetUnsupported)
}

/// The server has decoded the body by now, and the upstream's client will frame it anew. What is
/// left to refuse is a coding that was not decoded, and a second opinion on where the body ends.
fn require_one_framing(headers: &HeaderMap) -> Result<(), ForwardError> {
    let mut codings = headers.get_all(header::TRANSFER_ENCODING).iter();
    let mut lengths = headers.get_all(header::CONTENT_LENGTH).iter();
    match (codings.next(), codings.next(), lengths.next()) {
        (None, ..) => {}
        (Some(coding), None, None) if coding.as_bytes().eq_ignore_ascii_case(b"chunked") => {}
        _ => return Err(ForwardError::TransferCodingUnsupported),
    }
    Ok(())
}

/// Says how long the body is by what will be sent, never by what the client said; and says it
/// outright, since a body of unknown length would be dropped from a GET.
fn frame(headers: &mut HeaderMap, body: &impl Body, had_length: bool) {
    headers.remove(header::CONTENT_LENGTH);
    if body.is_end_stream() {
        if had_length {
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        return;
    }
    match body.size_hint().exact() {
        Some(length) => headers.insert(header::CONTENT_LENGTH, length.into()),
        None => headers.insert(header::TRANSFER_ENCODING, HeaderValue::from_static("chunked")),
    };
}
