//! Keys that every instance with the same secret derives for itself.

use sealpass_jose::hkdf::{self, HkdfError};
use sealpass_jose::{Key, KeyError, KeyRing, NumericDate, Secret, base64url};

use super::{KeyState, KeyTimes, ScheduledKey, ScheduledKeys, SharedSecret};

/// One key in each period of the clock, derived from a secret: for sessions, `dir` with `A256GCM`;
/// for assertions, `EdDSA`.
///
/// Period *n* begins *n* periods after the epoch. Its key is HKDF-SHA256 of the secret, with a label
/// for its purpose, the length of the period and its number, so all who have the secret have the
/// same keys, and who has one key has no other. Its `kid` is a name of the secret, derived in the
/// same way, and the number.
///
/// To change the secret and log nobody out, let every instance accept the new one as well, then seal
/// with it and accept the old one, and take that away when its last token cannot be presented any
/// more.
///
/// ```
/// use sealpass::schedule::{KeyState, KeyTimes, SharedKeys, SharedKeysError, SharedSecret};
/// use sealpass::{Lifetimes, NumericDate};
///
/// let secret = || SharedSecret::parse("q1vUnfyLBMbqe5xBvXXP4sHCmEKA2wSsWSDQ-A6J9nU");
/// let times = KeyTimes::of(3_600, Lifetimes::DEFAULT)?;
/// let here = SharedKeys::new(secret()?, times)?;
/// let there = SharedKeys::new(secret()?, times)?;
///
/// let now = NumericDate::from_secs(1_800_000_000);
/// let keys = here.at(now, None)?;
/// assert_eq!(keys.ring().active().kid(), "yAKG7r5W.500000");
/// assert_eq!(keys.changes_at(), Some(NumericDate::from_secs(1_800_003_600)));
///
/// // Whoever seals with the next key already is understood.
/// let ahead = there.at(now.saturating_add(3_600), None)?;
/// let next = keys.keys().last().ok_or("no keys")?;
/// assert_eq!((next.state(), next.key().kid()), (KeyState::Next, ahead.ring().active().kid()));
///
/// assert_eq!(here.with_other(secret()?).err(), Some(SharedKeysError::SameSecret));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct SharedKeys {
    /// The first one seals.
    secrets: Vec<Named>,
    times: KeyTimes,
    purpose: Purpose,
}

/// What the keys are for. Another purpose, other keys and other names.
#[derive(Clone, Copy, Debug)]
enum Purpose {
    Assertions,
    Sessions,
}

#[derive(Clone, Debug)]
struct Named {
    name: String,
    secret: SharedSecret,
}

/// Why there are no such keys.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SharedKeysError {
    /// The cryptographic library failed.
    #[error(transparent)]
    Derivation(#[from] HkdfError),
    /// The cryptographic library refused what was derived.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Both secrets are the same one.
    #[error("the two secrets are the same one")]
    SameSecret,
}

impl SharedKeys {
    /// The keys of `secret` that sessions are sealed with.
    ///
    /// # Errors
    /// [`SharedKeysError::Derivation`].
    pub fn new(secret: SharedSecret, times: KeyTimes) -> Result<Self, SharedKeysError> {
        Self::of(Purpose::Sessions, secret, times)
    }

    /// The keys of `secret` that assertions about callers are signed with, for services that have
    /// the public halves alone. Of the keys of sessions they tell nothing.
    ///
    /// ```
    /// # use sealpass::schedule::{KeyTimes, SharedKeys, SharedSecret};
    /// # use sealpass::{Lifetimes, NumericDate};
    /// let secret = SharedSecret::parse("q1vUnfyLBMbqe5xBvXXP4sHCmEKA2wSsWSDQ-A6J9nU")?;
    /// let times = KeyTimes::of(86_400, Lifetimes::new(60, 60, 60)?)?;
    /// let keys = SharedKeys::for_assertions(secret, times)?;
    ///
    /// let today = keys.at(NumericDate::from_secs(1_800_000_000), None)?;
    /// let public: Vec<_> = today.keys().iter().map(|key| key.key().to_public_jwk()).collect();
    /// assert_eq!(public.len(), 2, "the key of tomorrow is there to be published");
    /// assert!(public.iter().all(Option::is_some));
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`SharedKeysError::Derivation`].
    pub fn for_assertions(secret: SharedSecret, times: KeyTimes) -> Result<Self, SharedKeysError> {
        Self::of(Purpose::Assertions, secret, times)
    }

    fn of(
        purpose: Purpose,
        secret: SharedSecret,
        times: KeyTimes,
    ) -> Result<Self, SharedKeysError> {
        Ok(Self { secrets: vec![Named::new(purpose, secret, times)?], times, purpose })
    }

    /// The same, and the keys of another secret open too: of the one that was there before, or of
    /// the one that will be.
    ///
    /// # Errors
    /// [`SharedKeysError::SameSecret`], [`SharedKeysError::Derivation`].
    pub fn with_other(mut self, secret: SharedSecret) -> Result<Self, SharedKeysError> {
        let other = Named::new(self.purpose, secret, self.times)?;
        if self.secrets.iter().any(|known| known.name == other.name) {
            return Err(SharedKeysError::SameSecret);
        }
        self.secrets.push(other);
        Ok(self)
    }

    /// The names of the secrets, as they stand in every `kid`; the one that seals comes first.
    #[must_use]
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.secrets.iter().map(|named| named.name.as_str())
    }

    /// The keys at `now`: of the period, of the next one, and of those before whose tokens may still
    /// be presented.
    ///
    /// `held` are the keys of a moment before. Those that still hold are taken from there, with the
    /// count of what they have sealed ([`Key::sealed`]).
    ///
    /// # Errors
    /// [`SharedKeysError::Derivation`], [`SharedKeysError::Key`].
    pub fn at(
        &self,
        now: NumericDate,
        held: Option<&KeyRing>,
    ) -> Result<ScheduledKeys, SharedKeysError> {
        let (period, retention) = (self.times.period(), self.times.retention());
        let current = now.as_secs() / period;
        // The first whose end lies less than the retention back.
        let oldest = now.as_secs().saturating_sub(retention) / period;
        let starts = |number: u64| NumericDate::from_secs(number.saturating_mul(period));
        let ends_opening = |number: u64| starts(number.saturating_add(1)).saturating_add(retention);

        let mut keys = Vec::new();
        for (index, named) in self.secrets.iter().enumerate() {
            for number in oldest..=current.saturating_add(1) {
                let state = match number {
                    _ if number > current => KeyState::Next,
                    _ if number == current && index == 0 => KeyState::Active,
                    _ => KeyState::Retired,
                };
                let kid = format!("{}.{number}", named.name);
                let key = match held.and_then(|held| held.get(&kid)) {
                    Some(key) => key.clone(),
                    None => named.key(self.purpose, &kid, self.times, number)?,
                };
                let seals_from = (index == 0).then_some(starts(number));
                let opens_until = Some(ends_opening(number));
                keys.push(ScheduledKey { key, state, seals_from, opens_until });
            }
        }
        let active = keys.iter().find(|key| key.state == KeyState::Active);
        let active = active.ok_or(KeyError::Kid)?.key.clone();
        let mut ring = KeyRing::new(active);
        for key in keys.iter().filter(|key| key.state != KeyState::Active) {
            ring = ring.with_retired(key.key.clone())?;
        }
        let changes_at = starts(current.saturating_add(1)).min(ends_opening(oldest));
        Ok(ScheduledKeys { ring, keys, changes_at: Some(changes_at) })
    }
}

impl Named {
    /// The name tells which secret it is, and nothing about it: it is derived like a key. With
    /// another period there are other keys, and so there is another name.
    fn new(purpose: Purpose, secret: SharedSecret, times: KeyTimes) -> Result<Self, HkdfError> {
        let name = derive::<NAME_BYTES>(&secret, purpose.name_label(), times.period(), 0)?;
        Ok(Self { name: base64url::encode(name.expose()), secret })
    }

    fn key(
        &self,
        purpose: Purpose,
        kid: &str,
        times: KeyTimes,
        number: u64,
    ) -> Result<Key, SharedKeysError> {
        let key = derive(&self.secret, purpose.key_label(), times.period(), number)?;
        Ok(match purpose {
            Purpose::Assertions => Key::ed25519_from_seed(kid, &key)?,
            Purpose::Sessions => Key::a256gcm(kid, &key)?,
        })
    }
}

impl Purpose {
    const fn key_label(self) -> &'static [u8] {
        match self {
            Self::Assertions => b"assertion EdDSA Ed25519\0",
            Self::Sessions => b"session dir A256GCM\0",
        }
    }

    const fn name_label(self) -> &'static [u8] {
        match self {
            Self::Assertions => b"assertion name\0",
            Self::Sessions => b"name\0",
        }
    }
}

/// Everything after the label has a fixed length, and no label is the beginning of another.
fn derive<const N: usize>(
    secret: &SharedSecret,
    label: &[u8],
    period: u64,
    number: u64,
) -> Result<Secret<[u8; N]>, HkdfError> {
    let info = [label, &period.to_be_bytes(), &number.to_be_bytes()].concat();
    hkdf::sha256(secret.bytes(), SALT, &info)
}

/// Not secret, the same everywhere: it separates these keys from any other use of HKDF.
const SALT: &[u8] = b"sealpass shared secret v1";
/// 48 bits: two secrets have the same name once in some hundred billions.
const NAME_BYTES: usize = 6;
