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
            .map_err(|reason| encoding(Part::Ciphertext, reason))?;
        key.open(header.as_bytes(), initialization_vector, &authentication_tag, content)?;
        Ok(content)
    }
}

/// The bytes of a part whose length the algorithm fixes: no shorter tag is ever compared.
fn decode_array<const N: usize>(part: Part, text: &str) -> Result<[u8; N], VerifyError> {
    base64url::decode_array(text.as_bytes()).map_err(|reason| encoding(part, reason))
}

const fn encoding(part: Part, reason: Base64UrlError) -> VerifyError {
    VerifyError::Encoding { part, reason }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jwe::ContentKey;

    /// RFC 7516 A.1 from its content encryption key on, which A.1.2 states: header as additional
    /// data, vector, ciphertext and tag. How RSA wraps that key is left out.
    #[test]
    fn rfc7516_a1_content_opens() {
        let key = [
            177, 161, 244, 128, 84, 143, 225, 115, 63, 180, 3, 255, 107, 154, 212, 246, 138, 7,
            110, 91, 112, 46, 34, 105, 47, 130, 203, 46, 122, 234, 64, 252,
        ];
        let key = JweKey::Dir(ContentKey::a256gcm(&key).unwrap());
        let header = "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ";
        let parts = JweParts {
            encrypted_key: "",
            initialization_vector: "48V1_ALb6US04U3b",
            ciphertext: "5eym8TW_c8SuK0ltJ3rpYIzOeDQz7TALvtu6UG9oMo4vpzs9tX_EFShS8iB7j6jiSdiwkIr3ajwQzaBtQD_A",
            authentication_tag: "XFBoMYUZodetZdvTiFvSkQ",
        };
        let mut buffer = Buffer::new();
        assert_eq!(
            key.open(header, &parts, &mut buffer).unwrap(),
            b"The true sign of intelligence is not knowledge but imagination."
        );
        let other_header = "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0";
        let verdict = key.open(other_header, &parts, &mut buffer);
        assert_eq!(verdict, Err(VerifyError::NotAuthentic), "the header is authenticated");
    }
}
