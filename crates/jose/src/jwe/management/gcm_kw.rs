//! Key encryption with AES in Galois/Counter Mode (RFC 7518 §4.7).

use zeroize::Zeroizing;

use super::aes_kw::MAX_WRAPPED_BYTES;
use super::parameters;
use crate::base64url;
use crate::header::{HeaderError, ProtectedHeader};
use crate::jwe::cek::Cek;
use crate::jwe::content::GcmKey;
use crate::jwe::content::gcm::{IV_BYTES, TAG_BYTES};
use crate::jwe::{ContentEncryption, SealCount};
use crate::jwt::SealError;
use crate::random;

/// A key that encrypts keys.
pub(in crate::jwe) struct GcmKwKey {
    key: GcmKey,
    wrapped: SealCount,
}

/// The header parameters of RFC 7518 §4.7.1.
pub(in crate::jwe) struct GcmKwParameters {
    initialization_vector: [u8; IV_BYTES],
    authentication_tag: [u8; TAG_BYTES],
}

impl GcmKwKey {
    /// Prepares a key; `None` when AES has none of that length.
    pub(in crate::jwe) fn new(key: &[u8]) -> Option<Self> {
        Some(Self { key: GcmKey::new(key)?, wrapped: SealCount::new() })
    }

    /// How many keys it has wrapped.
    pub(super) fn wrapped(&self) -> u64 {
        self.wrapped.get()
    }

    /// The encrypted key, and the header parameters that decrypt it.
    pub(super) fn wrap(&self, cek: &Cek) -> Result<(Vec<u8>, GcmKwParameters), SealError> {
        self.wrapped.increment()?;
        self.wrap_with(random::bytes()?, cek).ok_or(SealError::Crypto)
    }

    pub(super) fn wrap_with(
        &self,
        initialization_vector: [u8; IV_BYTES],
        cek: &Cek,
    ) -> Option<(Vec<u8>, GcmKwParameters)> {
        // Encrypted before it can be read by anybody.
        let mut encrypted = cek.bytes().to_vec();
        let authentication_tag = self.key.seal(&initialization_vector, b"", &mut encrypted)?;
        Some((encrypted, GcmKwParameters { initialization_vector, authentication_tag }))
    }

    /// The key that was encrypted, when its tag proves it and it is as long as `enc` needs.
    pub(super) fn unwrap(
        &self,
        enc: ContentEncryption,
        parameters: &GcmKwParameters,
        encrypted: &[u8],
    ) -> Option<Cek> {
        let mut buffer = Zeroizing::new([0; MAX_WRAPPED_BYTES]);
        let bytes = buffer.get_mut(..encrypted.len())?;
        bytes.copy_from_slice(encrypted);
        let GcmKwParameters { initialization_vector, authentication_tag } = parameters;
        Cek::new(enc, self.key.open(initialization_vector, b"", authentication_tag, bytes)?)
    }
}

impl GcmKwParameters {
    /// Reads `iv` and `tag`, which must have exactly 96 and 128 bits.
    pub(super) fn read(header: Option<&ProtectedHeader<'_>>) -> Result<Self, HeaderError> {
        Ok(Self {
            initialization_vector: parameters::array(header, "iv")?,
            authentication_tag: parameters::array(header, "tag")?,
        })
    }

    /// As members of a header, with a comma before each.
    pub(super) fn to_members(&self) -> String {
        let iv = base64url::encode(&self.initialization_vector);
        let tag = base64url::encode(&self.authentication_tag);
        format!(r#","iv":"{iv}","tag":"{tag}""#)
    }
}
