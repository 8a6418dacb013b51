//! JSON Web Encryption (RFC 7516): over bytes, for one prepared key.

mod algorithm;
mod cek;
mod content;
mod key;
mod management;
mod open;
mod seal;
mod seal_count;

pub use algorithm::{ContentEncryption, JweAlgorithm};
pub(crate) use key::JweKey;
pub(crate) use seal_count::MAX_SEALED;
use seal_count::SealCount;
