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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::buffer::Buffer;

    const PLAINTEXT: &[u8] = b"A cipher system must not be required to be secret, and it must be \
        able to fall into the hands of the enemy without inconvenience";
    const AAD: &[u8] = b"The second principle of Auguste Kerckhoffs";
    const IV: &str = "1af38c2dc2b96ffdd86694092341bc04";

    fn hex<const N: usize>(text: &str) -> [u8; N] {
        assert_eq!(text.len(), 2 * N);
        std::array::from_fn(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap())
    }

    /// The key is 00, 01, 02 and so on.
    fn reproduce(enc: ContentEncryption, ciphertext: &str, tag: &str) {
        let key: Vec<u8> = (0..64).take(enc.key_bytes()).collect();
        let key = CbcHmacKey::new(enc, &key).unwrap();
        let mut buffer = Buffer::new();
        let mut content = buffer.copy(PLAINTEXT);
        let sealed = key.seal(&hex(IV), AAD, &mut content).unwrap();
        assert_eq!(content.bytes(), hex::<144>(ciphertext));
        let sealed = &sealed[..enc.tag_bytes()];
        let tag: Vec<u8> = hex::<32>(&format!("{tag:0<64}"))[..tag.len() / 2].to_vec();
        assert_eq!(sealed, tag);
        let opened = key.open(&hex::<16>(IV), AAD, &tag, content.bytes_mut());
        assert_eq!(opened, Some(PLAINTEXT));
    }

    #[test]
    fn rfc_7518_b_1_is_reproduced() {
        reproduce(
            ContentEncryption::A128CbcHs256,
            "c80edfa32ddf39d5ef00c0b468834279a2e46a1b8049f792f76bfe54b903a9c9\
             a94ac9b47ad2655c5f10f9aef71427e2fc6f9b3f399a221489f16362c7032336\
             09d45ac69864e3321cf82935ac4096c86e133314c54019e8ca7980dfa4b9cf1b\
             384c486f3a54c51078158ee5d79de59fbd34d848b3d69550a67646344427ade5\
             4b8851ffb598f7f80074b9473c82e2db",
            "652c3fa36b0a7c5b3219fab3a30bc1c4",
        );
    }

    #[test]
    fn rfc_7518_b_2_is_reproduced() {
        reproduce(
            ContentEncryption::A192CbcHs384,
            "ea65da6b59e61edb419be62d19712ae5d303eeb50052d0dfd6697f77224c8edb\
             000d279bdc14c1072654bd30944230c657bed4ca0c9f4a8466f22b226d174621\
             4bf8cfc2400add9f5126e479663fc90b3bed787a2f0ffcbf3904be2a641d5c21\
             05bfe591bae23b1d7449e532eef60a9ac8bb6c6b01d35d49787bcd57ef484927\
             f280adc91ac0c4e79c7b11efc60054e3",
            "8490ac0e58949bfe51875d733f93ac2075168039ccc733d7",
        );
    }

    #[test]
    fn rfc_7518_b_3_is_reproduced() {
        reproduce(
            ContentEncryption::A256CbcHs512,
            "4affaaadb78c31c5da4b1b590d10ffbd3dd8d5d302423526912da037ecbcc7bd\
             822c301dd67c373bccb584ad3e9279c2e6d12a1374b77f077553df829410446b\
             36ebd97066296ae6427ea75c2e0846a11a09ccf5370dc80bfecbad28c73f09b3\
             a3b75e662a2594410ae496b2e2e6609e31e6e02cc837f053d21f37ff4f51950b\
             be2638d09dd7a4930930806d0703b1f6",
            "4dd3b4c088a7f45c216839645b2012bf2e6269a8c56a816dbc1b267761955bc5",
        );
    }

    #[test]
    fn wrong_padding_under_a_right_tag_is_refused() {
        let enc = ContentEncryption::A128CbcHs256;
        let key = CbcHmacKey::new(enc, &[7; 32]).unwrap();
        for last in [0, 2, 15, 16, 17, 255] {
            let mut block = [1; IV_BYTES];
            block[IV_BYTES - 1] = last;
            let iv = EncryptionContext::Iv128(FixedLength::from([0; IV_BYTES]));
            key.encrypting.less_safe_encrypt(&mut block, iv).unwrap();
            let tag = key.authenticate(&[0; IV_BYTES], AAD, &block).unwrap();
            let tag = &tag.as_ref()[..enc.tag_bytes()];
            assert!(key.open(&[0; IV_BYTES], AAD, tag, &mut block).is_none(), "{last}");
        }
    }

    #[test]
    fn a_ciphertext_of_no_whole_blocks_under_a_right_tag_is_refused() {
        let key = CbcHmacKey::new(ContentEncryption::A128CbcHs256, &[7; 32]).unwrap();
        for length in [0, 1, 15, 17, 31] {
            let mut content = vec![0; length];
            let tag = key.authenticate(&[0; IV_BYTES], AAD, &content).unwrap();
            let tag = &tag.as_ref()[..16];
            assert!(key.open(&[0; IV_BYTES], AAD, tag, &mut content).is_none(), "{length}");
        }
    }
}
