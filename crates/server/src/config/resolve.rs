//! Stage two: the typed tree, with every rule between settings checked.
//!
//! Each function reads all of its settings before it gives up on one, so that all problems are
//! reported at once.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use sealpass_tower::sealpass::cookie::CookieProfile;
use sealpass_tower::sealpass::{Lifetimes, Origin};

use super::problem::{Problems, Source};
use super::raw::Raw;
use super::reader::{Reader, Reported};
use super::scalar::{FilePath, Seconds, time_text};
use super::secret::{SecretPlace, SecretSource};
use super::setting::{Described, Setting};
use super::{
    Admin, Backend, BackendKind, Bearer, ClaimHeader, Config, CookieScope, Cookies, Csrf,
    ForwardAuth, HttpBackend, Keys, LifetimePreset, Limits, Log, Login, Revocation, Shutdown,
    Timeouts, Upstream, assertion, keys, redis, routes, table, upstreams,
};

/// The configuration that `raw` describes.
///
/// # Errors
/// [`Problems`] with everything that is wrong with it.
pub(super) fn config(raw: Raw) -> Result<Config, Problems> {
    let mut reader = Reader::new(raw);
    let resolved = tree(&mut reader);
    reader.finish(resolved)
}

/// The log settings alone, for commands that have no other configuration.
pub(super) fn log(raw: Raw) -> Result<Log, Problems> {
    let mut reader = Reader::new(raw);
    let resolved = log_settings(&mut reader);
    reader.finish(resolved)
}

/// The settings of keys alone, for commands that make them.
pub(super) fn keys_alone(raw: Raw) -> Result<Keys, Problems> {
    let mut reader = Reader::new(raw);
    let lifetimes = lifetimes(&mut reader);
    let resolved = keys::keys(&mut reader, lifetimes.ok());
    reader.finish(resolved)
}

/// The settings of the keys of assertions alone.
pub(super) fn assertion_keys_alone(raw: Raw) -> Result<Keys, Problems> {
    let mut reader = Reader::new(raw);
    let lifetimes = lifetimes(&mut reader).ok();
    let sessions = keys::keys(&mut reader, lifetimes);
    let assertion = assertion::assertion(&mut reader, sessions.as_ref().ok(), None);
    let resolved = match assertion {
        Ok(Some(assertion)) => Ok(assertion.keys),
        Ok(None) => {
            let why = "is `off`, so there are no keys of assertions; set it to `EdDSA` or `ES256`";
            Err(reader.conflict(&table::ASSERTION_ALGORITHM, why.to_owned()))
        }
        Err(reported) => Err(reported),
    };
    reader.finish(resolved)
}

fn tree(reader: &mut Reader) -> Result<Config, Reported> {
    let listen = reader.get(&table::LISTEN);
    let origin = reader.get(&table::ORIGIN);
    let trusted_origins = reader.list(&table::TRUSTED_ORIGINS);
    let issuer = reader.optional(&table::ISSUER);
    let audience = reader.optional(&table::AUDIENCE);
    let admin = admin(reader, listen.ok());
    let admin_address = admin.as_ref().ok().and_then(|admin| admin.listen);
    let forward_auth = forward_auth(reader, listen.ok(), admin_address, origin.as_ref().ok());
    let cookies = cookies(reader, listen.ok(), origin.as_ref().ok());
    let csrf = csrf(reader);
    let lifetimes = lifetimes(reader);
    let revocation = revocation(reader);
    let keys = keys::keys(reader, lifetimes.as_ref().ok().copied());
    let cached_tokens = reader.get(&table::CACHE_VERIFIED_TOKENS);
    let routes = routes::routes(reader);
    let bearer = reader.get(&table::BEARER_ENABLED).map(|enabled| Bearer { enabled });
    let backend = backend(reader);
    let claims = claims(reader);
    let told = claims.as_ref().ok().map(Vec::as_slice);
    let assertion = assertion::assertion(reader, keys.as_ref().ok(), told);
    let upstream = upstream(reader);
    let upstreams = upstreams::upstreams(reader);
    let trusted_proxies = reader.list(&table::TRUSTED_PROXIES);
    let limits = limits(reader);
    let login = login(reader);
    let log = log_settings(reader);
    let shutdown = reader.get(&table::SHUTDOWN_GRACE).map(|grace| Shutdown { grace });

    let origin = origin?;
    Ok(Config {
        listen: listen?,
        trusted_origins: trusted_origins?,
        issuer: issuer?.unwrap_or_else(|| origin.to_string()),
        audience: audience?.unwrap_or_else(|| origin.to_string()),
        origin,
        admin: admin?,
        forward_auth: forward_auth?,
        keys: keys?,
        cookies: cookies?,
        csrf: csrf?,
        lifetimes: lifetimes?,
        revocation: revocation?,
        cached_tokens: cached_tokens?,
        routes: routes?,
        bearer: bearer?,
        backend: backend?,
        assertion: assertion?,
        claims: claims?,
        upstream: upstream?,
        upstreams: upstreams?,
        trusted_proxies: trusted_proxies?,
        limits: limits?,
        login: login?,
        log: log?,
        shutdown: shutdown?,
    })
}

fn admin(reader: &mut Reader, public: Option<SocketAddr>) -> Result<Admin, Reported> {
    let listen = reader.get(&table::ADMIN_LISTEN);
    let insecure_public = reader.get(&table::ADMIN_INSECURE_PUBLIC);
    let token = secret(reader, &table::ADMIN_TOKEN);
    let (listen, insecure_public, token) = (listen?, insecure_public?, token?);
    if let Some(address) = listen {
        if !address.ip().is_loopback() && !insecure_public {
            let why = "is open to other machines and asks for no authentication; use a loopback \
                       address, or set `admin.insecure_public` to true";
            return Err(reader.conflict(&table::ADMIN_LISTEN, why.to_owned()));
        }
        if public.is_some_and(|public| overlap(public, address)) {
            let why = "is the address of `listen`; give it another port, or `off`";
            return Err(reader.conflict(&table::ADMIN_LISTEN, why.to_owned()));
        }
    }
    Ok(Admin { listen, token })
}

fn forward_auth(
    reader: &mut Reader,
    public: Option<SocketAddr>,
    admin: Option<SocketAddr>,
    origin: Option<&Origin>,
) -> Result<ForwardAuth, Reported> {
    let listen = reader.get(&table::FORWARD_AUTH_LISTEN);
    let login = reader.optional(&table::FORWARD_AUTH_LOGIN_URL);
    let audience = reader.optional(&table::FORWARD_AUTH_AUDIENCE);
    let (listen, login, audience) = (listen?, login?, audience?);
    let others = [(public, "listen"), (admin, "admin.listen")];
    let taken = others.into_iter().find(|(other, _)| {
        listen.zip(*other).is_some_and(|(address, other)| overlap(address, other))
    });
    if let Some((_, other)) = taken {
        let why = format!("is the address of `{other}`; give it another port, or `off`");
        return Err(reader.conflict(&table::FORWARD_AUTH_LISTEN, why));
    }
    // Without an origin nothing is served.
    let login_url = login.zip(origin).and_then(|(login, origin)| login.on(origin));
    let audience = audience.or_else(|| origin.map(Origin::to_string)).unwrap_or_default();
    Ok(ForwardAuth { listen, login_url, audience })
}

/// Whether two listeners would want the same port of the same interface.
fn overlap(a: SocketAddr, b: SocketAddr) -> bool {
    let same_interface = a.ip() == b.ip() || a.ip().is_unspecified() || b.ip().is_unspecified();
    a.port() == b.port() && a.port() != 0 && same_interface
}

fn cookies(
    reader: &mut Reader,
    listen: Option<SocketAddr>,
    origin: Option<&Origin>,
) -> Result<Cookies, Reported> {
    let scope = reader.get(&table::COOKIES_PROFILE);
    let domain = reader.optional(&table::COOKIES_DOMAIN);
    let session = reader.optional(&table::COOKIES_SESSION_NAME);
    let csrf = reader.optional(&table::COOKIES_CSRF_NAME);
    let previous = reader.list(&table::COOKIES_PREVIOUS);
    let (scope, domain, session, csrf) = (scope?, domain?, session?, csrf?);
    let profile = match (scope, domain) {
        (CookieScope::Site, None) => return Err(reader.missing(&table::COOKIES_DOMAIN)),
        (CookieScope::Site, Some(domain)) => domain,
        (_, Some(_)) => {
            let why = "is for the profile `site` only; leave it out, or set `cookies.profile`";
            return Err(reader.conflict(&table::COOKIES_DOMAIN, why.to_owned()));
        }
        (CookieScope::CrossSite, None) => CookieProfile::cross_site(),
        (CookieScope::Dev, None) => CookieProfile::insecure_dev(),
        (CookieScope::Host, None) => CookieProfile::host(),
    };
    let profile = match (session, csrf) {
        (None, None) => profile,
        (Some(session), Some(csrf)) => profile.named(&session, &csrf).map_err(|error| {
            reader.conflict(&table::COOKIES_SESSION_NAME, format!("is refused: {error}"))
        })?,
        (Some(_), None) => return Err(reader.missing(&table::COOKIES_CSRF_NAME)),
        (None, Some(_)) => return Err(reader.missing(&table::COOKIES_SESSION_NAME)),
    };
    let previous = previous?;
    let is_open = listen.is_some_and(|listen| !listen.ip().is_loopback());
    let is_public = origin.is_some_and(|origin| !origin.is_loopback());
    if (is_open || is_public) && profile.is_insecure() {
        let why = "is `dev`, whose cookies travel in the clear, so both `listen` and `origin` \
                   must be loopback; use `host` everywhere else";
        return Err(reader.conflict(&table::COOKIES_PROFILE, why.to_owned()));
    }
    if (is_open || is_public) && previous.iter().any(CookieProfile::is_insecure) {
        let why = "has `dev`, whose cookies travel in the clear, so both `listen` and `origin` \
                   must be loopback";
        return Err(reader.conflict(&table::COOKIES_PREVIOUS, why.to_owned()));
    }
    if let Some(origin) = origin {
        if !profile.covers(origin) {
            let why = "is no part of `origin`, so browsers would take no cookie for it";
            return Err(reader.conflict(&table::COOKIES_DOMAIN, why.to_owned()));
        }
        if !previous.iter().all(|profile| profile.covers(origin)) {
            let why = "has a domain that is no part of `origin`";
            return Err(reader.conflict(&table::COOKIES_PREVIOUS, why.to_owned()));
        }
    }
    if !CookieProfile::are_distinct(&profile, &previous) {
        let why = "has more than two profiles, or a cookie name twice, or one that is in use now: \
                   cookies of one name cannot be told apart";
        return Err(reader.conflict(&table::COOKIES_PREVIOUS, why.to_owned()));
    }
    Ok(Cookies { profile, previous })
}

fn csrf(reader: &mut Reader) -> Result<Csrf, Reported> {
    let mode = reader.get(&table::CSRF_MODE);
    let masks_body = reader.get(&table::CSRF_MASK_BODY);
    Ok(Csrf { mode: mode?, masks_body: masks_body? })
}

fn lifetimes(reader: &mut Reader) -> Result<Lifetimes, Reported> {
    let preset = reader.optional(&table::LIFETIMES_PRESET);
    let access = reader.optional(&table::LIFETIMES_ACCESS);
    let idle = reader.optional(&table::LIFETIMES_IDLE);
    let absolute = reader.optional(&table::LIFETIMES_ABSOLUTE);
    let leeway = reader.get(&table::LIFETIMES_LEEWAY);
    let (preset, access, idle, absolute, leeway) = (preset?, access?, idle?, absolute?, leeway?);
    let limits = match preset {
        None => Lifetimes::DEFAULT,
        Some(LifetimePreset::NistAal1) => Lifetimes::NIST_AAL1,
        Some(LifetimePreset::NistAal2) => Lifetimes::NIST_AAL2,
        Some(LifetimePreset::NistAal3) => Lifetimes::NIST_AAL3,
    };
    if preset.is_some() {
        require_within(reader, &table::LIFETIMES_IDLE, idle, limits.idle())?;
        require_within(reader, &table::LIFETIMES_ABSOLUTE, absolute, limits.absolute())?;
    }
    let absolute = absolute.unwrap_or(limits.absolute());
    let idle = idle.unwrap_or(limits.idle());
    let access = access.unwrap_or(limits.access());
    let text = |seconds| time_text(Duration::from_secs(seconds));
    if access > idle {
        let why = format!("is {}, longer than `lifetimes.idle`, {}", text(access), text(idle));
        return Err(reader.conflict(&table::LIFETIMES_ACCESS, why));
    }
    if idle > absolute {
        let why =
            format!("is {}, longer than `lifetimes.absolute`, {}", text(idle), text(absolute));
        return Err(reader.conflict(&table::LIFETIMES_IDLE, why));
    }
    // The library has the last word on what it takes.
    Lifetimes::new(access, idle, absolute)
        .and_then(|lifetimes| lifetimes.with_leeway(leeway))
        .map_err(|error| {
            reader.conflict(&table::LIFETIMES_ABSOLUTE, format!("is refused: {error}"))
        })
}

/// That a lifetime stays within the limit of the preset, which is there to be relied upon.
fn require_within(
    reader: &mut Reader,
    setting: &Setting<Seconds>,
    given: Option<u64>,
    limit: u64,
) -> Result<(), Reported> {
    let text = |seconds| time_text(Duration::from_secs(seconds));
    match given {
        Some(given) if given > limit => {
            let (given, limit) = (text(given), text(limit));
            let why = format!("is {given}, longer than the {limit} of `lifetimes.preset`");
            Err(reader.conflict(setting, why))
        }
        Some(_) | None => Ok(()),
    }
}

fn backend(reader: &mut Reader) -> Result<Backend, Reported> {
    let kind = reader.optional(&table::BACKEND_KIND);
    let users = users(reader);
    let url = reader.optional(&table::BACKEND_URL);
    let refresh_url = reader.optional(&table::BACKEND_REFRESH_URL);
    let timeout = reader.get(&table::BACKEND_TIMEOUT);
    let max_response = reader.get(&table::BACKEND_MAX_RESPONSE);
    let (kind, users, url, refresh_url) = (kind?, users?, url?, refresh_url?);
    if url.is_none() && refresh_url.is_some() {
        let why = "is a part of the service at `backend.url`, and there is none";
        return Err(reader.conflict(&table::BACKEND_REFRESH_URL, why.to_owned()));
    }
    let kind = match (kind, &users, &url) {
        // Said outright, so that a variable can choose between two that the file describes.
        (Some(kind), _, _) => kind,
        (None, Some(_), None) => BackendKind::File,
        (None, None, Some(_)) => BackendKind::Http,
        (None, None, None) => {
            let why = "cannot follow from anything: give `backend.users` (a users file, \
                       --users) or `backend.url` (another service, --backend-url)";
            return Err(reader.undecided(&table::BACKEND_KIND, why.to_owned()));
        }
        (None, Some(_), Some(_)) => {
            let why = "is missing, and both `backend.users` and `backend.url` are there; set it \
                       to `file` or `http`";
            return Err(reader.conflict(&table::BACKEND_KIND, why.to_owned()));
        }
    };
    match (kind, users, url) {
        (BackendKind::File, Some(users), _) => Ok(Backend::File { users }),
        (BackendKind::File, None, _) => Err(reader.missing(&table::BACKEND_USERS)),
        (BackendKind::Http, _, Some(url)) => {
            let (timeout, max_response) = (timeout?, max_response?);
            Ok(Backend::Http(HttpBackend { url, refresh_url, timeout, max_response }))
        }
        (BackendKind::Http, _, None) => Err(reader.missing(&table::BACKEND_URL)),
    }
}

fn revocation(reader: &mut Reader) -> Result<Revocation, Reported> {
    let journal = path(reader, &table::REVOCATION_JOURNAL);
    let max_entries = reader.get(&table::REVOCATION_MAX_ENTRIES);
    // A journal that is refused is one all the same.
    let redis = redis::redis(reader, !matches!(journal, Ok(None)));
    let feed = reader.get(&table::REVOCATION_FEED);
    let (journal, max_entries, redis, feed) = (journal?, max_entries?, redis?, feed?);
    if feed && journal.is_none() && redis.is_none() {
        let why = "is true, and logouts are in memory only: there is nothing to follow without \
                   `revocation.journal` or `revocation.redis`";
        return Err(reader.conflict(&table::REVOCATION_FEED, why.to_owned()));
    }
    if max_entries.get() < LEAST_REVOCATIONS {
        let why = format!(
            "is {max_entries}; with fewer than {LEAST_REVOCATIONS} a few users could log everyone out"
        );
        return Err(reader.conflict(&table::REVOCATION_MAX_ENTRIES, why));
    }
    Ok(Revocation { journal, max_entries, feed, redis })
}

const LEAST_REVOCATIONS: usize = 1_024;

fn users(reader: &mut Reader) -> Result<Option<PathBuf>, Reported> {
    path(reader, &table::BACKEND_USERS)
}

/// A path: one that stands in a configuration file starts at its folder.
pub(super) fn path(
    reader: &mut Reader,
    setting: &'static Setting<FilePath>,
) -> Result<Option<PathBuf>, Reported> {
    let path = reader.optional(setting)?;
    let base = beside(reader, setting);
    Ok(path.map(|path| base.map_or(path.clone(), |base| base.join(path))))
}

/// The place of a secret: a file that stands in a configuration file starts at its folder.
pub(super) fn secret(
    reader: &mut Reader,
    setting: &'static Setting<SecretPlace>,
) -> Result<Option<SecretSource>, Reported> {
    let place = reader.optional(setting)?;
    let base = beside(reader, setting);
    Ok(place.map(|place| match base {
        Some(base) => place.relative_to(&base),
        None => place,
    }))
}

/// The folder at which a path starts that stands in a configuration file.
fn beside(reader: &Reader, setting: &dyn Described) -> Option<PathBuf> {
    match reader.source(setting) {
        Source::File { path, .. } => path.parent().map(Path::to_owned),
        Source::Default | Source::Flag(_) | Source::Variable(_) => None,
    }
}

fn claims(reader: &mut Reader) -> Result<Vec<ClaimHeader>, Reported> {
    let claims = reader.list(&table::UPSTREAM_CLAIMS)?;
    let mut headers = BTreeMap::new();
    for ClaimHeader { claim, header } in &claims {
        if let Some(other) = headers.insert(header.as_str(), claim) {
            let why = format!("has `{other}` and `{claim}`, which would be the same header");
            return Err(reader.conflict(&table::UPSTREAM_CLAIMS, why));
        }
    }
    Ok(claims)
}

fn upstream(reader: &mut Reader) -> Result<Option<Upstream>, Reported> {
    let url = reader.optional(&table::UPSTREAM_URL);
    let audience = reader.optional(&table::ASSERTION_AUDIENCE);
    let connect_timeout = reader.get(&table::UPSTREAM_CONNECT_TIMEOUT);
    let response_timeout = reader.get(&table::UPSTREAM_RESPONSE_TIMEOUT);
    let stall = reader.get(&table::UPSTREAM_STALL);
    let (url, audience) = (url?, audience?);
    let timeouts =
        Timeouts { connect: connect_timeout?, response: response_timeout?, stall: stall? };
    Ok(url.map(|url| Upstream::new(url, audience, timeouts)))
}

fn limits(reader: &mut Reader) -> Result<Limits, Reported> {
    let connections = reader.get(&table::LIMITS_CONNECTIONS);
    let streams = reader.get(&table::LIMITS_STREAMS);
    let idle = reader.get(&table::LIMITS_IDLE);
    let stall = reader.get(&table::LIMITS_STALL);
    let (connections, streams) = (connections?.get(), streams?.get());
    let streams = u32::try_from(streams).unwrap_or(u32::MAX);
    Ok(Limits { connections, streams, idle: idle?, stall: stall? })
}

fn login(reader: &mut Reader) -> Result<Login, Reported> {
    let max_body = reader.get(&table::LOGIN_MAX_BODY);
    let workers = reader.optional(&table::LOGIN_WORKERS);
    let workers = workers?.unwrap_or_else(half_the_processors);
    Ok(Login { max_body: max_body?, workers })
}

/// The other half keeps verifying sessions, whatever is thrown at the login.
fn half_the_processors() -> NonZeroUsize {
    let processors = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    NonZeroUsize::new(processors / 2).unwrap_or(NonZeroUsize::MIN)
}

fn log_settings(reader: &mut Reader) -> Result<Log, Reported> {
    let format = reader.get(&table::LOG_FORMAT);
    let level = reader.get(&table::LOG_LEVEL);
    Ok(Log { format: format?, level: level? })
}
