//! What has been logged out, until it would have expired anyway.

mod fact;
pub mod journal;
mod list;
mod shard;

pub use fact::{Revocation, RevocationError};
pub use list::RevocationList;
