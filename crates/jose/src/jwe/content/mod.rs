//! Content encryption (RFC 7518 §5).

mod cbc_hmac;
pub(super) mod gcm;
#[cfg(test)]
mod wycheproof;

use cbc_hmac::CbcHmacKey;
pub(super) use gcm::GcmKey;

use super::{ContentEncryption, SealCount};
use crate::buffer::Content;
use crate::jwt::{SealError, VerifyError};
use crate::random;

/// The longest initialization vector of any content encryption, in bytes.
pub(super) const MAX_IV_BYTES: usize = 16;

/// The longest authentication tag of any content encryption, in bytes.
pub(super) const MAX_TAG_BYTES: usize = 32;

/// A prepared content encryption key.
pub(crate) struct ContentKey {
    enc: ContentEncryption,
    cipher: Cipher,
    sealed: SealCount,
}

enum Cipher {
    CbcHmac(Box<CbcHmacKey>),
    Gcm(GcmKey),
}

/// What sealing in place leaves beside the ciphertext.
pub(super) struct Sealed {
    enc: ContentEncryption,
    initialization_vector: [u8; MAX_IV_BYTES],
    authentication_tag: [u8; MAX_TAG_BYTES],
}

impl ContentKey {
    /// Prepares a key; `None` unless it is as long as `enc` needs.
    pub(crate) fn new(enc: ContentEncryption, key: &[u8]) -> Option<Self> {
        let cipher = match enc {
            ContentEncryption::A128CbcHs256
            | ContentEncryption::A192CbcHs384
            | ContentEncryption::A256CbcHs512 => {
                Cipher::CbcHmac(Box::new(CbcHmacKey::new(enc, key)?))
            }
            ContentEncryption::A128Gcm
            | ContentEncryption::A192Gcm
            | ContentEncryption::A256Gcm => Cipher::Gcm(GcmKey::new(key)?),
        };
        (key.len() == enc.key_bytes()).then_some(Self { enc, cipher, sealed: SealCount::new() })
    }

    pub(super) const fn enc(&self) -> ContentEncryption {
        self.enc
    }

    /// How often it has sealed under a random initialization vector.
    pub(super) fn sealed(&self) -> u64 {
        self.sealed.get()
    }

    /// Encrypts `content` in place under a new random initialization vector.
    pub(super) fn seal(&self, aad: &[u8], content: &mut Content<'_>) -> Result<Sealed, SealError> {
        self.sealed.increment()?;
        self.seal_with(random::initialization_vector()?, aad, content)
    }

    /// Encrypts `content` in place under as much of `initialization_vector` as `enc` takes.
    pub(super) fn seal_with(
        &self,
        initialization_vector: [u8; MAX_IV_BYTES],
        aad: &[u8],
        content: &mut Content<'_>,
    ) -> Result<Sealed, SealError> {
        let mut sealed =
            Sealed { enc: self.enc, initialization_vector, authentication_tag: [0; MAX_TAG_BYTES] };
        let tag = match &self.cipher {
            Cipher::CbcHmac(key) => key.seal(&initialization_vector, aad, content),
            Cipher::Gcm(key) => {
                key.seal(sealed.initialization_vector(), aad, content.bytes_mut()).map(widen)
            }
        }
        .ok_or(SealError::Crypto)?;
        sealed.authentication_tag = tag;
        Ok(sealed)
    }

    /// Decrypts `content` in place, once its tag has proven it and `aad`.
    ///
    /// One error, whatever is wrong: padding is looked at only after the tag.
    pub(super) fn open<'c>(
        &self,
        aad: &[u8],
        initialization_vector: &[u8],
        authentication_tag: &[u8],
        content: &'c mut [u8],
    ) -> Result<&'c [u8], VerifyError> {
        match &self.cipher {
            Cipher::CbcHmac(key) => {
                key.open(initialization_vector, aad, authentication_tag, content)
            }
            Cipher::Gcm(key) => key.open(initialization_vector, aad, authentication_tag, content),
        }
        .ok_or(VerifyError::NotAuthentic)
    }
}

fn widen(tag: [u8; gcm::TAG_BYTES]) -> [u8; MAX_TAG_BYTES] {
    let mut wide = [0; MAX_TAG_BYTES];
    for (to, from) in wide.iter_mut().zip(tag) {
        *to = from;
    }
    wide
}

impl Sealed {
    pub(super) fn initialization_vector(&self) -> &[u8] {
        self.initialization_vector.get(..self.enc.iv_bytes()).unwrap_or_default()
    }

    pub(super) fn authentication_tag(&self) -> &[u8] {
        self.authentication_tag.get(..self.enc.tag_bytes()).unwrap_or_default()
    }
}

impl ContentEncryption {
    /// The length of its initialization vector, in bytes.
    pub(super) const fn iv_bytes(self) -> usize {
        match self {
            Self::A128CbcHs256 | Self::A192CbcHs384 | Self::A256CbcHs512 => cbc_hmac::IV_BYTES,
            Self::A128Gcm | Self::A192Gcm | Self::A256Gcm => gcm::IV_BYTES,
        }
    }

    /// The length of its authentication tag, in bytes.
    pub(super) const fn tag_bytes(self) -> usize {
        match self {
            Self::A128CbcHs256 | Self::A128Gcm | Self::A192Gcm | Self::A256Gcm => gcm::TAG_BYTES,
            Self::A192CbcHs384 => 24,
            Self::A256CbcHs512 => 32,
        }
    }

    /// How long `content` bytes are when they are encrypted.
    pub(super) const fn ciphertext_len(self, content: usize) -> usize {
        match self {
            Self::A128CbcHs256 | Self::A192CbcHs384 | Self::A256CbcHs512 => {
                cbc_hmac::padded_len(content)
            }
            Self::A128Gcm | Self::A192Gcm | Self::A256Gcm => content,
        }
    }
}
