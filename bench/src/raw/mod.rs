//! The limit: the aws-lc-rs primitive with a prepared key, and SIMD base64url of the same bytes.
//!
//! Nothing here parses a header, reads a claim or draws a random number; a token library can be faster
//! only by what it decodes faster, as ours does parts too short for SIMD. It is given what ours is
//! given: a text to read, or bytes to make a text of, whose one allocation is the result.

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

    /// A token that begins with the header, with room for parts of so many bytes.
    fn start<const N: usize>(&self, parts: [usize; N]) -> Text<'_> {
        let encoded: usize = parts.iter().map(|bytes| 1 + (bytes * 8).div_ceil(6)).sum();
        let header = self.header.as_bytes();
        let mut bytes = vec![0; header.len() + encoded];
        bytes[..header.len()].copy_from_slice(header);
        Text { base64url: &self.base64url, bytes, length: header.len() }
    }
}

/// A token being written: the one allocation that there must be.
struct Text<'f> {
    base64url: &'f Simd,
    bytes: Vec<u8>,
    length: usize,
}

impl Text<'_> {
    /// A dot, and a part behind it.
    fn push(&mut self, part: &[u8]) {
        self.bytes[self.length] = b'.';
        let room = &mut self.bytes[self.length + 1..];
        self.length += 1 + self.base64url.encode_slice(part, room).expect("room");
    }

    fn written(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    fn finish(self) -> String {
        String::from_utf8(self.bytes).expect("base64url is ASCII")
    }
}

/// Longer than every token made here.
pub const BUFFER: usize = 1024;
