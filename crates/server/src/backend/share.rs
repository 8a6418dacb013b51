//! No network of clients takes all the places of those who log in.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use http::{Method, Request};
use sealpass_tower::sealpass::Problem;
use sealpass_tower::sealpass::credential::BackendError;

use super::pool::RETRY_AFTER;
use crate::serve::client::{ClientAddress, ClientNetwork};

/// How many logins each network has begun that are not answered yet, and the most that it may have.
#[derive(Clone, Debug)]
pub(crate) struct LoginShares {
    most: NonZeroUsize,
    begun: Arc<Mutex<HashMap<ClientNetwork, usize>>>,
}

/// One login of a network, until it is dropped.
#[derive(Debug)]
pub(crate) struct LoginShare {
    network: ClientNetwork,
    shares: LoginShares,
}

impl LoginShares {
    /// At most `most` at a time for each network.
    pub(crate) fn new(most: NonZeroUsize) -> Self {
        Self { most, begun: Arc::default() }
    }

    /// Counts `request` of `client` until what is returned is dropped, if it is a login.
    ///
    /// # Errors
    /// 429 `too_many_logins`.
    pub(crate) fn begin<B>(
        &self,
        request: &Request<B>,
        client: ClientAddress,
    ) -> Result<Option<LoginShare>, Problem> {
        if request.method() != Method::POST || !LOGINS.contains(&request.uri().path()) {
            return Ok(None);
        }
        if let Some(share) = self.take(client.network()) {
            return Ok(Some(share));
        }
        tracing::info!(
            %client,
            "too many logins of one network at once; if this is a proxy, name it in `trusted_proxies`"
        );
        Err(Problem::from(&BackendError::Busy { retry_after: RETRY_AFTER }))
    }

    fn take(&self, network: ClientNetwork) -> Option<LoginShare> {
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        let count = begun.entry(network).or_default();
        if *count >= self.most.get() {
            return None;
        }
        *count += 1;
        Some(LoginShare { network, shares: self.clone() })
    }
}

impl Drop for LoginShare {
    fn drop(&mut self) {
        let mut begun = self.shares.begun.lock().unwrap_or_else(PoisonError::into_inner);
        match begun.get_mut(&self.network) {
            Some(count) if *count > 1 => *count -= 1,
            Some(_) | None => {
                begun.remove(&self.network);
            }
        }
    }
}

/// Where passwords are checked.
const LOGINS: [&str; 2] = ["/auth/login", "/auth/token"];

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, SocketAddr};

    use http::HeaderMap;

    use super::*;
    use crate::serve::peer::{Peer, TrustedProxies};

    fn client(from: &str) -> ClientAddress {
        let peer = Peer::new(SocketAddr::new(from.parse::<IpAddr>().unwrap(), 1));
        ClientAddress::of(peer, &HeaderMap::new(), &TrustedProxies::default())
    }

    /// The share of a login.
    fn begin(shares: &LoginShares, from: &str) -> Result<Option<LoginShare>, Problem> {
        shares.begin(&Request::post("/auth/login").body(()).unwrap(), client(from))
    }

    fn two() -> LoginShares {
        LoginShares::new(NonZeroUsize::new(2).unwrap())
    }

    #[test]
    fn a_network_has_its_share_and_no_more_and_others_have_theirs() {
        let shares = two();
        let first = begin(&shares, "2001:db8::1").unwrap();
        let second = begin(&shares, "2001:db8::2").unwrap();
        assert!(first.is_some() && second.is_some());
        let refused = begin(&shares, "2001:db8::3").unwrap_err();
        assert_eq!((refused.status().as_u16(), refused.code()), (429, "too_many_logins"));
        assert_eq!(refused.to_response().headers()["retry-after"], "1");
        assert!(begin(&shares, "2001:db8:0:1::1").is_ok(), "another network");
        drop(first);
        assert!(begin(&shares, "2001:db8::3").is_ok(), "the share was given back");
    }

    #[test]
    fn nothing_is_kept_of_networks_that_are_done() {
        let shares = two();
        for n in 0..=255 {
            drop(begin(&shares, &format!("192.0.2.{n}")).unwrap());
        }
        assert!(shares.begun.lock().unwrap().is_empty());
    }

    #[test]
    fn only_logins_count() {
        let shares = LoginShares::new(NonZeroUsize::MIN);
        let _one = begin(&shares, "192.0.2.1").unwrap();
        let other = |method, path| {
            let request = Request::builder().method(method).uri(path).body(()).unwrap();
            shares.begin(&request, client("192.0.2.1"))
        };
        for (method, path) in [("GET", "/auth/login"), ("POST", "/auth/refresh")] {
            assert!(other(method, path).unwrap().is_none(), "{method} {path}");
        }
        assert!(other("POST", "/auth/token?x").is_err());
    }
}
