//! Tokens that were found right, so that the next request with one of them costs a look-up.
//!
//! What is remembered is that a token's text opens under the keys of an epoch, and what it says.
//! Nothing else is: whether it still counts is decided for every request. A token that was refused is
//! not remembered, so nobody can fill the cache without tokens of ours.

mod shard;

use std::hash::{BuildHasher as _, RandomState};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sealpass_jose::NumericDate;

use self::shard::{Address, Shard};
use crate::claims::Opened;
use crate::request::Channel;

/// A bounded memory of opened tokens, in shards with a lock each.
pub(crate) struct TokenCache<C> {
    shards: Box<[Mutex<Shard<C>>]>,
    /// Random, odd and of this cache alone: what a token's end is multiplied by to find its place.
    factor: u128,
    /// Tokens are taken in with keys of this epoch only.
    epoch: AtomicU64,
}

/// The longest token that is remembered, in bytes: what fits into a cookie.
const MAX_TOKEN: usize = 4_096;

/// Bytes at the end of a token that choose its place: some 88 bits of a signature or a tag, which for
/// a token of ours nobody chooses, and no other is taken in. So two tokens have the same end by chance
/// alone, which no number of them makes likely, and would take turns in one place. Whoever puts such
/// an end under a text of their own gets as far as the comparison, which is of the whole text.
const HASHED: usize = 16;

const SHARDS: usize = 64;

impl<C> TokenCache<C> {
    /// A cache of at least `tokens` places, rounded up to whole shards.
    pub(crate) fn new(tokens: NonZeroUsize) -> Self {
        let shards = SHARDS.min(tokens.get().div_ceil(Shard::<C>::WAYS));
        let places = tokens.get().div_ceil(shards);
        let random = RandomState::new();
        Self {
            shards: (0..shards).map(|_| Mutex::new(Shard::new(places))).collect(),
            factor: (u128::from(random.hash_one(0)) << 64) | u128::from(random.hash_one(1)) | 1,
            epoch: AtomicU64::new(0),
        }
    }

    /// What `token` says, when it was opened in this epoch as a token of this `channel`.
    pub(crate) fn find(&self, channel: Channel, token: &[u8]) -> Option<Arc<Opened<C>>> {
        let address = self.address(token)?;
        self.lock(address)?.find(address, channel, token)
    }

    /// Remembers what a token says that was opened with the keys of `epoch`, in the place of another
    /// if need be.
    pub(crate) fn insert(
        &self,
        epoch: u64,
        channel: Channel,
        token: &[u8],
        opened: &Arc<Opened<C>>,
        now: NumericDate,
    ) {
        if token.len() > MAX_TOKEN {
            return;
        }
        let Some(address) = self.address(token) else { return };
        let Some(mut shard) = self.lock(address) else { return };
        // Under the lock: either this sees that the epoch is over, or `begin_epoch`, which says so
        // before it takes the lock, wipes what is inserted here.
        if epoch == self.epoch.load(Ordering::SeqCst) {
            shard.insert(address, channel, token, opened, now);
        }
    }

    /// Forgets and wipes everything: the keys are about to change. From now on nothing is taken in
    /// but what the keys of `epoch` open.
    pub(crate) fn begin_epoch(&self, epoch: u64) {
        self.epoch.store(epoch, Ordering::SeqCst);
        for shard in &self.shards {
            shard.lock().unwrap_or_else(PoisonError::into_inner).clear();
        }
    }

    /// Multiply-shift hashing (Dietzfelbinger et al. 1997): whoever does not know the factor cannot
    /// choose ends that meet more often than by chance. None for what is too short to be a token.
    fn address(&self, token: &[u8]) -> Option<Address> {
        let end = u128::from_le_bytes(*token.last_chunk::<HASHED>()?);
        u64::try_from(end.wrapping_mul(self.factor) >> 64).ok().map(Address)
    }

    fn lock(&self, address: Address) -> Option<MutexGuard<'_, Shard<C>>> {
        let shard = self.shards.get(address.shard(self.shards.len()))?;
        Some(shard.lock().unwrap_or_else(PoisonError::into_inner))
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().unwrap().len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::{Methods, SessionClaims};
    use crate::credential::Subject;
    use crate::session_id::SessionId;

    const COOKIE: Channel = Channel::Cookie;

    fn at(seconds: u64) -> NumericDate {
        NumericDate::from_secs(seconds)
    }

    fn cache(tokens: usize) -> TokenCache<u8> {
        TokenCache::new(NonZeroUsize::new(tokens).unwrap())
    }

    fn opened(claims: u8, idle: u64) -> Arc<Opened<u8>> {
        let session = SessionClaims {
            subject: Subject::new("ada").unwrap(),
            sid: SessionId::generate().unwrap(),
            issued_at: at(0),
            auth_time: at(0),
            amr: Methods::Password,
            expires_at: at(idle),
            idle_expires_at: at(idle),
            session_expires_at: at(idle),
            csrf: None,
        };
        Arc::new(Opened { session, claims, begins_at: at(0), subject_hash: 0 })
    }

    /// A text as long as a token is at least.
    fn long(token: &str) -> Vec<u8> {
        format!("{token:->HASHED$}").into_bytes()
    }

    fn insert(cache: &TokenCache<u8>, epoch: u64, token: &str, opened: &Arc<Opened<u8>>, now: u64) {
        cache.insert(epoch, COOKIE, &long(token), opened, at(now));
    }

    fn found(cache: &TokenCache<u8>, channel: Channel, token: &str) -> Option<u8> {
        cache.find(channel, &long(token)).map(|opened| opened.claims)
    }

    #[test]
    fn a_token_is_found_by_its_whole_text_and_its_channel() {
        let cache = cache(64);
        let token = "x".repeat(500);
        insert(&cache, 0, &token, &opened(7, 9), 1);
        assert_eq!(found(&cache, COOKIE, &token), Some(7));
        assert_eq!(found(&cache, Channel::Bearer, &token), None);
        // The same place, since only the end of a token chooses it.
        assert_eq!(found(&cache, COOKIE, &format!("y{}", &token[1..])), None);
        assert_eq!(found(&cache, COOKIE, &token[1..]), None);
        assert_eq!(found(&cache, COOKIE, &format!("x{token}")), None);
        assert_eq!(found(&cache, COOKIE, ""), None);
        assert!(cache.find(COOKIE, b"").is_none());
    }

    #[test]
    fn however_many_tokens_there_are_the_memory_is_bounded() {
        for tokens in [1, 4, 5, 64, 1_000] {
            let cache = cache(tokens);
            for n in 0..20 * tokens {
                insert(&cache, 0, &format!("token-{n}"), &opened(0, 9), 1);
            }
            let bound = tokens + SHARDS * Shard::<u8>::WAYS;
            assert!((1..=bound).contains(&cache.len()), "{} of {tokens}", cache.len());
            let last = format!("token-{}", 20 * tokens - 1);
            assert_eq!(found(&cache, COOKIE, &last), Some(0), "the latest is always there");
        }
    }

    #[test]
    fn a_new_epoch_forgets_everything_and_takes_nothing_of_the_old_one() {
        let cache = cache(64);
        insert(&cache, 0, "old", &opened(1, 9), 1);
        cache.begin_epoch(1);
        assert_eq!(cache.len(), 0);
        // A request that began with the old keys ends now.
        insert(&cache, 0, "late", &opened(2, 9), 1);
        assert_eq!(cache.len(), 0);
        insert(&cache, 1, "new", &opened(3, 9), 1);
        assert_eq!(found(&cache, COOKIE, "new"), Some(3));
    }

    #[test]
    fn what_can_never_count_again_makes_room_first() {
        let cache = cache(1);
        let ways = Shard::<u8>::WAYS;
        for n in 1..ways {
            insert(&cache, 0, &format!("live-{n}"), &opened(1, 100), 1);
        }
        insert(&cache, 0, "dead", &opened(2, 10), 1);
        insert(&cache, 0, "new", &opened(3, 100), 10);
        assert_eq!(found(&cache, COOKIE, "dead"), None);
        for n in 1..ways {
            assert_eq!(found(&cache, COOKIE, &format!("live-{n}")), Some(1), "{n}");
        }
    }

    #[test]
    fn what_is_forgotten_is_not_held() {
        let cache = cache(1);
        let kept = opened(1, 100);
        insert(&cache, 0, "a", &kept, 1);
        assert_eq!(Arc::strong_count(&kept), 2);
        cache.begin_epoch(1);
        assert_eq!(Arc::strong_count(&kept), 1);
    }

    #[test]
    fn a_token_that_no_cookie_could_carry_is_not_kept() {
        let cache = cache(64);
        insert(&cache, 0, &"x".repeat(MAX_TOKEN + 1), &opened(1, 9), 1);
        assert_eq!(cache.len(), 0);
        insert(&cache, 0, &"x".repeat(MAX_TOKEN), &opened(1, 9), 1);
        assert_eq!(cache.len(), 1);
    }
}
