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

#[cfg(test)]
mod tests {
    use super::*;

    /// The key encryption key is 00, 01, 02 and so on.
    fn kek(bytes: u8) -> Vec<u8> {
        (0..bytes).collect()
    }

    fn unhex(text: &str) -> Vec<u8> {
        let byte = |i: usize| u8::from_str_radix(&text[i..i + 2], 16).unwrap();
        (0..text.len()).step_by(2).map(byte).collect()
    }

    /// RFC 3394 §4: whatever the key encryption key, the key is this, of the length of `enc`.
    fn reproduce(kek_bytes: u8, enc: ContentEncryption, wrapped: &str) {
        let data = unhex("00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f");
        let data = &data[..enc.key_bytes()];
        let key = AesKwKey::new(&kek(kek_bytes)).unwrap();
        assert_eq!(key.wrap(&Cek::new(enc, data).unwrap()).unwrap(), unhex(wrapped));
        assert_eq!(key.unwrap(enc, &unhex(wrapped)).unwrap().bytes(), data);
    }

    #[test]
    fn rfc_3394_4_is_reproduced() {
        use ContentEncryption::{A128Gcm, A192Gcm, A256Gcm};
        reproduce(16, A128Gcm, "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5");
        reproduce(24, A128Gcm, "96778b25ae6ca435f92b5b97c050aed2468ab8a17ad84e5d");
        reproduce(32, A128Gcm, "64e8c3f9ce0f5ba263e9777905818a2a93c8191e7d6e8ae7");
        reproduce(24, A192Gcm, "031d33264e15d33268f24ec260743edce1c6c7ddee725a936ba814915c6762d2");
        reproduce(32, A192Gcm, "a8f9bc1612c68b3ff6e6f4fbe30e71e4769c8b80a32cb8958cd5d17d6b254da1");
        reproduce(
            32,
            A256Gcm,
            "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21",
        );
    }

    #[test]
    fn what_was_not_wrapped_is_no_key() {
        let enc = ContentEncryption::A256CbcHs512;
        for kek_bytes in [16, 24, 32] {
            let key = AesKwKey::new(&kek(kek_bytes)).unwrap();
            let cek = Cek::random(enc).unwrap();
            let wrapped = key.wrap(&cek).unwrap();
            assert_eq!(key.unwrap(enc, &wrapped).unwrap().bytes(), cek.bytes());
            for bit in 0..wrapped.len() * 8 {
                let mut flipped = wrapped.clone();
                flipped[bit / 8] ^= 1 << (bit % 8);
                assert!(key.unwrap(enc, &flipped).is_none(), "{kek_bytes}: bit {bit}");
            }
            for length in 0..wrapped.len() {
                assert!(key.unwrap(enc, &wrapped[..length]).is_none(), "{kek_bytes}: {length}");
            }
            let longer = [&wrapped[..], &[0; 8]].concat();
            assert!(key.unwrap(enc, &longer).is_none(), "{kek_bytes}");
        }
    }

    #[test]
    fn a_wrapped_key_of_another_length_is_none_for_this_content_encryption() {
        for kek_bytes in [16, 24, 32] {
            let key = AesKwKey::new(&kek(kek_bytes)).unwrap();
            let wrapped = key.wrap(&Cek::random(ContentEncryption::A128Gcm).unwrap()).unwrap();
            assert!(key.unwrap(ContentEncryption::A128Gcm, &wrapped).is_some());
            assert!(key.unwrap(ContentEncryption::A256Gcm, &wrapped).is_none());
        }
    }

    #[test]
    fn a_key_of_no_length_of_aes_is_refused() {
        for length in [0, 8, 15, 17, 23, 25, 31, 33, 64] {
            assert!(AesKwKey::new(&vec![7; length]).is_none(), "{length}");
        }
    }
}
