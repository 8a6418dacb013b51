//! Which keys hold when.
//!
//! A key is `next`, then `active`, then `retired`, then gone. The active one seals; all three open.
//! What decides is one date of each key, the one it seals from, so every instance that knows the
//! keys makes the change in the same second, by its own clock. A key opens before it seals, since
//! another instance's clock may be ahead, and after it has sealed its last token for as long as that
//! may be presented ([`Lifetimes::presentable`](crate::Lifetimes::presentable)).
//!
//! | | keys | dates |
//! |---|---|---|
//! | [`SharedKeys`] | derived from one secret, or two while it is being changed | the periods of the clock |
//! | [`Timeline`] | made elsewhere | given with each key |
//!
//! Both are pure: they are asked for the keys of a moment, and say when to ask again.

mod secret;
mod shared;
mod state;
mod timeline;
mod times;

pub use secret::{SharedSecret, SharedSecretError};
pub use shared::{SharedKeys, SharedKeysError};
pub use state::{KeyState, ScheduledKey, ScheduledKeys};
pub use timeline::{DatedKey, Timeline, TimelineError};
pub use times::{KeyTimes, KeyTimesError};
