//! A key prepared for its one algorithm.

use super::content::ContentKey;
use super::management::{AesKwKey, EcdhKey, GcmKwKey, KeyManagement, RsaOaepKey};
use super::{ContentEncryption, JweAlgorithm};
use crate::key::{Curve, KeyError};

/// A key with its one `alg`, and the content encryptions that it accepts.
pub(crate) struct JweKey {
    pub(super) alg: JweAlgorithm,
    /// What it seals with.
    pub(super) enc: ContentEncryption,
    /// What it opens.
    accepted: Vec<ContentEncryption>,
    pub(super) management: KeyManagement,
}

impl JweKey {
    /// A key that both sides have.
    pub(crate) fn symmetric(
        alg: JweAlgorithm,
        enc: &[ContentEncryption],
        key: &[u8],
    ) -> Result<Self, KeyError> {
        let required_bytes = match (alg, enc) {
            (JweAlgorithm::A128GcmKw | JweAlgorithm::A128Kw, _) => 16,
            (JweAlgorithm::A192GcmKw | JweAlgorithm::A192Kw, _) => 24,
            (JweAlgorithm::A256GcmKw | JweAlgorithm::A256Kw, _) => 32,
            (JweAlgorithm::Dir, [enc]) => enc.key_bytes(),
            (JweAlgorithm::Dir, _) => return Err(KeyError::ContentEncryption),
            _ => return Err(KeyError::Algorithm),
        };
        if key.len() != required_bytes {
            return Err(KeyError::Length { bytes: key.len(), required_bytes });
        }
        let management = match (alg, enc) {
            (JweAlgorithm::Dir, [enc]) => ContentKey::new(*enc, key).map(KeyManagement::Dir),
            (JweAlgorithm::A128GcmKw | JweAlgorithm::A192GcmKw | JweAlgorithm::A256GcmKw, _) => {
                GcmKwKey::new(key).map(KeyManagement::GcmKw)
            }
            _ => AesKwKey::new(key).map(KeyManagement::AesKw),
        };
        Self::new(alg, enc, management.ok_or(KeyError::Material)?)
    }

    /// An RSA key pair from its PKCS #8.
    pub(crate) fn rsa_private(
        alg: JweAlgorithm,
        enc: &[ContentEncryption],
        pkcs8_der: &[u8],
    ) -> Result<Self, KeyError> {
        let key = RsaOaepKey::from_private(alg, pkcs8_der)?;
        Self::new(alg, enc, KeyManagement::RsaOaep(Box::new(key)))
    }

    /// An RSA public key from its `SubjectPublicKeyInfo`.
    pub(crate) fn rsa_public(
        alg: JweAlgorithm,
        enc: &[ContentEncryption],
        spki_der: &[u8],
    ) -> Result<Self, KeyError> {
        let key = RsaOaepKey::from_public(alg, spki_der)?;
        Self::new(alg, enc, KeyManagement::RsaOaep(Box::new(key)))
    }

    /// A key pair for key agreement, from the bytes of its two halves.
    pub(crate) fn ecdh_private(
        alg: JweAlgorithm,
        enc: &[ContentEncryption],
        curve: Curve,
        private: &[u8],
        public: &[u8],
    ) -> Result<Self, KeyError> {
        require_ecdh(alg)?;
        let key = EcdhKey::from_private(curve, private, public)?;
        Self::new(alg, enc, KeyManagement::EcdhEs(key))
    }

    /// A public key for key agreement, from its bytes.
    pub(crate) fn ecdh_public(
        alg: JweAlgorithm,
        enc: &[ContentEncryption],
        curve: Curve,
        public: &[u8],
    ) -> Result<Self, KeyError> {
        require_ecdh(alg)?;
        Self::new(alg, enc, KeyManagement::EcdhEs(EcdhKey::from_public(curve, public)?))
    }

    fn new(
        alg: JweAlgorithm,
        enc: &[ContentEncryption],
        management: KeyManagement,
    ) -> Result<Self, KeyError> {
        let (first, rest) = enc.split_first().ok_or(KeyError::ContentEncryption)?;
        let mut accepted = vec![*first];
        for enc in rest {
            if accepted.contains(enc) {
                return Err(KeyError::ContentEncryption);
            }
            accepted.push(*enc);
        }
        Ok(Self { alg, enc: *first, accepted, management })
    }

    /// Its `alg`, and the `enc` that it seals with.
    pub(crate) const fn algorithm(&self) -> (JweAlgorithm, ContentEncryption) {
        (self.alg, self.enc)
    }

    /// How often it has sealed, if that is bounded.
    pub(crate) fn sealed(&self) -> Option<u64> {
        self.management.sealed()
    }

    /// Whether it opens tokens of this `alg` and `enc`.
    pub(crate) fn accepts(&self, alg: JweAlgorithm, enc: ContentEncryption) -> bool {
        self.alg == alg && self.accepted.contains(&enc)
    }
}

fn require_ecdh(alg: JweAlgorithm) -> Result<(), KeyError> {
    match alg {
        JweAlgorithm::EcdhEs
        | JweAlgorithm::EcdhEsA128Kw
        | JweAlgorithm::EcdhEsA192Kw
        | JweAlgorithm::EcdhEsA256Kw => Ok(()),
        _ => Err(KeyError::Algorithm),
    }
}
