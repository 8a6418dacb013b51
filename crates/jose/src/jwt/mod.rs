//! JSON Web Tokens (RFC 7519): from claims to a token, and back under a policy.

mod builder;
mod error;
mod nested;
mod open;
mod partial;
mod payload;
mod scratch;
mod seal;
mod verified;
mod verifier;

pub use builder::{Ready, VerifierBuilder, WantsAudience, WantsIssuer, WantsTyp};
pub use error::{SealError, VerifierError, VerifyError};
pub use partial::PartialVerifier;
pub use scratch::Scratch;
pub use verified::Verified;
pub use verifier::Verifier;
