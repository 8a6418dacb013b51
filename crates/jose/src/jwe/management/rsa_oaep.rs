//! RSAES-OAEP (RFC 7518 §4.3).

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepAlgorithm, OaepPrivateDecryptingKey,
    OaepPublicEncryptingKey, PrivateDecryptingKey, PublicEncryptingKey, PublicKey,
};
use zeroize::Zeroizing;

use crate::jwe::cek::Cek;
use crate::jwe::{ContentEncryption, JweAlgorithm};
use crate::key::{KeyError, require_safe_rsa};

/// The longest modulus, in bytes.
pub(super) const MAX_MODULUS_BYTES: usize = 1024;

/// A key pair, or the public key alone.
pub(in crate::jwe) struct RsaOaepKey {
    hash: &'static OaepAlgorithm,
    public: OaepPublicEncryptingKey,
    private: Option<OaepPrivateDecryptingKey>,
}

impl RsaOaepKey {
    /// A key pair from its PKCS #8.
    pub(in crate::jwe) fn from_private(
        alg: JweAlgorithm,
        pkcs8_der: &[u8],
    ) -> Result<Self, KeyError> {
        let private =
            PrivateDecryptingKey::from_pkcs8(pkcs8_der).map_err(|_| KeyError::Material)?;
        let mut key = Self::with_public(alg, private.public_key())?;
        let private = OaepPrivateDecryptingKey::new(private).map_err(|_| KeyError::Material)?;
        key.private = Some(private);
        Ok(key)
    }

    /// A public key from its `SubjectPublicKeyInfo`.
    pub(in crate::jwe) fn from_public(
        alg: JweAlgorithm,
        spki_der: &[u8],
    ) -> Result<Self, KeyError> {
        let public = PublicEncryptingKey::from_der(spki_der).map_err(|_| KeyError::Material)?;
        Self::with_public(alg, public)
    }

    fn with_public(alg: JweAlgorithm, public: PublicEncryptingKey) -> Result<Self, KeyError> {
        let hash = match alg {
            JweAlgorithm::RsaOaep => &OAEP_SHA1_MGF1SHA1,
            JweAlgorithm::RsaOaep256 => &OAEP_SHA256_MGF1SHA256,
            _ => return Err(KeyError::Algorithm),
        };
        let der = public.as_der().map_err(|_| KeyError::Material)?;
        let numbers = PublicKey::from_der(der.as_ref()).map_err(|_| KeyError::Material)?;
        require_safe_rsa(
            numbers.modulus().big_endian_without_leading_zero(),
            numbers.exponent().big_endian_without_leading_zero(),
        )?;
        let public = OaepPublicEncryptingKey::new(public).map_err(|_| KeyError::Material)?;
        Ok(Self { hash, public, private: None })
    }

    pub(super) const fn can_open(&self) -> bool {
        self.private.is_some()
    }

    /// The encrypted key.
    pub(super) fn encrypt(&self, cek: &Cek) -> Option<Vec<u8>> {
        let mut encrypted = vec![0; self.public.ciphertext_size()];
        let length = self.public.encrypt(self.hash, cek.bytes(), &mut encrypted, None).ok()?.len();
        encrypted.truncate(length);
        Some(encrypted)
    }

    /// The key that was encrypted, when it is as long as `enc` needs.
    pub(super) fn decrypt(&self, enc: ContentEncryption, encrypted: &[u8]) -> Option<Cek> {
        let mut buffer = Zeroizing::new([0; MAX_MODULUS_BYTES]);
        let private = self.private.as_ref()?;
        Cek::new(enc, private.decrypt(self.hash, encrypted, &mut *buffer, None).ok()?)
    }
}
