//! The settings of revocations: where they are kept, and who else is told.

use std::time::Duration;

use super::settings;
use crate::config::redis::{RedisKind, RedisUrl, StaleChoice};
use crate::config::scalar::{Choice, Count, FilePath, SWITCH, Seconds, Span, Text};
use crate::config::secret::SecretPlace;
use crate::config::setting::Fallback::{Text as Is, Unset};
use crate::config::setting::{Described, Setting};

settings! { REVOCATION:
    REVOCATION_JOURNAL: Setting<FilePath> = {
        key: "revocation.journal",
        flag: Some("revocation-journal"),
        accepts: FilePath,
        default: Unset("in memory only"),
        doc: "The file that keeps logouts over a restart, made when it is not there; every logout is on \
              the disk before it is answered, and one that cannot be is answered 503",
    };
    REVOCATION_MAX_ENTRIES: Setting<Count> = {
        key: "revocation.max_entries",
        flag: None,
        accepts: Count { max: 100_000_000 },
        default: Is("1000000"),
        doc: "Revoked sessions and users kept in memory, each about 30 bytes and the name of its user; \
              past them users who log out often, then everyone, must log in again",
    };
    REVOCATION_FEED: Setting<Choice<bool>> = {
        key: "revocation.feed",
        flag: None,
        accepts: SWITCH,
        default: Is("false"),
        doc: "`GET /auth/revocations`, for services that verify by themselves; with keys that sign, \
              anyone can read in it which users logged out",
    };
    REVOCATION_REDIS: Setting<RedisUrl, true> = {
        key: "revocation.redis",
        flag: None,
        accepts: RedisUrl,
        default: Unset("none: no other machine learns of a logout"),
        doc: "The Redis or Valkey through which machines share logouts: one address, or for Sentinels \
              and a Cluster some of theirs",
    };
    REVOCATION_REDIS_KIND: Setting<Choice<RedisKind>> = {
        key: "revocation.redis_kind",
        flag: None,
        accepts: Choice(&[
            ("single", RedisKind::Single),
            ("sentinel", RedisKind::Sentinel),
            ("cluster", RedisKind::Cluster),
        ]),
        default: Is("single"),
        doc: "What is at these addresses",
    };
    REVOCATION_REDIS_MASTER: Setting<Text> = {
        key: "revocation.redis_master",
        flag: None,
        accepts: Text { max: 256 },
        default: Unset("none"),
        doc: "What the Sentinels call the master",
    };
    REVOCATION_REDIS_USER: Setting<Text> = {
        key: "revocation.redis_user",
        flag: None,
        accepts: Text { max: 256 },
        default: Unset("the default user"),
        doc: "The user of Redis (ACL); docs/revocation.md says what it must be allowed",
    };
    REVOCATION_REDIS_PASSWORD: Setting<SecretPlace> = {
        key: "revocation.redis_password",
        flag: None,
        accepts: SecretPlace,
        default: Unset("none"),
        doc: "Where the password of that user is",
    };
    REVOCATION_REDIS_SENTINEL_USER: Setting<Text> = {
        key: "revocation.redis_sentinel_user",
        flag: None,
        accepts: Text { max: 256 },
        default: Unset("the default user"),
        doc: "The user of the Sentinels, which have users of their own",
    };
    REVOCATION_REDIS_SENTINEL_PASSWORD: Setting<SecretPlace> = {
        key: "revocation.redis_sentinel_password",
        flag: None,
        accepts: SecretPlace,
        default: Unset("none: the Sentinels ask for no password"),
        doc: "Where the password of that user is",
    };
    REVOCATION_REDIS_CA: Setting<FilePath> = {
        key: "revocation.redis_ca",
        flag: None,
        accepts: FilePath,
        default: Unset("those of the system"),
        doc: "The root certificates to trust for `rediss://`, in PEM",
    };
    REVOCATION_REDIS_PREFIX: Setting<Text> = {
        key: "revocation.redis_prefix",
        flag: None,
        accepts: Text { max: 64 },
        default: Is("sealpass"),
        doc: "The first part of the keys' names, the same for all instances with the same session keys",
    };
    REVOCATION_REDIS_TIMEOUT: Setting<Span> = {
        key: "revocation.redis_timeout",
        flag: None,
        accepts: Span { min: Duration::from_millis(50), max: Duration::from_secs(30) },
        default: Is("1s"),
        doc: "How long connecting to Redis, or one answer of it, may take",
    };
    REVOCATION_REDIS_INSECURE: Setting<Choice<bool>> = {
        key: "revocation.redis_insecure",
        flag: None,
        accepts: SWITCH,
        default: Is("false"),
        doc: "Lets `revocation.redis` be another machine without TLS",
    };
    REVOCATION_MAX_STALENESS: Setting<Seconds> = {
        key: "revocation.max_staleness",
        flag: None,
        accepts: Seconds { min: 5, max: 24 * 3600 },
        default: Is("1m"),
        doc: "How long requests are decided without an answer of Redis",
    };
    REVOCATION_STALE: Setting<Choice<StaleChoice>> = {
        key: "revocation.stale",
        flag: None,
        accepts: Choice(&[("refuse", StaleChoice::Refuse), ("allow", StaleChoice::Allow)]),
        default: Is("refuse"),
        doc: "What happens after that: `refuse` answers 503, `allow` lets in whoever was logged out \
              elsewhere meanwhile",
    };
    REVOCATION_DURABLE_OUTBOX: Setting<Choice<bool>> = {
        key: "revocation.durable_outbox",
        flag: None,
        accepts: SWITCH,
        default: Is("true"),
        doc: "With `revocation.redis`: a logout is written to `revocation.journal` first, is answered \
              204 even while Redis is away, and delivered later; without it, it is answered 503 then",
    };
}
