//! The clock of this machine.

use std::time::{SystemTime, UNIX_EPOCH};

use sealpass_tower::sealpass::NumericDate;

/// The time. A clock before 1970 reads as 1970.
pub(crate) fn now() -> NumericDate {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    NumericDate::from_secs(since_epoch.as_secs())
}
