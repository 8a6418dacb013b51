//! Encrypted tokens with `alg` of `dir` (RFC 7518 §4.5).

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cipher::{
    AES_256, DecryptionContext, EncryptingKey, EncryptionContext, PaddedBlockDecryptingKey,
    UnboundCipherKey,
};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use aws_lc_rs::iv::FixedLength;
use sealpass_bench_protocol::{Algorithm, KeyMaterial};

use super::{BUFFER, Format, Raw};

/// A256GCM (RFC 7518 §5.3).
pub struct A256Gcm {
    key: LessSafeKey,
    format: Format,
}

impl Raw for A256Gcm {
    fn like(token: &str) -> Self {
        let key = KeyMaterial::of(Algorithm::A256Gcm).secret;
        let key = UnboundKey::new(&AES_256_GCM, &key).expect("32 bytes");
        Self { key: LessSafeKey::new(key), format: Format::like(token) }
    }

    fn read(&self, token: &str, buffer: &mut [u8]) -> usize {
        let [iv, ciphertext, tag] = parts(token);
        let mut nonce = [0; 12];
        self.format.decode(iv, &mut nonce);
        let length = self.format.decode(ciphertext, buffer);
        let end = length + self.format.decode(tag, &mut buffer[length..]);
        let aad = Aad::from(self.format.header.as_bytes());
        let nonce = Nonce::assume_unique_for_key(nonce);
        self.key.open_in_place(nonce, aad, &mut buffer[..end]).expect("authentic").len()
    }

    fn make(&self, payload: &[u8]) -> String {
        let mut ciphertext = [0; BUFFER];
        let ciphertext = &mut ciphertext[..payload.len()];
        ciphertext.copy_from_slice(payload);
        let nonce = [7; 12];
        let aad = Aad::from(self.format.header.as_bytes());
        let tag = self
            .key
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), aad, ciphertext)
            .expect("sealed");
        text(&self.format, [&nonce[..], ciphertext, tag.as_ref()])
    }
}

/// A256CBC-HS512 (RFC 7518 §5.2.5).
pub struct A256CbcHs512 {
    mac: hmac::Key,
    encrypting: EncryptingKey,
    decrypting: PaddedBlockDecryptingKey,
    format: Format,
}

impl A256CbcHs512 {
    fn tag(&self, iv: &[u8], ciphertext: &[u8]) -> hmac::Tag {
        let mut context = hmac::Context::with_key(&self.mac);
        context.update(self.format.header.as_bytes());
        context.update(iv);
        context.update(ciphertext);
        context.update(&(8 * self.format.header.len() as u64).to_be_bytes());
        context.sign()
    }
}

impl Raw for A256CbcHs512 {
    fn like(token: &str) -> Self {
        let key = KeyMaterial::of(Algorithm::A256CbcHs512).secret;
        let (mac, cipher) = key.split_at(32);
        let cipher = || UnboundCipherKey::new(&AES_256, cipher).expect("32 bytes");
        Self {
            mac: hmac::Key::new(hmac::HMAC_SHA512, mac),
            encrypting: EncryptingKey::cbc(cipher()).expect("a key"),
            decrypting: PaddedBlockDecryptingKey::cbc_pkcs7(cipher()).expect("a key"),
            format: Format::like(token),
        }
    }

    fn read(&self, token: &str, buffer: &mut [u8]) -> usize {
        let [iv, ciphertext, tag] = parts(token);
        let (mut nonce, mut expected) = ([0; 16], [0; 33]);
        self.format.decode(iv, &mut nonce);
        let length = self.format.decode(ciphertext, buffer);
        let ciphertext = &mut buffer[..length];
        let tag_length = self.format.decode(tag, &mut expected);
        let found = self.tag(&nonce, ciphertext);
        verify_slices_are_equal(&found.as_ref()[..32], &expected[..tag_length]).expect("authentic");
        let context = DecryptionContext::Iv128(FixedLength::from(nonce));
        self.decrypting.decrypt(ciphertext, context).expect("padded").len()
    }

    fn make(&self, payload: &[u8]) -> String {
        let length = (payload.len() / 16 + 1) * 16;
        let padding = u8::try_from(length - payload.len()).expect("at most 16");
        let mut ciphertext = [padding; BUFFER];
        let ciphertext = &mut ciphertext[..length];
        ciphertext[..payload.len()].copy_from_slice(payload);
        let nonce = [7; 16];
        let context = EncryptionContext::Iv128(FixedLength::from(nonce));
        self.encrypting.less_safe_encrypt(ciphertext, context).expect("encrypted");
        let tag = self.tag(&nonce, ciphertext);
        text(&self.format, [&nonce[..], ciphertext, &tag.as_ref()[..32]])
    }
}

/// Initialization vector, ciphertext and tag, taken from the end of a token.
fn parts(token: &str) -> [&str; 3] {
    let mut parts = token.rsplit('.');
    let mut part = || parts.next().expect("five parts");
    let (tag, ciphertext, iv) = (part(), part(), part());
    [iv, ciphertext, tag]
}

/// A token without an encrypted key.
fn text(format: &Format, [iv, ciphertext, tag]: [&[u8]; 3]) -> String {
    let mut token = format.start([0, iv.len(), ciphertext.len(), tag.len()]);
    for part in [&[], iv, ciphertext, tag] {
        token.push(part);
    }
    token.finish()
}
