//! The answer a client receives, made from the API's.

use http::{HeaderMap, Response, header};

use super::error::ForwardError;
use super::{cookies, hop_by_hop};

/// Passes an answer on, without what concerns the API's connection only and without cookies of our
/// names. `ours` are those names.
///
/// # Errors
/// [`ForwardError::UpstreamInvalid`] for a body in a transfer coding we cannot decode.
pub(super) fn pass_on<B>(
    answer: Response<B>,
    ours: &[String],
) -> Result<Response<B>, ForwardError> {
    let (mut parts, body) = answer.into_parts();
    if parts.headers.contains_key(header::TRANSFER_ENCODING) {
        if !is_chunked_alone(&parts.headers) {
            return Err(ForwardError::UpstreamInvalid(None));
        }
        // RFC 9112 §6.3: the chunks say where the body ends, and a length beside them lies.
        parts.headers.remove(header::CONTENT_LENGTH);
    }
    hop_by_hop::strip(&mut parts.headers);
    let dropped = cookies::strip_set(&mut parts.headers, ours);
    if dropped > 0 {
        tracing::warn!(
            dropped,
            "the upstream tried to set a cookie of the session; it was dropped"
        );
    }
    // Not the version nor the extensions, which are those of another connection.
    let mut response = Response::new(body);
    *response.status_mut() = parts.status;
    *response.headers_mut() = parts.headers;
    Ok(response)
}

fn is_chunked_alone(headers: &HeaderMap) -> bool {
    let mut codings = headers.get_all(header::TRANSFER_ENCODING).iter();
    match (codings.next(), codings.next()) {
        (Some(coding), None) => coding.as_bytes().eq_ignore_ascii_case(b"chunked"),
        _ => false,
    }
}
