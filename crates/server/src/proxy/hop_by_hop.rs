//! Headers that concern one connection and end with it (RFC 9110 §7.6.1).

use http::{HeaderMap, HeaderName, header};

/// Those that are known by name, whether `Connection` lists them or not.
const KNOWN: [HeaderName; 9] = [
    header::CONNECTION,
    HeaderName::from_static("http2-settings"),
    HeaderName::from_static("keep-alive"),
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    HeaderName::from_static("proxy-connection"),
    header::TE,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// Removes them, and every header that `Connection` names.
///
/// A client may name any header it likes, so whatever we say to an API is written after this.
pub(super) fn strip(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = connection_options(headers)
        .filter_map(|option| HeaderName::from_bytes(option).ok())
        .collect();
    for name in KNOWN.iter().chain(&named) {
        headers.remove(name);
    }
}

/// The members of every `Connection` header.
pub(super) fn connection_options(headers: &HeaderMap) -> impl Iterator<Item = &[u8]> {
    headers
        .get_all(header::CONNECTION)
        .iter()
        .flat_map(|value| value.as_bytes().split(|&byte| byte == b','))
        .map(<[u8]>::trim_ascii)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn what_connection_names_goes_with_it() {
        let mut headers = HeaderMap::new();
        headers.append("connection", HeaderValue::from_static("close, X-Debug ,,\tx-trace"));
        headers.append("connection", HeaderValue::from_static("x-more"));
        for name in
            ["x-debug", "x-trace", "x-more", "keep-alive", "te", "upgrade", "http2-settings"]
        {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static("1"));
            headers.append(HeaderName::from_static(name), HeaderValue::from_static("2"));
        }
        headers.append("x-kept", HeaderValue::from_static("1"));
        strip(&mut headers);
        assert_eq!(headers.keys().collect::<Vec<_>>(), ["x-kept"]);
    }

    #[test]
    fn nonsense_in_connection_removes_nothing() {
        let mut headers = HeaderMap::new();
        headers
            .append("connection", HeaderValue::from_bytes(b"x-\xff, \"x-kept\", x kept").unwrap());
        headers.append("x-kept", HeaderValue::from_static("1"));
        strip(&mut headers);
        assert_eq!(headers.keys().collect::<Vec<_>>(), ["x-kept"]);
    }
}
