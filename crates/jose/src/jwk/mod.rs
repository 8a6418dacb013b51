//! JSON Web Key (RFC 7517): keys on paper, in and out.
//!
//! A [`Jwk`] can be written down; a [`Key`](crate::Key) can be used. The way from one to the other
//! is [`Jwk::to_key`], which takes the closed list of algorithms that the caller accepts.

mod algorithm;
mod error;
mod generate;
#[expect(clippy::module_inception, reason = "a JWK is the noun of this folder")]
mod jwk;
mod parse;
mod parts;
mod purpose;
mod set;
mod set_error;
mod thumbprint;
mod to_key;
mod write;

pub use error::JwkError;
pub use generate::RsaSize;
pub use jwk::Jwk;
pub(crate) use parts::{EcParts, OkpParts, Parts, RsaParts, RsaPrivateParts};
pub use set::{JwkSet, SkippedKey};
pub use set_error::JwkSetError;
