//! JSON Web Encryption (RFC 7516): over bytes, for one prepared key.

mod algorithm;
mod content;
mod open;
mod seal;

pub use algorithm::{ContentEncryption, JweAlgorithm};
pub(crate) use content::ContentKey;

/// A key prepared for its one algorithm.
pub(crate) enum JweKey {
    /// The content encryption key itself, agreed on beforehand (RFC 7518 §4.5).
    Dir(ContentKey),
}

impl JweKey {
    pub(crate) const fn algorithm(&self) -> (JweAlgorithm, ContentEncryption) {
        match self {
            Self::Dir(key) => (JweAlgorithm::Dir, key.algorithm()),
        }
    }
}
