//! The published keys of somebody else, kept fresh without I/O.

mod cache;
mod error;
mod schedule;

pub use cache::{Fetch, JwksCache, UnknownKey};
pub use error::{JwksError, JwksScheduleError};
pub use schedule::JwksSchedule;
