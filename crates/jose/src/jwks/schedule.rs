//! How often somebody else's keys are fetched.

use super::JwksScheduleError;
use crate::numeric_date::NumericDate;

/// When a set is fetched again, and for how long it is used when that fails. All in seconds.
///
/// ```
/// use sealpass_jose::{JwksCache, JwksSchedule, JwksScheduleError};
///
/// let hourly = JwksSchedule::recommended().fresh(3_600);
/// assert!(JwksCache::new(hourly, &[]).is_ok());
///
/// let refused = JwksCache::new(hourly.cooldown(7_200), &[]);
/// assert_eq!(refused.err(), Some(JwksScheduleError::Cooldown));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[must_use]
pub struct JwksSchedule {
    fresh: u64,
    cooldown: u64,
    staleness: u64,
    fetch_timeout: u64,
}

impl JwksSchedule {
    /// The longest time that a set is used without a good answer: a week, in seconds.
    pub const MAX_STALENESS: u64 = 7 * 86_400;

    /// The longest time before a fetch is given up, in seconds.
    pub const MAX_FETCH_TIMEOUT: u64 = 300;

    /// Fresh for 600 seconds, 30 between fetches, used for 86,400, a fetch given up after 30.
    pub const fn recommended() -> Self {
        Self { fresh: 600, cooldown: 30, staleness: 86_400, fetch_timeout: 30 }
    }

    /// A set of this age is fetched again.
    pub const fn fresh(self, seconds: u64) -> Self {
        Self { fresh: seconds, ..self }
    }

    /// So long after a fetch there is no other, whatever tokens name.
    pub const fn cooldown(self, seconds: u64) -> Self {
        Self { cooldown: seconds, ..self }
    }

    /// A set of this age is not used any more: its keys may have been revoked since.
    pub const fn staleness(self, seconds: u64) -> Self {
        Self { staleness: seconds, ..self }
    }

    /// A fetch that has not ended by then is taken for failed.
    pub const fn fetch_timeout(self, seconds: u64) -> Self {
        Self { fetch_timeout: seconds, ..self }
    }

    pub(super) const fn check(self) -> Result<Self, JwksScheduleError> {
        if self.cooldown == 0 || self.cooldown > self.fresh {
            return Err(JwksScheduleError::Cooldown);
        }
        if self.staleness < self.fresh || self.staleness > Self::MAX_STALENESS {
            return Err(JwksScheduleError::Staleness);
        }
        if self.fetch_timeout == 0 || self.fetch_timeout > Self::MAX_FETCH_TIMEOUT {
            return Err(JwksScheduleError::FetchTimeout);
        }
        Ok(self)
    }

    pub(super) fn is_fresh(&self, fetched_at: NumericDate, now: NumericDate) -> bool {
        !has_passed(self.fresh, fetched_at, now)
    }

    pub(super) fn is_cooling(&self, ended_at: NumericDate, now: NumericDate) -> bool {
        !has_passed(self.cooldown, ended_at, now)
    }

    /// A clock that was set back makes no set older.
    pub(super) const fn is_usable(&self, fetched_at: NumericDate, now: NumericDate) -> bool {
        now.seconds_since(fetched_at) < self.staleness
    }

    pub(super) fn is_given_up(&self, began_at: NumericDate, now: NumericDate) -> bool {
        has_passed(self.fetch_timeout, began_at, now)
    }
}

/// Whether `seconds` have passed since then. A clock that was set back says yes: otherwise nothing
/// would be fetched until it has caught up.
fn has_passed(seconds: u64, since: NumericDate, now: NumericDate) -> bool {
    now < since || now.seconds_since(since) >= seconds
}
