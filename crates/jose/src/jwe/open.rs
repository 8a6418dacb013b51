//! Opening a JWE.

use super::cek::Cek;
use super::content::{ContentKey, MAX_IV_BYTES, MAX_TAG_BYTES};
use super::management::{Incoming, MAX_ENCRYPTED_KEY_BYTES, Unwrap};
use super::{ContentEncryption, JweAlgorithm, JweKey};
use crate::algorithm::Algorithm;
use crate::base64url;
use crate::buffer::Buffer;
use crate::compact::{JweParts, Part};
use crate::header::ProtectedHeader;
use crate::jwt::VerifyError;

impl JweKey {
    /// The content, decrypted, of a JWE that was sealed with this key under the `encoded` header.
    ///
    /// `header` is what that says, `None` when it is to the byte what this key writes. Every part
    /// is decoded before the key is used, so no order of refusals tells anything about the key.
    pub(crate) fn open<'b>(
        &self,
        encoded: &[u8],
        header: Option<&ProtectedHeader<'_>>,
        token: &JweParts<'_>,
        buffer: &'b mut Buffer,
    ) -> Result<&'b [u8], VerifyError> {
        let enc = match header.map(|header| header.algorithm) {
            None => self.enc,
            Some(Algorithm::Jwe(_, enc)) => enc,
            Some(Algorithm::Jws(_)) => return Err(VerifyError::AlgorithmMismatch),
        };
        if !self.management.can_open() {
            return Err(VerifyError::SealOnlyKey);
        }
        require_encrypted_key(self.alg, token)?;
        let mut initialization_vector = [0; MAX_IV_BYTES];
        let mut authentication_tag = [0; MAX_TAG_BYTES];
        let proof = Proof {
            aad: encoded,
            initialization_vector: decode_front(
                Part::InitializationVector,
                token.initialization_vector,
                &mut initialization_vector,
                enc.iv_bytes(),
            )?,
            authentication_tag: decode_front(
                Part::AuthenticationTag,
                token.authentication_tag,
                &mut authentication_tag,
                enc.tag_bytes(),
            )?,
        };
        let content = buffer.take(base64url::decoded_len(token.ciphertext.len()));
        decode(Part::Ciphertext, token.ciphertext, content)?;
        match self.management.incoming(self.alg, enc, header)? {
            Incoming::Dir(key) => proof.open(key, content),
            Incoming::Agreed(cek) => proof.open(&prepare(&cek)?, content),
            Incoming::Encrypted(unwrap) => {
                let cek = recover(&unwrap, enc, token.encrypted_key)?;
                proof.open(&prepare(&cek)?, content)
            }
        }
    }
}

/// What authenticates a ciphertext.
struct Proof<'p> {
    aad: &'p [u8],
    initialization_vector: &'p [u8],
    authentication_tag: &'p [u8],
}

impl Proof<'_> {
    fn open<'c>(&self, key: &ContentKey, content: &'c mut [u8]) -> Result<&'c [u8], VerifyError> {
        key.open(self.aad, self.initialization_vector, self.authentication_tag, content)
    }
}

/// The content encryption key of a token, or a random one in its place.
///
/// Whoever could tell that an encrypted key was refused could decrypt another, or make one, by
/// asking often enough (RFC 3218, RFC 7516 §11.5). So a wrong one goes on as if it were right, and
/// is refused as any wrong tag is.
fn recover(
    unwrap: &Unwrap<'_>,
    enc: ContentEncryption,
    encrypted_key: &[u8],
) -> Result<Cek, VerifyError> {
    let mut bytes = [0; MAX_ENCRYPTED_KEY_BYTES];
    let length = base64url::decoded_len(encrypted_key.len());
    let bytes = decode_front(Part::EncryptedKey, encrypted_key, &mut bytes, length)?;
    let random = Cek::random(enc)?;
    Ok(unwrap.unwrap(enc, bytes).unwrap_or(random))
}

fn prepare(cek: &Cek) -> Result<ContentKey, VerifyError> {
    ContentKey::new(cek.enc(), cek.bytes()).ok_or(VerifyError::NotAuthentic)
}

fn require_encrypted_key(alg: JweAlgorithm, token: &JweParts<'_>) -> Result<(), VerifyError> {
    let is_empty = token.encrypted_key.is_empty();
    match (alg, is_empty) {
        (JweAlgorithm::Dir | JweAlgorithm::EcdhEs, false) => {
            Err(VerifyError::EncryptedKeyUnexpected)
        }
        (JweAlgorithm::Dir | JweAlgorithm::EcdhEs, true) | (_, false) => Ok(()),
        (_, true) => Err(VerifyError::EncryptedKeyMissing),
    }
}

/// The bytes of a part whose length the algorithm fixes: no shorter tag is ever compared.
fn decode_front<'b, const N: usize>(
    part: Part,
    text: &[u8],
    buffer: &'b mut [u8; N],
    length: usize,
) -> Result<&'b [u8], VerifyError> {
    let too_long = base64url::Base64UrlError::Length { length: text.len() };
    let bytes = buffer.get_mut(..length).ok_or(VerifyError::Encoding { part, reason: too_long })?;
    decode(part, text, bytes)?;
    Ok(bytes)
}

fn decode(part: Part, text: &[u8], bytes: &mut [u8]) -> Result<(), VerifyError> {
    base64url::decode_exact(text, bytes).map_err(|reason| VerifyError::Encoding { part, reason })
}
