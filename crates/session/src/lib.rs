//! Stateless sessions for REST APIs, as one pure decision.

pub mod credential;

pub use sealpass_jose as jose;
pub use sealpass_jose::{NumericDate, Secret};
