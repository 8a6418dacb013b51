//! Making a JWS.

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;

use super::{JwsKey, MAX_RSA_BYTES, MAX_SIGNATURE_BYTES};
use crate::base64url;
use crate::jwt::SealError;

impl JwsKey {
    /// Appends payload and signature to the encoded header in `token` (RFC 7515 §7.1).
    pub(crate) fn sign(&self, payload: &[u8], token: &mut Vec<u8>) -> Result<(), SealError> {
        match self {
            Self::Rsa(_) => self.sign_within::<MAX_RSA_BYTES>(payload, token),
            _ => self.sign_within::<MAX_SIGNATURE_BYTES>(payload, token),
        }
    }

    /// How many characters [`JwsKey::sign`] appends.
    pub(crate) const fn signed_len(&self, payload: usize) -> usize {
        2 + base64url::encoded_len(payload) + base64url::encoded_len(self.signature_len())
    }

    fn sign_within<const MAX: usize>(
        &self,
        payload: &[u8],
        token: &mut Vec<u8>,
    ) -> Result<(), SealError> {
        token.push(b'.');
        base64url::encode_to(payload, token);
        let mut signature = [0; MAX];
        let signature = signature.get_mut(..self.signature_len()).ok_or(SealError::Crypto)?;
        self.write_signature(token, signature)?;
        token.push(b'.');
        base64url::encode_to(signature, token);
        Ok(())
    }

    /// `signature` is as long as this key's are.
    fn write_signature(&self, signing_input: &[u8], signature: &mut [u8]) -> Result<(), SealError> {
        match self {
            Self::Ecdsa(key) => {
                let pair = key.pair().ok_or(SealError::VerifyOnlyKey)?;
                let made = pair.sign(&SystemRandom::new(), signing_input);
                copy_exact(made.map_err(|_| SealError::Crypto)?.as_ref(), signature)
            }
            Self::Ed25519(key) => {
                let pair = key.pair().ok_or(SealError::VerifyOnlyKey)?;
                let made = pair.try_sign(signing_input);
                copy_exact(made.map_err(|_| SealError::Crypto)?.as_ref(), signature)
            }
            Self::Hmac(key) => {
                let key = key.signing().ok_or(SealError::VerifyOnlyKey)?;
                hmac::sign_to_buffer(key, signing_input, signature)
                    .map(|_| ())
                    .map_err(|_| SealError::Crypto)
            }
            Self::Rsa(key) => {
                let (pair, encoding) = key.pair().ok_or(SealError::VerifyOnlyKey)?;
                pair.sign(encoding, &SystemRandom::new(), signing_input, signature)
                    .map_err(|_| SealError::Crypto)
            }
        }
    }
}

fn copy_exact(made: &[u8], signature: &mut [u8]) -> Result<(), SealError> {
    if made.len() != signature.len() {
        return Err(SealError::Crypto);
    }
    signature.copy_from_slice(made);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jws::{Ed25519Key, HmacKey, JwsAlgorithm};

    #[test]
    fn rfc7515_a1_comes_out_byte_for_byte() {
        let key = base64url::decode(
            b"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
        )
        .unwrap();
        let key = HmacKey::new(JwsAlgorithm::Hs256, &key, true).unwrap();
        let key = JwsKey::Hmac(Box::new(key));
        let payload = b"{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \
            \"http://example.com/is_root\":true}";
        let mut token = b"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9".to_vec();
        key.sign(payload, &mut token).unwrap();
        assert_eq!(
            str::from_utf8(&token).unwrap(),
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsD\
             QogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gF\
             WFOEjXk"
        );
    }

    #[test]
    fn rfc8037_a4_comes_out_byte_for_byte() {
        let seed = base64url::decode_array(b"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").unwrap();
        let key = JwsKey::Ed25519(Box::new(Ed25519Key::from_seed(&seed).unwrap()));
        let mut token = b"eyJhbGciOiJFZERTQSJ9".to_vec();
        key.sign(b"Example of Ed25519 signing", &mut token).unwrap();
        assert_eq!(
            str::from_utf8(&token).unwrap(),
            "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-0\
             9PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
        );
    }
}
