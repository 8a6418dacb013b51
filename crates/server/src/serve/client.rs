//! Who is at the other end of the connections of our own proxies.
//!
//! The one place that says which client a request is from, for the log and for every limit.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use http::{HeaderMap, HeaderName};

use super::peer::{Peer, TrustedProxies};

/// The addresses a request has passed, each written by the one after it.
pub(crate) const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address of whoever sent a request to the first of our own proxies, or to us.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct ClientAddress(IpAddr);

/// What one client has to itself: an IPv4 address, or the 64 bits of an IPv6 address within which it
/// may choose any.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct ClientNetwork(IpAddr);

impl ClientAddress {
    /// The client of a request with `headers` that came from `peer`.
    ///
    /// Whoever sends a request can write anything into `X-Forwarded-For`, but what a proxy of ours has
    /// added at its end is true. So it is read from its end, for as long as the address that was read
    /// last is one of `trusted`.
    pub(crate) fn of(peer: Peer, headers: &HeaderMap, trusted: &TrustedProxies) -> Self {
        let lines = headers.get_all(FORWARDED_FOR).iter().rev();
        let mut hops = lines.flat_map(|line| line.as_bytes().rsplit(|&byte| byte == b','));
        let mut nearest = peer.address();
        while trusted.contains(nearest) {
            match hops.next().and_then(address) {
                Some(hop) => nearest = hop,
                None => break,
            }
        }
        Self(nearest)
    }

    /// The network that limits count by.
    pub(crate) fn network(self) -> ClientNetwork {
        ClientNetwork(match self.0 {
            IpAddr::V4(_) => self.0,
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & PREFIX_64).into(),
        })
    }
}

impl fmt::Display for ClientAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// One entry of the list: an address, with a port behind it from some proxies. IPv4 in IPv6 is IPv4.
fn address(hop: &[u8]) -> Option<IpAddr> {
    let hop = std::str::from_utf8(hop).ok()?.trim_matches([' ', '\t']);
    let bare = hop.strip_prefix('[').and_then(|hop| hop.strip_suffix(']')).unwrap_or(hop);
    let with_port = || hop.parse().map(|address: SocketAddr| address.ip());
    bare.parse().or_else(|_| with_port()).ok().map(|address: IpAddr| address.to_canonical())
}

const PREFIX_64: u128 = u128::MAX << 64;

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn client(peer: &str, lines: &[&str], trusted: &[&str]) -> ClientAddress {
        let trusted = trusted.iter().map(|network| network.parse().unwrap()).collect();
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, HeaderValue::from_str(line).unwrap());
        }
        let peer = Peer::new(SocketAddr::new(peer.parse().unwrap(), 1));
        ClientAddress::of(peer, &headers, &TrustedProxies::new(trusted))
    }

    #[test]
    fn the_client_is_the_last_hop_that_is_not_ours() {
        const OURS: &[&str] = &["10.0.0.0/8", "2001:db8:1::/48"];
        for (peer, lines, expected) in [
            ("192.0.2.1", &["203.0.113.9"][..], "192.0.2.1"),
            ("10.0.0.7", &[], "10.0.0.7"),
            ("10.0.0.7", &["192.0.2.1"], "192.0.2.1"),
            ("10.0.0.7", &["203.0.113.9, 192.0.2.1"], "192.0.2.1"),
            ("10.0.0.7", &["203.0.113.9,192.0.2.1 ,\t10.1.2.3"], "192.0.2.1"),
            ("10.0.0.7", &["203.0.113.9", "192.0.2.1, 10.1.2.3", "10.9.9.9"], "192.0.2.1"),
            ("10.0.0.7", &["10.1.2.3, 10.4.5.6"], "10.1.2.3"),
            ("10.0.0.7", &["192.0.2.1:4711"], "192.0.2.1"),
            ("10.0.0.7", &["2001:db8::5"], "2001:db8::5"),
            ("10.0.0.7", &["[2001:db8::5]:4711, [2001:db8:1::1]"], "2001:db8::5"),
            ("2001:db8:1::1", &["192.0.2.1"], "192.0.2.1"),
            ("::ffff:10.0.0.7", &["192.0.2.1"], "192.0.2.1"),
            ("10.0.0.7", &["192.0.2.1, ::ffff:10.1.2.3"], "192.0.2.1"),
            ("10.0.0.7", &["::ffff:192.0.2.1"], "192.0.2.1"),
        ] {
            assert_eq!(client(peer, lines, OURS).to_string(), expected, "{peer} {lines:?}");
        }
        let nobody = client("127.0.0.1", &["192.0.2.1"], &[]);
        assert_eq!(nobody.to_string(), "127.0.0.1", "nobody is trusted by default");
    }

    #[test]
    fn what_is_no_address_ends_the_walk_at_the_last_that_is_one() {
        for garbage in
            ["unknown", "", " ", "_hidden", "192.0.2.1.5", "fe80::1%eth0", "a b", "192.0.2.1\t9"]
        {
            let lines = format!("192.0.2.1, {garbage}, 10.1.2.3");
            let found = client("10.0.0.7", &[&lines], &["10.0.0.0/8"]);
            assert_eq!(found.to_string(), "10.1.2.3", "{garbage:?}");
        }
    }

    #[test]
    fn a_network_is_an_ipv4_address_or_64_bits_of_an_ipv6_address() {
        let network = |address: &str| client(address, &[], &[]).network();
        assert_eq!(network("192.0.2.1"), network("::ffff:192.0.2.1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
    }

    proptest! {
        #[test]
        fn nothing_that_a_stranger_writes_changes_who_it_is(
            written in prop::collection::vec("[0-9a-f:., ]{0,40}", 0..4),
        ) {
            let mut lines: Vec<&str> = written.iter().map(String::as_str).collect();
            prop_assert_eq!(client("192.0.2.1", &lines, &["10.0.0.0/8"]).to_string(), "192.0.2.1");
            lines.push("192.0.2.1");
            prop_assert_eq!(client("10.0.0.7", &lines, &["10.0.0.0/8"]).to_string(), "192.0.2.1");
        }
    }
}
