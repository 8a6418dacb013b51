//! The table of settings: the one place that says what can be configured.
//!
//! The file, the environment, the flags, their errors, the help and `docs/configuration.md` are
//! all read from it.

mod assertion;
mod limits;
mod revocation;
mod routes;
mod upstreams;

use std::sync::LazyLock;
use std::time::Duration;

use sealpass_tower::sealpass::csrf::CsrfMode;

use super::address::{
    BackendUrl, ClaimName, LoginUrl, Network, SafeOrigin, Socket, SocketOrOff, UpstreamUrl,
};
use super::cookies::{CookieDomain, CookieName, PreviousProfile};
use super::scalar::{Choice, Count, CountOrOff, FilePath, SWITCH, Seconds, Size, Span, Text};
use super::secret::SecretPlace;
use super::setting::Fallback::{Required, Text as Is, Unset};
use super::setting::{Described, Setting, TableArray};
use super::{BackendKind, CookieScope, KeySourceKind, LifetimePreset, LogFormat, LogLevel};

pub(super) use assertion::*;
pub(super) use limits::*;
pub(super) use revocation::*;
pub(super) use routes::*;
pub(super) use upstreams::*;

/// Declares each setting once, and the list of them with it.
macro_rules! settings {
    ($all:ident: $($name:ident: $setting:ty = { $($field:ident: $value:expr),* $(,)? };)*) => {
        $(pub(in crate::config) static $name: $setting = Setting { $($field: $value),* };)*
        pub(in crate::config) static $all: &[&dyn Described] = &[$(&$name),*];
    };
}
use settings;

/// Every setting, in the order of the reference.
pub(crate) static ALL: LazyLock<Vec<&'static dyn Described>> =
    LazyLock::new(|| [GENERAL, ASSERTION, REVOCATION, LIMITS].concat());

/// Every table of settings that there may be many of.
pub(crate) static ARRAYS: &[&TableArray] = &[&ROUTES, &UPSTREAMS];

settings! { GENERAL:
    LISTEN: Setting<Socket> = {
        key: "listen",
        flag: Some("listen"),
        accepts: Socket,
        default: Is("127.0.0.1:8080"),
        doc: "Where clients connect; port 0 takes a free one",
    };
    ORIGIN: Setting<SafeOrigin> = {
        key: "origin",
        flag: Some("origin"),
        accepts: SafeOrigin,
        default: Required,
        doc: "The origin browsers see, whatever proxies stand in between",
    };
    TRUSTED_ORIGINS: Setting<SafeOrigin, true> = {
        key: "trusted_origins",
        flag: None,
        accepts: SafeOrigin,
        default: Unset("none"),
        doc: "Further origins whose pages may send unsafe requests with the session cookie; without \
              CORS answers for them, from the API or a proxy in front, browsers send none",
    };
    ISSUER: Setting<Text> = {
        key: "issuer",
        flag: None,
        accepts: Text { max: 256 },
        default: Unset("the origin"),
        doc: "`iss` of every token; a token of another issuer is refused",
    };
    AUDIENCE: Setting<Text> = {
        key: "audience",
        flag: None,
        accepts: Text { max: 256 },
        default: Unset("the origin"),
        doc: "`aud` of every token; a token for another audience is refused",
    };
    ADMIN_LISTEN: Setting<SocketOrOff> = {
        key: "admin.listen",
        flag: Some("admin-listen"),
        accepts: SocketOrOff,
        default: Is("127.0.0.1:9090"),
        doc: "Where health checks and operators connect; no authentication but that of `POST \
              /admin/revoke`, so loopback only",
    };
    ADMIN_INSECURE_PUBLIC: Setting<Choice<bool>> = {
        key: "admin.insecure_public",
        flag: None,
        accepts: SWITCH,
        default: Is("false"),
        doc: "Lets `admin.listen` be an address that other machines reach",
    };
    ADMIN_TOKEN: Setting<SecretPlace> = {
        key: "admin.token",
        flag: None,
        accepts: SecretPlace,
        default: Unset("none: nobody can revoke by it"),
        doc: "Where the secret is that `POST /admin/revoke` asks for, at least 32 characters; read at \
              start",
    };
    FORWARD_AUTH_LISTEN: Setting<SocketOrOff> = {
        key: "forward_auth.listen",
        flag: Some("forward-auth-listen"),
        accepts: SocketOrOff,
        default: Is("off"),
        doc: "Where the proxies of `trusted_proxies` ask `/auth/verify/*`; its answers hold session \
              tokens, so no location that clients reach may lead here",
    };
    FORWARD_AUTH_LOGIN_URL: Setting<LoginUrl> = {
        key: "forward_auth.login_url",
        flag: None,
        accepts: LoginUrl,
        default: Unset("none: a page is answered 401 as well"),
        doc: "Where forward-auth sends a browser that opens a page without a session, with `return_to` in \
              the query: the path and the query that were asked for; not through nginx, which takes no \
              redirect",
    };
    KEYS_SOURCE: Setting<Choice<KeySourceKind>> = {
        key: "keys.source",
        flag: None,
        accepts: Choice(&[
            ("ephemeral", KeySourceKind::Ephemeral),
            ("shared", KeySourceKind::Shared),
            ("files", KeySourceKind::Files),
        ]),
        default: Unset("follows from `keys.secret` or `keys.directory`; `ephemeral` without them"),
        doc: "Where keys come from: `ephemeral` ones are in memory only, so that every session ends \
              with the process; `shared` ones are derived from a secret that instances share; \
              `files` are made elsewhere",
    };
    KEYS_SECRET: Setting<SecretPlace> = {
        key: "keys.secret",
        flag: None,
        accepts: SecretPlace,
        default: Unset("none"),
        doc: "Where the shared secret is, made by `sealpass keys secret`: 256 random bits or more in \
              base64url, base64 or hexadecimal; with a second one on a line of its own, whose keys \
              open and do not seal; a file is read again when it changes",
    };
    KEYS_DIRECTORY: Setting<FilePath> = {
        key: "keys.directory",
        flag: None,
        accepts: FilePath,
        default: Unset("none"),
        doc: "The folder of key files, JWK or PEM, made by `sealpass keys rotate`; read again when \
              it changes, and while something in it is broken the keys stay as they were",
    };
    KEYS_PERIOD: Setting<Seconds> = {
        key: "keys.period",
        flag: None,
        accepts: Seconds { min: 60, max: 366 * 24 * 3600 },
        default: Unset("1h with a shared secret, 1d with ephemeral keys, 30d with key files"),
        doc: "How long a key seals before another one does; the same on every instance, and with a \
              shared secret another period means other keys",
    };
    KEYS_RETENTION: Setting<Seconds> = {
        key: "keys.retention",
        flag: None,
        accepts: Seconds { min: 1, max: 60 * 24 * 3600 },
        default: Unset("`lifetimes.idle` and `lifetimes.leeway`, which is the least"),
        doc: "How long a key still opens after it has sealed its last token",
    };
    KEYS_LEAD: Setting<Seconds> = {
        key: "keys.lead",
        flag: None,
        // By then every cache of the JWK Set has been filled again.
        accepts: Seconds { min: 600, max: 90 * 24 * 3600 },
        default: Is("1d"),
        doc: "How long before it seals `sealpass keys rotate` makes a key file, so that every \
              instance and every reader of the JWK Set has it by then; less than `keys.period`",
    };
    KEYS_POLL: Setting<Span> = {
        key: "keys.poll",
        flag: None,
        accepts: Span { min: Duration::from_millis(100), max: Duration::from_mins(5) },
        default: Is("10s"),
        doc: "How often the server looks whether key files or the secret's file have changed",
    };
    COOKIES_PROFILE: Setting<Choice<CookieScope>> = {
        key: "cookies.profile",
        flag: Some("cookies"),
        accepts: Choice(&[
            ("host", CookieScope::Host),
            ("site", CookieScope::Site),
            ("cross-site", CookieScope::CrossSite),
            ("dev", CookieScope::Dev),
        ]),
        default: Is("host"),
        doc: "`host`: `__Host-` cookies with Secure; `site`: `__Secure-` cookies for all hosts below \
              `cookies.domain`; `cross-site`: `SameSite=None; Partitioned`, where other sites embed \
              this one; `dev`: without Secure, on loopback only, for browsers such as Safari that \
              refuse Secure cookies there",
    };
    COOKIES_DOMAIN: Setting<CookieDomain> = {
        key: "cookies.domain",
        flag: None,
        accepts: CookieDomain,
        default: Unset("none"),
        doc: "The domain of the `site` profile; every host below it can set these cookies, so all of \
              them must be yours",
    };
    COOKIES_SESSION_NAME: Setting<CookieName> = {
        key: "cookies.session_name",
        flag: None,
        accepts: CookieName,
        default: Unset("`session`, or `cross-session` in the profile `cross-site`"),
        doc: "The session cookie's name, without the prefix that the profile adds",
    };
    COOKIES_CSRF_NAME: Setting<CookieName> = {
        key: "cookies.csrf_name",
        flag: None,
        accepts: CookieName,
        default: Unset("`csrf`, or `cross-csrf` in the profile `cross-site`"),
        doc: "The anti-CSRF cookie's name, without the prefix that the profile adds",
    };
    COOKIES_PREVIOUS: Setting<PreviousProfile, true> = {
        key: "cookies.previous",
        flag: None,
        accepts: PreviousProfile,
        default: Unset("none"),
        doc: "At most two profiles that sessions are being moved from: their cookies are still read, \
              replaced by the next answer, and cleared at logout; name them no longer than \
              `lifetimes.absolute`",
    };
    CSRF_MODE: Setting<Choice<CsrfMode>> = {
        key: "csrf.mode",
        flag: None,
        accepts: Choice(&[
            ("strict", CsrfMode::Strict),
            ("fetch-metadata", CsrfMode::FetchMetadata),
            ("report-only", CsrfMode::DangerReportOnly),
        ]),
        default: Is("strict"),
        doc: "What an unsafe request in a cookie needs beside a fitting `Sec-Fetch-Site` and `Origin`: \
              `strict`: the token; `fetch-metadata`: the token when both headers are absent; \
              `report-only`: nothing, what would be refused is logged and nobody is protected",
    };
    CSRF_MASK_BODY: Setting<Choice<bool>> = {
        key: "csrf.mask_body",
        flag: None,
        accepts: SWITCH,
        default: Is("false"),
        doc: "Masks the token in each body anew, for a proxy that compresses them (BREACH); requests \
              may send either form",
    };
    LIFETIMES_PRESET: Setting<Choice<LifetimePreset>> = {
        key: "lifetimes.preset",
        flag: None,
        accepts: Choice(&[
            ("nist-aal1", LifetimePreset::NistAal1),
            ("nist-aal2", LifetimePreset::NistAal2),
            ("nist-aal3", LifetimePreset::NistAal3),
        ]),
        default: Unset("none"),
        doc: "The limits of NIST SP 800-63B, idle and absolute: `nist-aal1` 30d and 30d, `nist-aal2` 30m \
              and 12h, `nist-aal3` 15m and 12h; the other lifetimes can only be shorter then",
    };
    LIFETIMES_ACCESS: Setting<Seconds> = {
        key: "lifetimes.access",
        flag: None,
        accepts: Seconds { min: 1, max: 24 * 3600 },
        default: Unset("10m, or 5m with `nist-aal3`"),
        doc: "How long a token lasts before it is renewed in place; at most `lifetimes.idle`",
    };
    LIFETIMES_IDLE: Setting<Seconds> = {
        key: "lifetimes.idle",
        flag: None,
        accepts: Seconds { min: 1, max: 30 * 24 * 3600 },
        default: Unset("1h, or that of `lifetimes.preset`"),
        doc: "How long a session lasts without a request; at most `lifetimes.absolute`",
    };
    LIFETIMES_ABSOLUTE: Setting<Seconds> = {
        key: "lifetimes.absolute",
        flag: None,
        accepts: Seconds { min: 1, max: 30 * 24 * 3600 },
        default: Unset("12h, or that of `lifetimes.preset`"),
        doc: "How long a session lasts, whatever happens",
    };
    LIFETIMES_LEEWAY: Setting<Seconds> = {
        key: "lifetimes.leeway",
        flag: None,
        accepts: Seconds { min: 0, max: 60 },
        default: Is("0s"),
        doc: "By how much the clocks of instances may differ",
    };
    BEARER_ENABLED: Setting<Choice<bool>> = {
        key: "bearer.enabled",
        flag: None,
        accepts: SWITCH,
        default: Is("false"),
        doc: "`POST /auth/token` and `Authorization: Bearer`, for clients that are no browsers",
    };
    BACKEND_KIND: Setting<Choice<BackendKind>> = {
        key: "backend.kind",
        flag: None,
        accepts: Choice(&[("file", BackendKind::File), ("http", BackendKind::Http)]),
        default: Unset("follows from `backend.users` or `backend.url`"),
        doc: "Who checks passwords: a users file or another service",
    };
    BACKEND_USERS: Setting<FilePath> = {
        key: "backend.users",
        flag: Some("users"),
        accepts: FilePath,
        default: Unset("none"),
        doc: "The users file, made by `sealpass user add`; read again when it changes, and while it is \
              broken, open to others or gone, every login is answered 503",
    };
    BACKEND_URL: Setting<BackendUrl> = {
        key: "backend.url",
        flag: Some("backend-url"),
        accepts: BackendUrl,
        default: Unset("none"),
        doc: "The service that is sent `{\"username\", \"password\"}` and answers 200 with \
              `{\"subject\", \"claims\"}`, or 401; at most 64 logins at a time, four times as many \
              wait, any more are told to come back",
    };
    BACKEND_REFRESH_URL: Setting<BackendUrl> = {
        key: "backend.refresh_url",
        flag: None,
        accepts: BackendUrl,
        default: Unset("claims stay those of the login"),
        doc: "Where that service is sent `{\"subject\"}` whenever a session is renewed; 200 with \
              `{\"subject\", \"claims\"}` gives the claims from now on, 410 ends all sessions of the \
              subject, and after anything else the session goes on without being renewed",
    };
    BACKEND_TIMEOUT: Setting<Span> = {
        key: "backend.timeout",
        flag: None,
        accepts: Span { min: Duration::from_millis(100), max: Duration::from_mins(1) },
        default: Is("5s"),
        doc: "How long that service may take, from connecting to the last byte",
    };
    BACKEND_MAX_RESPONSE: Setting<Size> = {
        key: "backend.max_response",
        flag: None,
        accepts: Size { min: 1024, max: 1024 * 1024 },
        default: Is("64KiB"),
        doc: "How long its answer may be",
    };
    UPSTREAM_URL: Setting<UpstreamUrl> = {
        key: "upstream.url",
        flag: Some("upstream"),
        accepts: UpstreamUrl,
        default: Unset("no reverse proxy"),
        doc: "The API that everything is forwarded to that is not answered here and is in no place of \
              `[[upstreams]]`",
    };
    UPSTREAM_CLAIMS: Setting<ClaimName, true> = {
        key: "upstream.claims",
        flag: None,
        accepts: ClaimName,
        default: Unset("none"),
        doc: "Claims the API is told as `X-Auth-Claims-*`, by the reverse proxy and by \
              forward-auth; `_` becomes `-`",
    };
    UPSTREAM_CONNECT_TIMEOUT: Setting<Span> = {
        key: "upstream.connect_timeout",
        flag: None,
        accepts: Span { min: Duration::from_millis(100), max: Duration::from_mins(1) },
        default: Is("5s"),
        doc: "How long connecting to the API may take",
    };
    UPSTREAM_RESPONSE_TIMEOUT: Setting<Span> = {
        key: "upstream.response_timeout",
        flag: None,
        accepts: Span { min: Duration::from_millis(100), max: Duration::from_hours(1) },
        default: Is("1m"),
        doc: "How long the API may take until the head of its response",
    };
    UPSTREAM_STALL: Setting<Span> = {
        key: "upstream.stall",
        flag: None,
        accepts: Span { min: Duration::from_millis(100), max: Duration::from_hours(1) },
        default: Is("1m"),
        doc: "How long the API may send nothing more of a response that it has begun; then it is broken off. \
              `text/event-stream` may be silent",
    };
    CACHE_VERIFIED_TOKENS: Setting<CountOrOff> = {
        key: "cache.verified_tokens",
        flag: None,
        accepts: CountOrOff { max: 1_000_000 },
        default: Is("10000"),
        doc: "How many tokens are remembered whose signature was found right, so that the next request \
              costs a look-up; for signatures and public-key encryption only, at about 2 KiB each",
    };
    TRUSTED_PROXIES: Setting<Network, true> = {
        key: "trusted_proxies",
        flag: None,
        accepts: Network,
        default: Unset("none"),
        doc: "The proxies that may ask `forward_auth.listen` and whose forwarded headers are believed",
    };
    LOGIN_MAX_BODY: Setting<Size> = {
        key: "login.max_body",
        flag: None,
        // The longest username and password fit, even when JSON escapes every byte of them.
        accepts: Size { min: 8 * 1024, max: 1024 * 1024 },
        default: Is("16KiB"),
        doc: "How long the body of a login may be",
    };
    LOGIN_WORKERS: Setting<Count> = {
        key: "login.workers",
        flag: None,
        accepts: Count { max: 256 },
        default: Unset("half the processors, at least 1"),
        doc: "Passwords hashed at the same time, each with 19 MiB of memory; four times as many \
              logins wait, any more are told to come back; one network of clients (an IPv4 address, an \
              IPv6 /64) has twice as many in all",
    };
    LOG_FORMAT: Setting<Choice<LogFormat>> = {
        key: "log.format",
        flag: Some("log-format"),
        accepts: Choice(&[
            ("auto", LogFormat::Auto),
            ("text", LogFormat::Text),
            ("json", LogFormat::Json),
        ]),
        default: Is("auto"),
        doc: "How log lines look; `auto` is text on a terminal and JSON otherwise",
    };
    LOG_LEVEL: Setting<Choice<LogLevel>> = {
        key: "log.level",
        flag: Some("log-level"),
        accepts: Choice(&[
            ("error", LogLevel::Error),
            ("warn", LogLevel::Warn),
            ("info", LogLevel::Info),
            ("debug", LogLevel::Debug),
            ("trace", LogLevel::Trace),
        ]),
        default: Is("info"),
        doc: "The least severe line that is logged; libraries never log below `warn`",
    };
    SHUTDOWN_GRACE: Setting<Span> = {
        key: "shutdown.grace",
        flag: None,
        accepts: Span { min: Duration::ZERO, max: Duration::from_mins(10) },
        default: Is("10s"),
        doc: "How long requests in flight may still take when the server is stopped",
    };
}
