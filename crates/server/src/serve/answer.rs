//! What answers the requests of a listener.

use std::future::Future;
#[cfg(test)]
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use http::Request;
use tower::ServiceExt as _;

#[cfg(test)]
use super::activity::Activity;
use super::client::ClientAddress;
use super::peer::Peer;
#[cfg(test)]
use super::peer::TrustedProxies;
use super::tunnels::Tunnels;

/// Answers every request of every connection of a listener.
pub(crate) trait Answer: Send + Sync + 'static {
    /// The answer to `request`, which came as `arrival` says.
    fn answer(
        &self,
        request: Request<Body>,
        arrival: Arrival,
    ) -> impl Future<Output = Response> + Send;
}

/// How a request came.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    /// The other end of the connection.
    pub(crate) peer: Peer,
    /// Whoever sent it to the first of our own proxies, or to us.
    pub(crate) client: ClientAddress,
    /// What may outlive it on its connection.
    pub(crate) tunnels: Tunnels,
}

#[cfg(test)]
impl From<Peer> for Arrival {
    /// From `peer` itself, over a connection that is gone.
    fn from(peer: Peer) -> Self {
        let client = ClientAddress::of(peer, &http::HeaderMap::new(), &TrustedProxies::default());
        let (_, stop) = crate::shutdown::switch();
        Self { peer, client, tunnels: Tunnels::new(Arc::new(Activity::new()), stop) }
    }
}

/// Wherever it came from.
impl Answer for Router {
    async fn answer(&self, request: Request<Body>, _arrival: Arrival) -> Response {
        match self.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}
