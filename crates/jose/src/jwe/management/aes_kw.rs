//! AES Key Wrap (RFC 7518 §4.4, RFC 3394).

use aws_lc_rs::key_wrap::{AES_128, AES_256, AesBlockCipher, AesKek, KeyWrap as _};
use zeroize::Zeroizing;

use super::aes_192_kw::Aes192KwKey;
use crate::jwe::ContentEncryption;
use crate::jwe::cek::Cek;

/// By how much a wrapped key is longer than the key, in bytes.
pub(super) const INTEGRITY_BYTES: usize = 8;

/// The longest wrapped key, in bytes.
pub(super) const MAX_WRAPPED_BYTES: usize = 64 + INTEGRITY_BYTES;

/// A key that wraps keys.
pub(in crate::jwe) struct AesKwKey(Cipher);

enum Cipher {
    Aes192(Box<Aes192KwKey>),
    /// aws-lc-rs wants the key anew for every use.
    Library(&'static AesBlockCipher, Zeroizing<Vec<u8>>),
}

impl AesKwKey {
    /// Prepares a key; `None` when AES has none of that length.
    pub(in crate::jwe) fn new(key: &[u8]) -> Option<Self> {
        let library = |cipher| Cipher::Library(cipher, Zeroizing::new(key.to_vec()));
        Some(Self(match key.len() {
            16 => library(&AES_128),
            24 => Cipher::Aes192(Box::new(Aes192KwKey::new(key)?)),
            32 => library(&AES_256),
            _ => return None,
        }))
    }

    /// The wrapped key.
    pub(super) fn wrap(&self, cek: &Cek) -> Option<Vec<u8>> {
        let mut wrapped = vec![0; cek.bytes().len() + INTEGRITY_BYTES];
        match &self.0 {
            Cipher::Aes192(key) => key.wrap(cek.bytes(), &mut wrapped)?,
            Cipher::Library(cipher, key) => {
                let kek = AesKek::new(cipher, key).ok()?;
                kek.wrap(cek.bytes(), &mut wrapped).ok()?;
            }
        }
        Some(wrapped)
    }

    /// The key that was wrapped, when it is whole and as long as `enc` needs.
    pub(super) fn unwrap(&self, enc: ContentEncryption, wrapped: &[u8]) -> Option<Cek> {
        let mut bytes = Zeroizing::new([0; MAX_WRAPPED_BYTES]);
        match &self.0 {
            Cipher::Aes192(key) => Cek::new(enc, key.unwrap(wrapped, &mut *bytes)?),
            Cipher::Library(cipher, key) => {
                let kek = AesKek::new(cipher, key).ok()?;
                Cek::new(enc, kek.unwrap(wrapped, &mut *bytes).ok()?)
            }
        }
    }
}
