//! Keys that come with a date.

use sealpass_jose::{Key, KeyRing, NumericDate};

use super::{KeyState, ScheduledKey, ScheduledKeys};

/// Keys made elsewhere, each with the date it seals from.
///
/// The active key is the one whose date was last. It retires when the date of another comes, opens
/// for the retention after that, and is gone then, whether or not anybody took it away.
///
/// ```
/// use sealpass::jose::Key;
/// use sealpass::schedule::{DatedKey, Timeline, TimelineError};
/// use sealpass::NumericDate;
///
/// let day = |n: u64| NumericDate::from_secs(n * 86_400);
/// let (old, new) = (Key::generate_a256gcm()?, Key::generate_a256gcm()?);
/// let keys = vec![DatedKey::new(old.clone(), day(10)), DatedKey::new(new.clone(), day(40))];
/// let timeline = Timeline::new(keys, 3_600)?;
///
/// assert_eq!(timeline.at(day(39))?.ring().active().kid(), old.kid());
/// assert_eq!(timeline.at(day(40))?.ring().active().kid(), new.kid());
/// assert!(timeline.at(day(40))?.ring().get(old.kid()).is_some());
/// assert!(timeline.at(day(41))?.ring().get(old.kid()).is_none());
///
/// assert_eq!(timeline.at(day(9)).err(), Some(TimelineError::NotYet { from: day(10) }));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Timeline {
    /// In the order of their dates.
    keys: Vec<DatedKey>,
    /// Keys that seal nothing, and open as long as they are here.
    opening: Vec<Key>,
    retention: u64,
}

/// A key and the date it seals from.
#[derive(Clone, Debug)]
pub struct DatedKey {
    key: Key,
    seals_from: NumericDate,
}

/// Keys among which nothing says which is to seal.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TimelineError {
    /// A key without a private part cannot seal.
    #[error("the key `{}` cannot seal", .kid.escape_debug())]
    CannotSeal {
        /// Its name.
        kid: String,
    },
    /// Two keys with one name.
    #[error("the key `{}` is there twice", .kid.escape_debug())]
    DuplicateKid {
        /// The name.
        kid: String,
    },
    /// No key seals, ever.
    #[error("there is no key that can seal")]
    Empty,
    /// No key seals yet.
    #[error("no key seals yet: the first one does from {} s after the epoch on", from.as_secs())]
    NotYet {
        /// The date of the first one.
        from: NumericDate,
    },
    /// Two keys would begin to seal at the same time.
    #[error(
        "the keys `{}` and `{}` would seal from the same date on", .kid.escape_debug(),
        .other.escape_debug()
    )]
    SameDate {
        /// One of them.
        kid: String,
        /// The other.
        other: String,
    },
}

impl DatedKey {
    /// `key` seals from `seals_from` on.
    #[must_use]
    pub const fn new(key: Key, seals_from: NumericDate) -> Self {
        Self { key, seals_from }
    }

    /// The key.
    #[must_use]
    pub const fn key(&self) -> &Key {
        &self.key
    }

    /// The date.
    #[must_use]
    pub const fn seals_from(&self) -> NumericDate {
        self.seals_from
    }
}

impl Timeline {
    /// Keys that open for `retention` seconds after another has taken over.
    ///
    /// # Errors
    /// [`TimelineError`], except for [`TimelineError::NotYet`].
    pub fn new(mut keys: Vec<DatedKey>, retention: u64) -> Result<Self, TimelineError> {
        if keys.is_empty() {
            return Err(TimelineError::Empty);
        }
        keys.sort_by_key(|key| key.seals_from);
        if let Some(key) = keys.iter().find(|key| !key.key.can_make()) {
            return Err(TimelineError::CannotSeal { kid: key.key.kid().to_owned() });
        }
        for pair in keys.windows(2) {
            if let [one, two] = pair
                && one.seals_from == two.seals_from
            {
                let [kid, other] = [one, two].map(|key| key.key.kid().to_owned());
                return Err(TimelineError::SameDate { kid, other });
            }
        }
        let timeline = Self { keys, opening: Vec::new(), retention };
        timeline.require_different_names()?;
        Ok(timeline)
    }

    /// The same with keys that open and never seal, such as public ones.
    ///
    /// # Errors
    /// [`TimelineError::DuplicateKid`].
    pub fn with_opening(mut self, keys: Vec<Key>) -> Result<Self, TimelineError> {
        self.opening.extend(keys);
        self.require_different_names()?;
        Ok(self)
    }

    /// The keys at `now`.
    ///
    /// # Errors
    /// [`TimelineError::NotYet`].
    pub fn at(&self, now: NumericDate) -> Result<ScheduledKeys, TimelineError> {
        let active = self.active(now)?.key.clone();
        let mut keys: Vec<_> = self.opening.iter().map(opening).collect();
        for (index, dated) in self.keys.iter().enumerate() {
            let opens_until = self.opens_until(index);
            if opens_until.is_some_and(|end| end <= now) {
                continue;
            }
            let state = match dated.seals_from {
                from if from > now => KeyState::Next,
                _ if dated.key.kid() == active.kid() => KeyState::Active,
                _ => KeyState::Retired,
            };
            let seals_from = Some(dated.seals_from);
            keys.push(ScheduledKey { key: dated.key.clone(), state, seals_from, opens_until });
        }
        let mut ring = KeyRing::new(active);
        for key in keys.iter().filter(|key| key.state != KeyState::Active) {
            let kid = || key.key.kid().to_owned();
            ring = ring
                .with_retired(key.key.clone())
                .map_err(|_| TimelineError::DuplicateKid { kid: kid() })?;
        }
        let dates = keys.iter().flat_map(|key| [key.seals_from, key.opens_until]);
        let changes_at = dates.flatten().filter(|date| *date > now).min();
        Ok(ScheduledKeys { ring, keys, changes_at })
    }

    /// The keys that do not open any more: there is no use in keeping them.
    pub fn gone(&self, now: NumericDate) -> impl Iterator<Item = &Key> {
        let gone = self
            .keys
            .iter()
            .enumerate()
            .filter(move |(index, _)| self.opens_until(*index).is_some_and(|end| end <= now));
        gone.map(|(_, dated)| &dated.key)
    }

    /// When a new key should begin to seal, if it is time to make one: `period` seconds after the
    /// active one did, and made `lead` seconds before that. Not if there is a next one already.
    ///
    /// # Errors
    /// [`TimelineError::NotYet`].
    pub fn due(
        &self,
        now: NumericDate,
        period: u64,
        lead: u64,
    ) -> Result<Option<NumericDate>, TimelineError> {
        let active = self.active(now)?;
        if self.keys.iter().any(|key| key.seals_from > now) {
            return Ok(None);
        }
        let earliest = now.saturating_add(lead);
        let from = active.seals_from.saturating_add(period);
        Ok((from <= earliest).then_some(earliest))
    }

    /// The key that seals.
    ///
    /// # Errors
    /// [`TimelineError::NotYet`].
    pub fn active(&self, now: NumericDate) -> Result<&DatedKey, TimelineError> {
        let begun = self.keys.iter().rev().find(|key| key.seals_from <= now);
        let first = self.keys.first().ok_or(TimelineError::Empty);
        match begun {
            Some(active) => Ok(active),
            None => Err(TimelineError::NotYet { from: first?.seals_from }),
        }
    }

    /// Until when the key at `index` opens: the retention after the next one began.
    fn opens_until(&self, index: usize) -> Option<NumericDate> {
        let successor = self.keys.get(index + 1)?;
        Some(successor.seals_from.saturating_add(self.retention))
    }

    fn require_different_names(&self) -> Result<(), TimelineError> {
        let keys = self.keys.iter().map(|dated| &dated.key).chain(&self.opening);
        let mut names: Vec<&str> = keys.map(Key::kid).collect();
        names.sort_unstable();
        match names.windows(2).find(|pair| matches!(pair, [one, two] if one == two)) {
            Some([kid, ..]) => Err(TimelineError::DuplicateKid { kid: (*kid).to_owned() }),
            _ => Ok(()),
        }
    }
}

fn opening(key: &Key) -> ScheduledKey {
    let key = key.clone();
    ScheduledKey { key, state: KeyState::Retired, seals_from: None, opens_until: None }
}
