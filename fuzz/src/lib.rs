//! What must hold whatever bytes come.
//!
//! Each function takes bytes, panics when something does not hold, and otherwise says what became of
//! them: a stable code, or `accepted`. libFuzzer calls them in `targets/`, a program that needs no
//! nightly toolchain in `src/mutate.rs`.

mod claims;
mod jwk;
mod jwks;
mod keys;
mod token;

pub use claims::claims;
pub use jwk::jwk;
pub use jwks::jwks;
pub use token::token;

/// What became of an input.
pub type Outcome = &'static str;

/// A way in, by its name.
pub type Target = (&'static str, fn(&[u8]) -> Outcome);

/// Every way in.
pub const TARGETS: [Target; 4] =
    [("claims", claims), ("jwk", jwk), ("jwks", jwks), ("token", token)];

const ACCEPTED: Outcome = "accepted";
