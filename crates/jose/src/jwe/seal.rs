//! Making a JWE.

use super::JweKey;
use super::content::{ContentKey, Sealed};
use super::management::Outgoing;
use crate::base64url;
use crate::buffer::Content;
use crate::jwt::SealError;

/// The content encryption key of one token, and how the token brings it.
pub(crate) enum SealingKey<'k> {
    /// Not at all: it is the key of the ring.
    Dir(&'k ContentKey),
    /// Made for this token.
    Fresh {
        /// What encrypts the content.
        key: Box<ContentKey>,
        /// The same for the reader; empty when it was agreed on.
        encrypted_key: Vec<u8>,
        /// Members of the header, with a comma before each.
        members: String,
    },
}

impl JweKey {
    /// The key for the next token (RFC 7516 §5.1, steps 1 to 8).
    pub(crate) fn sealing_key(&self) -> Result<SealingKey<'_>, SealError> {
        if let Some(key) = self.management.dir() {
            return Ok(SealingKey::Dir(key));
        }
        SealingKey::fresh(self.management.outgoing(self.alg, self.enc)?)
    }
}

impl SealingKey<'_> {
    pub(super) fn fresh(outgoing: Outgoing) -> Result<Self, SealError> {
        let Outgoing { cek, encrypted_key, members } = outgoing;
        let key = ContentKey::new(cek.enc(), cek.bytes()).ok_or(SealError::Crypto)?;
        Ok(Self::Fresh { key: Box::new(key), encrypted_key, members })
    }

    /// What the header must say beside what it always says, with a comma before each member.
    pub(crate) fn header_members(&self) -> &str {
        match self {
            Self::Dir(_) => "",
            Self::Fresh { members, .. } => members,
        }
    }

    /// Appends the other four parts to the encoded header in `token` (RFC 7516 §7.1).
    ///
    /// The additional authenticated data is the header as it is written (RFC 7516 §5.1, step 14).
    /// `content` is encrypted in place.
    pub(crate) fn seal(
        &self,
        content: &mut Content<'_>,
        token: &mut Vec<u8>,
    ) -> Result<(), SealError> {
        let sealed = self.content_key().seal(token, content)?;
        self.append(&sealed, content.bytes(), token);
        Ok(())
    }

    /// How many characters [`SealingKey::seal`] appends.
    pub(crate) fn sealed_len(&self, content: usize) -> usize {
        let enc = self.content_key().enc();
        4 + base64url::encoded_len(self.encrypted_key().len())
            + base64url::encoded_len(enc.iv_bytes())
            + base64url::encoded_len(enc.ciphertext_len(content))
            + base64url::encoded_len(enc.tag_bytes())
    }

    pub(super) fn append(&self, sealed: &Sealed, ciphertext: &[u8], token: &mut Vec<u8>) {
        token.push(b'.');
        // Most often there is none (RFC 7518 §4.5), and encoding nothing has its price too.
        if let Self::Fresh { encrypted_key, .. } = self {
            base64url::encode_to(encrypted_key, token);
        }
        for part in [sealed.initialization_vector(), ciphertext, sealed.authentication_tag()] {
            token.push(b'.');
            base64url::encode_to(part, token);
        }
    }

    pub(super) fn content_key(&self) -> &ContentKey {
        match self {
            Self::Dir(key) => key,
            Self::Fresh { key, .. } => key,
        }
    }

    fn encrypted_key(&self) -> &[u8] {
        match self {
            Self::Dir(_) => &[],
            Self::Fresh { encrypted_key, .. } => encrypted_key,
        }
    }
}
