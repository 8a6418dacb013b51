//! Key management (RFC 7518 §4): how a content encryption key gets to the reader.

mod aes_192_kw;
mod aes_kw;
mod concat_kdf;
mod ecdh_es;
mod ephemeral_key;
mod gcm_kw;
mod parameters;
mod rsa_oaep;
#[cfg(test)]
mod tests;

pub(super) use aes_kw::AesKwKey;
pub(super) use ecdh_es::EcdhKey;
use ecdh_es::{AgreedKey, EcdhParameters, Purpose};
use ephemeral_key::EphemeralKey;
pub(super) use gcm_kw::GcmKwKey;
use gcm_kw::GcmKwParameters;
pub(super) use rsa_oaep::RsaOaepKey;

use super::cek::Cek;
use super::content::ContentKey;
use super::{ContentEncryption, JweAlgorithm};
use crate::header::{HeaderError, ProtectedHeader};
use crate::jwt::{SealError, VerifyError};

/// The longest encrypted key of any algorithm, in bytes.
pub(super) const MAX_ENCRYPTED_KEY_BYTES: usize = rsa_oaep::MAX_MODULUS_BYTES;

/// A key prepared for its one `alg`.
pub(super) enum KeyManagement {
    AesKw(AesKwKey),
    Dir(ContentKey),
    EcdhEs(EcdhKey),
    GcmKw(GcmKwKey),
    RsaOaep(Box<RsaOaepKey>),
}

/// How a token brings its content encryption key: what its header says about that, read.
pub(super) enum Incoming<'k> {
    /// It does not: the key of the ring is the one.
    Dir(&'k ContentKey),
    /// It was agreed on, and there is no encrypted key.
    Agreed(Cek),
    /// As an encrypted key.
    Encrypted(Unwrap<'k>),
}

/// What decrypts an encrypted key.
pub(super) enum Unwrap<'k> {
    AesKw(&'k AesKwKey),
    AgreedKw(Box<AesKwKey>),
    GcmKw(&'k GcmKwKey, GcmKwParameters),
    RsaOaep(&'k RsaOaepKey),
}

/// A new content encryption key, and what a token says so that its reader gets it.
pub(super) struct Outgoing {
    pub(super) cek: Cek,
    pub(super) encrypted_key: Vec<u8>,
    /// Members of the header, with a comma before each.
    pub(super) members: String,
}

impl KeyManagement {
    /// Whether the private half is here, if there are two.
    pub(super) const fn can_open(&self) -> bool {
        match self {
            Self::EcdhEs(key) => key.can_open(),
            Self::RsaOaep(key) => key.can_open(),
            Self::AesKw(_) | Self::Dir(_) | Self::GcmKw(_) => true,
        }
    }

    /// How many random initialization vectors were drawn for the key itself; none where every token
    /// has a content encryption key of its own and nothing else is random.
    pub(super) fn sealed(&self) -> Option<u64> {
        match self {
            Self::Dir(key) => Some(key.sealed()),
            Self::GcmKw(key) => Some(key.wrapped()),
            Self::AesKw(_) | Self::EcdhEs(_) | Self::RsaOaep(_) => None,
        }
    }

    /// Reads what the header of a token says to `alg`; of a header that is only what a template
    /// writes there is nothing to read.
    pub(super) fn incoming(
        &self,
        alg: JweAlgorithm,
        enc: ContentEncryption,
        header: Option<&ProtectedHeader<'_>>,
    ) -> Result<Incoming<'_>, VerifyError> {
        Ok(match self {
            Self::AesKw(key) => Incoming::Encrypted(Unwrap::AesKw(key)),
            Self::Dir(key) => Incoming::Dir(key),
            Self::EcdhEs(key) => {
                let parameters = key.read_parameters(header)?;
                agreed(key, &parameters, alg, enc).ok_or(HeaderError::EphemeralKeyRefused {
                    reason: "it is not a point that a key can be agreed on with",
                })?
            }
            Self::GcmKw(key) => {
                Incoming::Encrypted(Unwrap::GcmKw(key, GcmKwParameters::read(header)?))
            }
            Self::RsaOaep(key) => Incoming::Encrypted(Unwrap::RsaOaep(key)),
        })
    }

    /// The content encryption key itself, with `dir`.
    pub(super) const fn dir(&self) -> Option<&ContentKey> {
        match self {
            Self::Dir(key) => Some(key),
            Self::AesKw(_) | Self::EcdhEs(_) | Self::GcmKw(_) | Self::RsaOaep(_) => None,
        }
    }

    /// A new content encryption key for the reader; there is none with `dir`.
    pub(super) fn outgoing(
        &self,
        alg: JweAlgorithm,
        enc: ContentEncryption,
    ) -> Result<Outgoing, SealError> {
        if let Self::EcdhEs(key) = self {
            let (agreed, ephemeral) =
                key.agree_ephemerally(purpose(alg, enc)).ok_or(SealError::Crypto)?;
            return deliver(&agreed, &ephemeral, purpose(alg, enc));
        }
        let cek = Cek::random(enc)?;
        let (encrypted_key, members) = match self {
            Self::AesKw(key) => (key.wrap(&cek), String::new()),
            Self::GcmKw(key) => {
                let (encrypted_key, parameters) = key.wrap(&cek)?;
                (Some(encrypted_key), parameters.to_members())
            }
            Self::RsaOaep(key) => (key.encrypt(&cek), String::new()),
            Self::Dir(_) | Self::EcdhEs(_) => (None, String::new()),
        };
        let encrypted_key = encrypted_key.ok_or(SealError::Crypto)?;
        Ok(Outgoing { cek, encrypted_key, members })
    }
}

impl Unwrap<'_> {
    /// The content encryption key, if that is one and as long as `enc` needs.
    pub(super) fn unwrap(&self, enc: ContentEncryption, encrypted_key: &[u8]) -> Option<Cek> {
        match self {
            Self::AesKw(key) => key.unwrap(enc, encrypted_key),
            Self::AgreedKw(key) => key.unwrap(enc, encrypted_key),
            Self::GcmKw(key, parameters) => key.unwrap(enc, parameters, encrypted_key),
            Self::RsaOaep(key) => key.decrypt(enc, encrypted_key),
        }
    }
}

fn agreed<'k>(
    key: &EcdhKey,
    parameters: &EcdhParameters,
    alg: JweAlgorithm,
    enc: ContentEncryption,
) -> Option<Incoming<'k>> {
    let purpose = purpose(alg, enc);
    let agreed = key.agree(purpose, parameters)?;
    Some(match purpose {
        Purpose::Content(enc) => Incoming::Agreed(Cek::new(enc, agreed.bytes())?),
        Purpose::Wrapping { .. } => {
            Incoming::Encrypted(Unwrap::AgreedKw(Box::new(AesKwKey::new(agreed.bytes())?)))
        }
    })
}

/// What an agreed key makes of the content encryption key.
fn deliver(
    agreed: &AgreedKey,
    ephemeral: &EphemeralKey,
    purpose: Purpose,
) -> Result<Outgoing, SealError> {
    let members = ephemeral.to_member();
    match purpose {
        Purpose::Content(enc) => {
            let cek = Cek::new(enc, agreed.bytes()).ok_or(SealError::Crypto)?;
            Ok(Outgoing { cek, encrypted_key: Vec::new(), members })
        }
        Purpose::Wrapping { enc, .. } => {
            let cek = Cek::random(enc)?;
            let key = AesKwKey::new(agreed.bytes()).ok_or(SealError::Crypto)?;
            let encrypted_key = key.wrap(&cek).ok_or(SealError::Crypto)?;
            Ok(Outgoing { cek, encrypted_key, members })
        }
    }
}

/// What a key that is agreed on under `alg` is for.
const fn purpose(alg: JweAlgorithm, enc: ContentEncryption) -> Purpose {
    match alg {
        JweAlgorithm::EcdhEsA128Kw => Purpose::Wrapping { alg, enc, key_bytes: 16 },
        JweAlgorithm::EcdhEsA192Kw => Purpose::Wrapping { alg, enc, key_bytes: 24 },
        JweAlgorithm::EcdhEsA256Kw => Purpose::Wrapping { alg, enc, key_bytes: 32 },
        _ => Purpose::Content(enc),
    }
}
