//! Making a JWE.

use super::JweKey;
use super::content::{IV_BYTES, TAG_BYTES};
use crate::base64url;
use crate::jwt::SealError;

impl JweKey {
    /// Appends the other four parts to the encoded header in `token` (RFC 7516 §7.1).
    ///
    /// The additional authenticated data is the header as it is written (RFC 7516 §5.1, step 14).
    /// `content` is encrypted in place.
    pub(crate) fn seal(&self, content: &mut [u8], token: &mut String) -> Result<(), SealError> {
        let Self::Dir(key) = self;
        let sealed = key.seal(token.as_bytes(), content)?;
        // With `dir` the encrypted key is empty (RFC 7518 §4.5).
        token.push_str("..");
        base64url::encode_to(&sealed.initialization_vector, token);
        token.push('.');
        base64url::encode_to(content, token);
        token.push('.');
        base64url::encode_to(&sealed.authentication_tag, token);
        Ok(())
    }

    /// How many characters [`JweKey::seal`] appends.
    #[expect(clippy::unused_self, reason = "other algorithms have an encrypted key")]
    pub(crate) const fn sealed_len(&self, content: usize) -> usize {
        4 + base64url::encoded_len(IV_BYTES)
            + base64url::encoded_len(content)
            + base64url::encoded_len(TAG_BYTES)
    }
}
