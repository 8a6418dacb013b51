//! PEM (RFC 7468) around PKCS#8 (RFC 5958), SPKI (RFC 5280), SEC 1 (RFC 5915) and PKCS#1 (RFC 8017).
//!
//! What is read here is a file that somebody gave us: bounded, DER and nothing else, exactly one
//! key unless more were asked for. What the numbers in it are, the library of primitives checks.

mod armor;
mod der;
mod error;
mod import;
mod read;
mod write;

pub use error::PemError;
pub(crate) use read::{Container, read_parts};
pub(crate) use write::{to_pkcs8, to_spki};
