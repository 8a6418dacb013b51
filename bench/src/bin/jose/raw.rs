//! The limit: the aws-lc-rs primitive with a prepared key, and SIMD base64url of the same bytes.
//!
//! Nothing here parses a header, reads a claim or draws a random number; no token library can be
//! faster than this and still be one.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::Simd;
use base64::engine::general_purpose::NO_PAD;

/// `dir` + A256GCM (RFC 7518 §4.5, §5.3) of one protected header.
pub(crate) struct A256Gcm {
    key: LessSafeKey,
    header: String,
    base64url: Simd,
}

impl A256Gcm {
    /// With the header, as it is encoded, of `token`.
    pub(crate) fn like(token: &str, key: &[u8; 32]) -> Self {
        let key = UnboundKey::new(&AES_256_GCM, key).expect("32 bytes");
        let header = token.split('.').next().expect("a part");
        Self { key: LessSafeKey::new(key), header: header.to_owned(), base64url: base64url() }
    }

    /// Decrypts a token, whose parts are taken from its end; the plaintext's length in `buffer`.
    pub(crate) fn open(&self, token: &str, buffer: &mut [u8; BUFFER]) -> usize {
        let mut parts = token.rsplit('.');
        let mut part = || parts.next().expect("five parts");
        let (tag, ciphertext, iv) = (part(), part(), part());

        let mut nonce = [0; 12];
        self.decode(iv, &mut nonce);
        let length = self.decode(ciphertext, &mut buffer[..]);
        let end = length + self.decode(tag, &mut buffer[length..]);
        let aad = Aad::from(self.header.as_bytes());
        let nonce = Nonce::assume_unique_for_key(nonce);
        self.key.open_in_place(nonce, aad, &mut buffer[..end]).expect("authentic").len()
    }

    /// Encrypts a claims set into the text of a token.
    pub(crate) fn seal(&self, plaintext: &[u8]) -> String {
        let mut ciphertext = [0; BUFFER];
        let ciphertext = &mut ciphertext[..plaintext.len()];
        ciphertext.copy_from_slice(plaintext);
        let nonce = [7; 12];
        let aad = Aad::from(self.header.as_bytes());
        let tag = self
            .key
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), aad, ciphertext)
            .expect("sealed");

        let mut token = Text::start(&self.header);
        token.push(".");
        for part in [&nonce[..], ciphertext, tag.as_ref()] {
            token.push(".");
            token.push_encoded(&self.base64url, part);
        }
        token.finish()
    }

    fn decode(&self, part: &str, output: &mut [u8]) -> usize {
        self.base64url.decode_slice_unchecked(part, output).expect("base64url")
    }
}

/// HS256 (RFC 7518 §3.2) of one protected header.
pub(crate) struct Hs256 {
    key: hmac::Key,
    header: String,
    base64url: Simd,
}

impl Hs256 {
    /// With the header, as it is encoded, of `token`.
    pub(crate) fn like(token: &str, key: &[u8]) -> Self {
        let header = token.split('.').next().expect("a part").to_owned();
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, key), header, base64url: base64url() }
    }

    /// Verifies a token; the payload's length in `buffer`.
    pub(crate) fn verify(&self, token: &str, buffer: &mut [u8; BUFFER]) -> usize {
        let (signing_input, signature) = token.rsplit_once('.').expect("three parts");
        let (_, payload) = signing_input.split_once('.').expect("three parts");
        let mut tag = [0; 33];
        let length = self.base64url.decode_slice_unchecked(signature, &mut tag).expect("base64url");
        hmac::verify(&self.key, signing_input.as_bytes(), &tag[..length]).expect("authentic");
        self.base64url.decode_slice_unchecked(payload, &mut buffer[..]).expect("base64url")
    }

    /// Signs a claims set into the text of a token.
    pub(crate) fn sign(&self, payload: &[u8]) -> String {
        let mut token = Text::start(&self.header);
        token.push(".");
        token.push_encoded(&self.base64url, payload);
        let tag = hmac::sign(&self.key, token.written());
        token.push(".");
        token.push_encoded(&self.base64url, tag.as_ref());
        token.finish()
    }
}

/// A token being written: one buffer, one allocation at the end.
struct Text {
    bytes: [u8; BUFFER],
    length: usize,
}

impl Text {
    fn start(header: &str) -> Self {
        let mut text = Self { bytes: [0; BUFFER], length: 0 };
        text.push(header);
        text
    }

    fn push(&mut self, text: &str) {
        let end = self.length + text.len();
        self.bytes[self.length..end].copy_from_slice(text.as_bytes());
        self.length = end;
    }

    fn push_encoded(&mut self, base64url: &Simd, part: &[u8]) {
        self.length +=
            base64url.encode_slice(part, &mut self.bytes[self.length..]).expect("it fits");
    }

    fn written(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    fn finish(self) -> String {
        String::from_utf8(self.written().to_vec()).expect("base64url is ASCII")
    }
}

fn base64url() -> Simd {
    Simd::url_safe(NO_PAD)
}

/// Longer than every token measured here.
pub(crate) const BUFFER: usize = 1024;
