//! Content encryption (RFC 7518 §5).

use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

use super::ContentEncryption;
use crate::jwt::{SealError, VerifyError};
use crate::random;

/// The length of the initialization vector of AES-GCM, in bytes (RFC 7518 §5.3).
pub(super) const IV_BYTES: usize = 12;

/// The length of the authentication tag of AES-GCM, in bytes (RFC 7518 §5.3).
pub(super) const TAG_BYTES: usize = 16;

/// How often a key may seal with random 96-bit initialization vectors (NIST SP 800-38D §8.3).
const MAX_SEALED: u64 = 1 << 32;

/// A prepared content encryption key.
pub(crate) struct ContentKey {
    key: LessSafeKey,
    /// How many initialization vectors were drawn for this key, in this process.
    sealed: AtomicU64,
}

/// What sealing in place leaves beside the ciphertext.
pub(super) struct Sealed {
    pub(super) initialization_vector: [u8; IV_BYTES],
    pub(super) authentication_tag: [u8; TAG_BYTES],
}

impl ContentKey {
    /// A key for A256GCM; `None` when the library refuses it.
    pub(crate) fn a256gcm(key: &[u8; 32]) -> Option<Self> {
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).ok()?);
        Some(Self { key, sealed: AtomicU64::new(0) })
    }

    #[expect(clippy::unused_self, reason = "there is one content encryption so far")]
    pub(super) const fn algorithm(&self) -> ContentEncryption {
        ContentEncryption::A256Gcm
    }

    /// Encrypts `content` in place under a new random initialization vector.
    pub(super) fn seal(&self, aad: &[u8], content: &mut [u8]) -> Result<Sealed, SealError> {
        if self.sealed.fetch_add(1, Ordering::Relaxed) >= MAX_SEALED {
            return Err(SealError::KeyExhausted);
        }
        let initialization_vector = random::bytes()?;
        let nonce = Nonce::assume_unique_for_key(initialization_vector);
        let tag = self
            .key
            .seal_in_place_separate_tag(nonce, Aad::from(aad), content)
            .map_err(|_| SealError::Crypto)?;
        let authentication_tag = tag.as_ref().try_into().map_err(|_| SealError::Crypto)?;
        Ok(Sealed { initialization_vector, authentication_tag })
    }

    /// Decrypts `content` in place, once its tag has proven it and `aad`.
    pub(super) fn open(
        &self,
        aad: &[u8],
        initialization_vector: [u8; IV_BYTES],
        authentication_tag: &[u8; TAG_BYTES],
        content: &mut [u8],
    ) -> Result<(), VerifyError> {
        let nonce = Nonce::assume_unique_for_key(initialization_vector);
        self.key
            .open_in_place_separate_tag(nonce, Aad::from(aad), authentication_tag, content)
            .map(|_| ())
            .map_err(|_| VerifyError::NotAuthentic)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_stops_sealing_before_random_vectors_repeat() {
        let key = ContentKey::a256gcm(&[7; 32]).unwrap();
        key.sealed.store(MAX_SEALED - 1, Ordering::Relaxed);
        assert!(key.seal(b"", &mut [0; 4]).is_ok());
        for _ in 0..3 {
            assert!(matches!(key.seal(b"", &mut [0; 4]), Err(SealError::KeyExhausted)));
        }
    }
}
