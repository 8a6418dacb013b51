//! Opening a JWE.

use super::JweKey;
use crate::base64url::{self, Base64UrlError};
use crate::buffer::Buffer;
use crate::compact::{JweParts, Part};
use crate::jwt::VerifyError;

impl JweKey {
    /// The content, decrypted, of a JWE that was sealed with this key under the encoded `header`.
    pub(crate) fn open<'b>(
        &self,
        header: &str,
        token: &JweParts<'_>,
        buffer: &'b mut Buffer,
    ) -> Result<&'b [u8], VerifyError> {
        let Self::Dir(key) = self;
        if !token.encrypted_key.is_empty() {
            return Err(VerifyError::EncryptedKeyUnexpected);
        }
        let initialization_vector =
            decode_array(Part::InitializationVector, token.initialization_vector)?;
        let authentication_tag = decode_array(Part::AuthenticationTag, token.authentication_tag)?;
        let content = buffer.take(base64url::decoded_len(token.ciphertext.len()));
        base64url::decode_exact(token.ciphertext.as_bytes(), content)
            .map_err(|source| encoding(Part::Ciphertext, source))?;
        key.open(header.as_bytes(), initialization_vector, &authentication_tag, content)?;
        Ok(content)
    }
}

/// The bytes of a part whose length the algorithm fixes: no shorter tag is ever compared.
fn decode_array<const N: usize>(part: Part, text: &str) -> Result<[u8; N], VerifyError> {
    base64url::decode_array(text.as_bytes()).map_err(|source| encoding(part, source))
}

const fn encoding(part: Part, source: Base64UrlError) -> VerifyError {
    VerifyError::Encoding { part, source }
}
