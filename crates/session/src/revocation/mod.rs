//! What has been logged out, until it would have expired anyway.

mod list;
mod snapshot;

pub use list::RevocationList;
pub use snapshot::Revocations;
