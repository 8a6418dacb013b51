//! The client for connections that this server opens.

use std::time::Duration;

use anyhow::Context as _;
use http::uri::Scheme;
use hyper::body::Body;
use hyper_rustls::{ConfigBuilderExt as _, HttpsConnector};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::{ClientConfig, RootCertStore};

/// An HTTP/1.1 client with a pool of connections. It follows no redirect and has no cookies.
pub(crate) type Client<B> = legacy::Client<HttpsConnector<HttpConnector>, B>;

/// A client for URLs of `scheme`.
///
/// `connect_timeout` bounds the TCP connection; the TLS handshake and all that follows are the
/// caller's to bound.
///
/// # Errors
/// When `scheme` is https and the system has no root certificates to trust.
pub(crate) fn client<B>(scheme: &Scheme, connect_timeout: Duration) -> anyhow::Result<Client<B>>
where
    B: Body + Send,
    B::Data: Send,
{
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(connect_timeout));
    let tls = hyper_rustls::HttpsConnectorBuilder::new().with_tls_config(tls(scheme)?);
    let connector = if *scheme == Scheme::HTTPS { tls.https_only() } else { tls.https_or_http() };
    Ok(legacy::Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE)
        .build(connector.enable_http1().wrap_connector(tcp)))
}

/// Shorter than the keep-alive of most servers, so that a request rarely meets a closing one.
const IDLE: Duration = Duration::from_secs(30);

fn tls(scheme: &Scheme) -> anyhow::Result<ClientConfig> {
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
