//! Content encryption keys on their way.

use zeroize::Zeroizing;

use super::ContentEncryption;
use crate::random::{self, RandomError};

/// The longest content encryption key, in bytes.
const MAX_BYTES: usize = 64;

/// A content encryption key, as long as its content encryption needs. Wiped when dropped.
pub(super) struct Cek {
    enc: ContentEncryption,
    bytes: Zeroizing<[u8; MAX_BYTES]>,
}

impl Cek {
    /// A new one (RFC 7516 §5.1, step 2).
    pub(super) fn random(enc: ContentEncryption) -> Result<Self, RandomError> {
        Ok(Self { enc, bytes: Zeroizing::new(random::bytes()?) })
    }

    /// The key `bytes`; `None` unless they are as many as `enc` needs.
    pub(super) fn new(enc: ContentEncryption, bytes: &[u8]) -> Option<Self> {
        let mut cek = Self { enc, bytes: Zeroizing::new([0; MAX_BYTES]) };
        let room = cek.bytes.get_mut(..enc.key_bytes())?;
        if room.len() != bytes.len() {
            return None;
        }
        room.copy_from_slice(bytes);
        Some(cek)
    }

    pub(super) const fn enc(&self) -> ContentEncryption {
        self.enc
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.enc.key_bytes()).unwrap_or_default()
    }
}
