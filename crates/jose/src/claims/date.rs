//! `NumericDate` claims (RFC 7519 §2).

use super::ClaimError;
use crate::json::{Seconds, seconds};
use crate::numeric_date::NumericDate;

/// The date that the scanned JSON value `raw` is, an integer or a fraction rounded up.
#[inline]
pub(super) fn date(claim: &str, raw: &str) -> Result<NumericDate, ClaimError> {
    match seconds(raw) {
        Some(Seconds::Whole(seconds)) => Ok(NumericDate::from_secs(seconds)),
        Some(Seconds::OutOfRange) => Err(ClaimError::DateRange { claim: claim.to_owned() }),
        None => Err(ClaimError::Type {
            claim: claim.to_owned(),
            expected: "a number of seconds since 1970",
        }),
    }
}
