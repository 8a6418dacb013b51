//! Why a claim is not what its reader expects.

use std::fmt;

use serde::de;

/// Why a claim cannot be read as its reader wants it.
///
/// It names the claim and never has its value in it.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ClaimError {
    /// The claim is a date before 1970 or after 9999.
    #[error("the claim `{claim}` is no date between 1970 and 9999")]
    DateRange {
        /// Its name.
        claim: String,
    },
    /// A required claim is missing.
    #[error("the claim `{claim}` is missing")]
    Missing {
        /// Its name.
        claim: &'static str,
    },
    /// The reader's own type refuses the claims, all in all.
    #[error("the claims are not what their reader accepts")]
    Refused,
    /// The claim is of another type than its reader expects.
    #[error("the claim `{claim}` is not {expected}")]
    Type {
        /// Its name.
        claim: String,
        /// What it would have to be.
        expected: &'static str,
    },
    /// The reader's own type does not know the claim.
    #[error("the claim `{claim}` is not known")]
    Unknown {
        /// Its name.
        claim: String,
    },
}

impl de::Error for ClaimError {
    /// Without the message, which may have the value in it.
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::Refused
    }

    fn missing_field(claim: &'static str) -> Self {
        Self::Missing { claim }
    }

    fn unknown_field(claim: &str, _: &'static [&'static str]) -> Self {
        Self::Unknown { claim: claim.to_owned() }
    }
}
