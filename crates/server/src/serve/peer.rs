//! Who is at the other end of a connection, and whether it is one of our own proxies.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use ipnet::IpNet;

/// The address of the other end of the connection a request came over.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Peer(IpAddr);

impl Peer {
    /// Folds an IPv4 address that a dual-stack socket reports as `::ffff:a.b.c.d`: it is the same
    /// machine, and a rule for the one must hold for the other.
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self(address.ip().to_canonical())
    }

    pub(crate) const fn address(self) -> IpAddr {
        self.0
    }
}

/// The networks of the proxies that stand before this server. Empty unless configured.
#[derive(Clone, Debug, Default)]
pub(crate) struct TrustedProxies(Arc<[IpNet]>);

impl TrustedProxies {
    pub(crate) fn new(networks: Vec<IpNet>) -> Self {
        Self(networks.into())
    }

    /// Whether what the machine at `address` says of a request counts. An IPv4 address is one and not
    /// the IPv6 address that it maps to.
    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trusts(networks: &[&str], peer: &str) -> bool {
        let networks = networks.iter().map(|network| network.parse().unwrap()).collect();
        let peer = Peer::new(SocketAddr::new(peer.parse().unwrap(), 1));
        TrustedProxies::new(networks).contains(peer.address())
    }

    #[test]
    fn nobody_is_trusted_by_default() {
        assert!(!trusts(&[], "127.0.0.1"));
        assert!(!trusts(&[], "::1"));
    }

    #[test]
    fn a_mapped_address_is_the_ipv4_address_it_maps() {
        assert!(trusts(&["127.0.0.0/8"], "::ffff:127.0.0.1"));
        assert!(!trusts(&["127.0.0.0/8"], "::ffff:128.0.0.1"));
        assert!(!trusts(&["::/8"], "::ffff:127.0.0.1"));
    }

    #[test]
    fn the_edges_of_a_network_are_in_it_and_their_neighbours_are_not() {
        for (peer, trusted) in [
            ("10.1.0.0", true),
            ("10.1.255.255", true),
            ("10.0.255.255", false),
            ("10.2.0.0", false),
        ] {
            assert_eq!(trusts(&["192.0.2.1/32", "10.1.0.0/16"], peer), trusted, "{peer}");
        }
        assert!(trusts(&["2001:db8::/32"], "2001:db8:ffff::1"));
        assert!(!trusts(&["2001:db8::/32"], "2001:db9::1"));
    }
}
