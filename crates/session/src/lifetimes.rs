//! How long a token, an idle session and a session last.

/// The three ends of a session and the tolerance for clocks that differ, in seconds.
///
/// | | counted from | ends | default |
/// |---|---|---|---|
/// | access | the last renewal | the token; renewed in place before `idle` | 600 |
/// | idle | the last renewal | the session of someone who went away | 3 600 |
/// | absolute | the login | the session of anyone | 43 200 |
///
/// There is no "unlimited".
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Lifetimes {
    access: u64,
    idle: u64,
    absolute: u64,
    leeway: u64,
}

/// Lifetimes that contradict each other, or that no session should have.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LifetimesError {
    /// `absolute` is longer than [`Lifetimes::MAX_ABSOLUTE`].
    #[error("absolute lifetime must be at most {} s (30 days)", Lifetimes::MAX_ABSOLUTE)]
    AbsoluteTooLong,
    /// `leeway` is longer than [`Lifetimes::MAX_LEEWAY`].
    #[error("leeway must be at most {} s", Lifetimes::MAX_LEEWAY)]
    LeewayTooLong,
    /// Not 0 < access <= idle <= absolute.
    #[error("lifetimes must be 0 < access <= idle <= absolute")]
    Order,
}

impl Lifetimes {
    /// The defaults: 600 s, 3 600 s, 43 200 s, no leeway.
    pub const DEFAULT: Self = Self { access: 600, idle: 3_600, absolute: 43_200, leeway: 0 };
    /// The limits of NIST SP 800-63B for AAL1: 30 days from the login, whatever happens.
    ///
    /// The standard sets no idle limit at this level, so the idle lifetime is as long; a shorter one
    /// is wise, also since a revoked session is remembered for as long as it could be renewed.
    pub const NIST_AAL1: Self = Self { access: 600, idle: 30 * DAY, absolute: 30 * DAY, leeway: 0 };
    /// The limits of NIST SP 800-63B for AAL2: 12 hours from the login, 30 minutes without a request.
    ///
    /// These are the limits of revision 3. Revision 4 recommends at most 24 hours and one hour, so
    /// both are met.
    pub const NIST_AAL2: Self = Self { access: 600, idle: 1_800, absolute: 43_200, leeway: 0 };
    /// The limits of NIST SP 800-63B for AAL3, in both revisions: 12 hours from the login, 15 minutes
    /// without a request.
    pub const NIST_AAL3: Self = Self { access: 300, idle: 900, absolute: 43_200, leeway: 0 };
    /// The longest absolute lifetime, in seconds: 30 days, the bound of NIST SP 800-63B for AAL1.
    pub const MAX_ABSOLUTE: u64 = 30 * DAY;
    /// The longest leeway, in seconds.
    pub const MAX_LEEWAY: u64 = 60;

    /// Lifetimes in seconds, with no leeway.
    ///
    /// # Errors
    /// [`LifetimesError::Order`] unless `0 < access <= idle <= absolute`;
    /// [`LifetimesError::AbsoluteTooLong`] past [`Lifetimes::MAX_ABSOLUTE`].
    ///
    /// ```
    /// use sealpass::{Lifetimes, LifetimesError};
    ///
    /// let bank = Lifetimes::new(60, 300, 3_600)?;
    /// assert_eq!(bank.idle(), 300);
    /// assert_eq!(Lifetimes::new(600, 300, 3_600), Err(LifetimesError::Order));
    /// # Ok::<_, LifetimesError>(())
    /// ```
    pub const fn new(access: u64, idle: u64, absolute: u64) -> Result<Self, LifetimesError> {
        if absolute > Self::MAX_ABSOLUTE {
            return Err(LifetimesError::AbsoluteTooLong);
        }
        if access == 0 || access > idle || idle > absolute {
            return Err(LifetimesError::Order);
        }
        Ok(Self { access, idle, absolute, leeway: 0 })
    }

    /// The same lifetimes, tolerating clocks that are `leeway` seconds apart.
    ///
    /// # Errors
    /// [`LifetimesError::LeewayTooLong`] past [`Lifetimes::MAX_LEEWAY`].
    pub const fn with_leeway(self, leeway: u64) -> Result<Self, LifetimesError> {
        if leeway > Self::MAX_LEEWAY {
            return Err(LifetimesError::LeewayTooLong);
        }
        Ok(Self { leeway, ..self })
    }

    /// Seconds a token lasts.
    #[must_use]
    pub const fn access(self) -> u64 {
        self.access
    }

    /// Seconds after its last renewal until a session can no longer be renewed.
    #[must_use]
    pub const fn idle(self) -> u64 {
        self.idle
    }

    /// Seconds after login until the session ends whatever happens.
    #[must_use]
    pub const fn absolute(self) -> u64 {
        self.absolute
    }

    /// Seconds by which clocks may differ.
    #[must_use]
    pub const fn leeway(self) -> u64 {
        self.leeway
    }

    /// Seconds after it was sealed for which a token may be presented; its key must be there for as
    /// long. `access` is at most `idle`, and leeway is given to one of them.
    #[must_use]
    pub const fn presentable(self) -> u64 {
        self.idle + self.leeway
    }

    /// Seconds after a logout for which it must be remembered, when whoever renews sessions learns of
    /// it within `delay` seconds: what was renewed by then is over.
    #[must_use]
    pub const fn revocable(self, delay: u64) -> u64 {
        let idle = self.idle.saturating_add(delay);
        let over = if idle < self.absolute { idle } else { self.absolute };
        over + self.leeway
    }
}

const DAY: u64 = 24 * 3_600;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_the_documented_ones() {
        let lifetimes = Lifetimes::DEFAULT;
        assert_eq!(Lifetimes::new(600, 3_600, 43_200), Ok(lifetimes));
        assert_eq!(lifetimes.leeway(), 0);
    }

    #[test]
    fn the_presets_are_the_limits_of_nist_sp_800_63b() {
        let day = 86_400;
        assert_eq!(Lifetimes::new(600, 30 * day, 30 * day), Ok(Lifetimes::NIST_AAL1));
        assert_eq!(Lifetimes::new(600, 30 * 60, day / 2), Ok(Lifetimes::NIST_AAL2));
        assert_eq!(Lifetimes::new(300, 15 * 60, day / 2), Ok(Lifetimes::NIST_AAL3));
    }

    #[test]
    fn contradictions_and_eternity_are_refused() {
        assert_eq!(Lifetimes::new(0, 1, 1), Err(LifetimesError::Order));
        assert_eq!(Lifetimes::new(2, 1, 2), Err(LifetimesError::Order));
        assert_eq!(Lifetimes::new(1, 3, 2), Err(LifetimesError::Order));
        assert_eq!(Lifetimes::new(1, 1, u64::MAX), Err(LifetimesError::AbsoluteTooLong));
        assert!(Lifetimes::new(1, 1, Lifetimes::MAX_ABSOLUTE).is_ok());
        assert_eq!(Lifetimes::DEFAULT.with_leeway(61), Err(LifetimesError::LeewayTooLong));
        assert!(Lifetimes::DEFAULT.with_leeway(60).is_ok());
    }
}
