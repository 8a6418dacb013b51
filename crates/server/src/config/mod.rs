//! The configuration: raw text from a file, the environment and flags, then one checked tree.
//!
//! Nothing outside this module reads a file or a variable to decide how the server behaves, and
//! no port is bound before the whole tree stands.

mod address;
mod assertion;
mod cookies;
mod flags;
mod keys;
mod problem;
mod raw;
mod reader;
mod redis;
mod reference;
mod resolve;
mod routes;
mod scalar;
mod secret;
mod setting;
mod table;
mod upstreams;

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use http::HeaderName;
use http::uri::{Authority, Scheme, Uri};
use ipnet::IpNet;
use sealpass_tower::sealpass::cookie::CookieProfile;
use sealpass_tower::sealpass::csrf::CsrfMode;
use sealpass_tower::sealpass::schedule::KeyTimes;
use sealpass_tower::sealpass::{Lifetimes, Origin};

use crate::keys::Purpose;
use crate::route::Routes;

pub(crate) use assertion::Assertion;
pub(crate) use flags::Flags;
pub(crate) use problem::{Place, Problems, Source};
pub(crate) use redis::{RedisConfig, RedisKind, StaleChoice};
pub(crate) use reference::markdown as reference;
pub(crate) use scalar::time_text;
pub(crate) use secret::SecretSource;
pub(crate) use upstreams::PlacedUpstream;

/// The configuration of a file, the environment and flags; later sources win.
///
/// # Errors
/// [`Problems`] with everything that is wrong, each with its place.
pub(crate) fn load(file: Option<&Path>, flags: &Flags) -> Result<Config, Problems> {
    resolve::config(gather(file, flags))
}

/// What `load` would take each setting to be and where that was said, one line each.
///
/// # Errors
/// [`Problems`], as `load`.
pub(crate) fn check(file: Option<&Path>, flags: &Flags) -> Result<String, Problems> {
    let raw = gather(file, flags);
    resolve::config(raw.clone()).map(|_| reference::settled(&raw))
}

/// The log settings of the environment alone, for commands without a configuration.
///
/// # Errors
/// [`Problems`] when `SEALPASS_LOG_FORMAT` or `SEALPASS_LOG_LEVEL` is not what it accepts.
pub(crate) fn log_from_environment() -> Result<Log, Problems> {
    let mut raw = raw::Raw::default();
    let is_ours = |name: &std::ffi::OsStr| {
        name.to_str().is_some_and(|name| name.starts_with("SEALPASS_LOG_"))
    };
    raw.add_environment(std::env::vars_os().filter(|(name, _)| is_ours(name)));
    resolve::log(raw)
}

/// The settings of keys of a file and the environment, for commands that make keys.
///
/// # Errors
/// [`Problems`], as `load`; what is missing of the rest is none.
pub(crate) fn keys(file: Option<&Path>) -> Result<Keys, Problems> {
    resolve::keys_alone(gather(file, &Flags::default()))
}

/// The same of the keys that assertions are signed with.
///
/// # Errors
/// As [`keys`]; that there are no assertions.
pub(crate) fn assertion_keys(file: Option<&Path>) -> Result<Keys, Problems> {
    resolve::assertion_keys_alone(gather(file, &Flags::default()))
}

/// The place of a secret that `text` says.
pub(crate) fn secret_source(text: &str) -> Option<SecretSource> {
    setting::Accept::read(&secret::SecretPlace, text).ok()
}

/// The scheme and the authority of the API's URL that `text` says.
///
/// # Errors
/// What is wrong with it, and what would be accepted.
pub(crate) fn upstream_url(text: &str) -> Result<(Scheme, Authority), String> {
    let accepts = &address::UpstreamUrl;
    let refused = |why| format!("{why}; expected {}", setting::Accept::accepted(accepts));
    setting::Accept::read(accepts, text).map_err(refused)
}

fn gather(file: Option<&Path>, flags: &Flags) -> raw::Raw {
    let mut raw = raw::Raw::default();
    if let Some(file) = file {
        raw.add_file(file);
    }
    raw.add_environment(std::env::vars_os());
    flags.add_to(&mut raw);
    raw
}

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
    pub(crate) forward_auth: ForwardAuth,
    pub(crate) keys: Keys,
    pub(crate) cookies: Cookies,
    pub(crate) csrf: Csrf,
    pub(crate) lifetimes: Lifetimes,
    pub(crate) revocation: Revocation,
    /// Tokens that are remembered; none, no cache.
    pub(crate) cached_tokens: Option<NonZeroUsize>,
    /// Who may reach which path of the API.
    pub(crate) routes: Routes,
    pub(crate) bearer: Bearer,
    pub(crate) backend: Backend,
    /// None: who is calling is told in headers alone.
    pub(crate) assertion: Option<Assertion>,
    /// Claims the upstream is told, by the reverse proxy and by forward-auth alike.
    pub(crate) claims: Vec<ClaimHeader>,
    /// The API behind the reverse proxy; none, no proxy but for `upstreams`.
    pub(crate) upstream: Option<Upstream>,
    /// APIs for some hosts or paths alone.
    pub(crate) upstreams: Vec<PlacedUpstream>,
    /// Peers that may ask forward-auth and whose forwarded headers are believed; empty, nobody.
    pub(crate) trusted_proxies: Vec<IpNet>,
    pub(crate) limits: Limits,
    pub(crate) login: Login,
    pub(crate) log: Log,
    pub(crate) shutdown: Shutdown,
}

impl Config {
    /// Whether requests reach an API through this server.
    pub(crate) const fn has_upstream(&self) -> bool {
        self.upstream.is_some() || !self.upstreams.is_empty()
    }

    /// Whether there may be public halves of keys, so that they have a place.
    pub(crate) fn publishes_keys(&self) -> bool {
        let assertions = self.assertion.as_ref().map(|assertion| &assertion.keys);
        assertions.into_iter().chain([&self.keys]).any(Keys::are_published)
    }
}

/// The listener for health, metrics and operators.
#[derive(Clone, Debug)]
pub(crate) struct Admin {
    /// None: no admin listener.
    pub(crate) listen: Option<SocketAddr>,
    /// Where the secret of those who revoke is; none, nobody can.
    pub(crate) token: Option<SecretSource>,
}

/// The listener for front proxies that ask whether a request may pass.
#[derive(Clone, Debug)]
pub(crate) struct ForwardAuth {
    /// None: no forward-auth.
    pub(crate) listen: Option<SocketAddr>,
    /// Where someone logs in, absolute; none, and everyone is answered 401.
    pub(crate) login_url: Option<Uri>,
    /// `aud` of the assertions that front proxies are given.
    pub(crate) audience: String,
}

/// The keys of sessions, or of assertions.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    pub(crate) purpose: Purpose,
    pub(crate) source: KeySource,
    pub(crate) times: KeyTimes,
    /// Seconds from when `sealpass keys rotate` makes a key until it seals.
    pub(crate) lead: u64,
    /// How often the server looks for changes.
    pub(crate) poll: Duration,
}

/// Where keys come from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum KeySource {
    /// Made by the process, in memory only: a restart ends every session.
    Ephemeral,
    /// A folder of key files.
    Files { directory: PathBuf },
    /// Derived from a secret that instances share.
    Shared { secret: SecretSource },
}

/// Which of the sources.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum KeySourceKind {
    Ephemeral,
    Files,
    Shared,
}

#[derive(Clone, Debug)]
pub(crate) struct Cookies {
    pub(crate) profile: CookieProfile,
    /// Profiles whose cookies are still read, and cleared.
    pub(crate) previous: Vec<CookieProfile>,
}

/// Where the cookies are valid.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum CookieScope {
    CrossSite,
    Dev,
    Host,
    Site,
}

/// What a request in a cookie has to prove.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Csrf {
    pub(crate) mode: CsrfMode,
    /// Whether the body of an answer has the token masked.
    pub(crate) masks_body: bool,
}

/// The cookies of `sealpass demo`.
#[derive(Clone, Copy, Debug, Eq, PartialEq, clap::ValueEnum)]
pub(crate) enum DemoCookies {
    /// `__Host-` cookies with Secure, for every browser over TLS and most on loopback
    Host,
    /// cookies without Secure, for browsers such as Safari that refuse Secure ones on loopback
    Dev,
}

/// What is kept of logouts, and where.
#[derive(Clone, Debug)]
pub(crate) struct Revocation {
    /// None: in memory only.
    pub(crate) journal: Option<PathBuf>,
    pub(crate) max_entries: NonZeroUsize,
    /// Whether others may follow what is revoked.
    pub(crate) feed: bool,
    /// None: no other machine learns of a logout.
    pub(crate) redis: Option<RedisConfig>,
}

/// The limits of a standard.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum LifetimePreset {
    NistAal1,
    NistAal2,
    NistAal3,
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

/// Which of the credential backends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum BackendKind {
    File,
    Http,
}

/// A service that answers `POST {"username","password"}`.
#[derive(Clone, Debug)]
pub(crate) struct HttpBackend {
    pub(crate) url: Uri,
    /// Where it is asked about users whose sessions are renewed.
    pub(crate) refresh_url: Option<Uri>,
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
    /// `aud` of the assertions for it.
    pub(crate) audience: String,
    pub(crate) connect_timeout: Duration,
    /// From the last byte of the request to the head of the response.
    pub(crate) response_timeout: Duration,
    /// Between two parts of the body of the response.
    pub(crate) stall: Duration,
}

/// How long an API may take.
#[derive(Clone, Copy, Debug)]
struct Timeouts {
    connect: Duration,
    response: Duration,
    stall: Duration,
}

impl Upstream {
    fn new(
        (scheme, authority): (Scheme, Authority),
        audience: Option<String>,
        timeouts: Timeouts,
    ) -> Self {
        let audience = audience.unwrap_or_else(|| format!("{scheme}://{authority}"));
        let Timeouts { connect: connect_timeout, response: response_timeout, stall } = timeouts;
        Self { scheme, authority, audience, connect_timeout, response_timeout, stall }
    }

    pub(crate) fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.authority)
    }
}

/// A claim the upstream is told, and the header that tells it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct ClaimHeader {
    pub(crate) claim: String,
    /// `x-auth-claims-` and the claim's name with `_` as `-`.
    pub(crate) header: HeaderName,
}

/// What clients may take of the server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Connections of one listener; more wait to be accepted.
    pub(crate) connections: usize,
    /// Requests at a time on one HTTP/2 connection.
    pub(crate) streams: u32,
    /// How long a connection may be without a request. It covers silence, a head that never ends and
    /// an HTTP/2 connection without a stream alike.
    pub(crate) idle: Duration,
    /// How long a client may neither send what it began nor take what it is sent.
    pub(crate) stall: Duration,
}

impl Limits {
    /// Those of the demo, and of tests of something else.
    pub(crate) const LOCAL: Self = Self {
        connections: 1_000,
        streams: 250,
        idle: Duration::from_secs(75),
        stall: Duration::from_mins(1),
    };
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

#[cfg(test)]
mod tests;
