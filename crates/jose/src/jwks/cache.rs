//! The last good set, and whose turn it is to fetch the next.

use std::sync::Arc;

use super::{JwksError, JwksSchedule, JwksScheduleError};
use crate::algorithm::Algorithm;
use crate::jwk::{Jwk, JwkSet, SkippedKey};
use crate::key::KeyRing;
use crate::numeric_date::NumericDate;

/// The keys that somebody publishes, as of the last good answer.
///
/// It does no I/O: it says when to fetch, and is told what came of it. Only one fetch is under way
/// at a time, and there is a cool-down after each, so tokens that name keys nobody has cannot make
/// this service hammer the publisher. What is not a good set, or has no key of the `accepted`
/// algorithms, changes nothing. A set too old to be trusted is not given out: without keys, no
/// token verifies.
///
/// The caller's loop, with the request in the place of `fetched`; a service keeps the ring where
/// its verifying threads find it, and takes the cache's lock for these calls only:
///
/// ```
/// use sealpass_jose::{
///     Algorithm, JwksCache, JwksSchedule, JwsAlgorithm, NumericDate, UnknownKey,
/// };
///
/// let accepted = [Algorithm::Jws(JwsAlgorithm::EdDsa)];
/// let mut cache = JwksCache::new(JwksSchedule::recommended(), &accepted)?;
/// # let now = NumericDate::from_secs(1_000);
/// # let fetched = || Ok::<_, std::io::Error>(br#"{"keys":[{"kty":"OKP","crv":"Ed25519",
/// #     "kid":"a","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#.to_vec());
///
/// // Every second or so, and before the first token:
/// if let Some(fetch) = cache.due(now) {
///     // GET the address of the configuration, never one from a token; read at most
///     // `JwkSet::MAX_BYTES`, and take a redirect or another status than 200 for a failure.
///     match fetched() {
///         Ok(body) => cache.loaded(fetch, &body, now)?,
///         Err(_) => cache.failed(fetch, now),
///     }
/// }
/// let keys = cache.keys(now).ok_or("no keys: refuse every token")?;
/// assert!(keys.get("a").is_some());
///
/// // When a token is refused with `VerifyError::KeyUnknown`:
/// match cache.unknown_key(now) {
///     UnknownKey::Fetch(fetch) => cache.failed(fetch, now), // fetch, and verify once more
///     UnknownKey::Wait => {}                                // somebody fetches: verify after it
///     UnknownKey::Refuse => {}                              // it was fetched a moment ago
/// }
/// assert!(matches!(cache.unknown_key(now), UnknownKey::Refuse));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct JwksCache {
    schedule: JwksSchedule,
    accepted: Vec<Algorithm>,
    good: Option<Good>,
    state: State,
    /// The number of the fetch that is, or was last, under way.
    latest: u64,
}

#[derive(Clone, Debug)]
struct Good {
    keys: Arc<KeyRing>,
    skipped: Vec<SkippedKey>,
    fetched_at: NumericDate,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// Nothing was ever fetched.
    New,
    /// The fetch `latest` is under way.
    Fetching { began_at: NumericDate },
    /// The last fetch has ended, well or not.
    Idle { ended_at: NumericDate },
}

/// The right and the duty to fetch the set now, and to tell the cache what came of it.
///
/// A caller who forgets to holds up the others until the fetch is given up.
#[derive(Debug, Eq, PartialEq)]
#[must_use = "nobody else fetches until the cache is told what came of this"]
pub struct Fetch {
    number: u64,
}

/// What to do about a token whose key is not in the set.
#[derive(Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a caller must have an answer to each")]
pub enum UnknownKey {
    /// Fetch the set, then verify the token once more.
    Fetch(Fetch),
    /// Refuse the token: the set was fetched a moment ago.
    Refuse,
    /// Somebody is fetching the set: verify the token once more when they have.
    Wait,
}

impl JwksCache {
    /// A cache without keys, whose first fetch is due.
    ///
    /// Of the keys that are fetched, those that are not for an algorithm of `accepted` are left out
    /// ([`JwkSet::to_ring`]).
    ///
    /// # Errors
    /// [`JwksScheduleError`] names the number that is out of bounds.
    pub fn new(schedule: JwksSchedule, accepted: &[Algorithm]) -> Result<Self, JwksScheduleError> {
        let (schedule, accepted) = (schedule.check()?, accepted.to_vec());
        Ok(Self { schedule, accepted, good: None, state: State::New, latest: 0 })
    }

    /// The keys of the last good set, unless it is too old to be used.
    #[must_use]
    pub fn keys(&self, now: NumericDate) -> Option<&Arc<KeyRing>> {
        let good = self.good.as_ref()?;
        self.schedule.is_usable(good.fetched_at, now).then_some(&good.keys)
    }

    /// When the last good set came.
    #[must_use]
    pub fn fetched_at(&self) -> Option<NumericDate> {
        self.good.as_ref().map(|good| good.fetched_at)
    }

    /// What was not read of the last good set, for a log.
    #[must_use]
    pub fn skipped(&self) -> &[SkippedKey] {
        self.good.as_ref().map_or(&[], |good| &good.skipped)
    }

    /// The fetch that is due: there is no set, or it is not fresh any more.
    pub fn due(&mut self, now: NumericDate) -> Option<Fetch> {
        let is_fresh =
            self.good.as_ref().is_some_and(|good| self.schedule.is_fresh(good.fetched_at, now));
        if is_fresh {
            return None;
        }
        match self.begin(now) {
            UnknownKey::Fetch(fetch) => Some(fetch),
            UnknownKey::Refuse | UnknownKey::Wait => None,
        }
    }

    /// What to do about a token that [`VerifyError::KeyUnknown`](crate::VerifyError::KeyUnknown)
    /// refuses: its issuer may have begun to use a new key.
    pub fn unknown_key(&mut self, now: NumericDate) -> UnknownKey {
        self.begin(now)
    }

    /// Takes what a fetch brought.
    ///
    /// # Errors
    /// [`JwksError::Set`] for what is not a set with a key that can be used,
    /// [`JwksError::PrivateKey`] for one with a key that should not have been published, and
    /// [`JwksError::Late`] for the answer to a fetch that was given up. The last good set stays.
    #[expect(clippy::needless_pass_by_value, reason = "the right to fetch ends here")]
    pub fn loaded(&mut self, fetch: Fetch, body: &[u8], now: NumericDate) -> Result<(), JwksError> {
        if !self.end(fetch.number, now) {
            return Err(JwksError::Late);
        }
        let set = JwkSet::parse(body)?;
        if set.keys().iter().any(Jwk::is_private) {
            return Err(JwksError::PrivateKey);
        }
        let keys = Arc::new(set.to_ring(&self.accepted)?);
        self.good = Some(Good { keys, skipped: set.skipped().to_vec(), fetched_at: now });
        Ok(())
    }

    /// Takes note that a fetch brought nothing. The last good set stays.
    #[expect(clippy::needless_pass_by_value, reason = "the right to fetch ends here")]
    pub fn failed(&mut self, fetch: Fetch, now: NumericDate) {
        self.end(fetch.number, now);
    }

    fn begin(&mut self, now: NumericDate) -> UnknownKey {
        match self.state {
            State::Fetching { began_at } if !self.schedule.is_given_up(began_at, now) => {
                return UnknownKey::Wait;
            }
            State::Idle { ended_at } if self.schedule.is_cooling(ended_at, now) => {
                return UnknownKey::Refuse;
            }
            // A fetch that was given up took longer than any cool-down needs to be.
            State::New | State::Fetching { .. } | State::Idle { .. } => {}
        }
        self.latest += 1;
        self.state = State::Fetching { began_at: now };
        UnknownKey::Fetch(Fetch { number: self.latest })
    }

    /// Whether this fetch is the one that is under way; then it has ended.
    fn end(&mut self, number: u64, now: NumericDate) -> bool {
        let is_under_way = matches!(self.state, State::Fetching { .. }) && number == self.latest;
        if is_under_way {
            self.state = State::Idle { ended_at: now };
        }
        is_under_way
    }
}
