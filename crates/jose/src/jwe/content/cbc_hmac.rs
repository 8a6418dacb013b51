//! AES in CBC mode with HMAC over the ciphertext (RFC 7518 §5.2).

use aws_lc_rs::cipher::{
    AES_128, AES_192, AES_256, DecryptionContext, EncryptingKey, EncryptionContext,
    PaddedBlockDecryptingKey, UnboundCipherKey,
};
use aws_lc_rs::hmac::{self, HMAC_SHA256, HMAC_SHA384, HMAC_SHA512};
use aws_lc_rs::iv::FixedLength;

use super::{ContentEncryption, MAX_TAG_BYTES};
use crate::buffer::Content;
use crate::constant_time_eq;

/// The length of the initialization vector, one block of AES, in bytes.
pub(super) const IV_BYTES: usize = 16;

/// A prepared key: the first half of it authenticates, the second half encrypts.
pub(super) struct CbcHmacKey {
    mac: hmac::Key,
    encrypting: EncryptingKey,
    decrypting: PaddedBlockDecryptingKey,
    tag_bytes: usize,
}

impl CbcHmacKey {
    /// Prepares a key; `None` unless it is as long as `enc` needs.
    pub(super) fn new(enc: ContentEncryption, key: &[u8]) -> Option<Self> {
        let (hash, aes) = match enc {
            ContentEncryption::A128CbcHs256 => (HMAC_SHA256, &AES_128),
            ContentEncryption::A192CbcHs384 => (HMAC_SHA384, &AES_192),
            ContentEncryption::A256CbcHs512 => (HMAC_SHA512, &AES_256),
            _ => return None,
        };
        let (mac, cipher) = key.split_at_checked(enc.key_bytes() / 2)?;
        Some(Self {
            mac: hmac::Key::new(hash, mac),
            encrypting: EncryptingKey::cbc(UnboundCipherKey::new(aes, cipher).ok()?).ok()?,
            decrypting: PaddedBlockDecryptingKey::cbc_pkcs7(
                UnboundCipherKey::new(aes, cipher).ok()?,
            )
            .ok()?,
            tag_bytes: enc.tag_bytes(),
        })
    }

    /// Pads and encrypts in place; the tag is at the front of what is returned (§5.2.2.1).
    pub(super) fn seal(
        &self,
        initialization_vector: &[u8; IV_BYTES],
        aad: &[u8],
        content: &mut Content<'_>,
    ) -> Option<[u8; MAX_TAG_BYTES]> {
        let count = IV_BYTES - content.len() % IV_BYTES;
        content.pad(count, u8::try_from(count).ok()?)?;
        let iv = EncryptionContext::Iv128(FixedLength::from(initialization_vector));
        self.encrypting.less_safe_encrypt(content.bytes_mut(), iv).ok()?;
        let full = self.authenticate(initialization_vector, aad, content.bytes())?;
        let mut tag = [0; MAX_TAG_BYTES];
        tag.get_mut(..self.tag_bytes)?.copy_from_slice(full.as_ref().get(..self.tag_bytes)?);
        Some(tag)
    }

    /// Decrypts in place, once the tag has proven everything (§5.2.2.2).
    ///
    /// Only somebody with the key gets as far as the padding, so that what is wrong with it tells
    /// nobody anything.
    pub(super) fn open<'c>(
        &self,
        initialization_vector: &[u8],
        aad: &[u8],
        authentication_tag: &[u8],
        content: &'c mut [u8],
    ) -> Option<&'c [u8]> {
        let full = self.authenticate(initialization_vector, aad, content)?;
        if !constant_time_eq(full.as_ref().get(..self.tag_bytes)?, authentication_tag) {
            return None;
        }
        let iv = DecryptionContext::Iv128(FixedLength::try_from(initialization_vector).ok()?);
        self.decrypting.decrypt(content, iv).ok().map(|content| &*content)
    }

    /// The HMAC, of which the first half is the tag: over AAD, IV, ciphertext, and the length of
    /// the AAD in bits as 64 bits, big-endian.
    fn authenticate(
        &self,
        initialization_vector: &[u8],
        aad: &[u8],
        ciphertext: &[u8],
    ) -> Option<hmac::Tag> {
        let aad_bits = u64::try_from(aad.len()).ok()?.checked_mul(8)?;
        let mut context = hmac::Context::with_key(&self.mac);
        context.update(aad);
        context.update(initialization_vector);
        context.update(ciphertext);
        context.update(&aad_bits.to_be_bytes());
        Some(context.sign())
    }
}

/// How long `content` bytes are with PKCS #7 padding, of which there is always some.
pub(super) const fn padded_len(content: usize) -> usize {
    (content / IV_BYTES + 1) * IV_BYTES
}
