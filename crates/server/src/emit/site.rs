//! What every front proxy must know.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use anyhow::bail;
use http::HeaderName;
use http::uri::{Authority, Scheme};
use sealpass_tower::sealpass::cookie::CookieProfile;

use crate::config::{self, Config};
use crate::{identity, verify};

/// The parts of a deployment, as the settings of the server say.
#[derive(Clone, Debug)]
pub(super) struct Site {
    /// Where the proxy listens.
    pub(super) front: SocketAddr,
    /// `listen` of Sealpass, where the proxy connects for `/auth/`.
    pub(super) public: SocketAddr,
    /// `forward_auth.listen` of Sealpass, where the proxy asks.
    pub(super) forward_auth: SocketAddr,
    pub(super) api: Authority,
    /// Scheme and authority of `origin`.
    pub(super) origin: (String, String),
    /// The headers that tell the API who is calling: all are in every answer.
    pub(super) identity: Vec<HeaderName>,
    /// The headers that hold one cookie of a renewal each: some are in an answer, or none.
    pub(super) set_cookies: Vec<HeaderName>,
    /// The names of all cookies that a renewal sets or forgets.
    pub(super) cookies: Vec<String>,
    /// The longest login body, in bytes.
    pub(super) max_login_body: usize,
}

impl Site {
    /// The site of `config`, with the API at `api` and the proxy at `front`, if they are said.
    ///
    /// # Errors
    /// What the settings lack so that a proxy can ask, all at once.
    pub(super) fn of(
        config: &Config,
        api: Option<&Authority>,
        front: Option<SocketAddr>,
    ) -> anyhow::Result<Self> {
        let forward_auth = config.forward_auth.listen;
        let mut lacking = Vec::new();
        if forward_auth.is_none() {
            lacking.push("`forward_auth.listen`, where it asks, such as \"127.0.0.1:8081\"");
        }
        if config.trusted_proxies.is_empty() {
            lacking.push("`trusted_proxies`, the address it asks from, such as [\"127.0.0.1\"]");
        }
        let (Some(forward_auth), []) = (forward_auth, lacking.as_slice()) else {
            bail!("no proxy may ask this server: set {}", lacking.join(", and "));
        };
        let origin = config.origin.to_string();
        let (scheme, authority) = origin.split_once("://").unwrap_or_default();
        let profiles = || std::iter::once(&config.cookies.profile).chain(&config.cookies.previous);
        let names = |profile: &CookieProfile| {
            [profile.session_name().to_owned(), profile.csrf_name().to_owned()]
        };
        Ok(Self {
            front: match front {
                Some(front) => front,
                None => SocketAddr::from((Ipv4Addr::LOCALHOST, port_of(authority).unwrap_or(8000))),
            },
            public: reached("listen", config.listen)?,
            forward_auth: reached("forward_auth.listen", forward_auth)?,
            api: match (api, &config.upstream) {
                (Some(api), _) => api.clone(),
                (None, Some(upstream)) => plain(&upstream.scheme, &upstream.authority)
                    .map_err(|why| anyhow::anyhow!("`upstream.url` {why}: say --api"))?,
                (None, None) => Authority::from_static("127.0.0.1:3000"),
            },
            origin: (scheme.to_owned(), authority.to_owned()),
            identity: identity::names(&config.claims, config.assertion.is_some()).collect(),
            set_cookies: verify::set_cookies(profiles().count()).to_vec(),
            cookies: profiles().flat_map(names).collect(),
            max_login_body: config.login.max_body,
        })
    }

    /// The names that every template may have in it.
    pub(super) fn values(&self) -> Vec<(&'static str, String)> {
        let (scheme, authority) = &self.origin;
        vec![
            ("front", self.front.to_string()),
            ("front_address", address(self.front)),
            ("front_port", self.front.port().to_string()),
            ("public", self.public.to_string()),
            ("public_address", address(self.public)),
            ("public_port", self.public.port().to_string()),
            ("forward_auth", self.forward_auth.to_string()),
            ("forward_auth_address", address(self.forward_auth)),
            ("forward_auth_port", self.forward_auth.port().to_string()),
            ("api", format!("{}:{}", self.api.host(), self.api_port())),
            ("api_address", self.api.host().trim_matches(['[', ']']).to_owned()),
            ("api_port", self.api_port().to_string()),
            ("origin_scheme", scheme.clone()),
            ("origin_authority", authority.clone()),
            ("max_login_body", self.max_login_body.to_string()),
        ]
    }

    /// The headers of ours that are in no answer by these settings, and that an API might believe all
    /// the same if a client sent them.
    pub(super) fn withheld(&self) -> impl Iterator<Item = HeaderName> {
        [identity::ASSERTION].into_iter().filter(|name| !self.identity.contains(name))
    }

    fn api_port(&self) -> u16 {
        self.api.port_u16().unwrap_or(80)
    }
}

/// The name as Go writes it, which is the case that Caddy looks for.
pub(super) fn title_case(name: &str) -> String {
    let capitalized = |word: &str| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_ascii_uppercase() + rest
    };
    name.split('-').map(capitalized).collect::<Vec<_>>().join("-")
}

fn address(socket: SocketAddr) -> String {
    socket.ip().to_string()
}

/// Where a proxy on the same machine connects to reach the listener `setting`.
fn reached(setting: &str, address: SocketAddr) -> anyhow::Result<SocketAddr> {
    if address.port() == 0 {
        bail!("`{setting}` takes any free port: name one, so that the proxy can be told");
    }
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    Ok(SocketAddr::new(ip, address.port()))
}

/// Reads the API's URL.
///
/// # Errors
/// Why no configuration can say it.
pub(super) fn api(url: &str) -> Result<Authority, String> {
    let (scheme, authority) = config::upstream_url(url)?;
    plain(&scheme, &authority).map_err(str::to_owned)
}

/// The authority, if it means the same in every configuration.
fn plain(scheme: &Scheme, authority: &Authority) -> Result<Authority, &'static str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
    if *scheme != Scheme::HTTP {
        return Err("is https, and how the proxy trusts the API is more than can be written here");
    }
    if !authority.as_str().bytes().all(is_plain) {
        return Err("has a host that is no address and no name of letters, digits, `.` and `-`");
    }
    Ok(authority.clone())
}

fn port_of(authority: &str) -> Option<u16> {
    authority.parse::<Authority>().ok()?.port_u16()
}
