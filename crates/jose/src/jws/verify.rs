//! Proving a JWS.

use aws_lc_rs::hmac;

use super::{JwsKey, MAX_RSA_BYTES, MAX_SIGNATURE_BYTES};
use crate::base64url;
use crate::buffer::Buffer;
use crate::compact::{JwsParts, Part};
use crate::jwt::VerifyError;

impl JwsKey {
    /// The payload, decoded, of a JWS whose signature this key proves.
    #[inline]
    pub(crate) fn verify<'b>(
        &self,
        token: &JwsParts<'_>,
        buffer: &'b mut Buffer,
    ) -> Result<&'b [u8], VerifyError> {
        match self {
            Self::Rsa(_) => self.check_within::<MAX_RSA_BYTES>(token)?,
            _ => self.check_within::<MAX_SIGNATURE_BYTES>(token)?,
        }
        let payload = buffer.take(base64url::decoded_len(token.payload.len()));
        decode(Part::Payload, token.payload, payload)?;
        Ok(payload)
    }

    #[inline]
    fn check_within<const MAX: usize>(&self, token: &JwsParts<'_>) -> Result<(), VerifyError> {
        let mut signature = [0; MAX];
        let signature =
            signature.get_mut(..self.signature_len()).ok_or(VerifyError::NotAuthentic)?;
        decode(Part::Signature, token.signature, signature)?;
        self.check(token.signing_input, signature)
    }

    pub(super) fn check(&self, signing_input: &[u8], signature: &[u8]) -> Result<(), VerifyError> {
        match self {
            Self::Ecdsa(key) => key.public().verify_sig(signing_input, signature),
            Self::Ed25519(key) => key.public().verify_sig(signing_input, signature),
            Self::Hmac(key) => hmac::verify(key.verifying(), signing_input, signature),
            Self::Rsa(key) => key.public().verify_sig(signing_input, signature),
        }
        .map_err(|_| VerifyError::NotAuthentic)
    }
}

fn decode(part: Part, text: &[u8], bytes: &mut [u8]) -> Result<(), VerifyError> {
    base64url::decode_exact(text, bytes).map_err(|reason| VerifyError::Encoding { part, reason })
}
