//! The settings of the stream that many machines share their logouts through.

use std::borrow::Cow;
use std::path::PathBuf;
use std::time::Duration;

use super::reader::{Reader, Reported};
use super::resolve::{path, secret};
use super::secret::SecretSource;
use super::setting::Accept;
use super::{address, table};

/// A stream of Redis or Valkey.
#[derive(Clone, Debug)]
pub(crate) struct RedisConfig {
    /// At least one; without a user or a password.
    pub(crate) urls: Vec<String>,
    pub(crate) kind: RedisKind,
    /// What the Sentinels call the master.
    pub(crate) master: Option<String>,
    pub(crate) username: Option<String>,
    pub(crate) password: Option<SecretSource>,
    /// At the Sentinels, which have users of their own.
    pub(crate) sentinel_username: Option<String>,
    pub(crate) sentinel_password: Option<SecretSource>,
    /// The certificates to trust instead of the system's, in PEM.
    pub(crate) ca: Option<PathBuf>,
    /// The first part of the keys' names.
    pub(crate) prefix: String,
    /// For one answer.
    pub(crate) timeout: Duration,
    /// Seconds without an answer after which the list is stale.
    pub(crate) max_staleness: u64,
    /// Whether a logout is accepted into the journal while Redis is away.
    pub(crate) durable_outbox: bool,
    pub(crate) stale: StaleChoice,
}

/// What is at the URLs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum RedisKind {
    Cluster,
    Sentinel,
    Single,
}

/// What is answered while the list is stale.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum StaleChoice {
    Allow,
    Refuse,
}

/// Where Redis is, without whom to be there.
#[derive(Debug)]
pub(crate) struct RedisUrl;

impl Accept for RedisUrl {
    type Value = String;

    fn read(&self, text: &str) -> Result<String, Cow<'static, str>> {
        let (scheme, rest) = text.split_once("://").ok_or("is no URL")?;
        if !["redis", "rediss", "valkey", "valkeys", "unix"].contains(&scheme) || rest.is_empty() {
            return Err("is no URL of Redis or Valkey".into());
        }
        if rest.contains(['@', '#', '?']) {
            return Err(
                "has a user, a password or options in it, which have settings of their own".into(),
            );
        }
        if ::redis::parse_redis_url(text).is_none() {
            return Err("is no URL of Redis or Valkey".into());
        }
        Ok(text.to_owned())
    }

    fn accepted(&self) -> Cow<'static, str> {
        "`rediss://host[:port][/database]` (also `valkeys://`), without TLS `redis://`, or \
         `unix:///path`"
            .into()
    }

    /// It may have a password in it.
    fn may_be_shown(&self) -> bool {
        false
    }
}

/// None: every machine for itself. `has_journal`: whether logouts can be kept on this machine.
pub(super) fn redis(
    reader: &mut Reader,
    has_journal: bool,
) -> Result<Option<RedisConfig>, Reported> {
    let urls = reader.list(&table::REVOCATION_REDIS);
    let kind = reader.get(&table::REVOCATION_REDIS_KIND);
    let master = reader.optional(&table::REVOCATION_REDIS_MASTER);
    let username = reader.optional(&table::REVOCATION_REDIS_USER);
    let password = secret(reader, &table::REVOCATION_REDIS_PASSWORD);
    let sentinel_username = reader.optional(&table::REVOCATION_REDIS_SENTINEL_USER);
    let sentinel_password = secret(reader, &table::REVOCATION_REDIS_SENTINEL_PASSWORD);
    let ca = path(reader, &table::REVOCATION_REDIS_CA);
    let prefix = reader.get(&table::REVOCATION_REDIS_PREFIX);
    let timeout = reader.get(&table::REVOCATION_REDIS_TIMEOUT);
    let insecure = reader.get(&table::REVOCATION_REDIS_INSECURE);
    let max_staleness = reader.get(&table::REVOCATION_MAX_STALENESS);
    let durable_outbox = reader.get(&table::REVOCATION_DURABLE_OUTBOX);
    let stale = reader.get(&table::REVOCATION_STALE);
    let config = RedisConfig {
        urls: urls?,
        kind: kind?,
        master: master?,
        username: username?,
        password: password?,
        sentinel_username: sentinel_username?,
        sentinel_password: sentinel_password?,
        ca: ca?,
        prefix: prefix?,
        timeout: timeout?,
        max_staleness: max_staleness?,
        durable_outbox: durable_outbox?,
        stale: stale?,
    };
    if config.urls.is_empty() {
        return Ok(None);
    }
    let fits = config.require_safe_addresses(reader, insecure?);
    let outbox = config.require_outbox(reader, has_journal);
    fits.and(outbox).map(|()| Some(config))
}

impl RedisConfig {
    fn require_safe_addresses(&self, reader: &mut Reader, insecure: bool) -> Result<(), Reported> {
        if !insecure && self.urls.iter().any(|url| is_in_the_clear(url)) {
            let why = "would send who is logged out, and its password, in the clear to another \
                       machine; use `rediss://`, or set `revocation.redis_insecure` to true";
            return Err(reader.conflict(&table::REVOCATION_REDIS, why.to_owned()));
        }
        if self.kind == RedisKind::Single && self.urls.len() > 1 {
            let why = "has several addresses: one instance would tell another Redis than the next; \
                       give one, or set `revocation.redis_kind` to `sentinel` or `cluster`";
            return Err(reader.conflict(&table::REVOCATION_REDIS, why.to_owned()));
        }
        if self.kind == RedisKind::Sentinel && self.master.is_none() {
            return Err(reader.missing(&table::REVOCATION_REDIS_MASTER));
        }
        Ok(())
    }

    fn require_outbox(&self, reader: &mut Reader, has_journal: bool) -> Result<(), Reported> {
        if self.durable_outbox && !has_journal {
            let why = "is true, and there is no `revocation.journal` to keep logouts in while Redis \
                       is away; give one, or set it to false: logouts are answered 503 then";
            return Err(reader.conflict(&table::REVOCATION_DURABLE_OUTBOX, why.to_owned()));
        }
        if !self.durable_outbox && has_journal {
            let why = "is false, and `revocation.journal` would not be used: leave one of them out";
            return Err(reader.conflict(&table::REVOCATION_DURABLE_OUTBOX, why.to_owned()));
        }
        Ok(())
    }
}

fn is_in_the_clear(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else { return true };
    if scheme == "unix" || scheme == "rediss" || scheme == "valkeys" {
        return false;
    }
    let authority = rest.split_once('/').map_or(rest, |(authority, _)| authority);
    match authority.parse::<http::uri::Authority>() {
        Ok(authority) => !address::is_loopback(authority.host()),
        Err(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_has_no_secret_and_no_switch_in_it() {
        for good in [
            "redis://127.0.0.1:6379",
            "rediss://redis.example/2",
            "valkeys://[::1]:6380",
            "unix:///run/redis.sock",
        ] {
            assert_eq!(RedisUrl.read(good).as_deref(), Ok(good));
        }
        for bad in [
            "",
            "redis.example",
            "http://redis.example",
            "redis://",
            "redis://:secret@redis.example",
            "redis://user@redis.example",
            "rediss://redis.example/#insecure",
            "rediss://redis.example/?protocol=resp3",
        ] {
            assert!(RedisUrl.read(bad).is_err(), "{bad}");
        }
        assert!(!RedisUrl.may_be_shown());
    }

    #[test]
    fn only_this_machine_is_reached_in_the_clear() {
        for safe in ["rediss://a.example", "redis://127.0.0.1", "redis://[::1]:1/0", "unix:///a"] {
            assert!(!is_in_the_clear(safe), "{safe}");
        }
        for open in ["redis://10.0.0.1", "valkey://a.example/0", "redis://127.0.0.1.example"] {
            assert!(is_in_the_clear(open), "{open}");
        }
    }
}
