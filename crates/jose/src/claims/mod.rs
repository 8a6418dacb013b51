//! The claims set of RFC 7519 §4.

mod audience;
mod date;
mod deserialize;
mod error;
mod partial;
mod registered;
mod set;
mod value;

pub use error::ClaimError;
pub use partial::PartialClaims;
pub use set::ClaimsSet;
