//! The claims set of RFC 7519 §4.

mod claim;
mod date;
mod deserialize;
mod error;
mod partial;
mod registered;
mod select;
mod set;
mod strings;
mod value;

pub use claim::Claim;
pub use error::ClaimError;
pub use partial::PartialClaims;
pub use select::{ClaimNames, OtherClaims};
pub use set::ClaimsSet;
pub use strings::Strings;
