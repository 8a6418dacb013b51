//! `NumericDate` of RFC 7519 §2.

use serde::{Deserialize, Serialize};

/// A point in time: whole seconds since 1970-01-01T00:00:00Z.
///
/// Its arithmetic stops at the first and last representable date, so that a sum with a hostile
/// operand is a date far away and never one near by.
///
/// ```
/// use sealpass_jose::NumericDate;
///
/// let now = NumericDate::from_secs(1_700_000_000);
/// assert!(now.saturating_add(600) > now);
/// assert_eq!(now.saturating_add(u64::MAX).as_secs(), u64::MAX);
/// assert_eq!(now.seconds_since(now.saturating_add(600)), 0, "not a negative duration");
/// ```
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct NumericDate(u64);

impl NumericDate {
    /// The date `seconds` after the epoch.
    #[must_use]
    pub const fn from_secs(seconds: u64) -> Self {
        Self(seconds)
    }

    /// Seconds since the epoch.
    #[must_use]
    pub const fn as_secs(self) -> u64 {
        self.0
    }

    /// This date `seconds` later; the last representable date instead of an overflow.
    #[must_use]
    pub const fn saturating_add(self, seconds: u64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// This date `seconds` earlier; the epoch instead of an underflow.
    #[must_use]
    pub const fn saturating_sub(self, seconds: u64) -> Self {
        Self(self.0.saturating_sub(seconds))
    }

    /// Seconds from `earlier` to this date; zero when `earlier` is later.
    #[must_use]
    pub const fn seconds_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}
