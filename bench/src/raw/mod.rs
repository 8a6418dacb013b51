//! The limit: the aws-lc-rs primitive with a prepared key, and SIMD base64url of the same bytes.
//!
//! Nothing here parses a header, reads a claim or draws a random number; no token library can be
//! faster than this and still be one. It is given what ours is given: a text to read, or bytes to make
//! a text of, whose one allocation is the result.

mod jwe;
mod jws;

use base64::Engine as _;
use base64::engine::Simd;
use base64::engine::general_purpose::NO_PAD;

pub use jwe::{A256CbcHs512, A256Gcm};
pub use jws::{Ed25519, Hs256, P256};

/// A primitive of one key and one protected header.
pub trait Raw: Sized + Sync {
    /// With the header, as it is encoded, of `token`.
    fn like(token: &str) -> Self;

    /// Opens or verifies a token; the length of its payload, in `buffer`.
    fn read(&self, token: &str, buffer: &mut [u8]) -> usize;

    /// Encrypts or signs a payload.
    fn make(&self, payload: &[u8]) -> String;
}

/// The protected header, as it is encoded, and the codec of everything else.
struct Format {
    header: String,
    base64url: Simd,
}

impl Format {
    fn like(token: &str) -> Self {
        let header = token.split('.').next().expect("a part").to_owned();
        Self { header, base64url: Simd::url_safe(NO_PAD) }
    }

    fn decode(&self, part: &str, output: &mut [u8]) -> usize {
        self.base64url.decode_slice_unchecked(part, output).expect("base64url")
    }

    /// A token that begins with the header.
    fn start(&self) -> Text<'_> {
        let mut text = Text { base64url: &self.base64url, bytes: [0; BUFFER], length: 0 };
        text.push(&self.header);
        text
    }
}

/// A token being written: one buffer, one allocation at the end.
struct Text<'f> {
    base64url: &'f Simd,
    bytes: [u8; BUFFER],
    length: usize,
}

impl Text<'_> {
    fn push(&mut self, text: &str) {
        let end = self.length + text.len();
        self.bytes[self.length..end].copy_from_slice(text.as_bytes());
        self.length = end;
    }

    fn push_encoded(&mut self, part: &[u8]) {
        let room = &mut self.bytes[self.length..];
        self.length += self.base64url.encode_slice(part, room).expect("room");
    }

    fn written(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    fn finish(self) -> String {
        String::from_utf8(self.written().to_vec()).expect("base64url is ASCII")
    }
}

/// Longer than every token made here.
pub const BUFFER: usize = 1024;
