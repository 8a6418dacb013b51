//! The keys of a moment.

use sealpass_jose::{Key, KeyRing, NumericDate};

/// What a key is for now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a key has no other state; one that is gone has none")]
pub enum KeyState {
    /// It seals, and opens.
    Active,
    /// It opens: an instance whose clock is ahead may have begun to seal with it.
    Next,
    /// It has sealed its last token, and opens what it sealed.
    Retired,
}

impl KeyState {
    /// The state in lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Next => "next",
            Self::Retired => "retired",
        }
    }
}

/// A key with its state and its dates.
#[derive(Clone, Debug)]
pub struct ScheduledKey {
    pub(super) key: Key,
    pub(super) state: KeyState,
    pub(super) seals_from: Option<NumericDate>,
    pub(super) opens_until: Option<NumericDate>,
}

impl ScheduledKey {
    /// The key.
    #[must_use]
    pub const fn key(&self) -> &Key {
        &self.key
    }

    /// What it is for now.
    #[must_use]
    pub const fn state(&self) -> KeyState {
        self.state
    }

    /// The second from which it seals; none if it never does.
    #[must_use]
    pub const fn seals_from(&self) -> Option<NumericDate> {
        self.seals_from
    }

    /// The first second in which it does not open any more; none while no other key is to follow.
    #[must_use]
    pub const fn opens_until(&self) -> Option<NumericDate> {
        self.opens_until
    }
}

/// Every key that opens now, one of which seals.
#[derive(Clone, Debug)]
pub struct ScheduledKeys {
    pub(super) ring: KeyRing,
    pub(super) keys: Vec<ScheduledKey>,
    pub(super) changes_at: Option<NumericDate>,
}

impl ScheduledKeys {
    /// For [`Policy::replace_keys`](crate::Policy::replace_keys).
    #[must_use]
    pub const fn ring(&self) -> &KeyRing {
        &self.ring
    }

    /// The keys, those that seal earlier first.
    #[must_use]
    pub fn keys(&self) -> &[ScheduledKey] {
        &self.keys
    }

    /// The first second in which the keys are others, or have other states; none if they stay.
    #[must_use]
    pub const fn changes_at(&self) -> Option<NumericDate> {
        self.changes_at
    }
}
