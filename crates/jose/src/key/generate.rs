//! New keys.

use super::{Key, KeyError};
use crate::base64url;
use crate::random;
use crate::secret::Secret;

impl Key {
    /// A new key for `dir` with `A256GCM`, with a random `kid`.
    ///
    /// It exists in this process only. When the last clone goes, so does every token it sealed.
    ///
    /// # Errors
    /// [`KeyError::Random`].
    pub fn generate_a256gcm() -> Result<Self, KeyError> {
        Self::a256gcm(&random_kid()?, &Secret::new(random::bytes()?))
    }

    /// A new key pair for `EdDSA`, with a random `kid`.
    ///
    /// # Errors
    /// [`KeyError::Random`].
    pub fn generate_ed25519() -> Result<Self, KeyError> {
        Self::ed25519_from_seed(&random_kid()?, &Secret::new(random::bytes()?))
    }

    /// A new key for `HS256`, with a random `kid`.
    ///
    /// # Errors
    /// [`KeyError::Random`].
    pub fn generate_hs256() -> Result<Self, KeyError> {
        let key = Secret::new(random::bytes::<32>()?);
        Self::hs256(&random_kid()?, &Secret::new(key.expose().to_vec()))
    }
}

/// 96 random bits: two keys with the same `kid` are not expected ever.
pub(crate) fn random_kid() -> Result<String, KeyError> {
    Ok(base64url::encode(&random::bytes::<12>()?))
}
