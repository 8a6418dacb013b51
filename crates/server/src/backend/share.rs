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

    /// Counts `request` until what is returned is dropped, if it is a login.
    ///
    /// # Errors
    /// 429 `too_many_logins`.
    pub(crate) fn begin<B>(&self, request: &Request<B>) -> Result<Option<LoginShare>, Problem> {
        if request.method() != Method::POST || !LOGINS.contains(&request.uri().path()) {
            return Ok(None);
        }
        let client = request.extensions().get().copied().unwrap_or(ClientAddress::UNKNOWN);
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

    fn login(from: &str) -> Request<()> {
        let peer = Peer::new(SocketAddr::new(from.parse::<IpAddr>().unwrap(), 1));
        let client = ClientAddress::of(peer, &HeaderMap::new(), &TrustedProxies::default());
        Request::post("/auth/login").extension(client).body(()).unwrap()
    }

    fn two() -> LoginShares {
        LoginShares::new(NonZeroUsize::new(2).unwrap())
    }

    #[test]
    fn a_network_has_its_share_and_no_more_and_others_have_theirs() {
        let shares = two();
        let first = shares.begin(&login("2001:db8::1")).unwrap();
        let second = shares.begin(&login("2001:db8::2")).unwrap();
        assert!(first.is_some() && second.is_some());
        let refused = shares.begin(&login("2001:db8::3")).unwrap_err();
        assert_eq!((refused.status().as_u16(), refused.code()), (429, "too_many_logins"));
        assert_eq!(refused.to_response().headers()["retry-after"], "1");
        assert!(shares.begin(&login("2001:db8:0:1::1")).is_ok(), "another network");
        drop(first);
        assert!(shares.begin(&login("2001:db8::3")).is_ok(), "the share was given back");
    }

    #[test]
    fn nothing_is_kept_of_networks_that_are_done() {
        let shares = two();
        for n in 0..=255 {
            drop(shares.begin(&login(&format!("192.0.2.{n}"))).unwrap());
        }
        assert!(shares.begun.lock().unwrap().is_empty());
    }

    #[test]
    fn only_logins_count() {
        let shares = LoginShares::new(NonZeroUsize::MIN);
        let _one = shares.begin(&login("192.0.2.1")).unwrap();
        for (method, path) in [("GET", "/auth/login"), ("POST", "/auth/refresh")] {
            let mut other = login("192.0.2.1");
            *other.method_mut() = method.parse().unwrap();
            *other.uri_mut() = path.parse().unwrap();
            assert!(shares.begin(&other).unwrap().is_none(), "{method} {path}");
        }
        let mut token = login("192.0.2.1");
        *token.uri_mut() = "/auth/token?x".parse().unwrap();
        assert!(shares.begin(&token).is_err());
    }

    #[test]
    fn whoever_comes_from_nowhere_is_one_network() {
        let shares = LoginShares::new(NonZeroUsize::MIN);
        let nowhere = || Request::post("/auth/login").body(()).unwrap();
        let _one = shares.begin(&nowhere()).unwrap();
        assert!(shares.begin(&nowhere()).is_err());
    }
}
