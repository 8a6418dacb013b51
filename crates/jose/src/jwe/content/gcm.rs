//! AES in Galois/Counter Mode (RFC 7518 §5.3).

use aws_lc_rs::aead::{
    AES_128_GCM, AES_192_GCM, AES_256_GCM, Aad, Algorithm, LessSafeKey, Nonce, UnboundKey,
};

/// The length of the initialization vector, in bytes.
pub(in crate::jwe) const IV_BYTES: usize = 12;

/// The length of the authentication tag, in bytes.
pub(in crate::jwe) const TAG_BYTES: usize = 16;

/// A prepared key of 128, 192 or 256 bits.
pub(in crate::jwe) struct GcmKey(LessSafeKey);

impl GcmKey {
    /// Prepares a key; `None` when AES has none of that length.
    pub(in crate::jwe) fn new(key: &[u8]) -> Option<Self> {
        let algorithm: &'static Algorithm = match key.len() {
            16 => &AES_128_GCM,
            24 => &AES_192_GCM,
            32 => &AES_256_GCM,
            _ => return None,
        };
        Some(Self(LessSafeKey::new(UnboundKey::new(algorithm, key).ok()?)))
    }

    /// Encrypts in place; the tag is returned.
    pub(in crate::jwe) fn seal(
        &self,
        initialization_vector: &[u8],
        aad: &[u8],
        content: &mut [u8],
    ) -> Option<[u8; TAG_BYTES]> {
        let nonce = Nonce::try_assume_unique_for_key(initialization_vector).ok()?;
        let tag = self.0.seal_in_place_separate_tag(nonce, Aad::from(aad), content).ok()?;
        tag.as_ref().try_into().ok()
    }

    /// Decrypts in place, once the tag has proven everything.
    pub(in crate::jwe) fn open<'c>(
        &self,
        initialization_vector: &[u8],
        aad: &[u8],
        authentication_tag: &[u8],
        content: &'c mut [u8],
    ) -> Option<&'c [u8]> {
        let nonce = Nonce::try_assume_unique_for_key(initialization_vector).ok()?;
        if authentication_tag.len() != TAG_BYTES {
            return None;
        }
        self.0
            .open_in_place_separate_tag(nonce, Aad::from(aad), authentication_tag, content)
            .ok()
            .map(|content| &*content)
    }
}
