//! Keys for encryption.

use super::key::Material;
use super::{Curve, Key, KeyError};
use crate::jwe::{ContentEncryption, JweAlgorithm, JweKey};
use crate::secret::Secret;

impl Key {
    /// A shared key: whoever holds it can seal, and can open.
    ///
    /// For `dir` its length is [`ContentEncryption::key_bytes`] of the one `enc`. For `A128KW`,
    /// `A192KW`, `A256KW` and their `GCMKW` siblings it is 16, 24 or 32 bytes; tokens are sealed
    /// with the first `enc`, and opened with any of them.
    ///
    /// ```
    /// use sealpass_jose::{ContentEncryption, JweAlgorithm, Key, KeyError, Secret};
    ///
    /// let enc = [ContentEncryption::A256Gcm, ContentEncryption::A128CbcHs256];
    /// let key = Secret::new(vec![7; 32]);
    /// let wrapping = Key::symmetric_jwe("2026-11", JweAlgorithm::A256Kw, &enc, &key)?;
    /// assert_eq!(wrapping.algorithm().to_string(), "A256KW with A256GCM");
    ///
    /// let refused = Key::symmetric_jwe("2026-11", JweAlgorithm::A128Kw, &enc, &key);
    /// assert_eq!(refused.err(), Some(KeyError::Length { bytes: 32, required_bytes: 16 }));
    /// # Ok::<_, KeyError>(())
    /// ```
    ///
    /// # Errors
    /// [`KeyError::Kid`]; [`KeyError::Algorithm`] for one of RSA or key agreement;
    /// [`KeyError::ContentEncryption`]; [`KeyError::Length`].
    pub fn symmetric_jwe(
        kid: &str,
        alg: JweAlgorithm,
        enc: &[ContentEncryption],
        key: &Secret<Vec<u8>>,
    ) -> Result<Self, KeyError> {
        Self::from_jwe(kid, JweKey::symmetric(alg, enc, key.expose())?)
    }

    /// A key pair for `RSA-OAEP` or `RSA-OAEP-256` from its PKCS #8, unencrypted: it seals and
    /// opens.
    ///
    /// # Errors
    /// [`KeyError::Kid`]; [`KeyError::Algorithm`] for another one than those two;
    /// [`KeyError::ContentEncryption`]; [`KeyError::RsaModulus`] and [`KeyError::RsaExponent`];
    /// [`KeyError::Material`] for everything else that is not an RSA key.
    pub fn rsa_jwe_private(
        kid: &str,
        alg: JweAlgorithm,
        enc: &[ContentEncryption],
        pkcs8_der: &Secret<Vec<u8>>,
    ) -> Result<Self, KeyError> {
        Self::from_jwe(kid, JweKey::rsa_private(alg, enc, pkcs8_der.expose())?)
    }

    /// The public key of somebody else's pair from its `SubjectPublicKeyInfo` (RFC 5280 §4.1): it
    /// seals for them, and opens nothing.
    ///
    /// # Errors
    /// As [`Key::rsa_jwe_private`].
    pub fn rsa_jwe_public(
        kid: &str,
        alg: JweAlgorithm,
        enc: &[ContentEncryption],
        spki_der: &[u8],
    ) -> Result<Self, KeyError> {
        Self::from_jwe(kid, JweKey::rsa_public(alg, enc, spki_der)?)
    }

    /// A key pair for `ECDH-ES` with or without key wrapping: it seals and opens.
    ///
    /// `private` is the scalar, big-endian, of [`Curve::coordinate_bytes`], or the 32 bytes of
    /// X25519. `public` has [`Curve::point_bytes`]: the uncompressed point, or the 32 bytes of
    /// X25519.
    ///
    /// # Errors
    /// [`KeyError::Kid`]; [`KeyError::Algorithm`] for an `alg` or a curve that is not for key
    /// agreement; [`KeyError::ContentEncryption`]; [`KeyError::PairMismatch`] when the halves do
    /// not belong together; [`KeyError::Material`] for a point that is not on the curve, or of
    /// small order.
    pub fn ecdh_private(
        kid: &str,
        alg: JweAlgorithm,
        enc: &[ContentEncryption],
        curve: Curve,
        private: &Secret<Vec<u8>>,
        public: &[u8],
    ) -> Result<Self, KeyError> {
        Self::from_jwe(kid, JweKey::ecdh_private(alg, enc, curve, private.expose(), public)?)
    }

    /// The public key of somebody else's pair, as in [`Key::ecdh_private`]: it seals for them, and
    /// opens nothing.
    ///
    /// # Errors
    /// As [`Key::ecdh_private`].
    pub fn ecdh_public(
        kid: &str,
        alg: JweAlgorithm,
        enc: &[ContentEncryption],
        curve: Curve,
        public: &[u8],
    ) -> Result<Self, KeyError> {
        Self::from_jwe(kid, JweKey::ecdh_public(alg, enc, curve, public)?)
    }

    fn from_jwe(kid: &str, key: JweKey) -> Result<Self, KeyError> {
        Self::new(kid, Material::Jwe(key))
    }
}
