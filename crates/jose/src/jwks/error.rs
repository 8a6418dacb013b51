//! Why a cache is not made, or not refreshed.

use super::JwksSchedule;
use crate::jwk::JwkSetError;

/// Why what was fetched is not used. The last good set stays.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum JwksError {
    /// The fetch took so long that it was given up, and another one may have begun.
    #[error("the fetch was given up before its answer came")]
    Late,
    /// A key of the set is private or shared, so whoever fetched it can sign with it.
    #[error("the set has a private or a shared key; whoever fetched it can sign with it")]
    PrivateKey,
    /// What was fetched is not a JWK Set that can be used.
    #[error(transparent)]
    Set(#[from] JwkSetError),
}

/// Why a schedule is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum JwksScheduleError {
    /// The cool-down is shorter than a second, or longer than the set is fresh.
    #[error("the cool-down must have 1 s at least, and not more than the time a set is fresh")]
    Cooldown,
    /// A fetch is given up before a second, or not within five minutes.
    #[error("a fetch must be given up after 1 to {} s", JwksSchedule::MAX_FETCH_TIMEOUT)]
    FetchTimeout,
    /// A set is used for less time than it is fresh, or for more than a week.
    #[error(
        "a set must be used at least as long as it is fresh, and {} s at most",
        JwksSchedule::MAX_STALENESS
    )]
    Staleness,
}

impl JwksError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Late => "jwks_late",
            Self::PrivateKey => "jwks_private_key",
            Self::Set(set) => set.code(),
        }
    }
}
