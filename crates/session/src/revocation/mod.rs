//! What has been logged out, until it would have expired anyway.

mod list;
mod shard;
mod snapshot;

pub use list::RevocationList;
pub use snapshot::Revocations;
