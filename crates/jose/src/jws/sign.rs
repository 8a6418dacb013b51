//! Making a JWS.

use aws_lc_rs::hmac;

use super::{JwsKey, MAX_SIGNATURE_BYTES};
use crate::base64url;
use crate::jwt::SealError;

impl JwsKey {
    /// Appends payload and signature to the encoded header in `token` (RFC 7515 §7.1).
    pub(crate) fn sign(&self, payload: &[u8], token: &mut String) -> Result<(), SealError> {
        token.push('.');
        base64url::encode_to(payload, token);
        let mut signature = [0; MAX_SIGNATURE_BYTES];
        let signature = self.signature(token.as_bytes(), &mut signature)?;
        token.push('.');
        base64url::encode_to(signature, token);
        Ok(())
    }

    /// How many characters [`JwsKey::sign`] appends.
    pub(crate) const fn signed_len(&self, payload: usize) -> usize {
        2 + base64url::encoded_len(payload) + base64url::encoded_len(self.signature_len())
    }

    fn signature<'b>(
        &self,
        signing_input: &[u8],
        buffer: &'b mut [u8; MAX_SIGNATURE_BYTES],
    ) -> Result<&'b [u8], SealError> {
        match self {
            Self::Ed25519(key) => {
                let pair = key.pair().ok_or(SealError::VerifyOnlyKey)?;
                let signature = pair.try_sign(signing_input).map_err(|_| SealError::Crypto)?;
                *buffer = signature.as_ref().try_into().map_err(|_| SealError::Crypto)?;
                Ok(buffer)
            }
            Self::Hs256(key) => hmac::sign_to_buffer(key, signing_input, buffer)
                .map(|tag| &*tag)
                .map_err(|_| SealError::Crypto),
        }
    }
}
