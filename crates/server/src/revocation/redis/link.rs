//! A connection to wherever the stream is: one server, the master that Sentinels name, a Cluster.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::cluster::{ClusterClient, ClusterClientBuilder};
use redis::cluster_async::ClusterConnection;
use redis::sentinel::{SentinelClient, SentinelClientBuilder, SentinelServerType};
use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, ConnectionInfo, ErrorKind, FromRedisValue,
    IntoConnectionInfo as _, Pipeline, RedisError, RedisResult, TlsCertificates, TlsMode,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use sealpass_tower::sealpass::Secret;

use crate::config::{RedisConfig, RedisKind, SecretSource};
use crate::secret;

/// Where to connect and as whom. Makes a new connection whenever it is asked.
pub(super) struct Target {
    config: RedisConfig,
    password: Option<Secret<String>>,
    sentinel_password: Option<Secret<String>>,
    ca: Option<Vec<u8>>,
}

/// A connection with a limit of time for each answer.
#[derive(Clone)]
pub(super) struct Link {
    connection: Connection,
    timeout: Duration,
}

#[derive(Clone)]
enum Connection {
    Cluster(ClusterConnection),
    Node(MultiplexedConnection),
}

impl Target {
    /// Reads the passwords and the certificates, so that a mistake is found at the start.
    ///
    /// # Errors
    /// What cannot be read, or is no certificate.
    pub(super) fn new(config: &RedisConfig) -> anyhow::Result<Self> {
        let password = read_password("revocation.redis_password", config.password.as_ref())?;
        let sentinel_password =
            read_password("revocation.redis_sentinel_password", config.sentinel_password.as_ref())?;
        let ca = config.ca.as_deref().map(read_certificates).transpose()?;
        // The client takes whatever the process has. Someone else may have said so already.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let target = Self { config: config.clone(), password, sentinel_password, ca };
        match config.kind {
            RedisKind::Cluster => target.cluster(config.timeout).map(|_| ()),
            RedisKind::Sentinel => target.sentinel().map(|_| ()),
            RedisKind::Single => target.node().map(|_| ()),
        }
        .context("`revocation.redis`")?;
        Ok(target)
    }

    /// A new connection, on which each answer may take `timeout`.
    ///
    /// # Errors
    /// Why there is none.
    pub(super) async fn connect(&self, timeout: Duration) -> RedisResult<Link> {
        let limit = self.config.timeout;
        let node = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(limit))
            .set_response_timeout(Some(timeout));
        let connecting = async {
            Ok::<_, RedisError>(match self.config.kind {
                RedisKind::Cluster => {
                    Connection::Cluster(self.cluster(timeout)?.get_async_connection().await?)
                }
                RedisKind::Sentinel => {
                    let mut sentinel = self.sentinel()?;
                    Connection::Node(sentinel.get_async_connection_with_config(&node).await?)
                }
                RedisKind::Single => {
                    let client = self.node()?;
                    Connection::Node(
                        client.get_multiplexed_async_connection_with_config(&node).await?,
                    )
                }
            })
        };
        // Finding a master or the nodes of a Cluster takes several answers.
        let connection = within(limit.saturating_mul(4), connecting).await?;
        Ok(Link { connection, timeout: timeout.saturating_add(limit) })
    }

    fn node(&self) -> RedisResult<Client> {
        let node = self.nodes()?.pop().ok_or_else(|| error("there is no address to connect to"))?;
        if is_tls(&node) {
            Client::build_with_tls(node, self.certificates())
        } else {
            Client::open(node)
        }
    }

    fn cluster(&self, timeout: Duration) -> RedisResult<ClusterClient> {
        let nodes = self.nodes()?;
        let has_tls = nodes.iter().any(is_tls);
        let mut builder = ClusterClientBuilder::new(nodes)
            .retries(1)
            .connection_timeout(self.config.timeout)
            .response_timeout(timeout);
        if has_tls {
            builder = builder.certs(self.certificates());
        }
        if let Some(username) = &self.config.username {
            builder = builder.username(username);
        }
        if let Some(password) = &self.password {
            builder = builder.password(password.expose());
        }
        builder.build()
    }

    fn sentinel(&self) -> RedisResult<SentinelClient> {
        let nodes = self.nodes()?;
        let has_tls = nodes.iter().any(is_tls);
        let database = nodes.first().map_or(0, |node| node.redis_settings().db());
        let addresses: Vec<ConnectionAddr> = nodes.iter().map(|node| node.addr().clone()).collect();
        let master = self.config.master.as_deref().unwrap_or_default();
        let mut builder =
            SentinelClientBuilder::new(addresses, master, SentinelServerType::Master)?
                .set_client_to_redis_db(database);
        if has_tls {
            builder = builder
                .set_client_to_redis_tls_mode(TlsMode::Secure)
                .set_client_to_redis_certificates(self.certificates())
                .set_client_to_sentinel_certificates(self.certificates());
        }
        if let Some(username) = &self.config.username {
            builder = builder.set_client_to_redis_username(username);
        }
        if let Some(password) = &self.password {
            builder = builder.set_client_to_redis_password(password.expose());
        }
        if let Some(username) = &self.config.sentinel_username {
            builder = builder.set_client_to_sentinel_username(username);
        }
        if let Some(password) = &self.sentinel_password {
            builder = builder.set_client_to_sentinel_password(password.expose());
        }
        builder.build()
    }

    /// The addresses of the configuration, with the user and the password in them.
    fn nodes(&self) -> RedisResult<Vec<ConnectionInfo>> {
        let nodes = self.config.urls.iter().map(|url| {
            let node = url.as_str().into_connection_info()?;
            let mut settings = node.redis_settings().clone();
            if let Some(username) = &self.config.username {
                settings = settings.set_username(username);
            }
            if let Some(password) = &self.password {
                settings = settings.set_password(password.expose());
            }
            Ok(node.set_redis_settings(settings))
        });
        nodes.collect()
    }

    fn certificates(&self) -> TlsCertificates {
        TlsCertificates { client_tls: None, root_cert: self.ca.clone() }
    }
}

/// Where it is, for the log: there is no secret in a URL.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.config.urls.join(" "))
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target").field("config", &self.config).finish_non_exhaustive()
    }
}

impl Link {
    /// Sends a pipeline and reads its answers.
    ///
    /// # Errors
    /// Whatever was wrong, too slow an answer included.
    pub(super) async fn query<T: FromRedisValue>(&mut self, pipeline: &Pipeline) -> RedisResult<T> {
        match &mut self.connection {
            Connection::Cluster(connection) => ask(connection, pipeline, self.timeout).await,
            Connection::Node(connection) => ask(connection, pipeline, self.timeout).await,
        }
    }
}

async fn ask<T: FromRedisValue>(
    connection: &mut impl ConnectionLike,
    pipeline: &Pipeline,
    timeout: Duration,
) -> RedisResult<T> {
    within(timeout, pipeline.query_async(connection)).await
}

/// The client has limits of its own; this one holds whatever it does.
async fn within<T>(
    limit: Duration,
    answer: impl Future<Output = RedisResult<T>>,
) -> RedisResult<T> {
    match tokio::time::timeout(limit, answer).await {
        Ok(answer) => answer,
        Err(_) => Err(error("no answer in time")),
    }
}

fn read_password(
    setting: &str,
    source: Option<&SecretSource>,
) -> anyhow::Result<Option<Secret<String>>> {
    let Some(source) = source else { return Ok(None) };
    let (text, _) = secret::read(source).with_context(|| format!("`{setting}`, {source}"))?;
    Ok(Some(Secret::new(text.expose().trim_end_matches(['\r', '\n']).to_owned())))
}

fn read_certificates(path: &Path) -> anyhow::Result<Vec<u8>> {
    let at = || format!("`revocation.redis_ca`, {}", path.display());
    let bytes = std::fs::read(path).with_context(at)?;
    let mut certificates = CertificateDer::pem_slice_iter(&bytes);
    let first = certificates.next().context("it has no certificate in PEM in it");
    first.and_then(|first| Ok(first.map(|_| ())?)).with_context(at)?;
    Ok(bytes)
}

fn is_tls(node: &ConnectionInfo) -> bool {
    matches!(node.addr(), ConnectionAddr::TcpTls { .. })
}

/// The error for people: what they can mend is named.
pub(super) fn explain(error: &RedisError) -> String {
    if error.kind() == ErrorKind::AuthenticationFailed {
        return format!("{error}: see `revocation.redis_user` and `revocation.redis_password`");
    }
    error.to_string()
}

fn error(what: &'static str) -> RedisError {
    RedisError::from((ErrorKind::Io, what))
}
