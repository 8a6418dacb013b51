//! JOSE compact tokens that fail closed by construction.

mod numeric_date;
pub mod random;
mod secret;

pub use numeric_date::NumericDate;
pub use secret::Secret;
