//! What has been logged out, until it would have expired anyway.

mod fact;
mod feed;
mod follower;
pub mod journal;
mod list;
mod load;
mod shard;
mod write;

pub use fact::{Revocation, RevocationError};
pub use feed::{Cursor, Page};
pub(crate) use follower::TYP as FEED_TYP;
pub use follower::{FollowError, RevocationFollower};
pub use list::RevocationList;
pub use load::Load;
