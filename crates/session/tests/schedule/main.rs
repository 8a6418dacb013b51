//! Key schedules: instances agree, and no token outlives its key.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod restart;
mod shared;
mod timeline;

use sealpass::NumericDate;

fn at(seconds: u64) -> NumericDate {
    NumericDate::from_secs(seconds)
}
