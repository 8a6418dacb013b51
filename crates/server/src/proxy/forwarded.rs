//! Where a request came from, as the API is told.
//!
//! | header | value |
//! |---|---|
//! | `Host` | the upstream's own name: no client chooses a virtual host or the host of a link |
//! | `X-Forwarded-Host`, `X-Forwarded-Proto` | those of the configured `origin`, whoever asks |
//! | `X-Forwarded-For` | the peer's address; after those a trusted proxy gave, if the peer is one |
//! | `Via` | `sealpass`, after what was there (RFC 9110 §7.6.3) |
//!
//! `Forwarded` (RFC 7239) says the same in other words. It is removed and not written: two
//! sources of one fact are one too many.

use http::{HeaderMap, HeaderName, HeaderValue, Version, header};
use sealpass_tower::sealpass::Origin;

use crate::serve::client::FORWARDED_FOR;
use crate::serve::peer::{Peer, TrustedProxies};

const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// What is said of every request.
#[derive(Clone, Debug)]
pub(super) struct Forwarded {
    host: HeaderValue,
    proto: HeaderValue,
    trusted: TrustedProxies,
}

impl Forwarded {
    pub(super) fn new(origin: &Origin, trusted: TrustedProxies) -> Self {
        let origin = origin.to_string();
        let (proto, host) = origin.split_once("://").unwrap_or_default();
        // An origin's host is ASCII letters, digits and a few signs: always a header value.
        let value = |text| HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""));
        Self { host: value(host), proto: value(proto), trusted }
    }

    /// The addresses the request has passed, the peer's last. To be asked before the client's
    /// headers are stripped.
    pub(super) fn chain(&self, headers: &HeaderMap, peer: Peer) -> HeaderValue {
        let mut chain = Vec::new();
        if self.trusted.contains(peer.address()) {
            for value in headers.get_all(FORWARDED_FOR) {
                chain.extend_from_slice(value.as_bytes());
                chain.extend_from_slice(b", ");
            }
        }
        chain.extend_from_slice(peer.address().to_string().as_bytes());
        // Header values and an address, joined by a separator, are a header value again.
        HeaderValue::from_bytes(&chain).unwrap_or(HeaderValue::from_static(""))
    }

    /// Writes all of them but `Host`, in place of what is there.
    pub(super) fn write_to(&self, headers: &mut HeaderMap, chain: HeaderValue, version: Version) {
        headers.insert(FORWARDED_FOR, chain);
        headers.insert(FORWARDED_HOST, self.host.clone());
        headers.insert(FORWARDED_PROTO, self.proto.clone());
        headers.append(header::VIA, via(version));
    }
}

/// The received protocol and our pseudonym.
fn via(version: Version) -> HeaderValue {
    HeaderValue::from_static(match version {
        Version::HTTP_10 => "1.0 sealpass",
        Version::HTTP_2 => "2.0 sealpass",
        _ => "1.1 sealpass",
    })
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::*;

    fn told(sent: &[(&'static str, &'static str)], trusted: &[&str]) -> HeaderMap {
        let trusted = trusted.iter().map(|network| network.parse().unwrap()).collect();
        let origin = Origin::parse("https://app.example:8443").unwrap();
        let forwarded = Forwarded::new(&origin, TrustedProxies::new(trusted));
        let mut headers = HeaderMap::new();
        for (name, value) in sent {
            headers.append(*name, HeaderValue::from_static(value));
        }
        let peer = Peer::new(SocketAddr::from(([10, 0, 0, 7], 4321)));
        let chain = forwarded.chain(&headers, peer);
        forwarded.write_to(&mut headers, chain, Version::HTTP_11);
        headers
    }

    const SPOOFED: [(&str, &str); 3] = [
        ("x-forwarded-for", "192.0.2.1"),
        ("x-forwarded-host", "evil.test"),
        ("x-forwarded-proto", "http"),
    ];

    #[test]
    fn a_client_cannot_choose_where_it_comes_from() {
        let headers = told(&SPOOFED, &["192.0.2.0/24"]);
        assert_eq!(headers["x-forwarded-for"], "10.0.0.7");
        assert_eq!(headers["x-forwarded-host"], "app.example:8443");
        assert_eq!(headers["x-forwarded-proto"], "https");
        assert_eq!(headers["via"], "1.1 sealpass");
    }

    #[test]
    fn a_trusted_proxy_is_believed_about_addresses_only() {
        let headers = told(&SPOOFED, &["10.0.0.0/24"]);
        assert_eq!(headers["x-forwarded-for"], "192.0.2.1, 10.0.0.7");
        assert_eq!(headers["x-forwarded-host"], "app.example:8443");
        assert_eq!(headers["x-forwarded-proto"], "https");
    }

    #[test]
    fn several_lists_stay_in_order_and_via_grows() {
        let sent = [("x-forwarded-for", "a, b"), ("x-forwarded-for", "c"), ("via", "1.0 nginx")];
        let headers = told(&sent, &["10.0.0.7/32"]);
        assert_eq!(headers["x-forwarded-for"], "a, b, c, 10.0.0.7");
        let via: Vec<_> = headers.get_all("via").iter().collect();
        assert_eq!(via, ["1.0 nginx", "1.1 sealpass"]);
    }
}
