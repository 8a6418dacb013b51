//! The claims set of RFC 7519 §4.

mod date;
mod deserialize;
mod error;
mod partial;
mod registered;
mod set;
mod strings;
mod value;

pub use error::ClaimError;
pub use partial::PartialClaims;
pub use set::ClaimsSet;
pub use strings::Strings;
