//! JOSE compact tokens that fail closed by construction.

pub mod base64url;

mod algorithm;
mod buffer;
mod claims;
mod compact;
mod constant_time;
mod header;
mod json;
mod jwe;
mod jws;
mod jwt;
mod key;
mod numeric_date;
pub mod random;
mod secret;

pub use algorithm::Algorithm;
pub use base64url::Base64UrlError;
pub use claims::{ClaimError, ClaimsSet};
pub use compact::{DEFAULT_MAX_TOKEN_BYTES, MAX_TOKEN_BYTES, Part, TokenError, UnverifiedToken};
pub use constant_time::constant_time_eq;
pub use header::HeaderError;
pub use json::JsonError;
pub use jwe::{ContentEncryption, JweAlgorithm};
pub use jws::JwsAlgorithm;
pub use jwt::{
    Ready, Scratch, SealError, Verified, Verifier, VerifierBuilder, VerifierError, VerifyError,
    WantsAudience, WantsIssuer, WantsTyp,
};
pub use key::{Key, KeyError, KeyRing};
pub use numeric_date::NumericDate;
pub use secret::Secret;
