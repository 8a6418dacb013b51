//! The configuration: raw text from a file, the environment and flags, then one checked tree.
//!
//! Nothing outside this module reads a file or a variable to decide how the server behaves, and
//! no port is bound before the whole tree stands.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use http::HeaderName;
use http::uri::{Authority, Scheme, Uri};
use ipnet::IpNet;
use sealpass_tower::sealpass::{Lifetimes, Origin};

/// Everything `sealpass serve` is told: checked whole, never changed.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    /// Where clients connect.
    pub(crate) listen: SocketAddr,
    /// The origin browsers see.
    pub(crate) origin: Origin,
    /// Further origins whose pages may send unsafe requests.
    pub(crate) trusted_origins: Vec<Origin>,
    /// `iss` of every token.
    pub(crate) issuer: String,
    /// `aud` of every token.
    pub(crate) audience: String,
    pub(crate) admin: Admin,
    pub(crate) keys: Keys,
    pub(crate) cookies: Cookies,
    pub(crate) lifetimes: Lifetimes,
    pub(crate) bearer: Bearer,
    pub(crate) backend: Backend,
    /// The API behind the reverse proxy; none, no proxy.
    pub(crate) upstream: Option<Upstream>,
    /// Peers whose forwarded headers are believed; empty, nobody's.
    pub(crate) trusted_proxies: Vec<IpNet>,
    pub(crate) login: Login,
    pub(crate) log: Log,
    pub(crate) shutdown: Shutdown,
}

/// The listener for health, metrics and operators.
#[derive(Clone, Debug)]
pub(crate) struct Admin {
    /// None: no admin listener.
    pub(crate) listen: Option<SocketAddr>,
}

/// Where the sealing keys come from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Keys {
    /// A key made at start, in memory only: a restart ends every session.
    Ephemeral,
}

#[derive(Clone, Debug)]
pub(crate) struct Cookies {
    pub(crate) profile: CookieProfile,
}

/// How the cookies are called and whether they need TLS.
#[derive(Clone, Copy, Debug, Eq, PartialEq, clap::ValueEnum)]
pub(crate) enum CookieProfile {
    /// `__Host-` cookies with Secure, for every browser over TLS and most on loopback
    Host,
    /// cookies without Secure, for browsers such as Safari that refuse Secure ones on loopback
    Dev,
}

/// `POST /auth/token` and the Authorization header.
#[derive(Clone, Debug)]
pub(crate) struct Bearer {
    pub(crate) enabled: bool,
}

/// Who knows the accounts.
#[derive(Clone, Debug)]
pub(crate) enum Backend {
    /// A users file of `sealpass user add`.
    File { users: PathBuf },
    /// Another service.
    Http(HttpBackend),
}

/// A service that answers `POST {"username","password"}`.
#[derive(Clone, Debug)]
pub(crate) struct HttpBackend {
    pub(crate) url: Uri,
    /// For the whole exchange, from connecting to the last byte.
    pub(crate) timeout: Duration,
    /// The longest answer, in bytes.
    pub(crate) max_response: usize,
}

/// The API behind the reverse proxy.
#[derive(Clone, Debug)]
pub(crate) struct Upstream {
    pub(crate) scheme: Scheme,
    pub(crate) authority: Authority,
    pub(crate) claims: Vec<ClaimHeader>,
    pub(crate) connect_timeout: Duration,
    /// From the last byte of the request to the head of the response.
    pub(crate) response_timeout: Duration,
}

/// A claim the upstream is told, and the header that tells it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct ClaimHeader {
    pub(crate) claim: String,
    /// `x-auth-claims-` and the claim's name with `_` as `-`.
    pub(crate) header: HeaderName,
}

#[derive(Clone, Debug)]
pub(crate) struct Login {
    /// The longest login body, in bytes.
    pub(crate) max_body: usize,
    /// Passwords hashed at the same time.
    pub(crate) workers: NonZeroUsize,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Log {
    pub(crate) format: LogFormat,
    pub(crate) level: LogLevel,
}

/// How a log line looks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum LogFormat {
    /// Text on a terminal, JSON otherwise.
    Auto,
    Json,
    Text,
}

/// The least severe line that is logged.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum LogLevel {
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

#[derive(Clone, Debug)]
pub(crate) struct Shutdown {
    /// How long requests in flight may still take.
    pub(crate) grace: Duration,
}
