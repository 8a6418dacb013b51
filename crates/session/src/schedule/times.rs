//! How long a key seals and opens.

use crate::lifetimes::Lifetimes;

/// How long a key seals, and for how long after that it opens, in seconds.
///
/// ```
/// use sealpass::Lifetimes;
/// use sealpass::schedule::{KeyTimes, KeyTimesError};
///
/// let lifetimes = Lifetimes::DEFAULT.with_leeway(30)?;
/// assert_eq!(KeyTimes::of(3_600, lifetimes)?.retention(), 3_630);
///
/// let refused = KeyTimes::new(3_600, 600, lifetimes);
/// assert_eq!(refused, Err(KeyTimesError::RetentionTooShort { min: 3_630 }));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct KeyTimes {
    period: u64,
    retention: u64,
}

/// Times that would refuse live sessions, or need too many keys.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyTimesError {
    /// There would be more than [`KeyTimes::MAX_RETIRED`] retired keys, or clocks that differ as
    /// much as the leeway allows could be more than a period apart.
    #[error("a key must seal for at least {min} s")]
    PeriodTooShort {
        /// Seconds.
        min: u64,
    },
    /// A key would be gone while a token that it sealed may still be presented.
    #[error(
        "a key must open for at least {min} s after it has sealed its last token: for so long that \
         may be presented"
    )]
    RetentionTooShort {
        /// Seconds.
        min: u64,
    },
}

impl KeyTimes {
    /// How many retired keys there are at most.
    pub const MAX_RETIRED: u64 = 100;

    /// A key seals for `period` seconds and opens for `retention` more.
    ///
    /// # Errors
    /// [`KeyTimesError::RetentionTooShort`] when that is less than [`Lifetimes::presentable`];
    /// [`KeyTimesError::PeriodTooShort`].
    pub const fn new(
        period: u64,
        retention: u64,
        lifetimes: Lifetimes,
    ) -> Result<Self, KeyTimesError> {
        if retention < lifetimes.presentable() {
            return Err(KeyTimesError::RetentionTooShort { min: lifetimes.presentable() });
        }
        let for_clocks = if lifetimes.leeway() == 0 { 1 } else { lifetimes.leeway() };
        let for_keys = retention.div_ceil(Self::MAX_RETIRED - 1);
        let min = if for_keys > for_clocks { for_keys } else { for_clocks };
        if period < min {
            return Err(KeyTimesError::PeriodTooShort { min });
        }
        Ok(Self { period, retention })
    }

    /// A key seals for `period` seconds, and opens for no longer after that than it must.
    ///
    /// # Errors
    /// [`KeyTimesError::PeriodTooShort`].
    pub const fn of(period: u64, lifetimes: Lifetimes) -> Result<Self, KeyTimesError> {
        Self::new(period, lifetimes.presentable(), lifetimes)
    }

    /// Seconds a key seals.
    #[must_use]
    pub const fn period(self) -> u64 {
        self.period
    }

    /// Seconds a key opens after it has sealed its last token.
    #[must_use]
    pub const fn retention(self) -> u64 {
        self.retention
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_opens_at_least_as_long_as_its_last_token_may_be_presented() {
        let lifetimes = Lifetimes::new(600, 3_600, 43_200).unwrap();
        assert_eq!(
            KeyTimes::new(3_600, 3_599, lifetimes),
            Err(KeyTimesError::RetentionTooShort { min: 3_600 })
        );
        assert!(KeyTimes::new(3_600, 3_600, lifetimes).is_ok());
        // A bearer token lasts a leeway longer than `access`, which may be as long as `idle`.
        let lifetimes = Lifetimes::new(600, 600, 600).unwrap().with_leeway(60).unwrap();
        assert_eq!(lifetimes.presentable(), 660);
        assert_eq!(
            KeyTimes::new(3_600, 659, lifetimes),
            Err(KeyTimesError::RetentionTooShort { min: 660 })
        );
    }

    #[test]
    fn a_period_is_no_shorter_than_clocks_may_differ_and_keys_are_not_too_many() {
        let lifetimes = Lifetimes::new(1, 1, 1).unwrap().with_leeway(60).unwrap();
        assert_eq!(KeyTimes::of(59, lifetimes), Err(KeyTimesError::PeriodTooShort { min: 60 }));
        assert!(KeyTimes::of(60, lifetimes).is_ok());
        assert_eq!(
            KeyTimes::of(0, Lifetimes::new(1, 1, 1).unwrap()),
            Err(KeyTimesError::PeriodTooShort { min: 1 })
        );
        let month = Lifetimes::new(60, 30 * 86_400, 30 * 86_400).unwrap();
        assert_eq!(KeyTimes::of(3_600, month), Err(KeyTimesError::PeriodTooShort { min: 26_182 }));
        assert!(KeyTimes::of(26_182, month).is_ok());
    }
}
