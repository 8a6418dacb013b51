//! The client for connections that this server opens.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use anyhow::Context as _;
use http::Uri;
use http::uri::Scheme;
use hyper::body::Body;
use hyper_rustls::{ConfigBuilderExt as _, HttpsConnector};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tower::Service;

use crate::serve::socket;
use crate::serve::wire::Wire;

/// An HTTP/1.1 client with a pool of connections. It follows no redirect and has no cookies.
pub(crate) type Client<B> = legacy::Client<HttpsConnector<Connector>, B>;

/// Makes TCP connections that break when the other end takes nothing for too long, or vanishes.
#[derive(Clone, Debug)]
pub(crate) struct Connector {
    tcp: HttpConnector,
    stall: Duration,
}

/// A client for URLs of `scheme`.
///
/// `connect_timeout` bounds the TCP connection, `stall` how long the other end may take no byte of what
/// it is sent; the TLS handshake and all that follows are the caller's to bound.
///
/// # Errors
/// When `scheme` is https and the system has no root certificates to trust.
pub(crate) fn client<B>(
    scheme: &Scheme,
    connect_timeout: Duration,
    stall: Duration,
) -> anyhow::Result<Client<B>>
where
    B: Body + Send,
    B::Data: Send,
{
    let connector = connector(scheme, tls(scheme)?, connect_timeout, stall);
    Ok(legacy::Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE)
        .build(connector))
}

/// Opens connections to URLs of `scheme`, one at a time: for whoever is not served by a [`client`].
pub(crate) fn connector(
    scheme: &Scheme,
    tls: ClientConfig,
    connect_timeout: Duration,
    stall: Duration,
) -> HttpsConnector<Connector> {
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(connect_timeout));
    tcp.set_keepalive(Some(socket::SILENCE));
    tcp.set_keepalive_interval(Some(socket::INTERVAL));
    tcp.set_keepalive_retries(Some(socket::RETRIES));
    let tls = hyper_rustls::HttpsConnectorBuilder::new().with_tls_config(tls);
    let connector = if *scheme == Scheme::HTTPS { tls.https_only() } else { tls.https_or_http() };
    connector.enable_http1().wrap_connector(Connector { tcp, stall })
}

impl Service<Uri> for Connector {
    type Response = TokioIo<Wire<TcpStream>>;
    type Error = <HttpConnector as Service<Uri>>::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Service::poll_ready(&mut self.tcp, context)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let (connecting, stall) = (Service::call(&mut self.tcp, uri), self.stall);
        Box::pin(async move { Ok(TokioIo::new(Wire::new(connecting.await?.into_inner(), stall))) })
    }
}

/// Shorter than the keep-alive of most servers, so that a request rarely meets a closing one.
const IDLE: Duration = Duration::from_secs(30);

/// Whom a client trusts: for https the root certificates of the system, or those that
/// `SSL_CERT_FILE` names.
///
/// # Errors
/// As [`client`].
pub(crate) fn tls(scheme: &Scheme) -> anyhow::Result<ClientConfig> {
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let config = ClientConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()
        .context("TLS has no protocol version in common with its own library")?;
    // Without https there is nothing to trust: an image without root certificates will do.
    let config = if *scheme == Scheme::HTTPS {
        config.with_native_roots().context("the system has no root certificates for https")?
    } else {
        config.with_root_certificates(RootCertStore::empty())
    };
    Ok(config.with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;
    use crate::serve::socket::tests::assert_is_asked_after;

    #[tokio::test]
    async fn an_api_that_vanishes_is_noticed() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let tls = tls(&Scheme::HTTP).unwrap();
        let patience = Duration::from_mins(1);
        let mut connector = connector(&Scheme::HTTP, tls, patience, patience);
        let connected = connector.call(url).await.unwrap();
        let hyper_rustls::MaybeHttpsStream::Http(stream) = connected else { panic!("no TLS") };
        assert_is_asked_after(stream.inner().inner());
    }
}
