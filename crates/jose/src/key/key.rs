//! One key.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::hmac;

use super::KeyError;
use crate::algorithm::Algorithm;
use crate::buffer::Buffer;
use crate::compact::{Form, UnverifiedToken};
use crate::header::{HeaderTemplate, ProtectedHeader};
use crate::jwe::{ContentEncryption, JweAlgorithm, JweKey};
use crate::jws::{Ed25519Key, JwsKey};
use crate::jwt::VerifyError;
use crate::secret::Secret;

/// Key material with its `kid` and its one algorithm, prepared for use.
///
/// The algorithm is part of the key, so nothing that a token says can choose another. Cloning is
/// cheap: the material exists once and is wiped with the last clone. `Debug` prints `kid` and
/// algorithm.
///
/// ```
/// use sealpass_jose::{Key, KeyError, Secret};
///
/// let key = Key::a256gcm("2026-11", &Secret::new([7; 32]))?;
/// assert_eq!(key.kid(), "2026-11");
/// assert_eq!(key.algorithm().to_string(), "dir with A256GCM");
///
/// let short = Key::hs256("2026-11", &Secret::new(b"password".to_vec()));
/// assert_eq!(short.err(), Some(KeyError::TooShort { bytes: 8, min_bytes: 32 }));
/// # Ok::<_, KeyError>(())
/// ```
#[derive(Clone)]
pub struct Key(Arc<Inner>);

struct Inner {
    kid: String,
    algorithm: Algorithm,
    material: Material,
    header: HeaderTemplate,
}

pub(crate) enum Material {
    Jwe(JweKey),
    Jws(JwsKey),
}

impl Key {
    /// The longest `kid`, in bytes.
    pub const MAX_KID_BYTES: usize = 128;

    /// The shortest HMAC key, in bytes: as long as the hash (RFC 7518 §3.2).
    pub const MIN_HS256_BYTES: usize = 32;

    /// A shared key for `dir` with `A256GCM`: encryption, for those who hold it.
    ///
    /// # Errors
    /// [`KeyError::Kid`]; [`KeyError::Material`] when the cryptographic library fails.
    pub fn a256gcm(kid: &str, key: &Secret<[u8; 32]>) -> Result<Self, KeyError> {
        let enc = [ContentEncryption::A256Gcm];
        let key = JweKey::symmetric(JweAlgorithm::Dir, &enc, key.expose())?;
        Self::new(kid, Material::Jwe(key))
    }

    /// A shared key for `HS256`: whoever holds it can verify, and can sign.
    ///
    /// It must be random. A password is not a key, however long it is.
    ///
    /// # Errors
    /// [`KeyError::Kid`]; [`KeyError::TooShort`] for less than [`Key::MIN_HS256_BYTES`].
    pub fn hs256(kid: &str, key: &Secret<Vec<u8>>) -> Result<Self, KeyError> {
        let bytes = key.expose().len();
        if bytes < Self::MIN_HS256_BYTES {
            return Err(KeyError::TooShort { bytes, min_bytes: Self::MIN_HS256_BYTES });
        }
        let key = Box::new(hmac::Key::new(hmac::HMAC_SHA256, key.expose()));
        Self::new(kid, Material::Jws(JwsKey::Hs256(key)))
    }

    /// A key pair for `EdDSA` from the seed of RFC 8032 §5.1.5, the `d` of a JWK.
    ///
    /// # Errors
    /// [`KeyError::Kid`]; [`KeyError::Material`] when the cryptographic library fails.
    pub fn ed25519_from_seed(kid: &str, seed: &Secret<[u8; 32]>) -> Result<Self, KeyError> {
        let key = Ed25519Key::from_seed(seed.expose()).ok_or(KeyError::Material)?;
        Self::new(kid, Material::Jws(JwsKey::Ed25519(key)))
    }

    /// The public key of somebody else's pair, the `x` of a JWK: it verifies and cannot sign.
    ///
    /// # Errors
    /// [`KeyError::Kid`]; [`KeyError::Material`] for a point of small order, under which anyone
    /// can sign.
    pub fn ed25519_public(kid: &str, public_key: &[u8; 32]) -> Result<Self, KeyError> {
        let key = Ed25519Key::from_public(*public_key).ok_or(KeyError::Material)?;
        Self::new(kid, Material::Jws(JwsKey::Ed25519(key)))
    }

    /// The name of the key, which tokens carry.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.0.kid
    }

    /// What the key is for.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.0.algorithm
    }

    /// The half of an Ed25519 key pair that may be published; other keys have none.
    #[must_use]
    pub fn ed25519_public_key(&self) -> Option<&[u8; 32]> {
        match &self.0.material {
            Material::Jws(JwsKey::Ed25519(key)) => Some(key.public_bytes()),
            Material::Jws(JwsKey::Hs256(_)) | Material::Jwe(_) => None,
        }
    }

    /// Whether it opens tokens of this algorithm.
    pub(super) fn accepts(&self, algorithm: Algorithm) -> bool {
        match (&self.0.material, algorithm) {
            (Material::Jwe(key), Algorithm::Jwe(alg, enc)) => key.accepts(alg, enc),
            _ => self.0.algorithm == algorithm,
        }
    }

    /// The payload of a token that this key proves; `header` as for [`JweKey::open`].
    pub(super) fn open<'b>(
        &self,
        token: &UnverifiedToken<'_>,
        header: Option<&ProtectedHeader<'_>>,
        buffer: &'b mut Buffer,
    ) -> Result<&'b [u8], VerifyError> {
        match (&self.0.material, token.form()) {
            (Material::Jwe(key), Form::Jwe(parts)) => {
                key.open(token.header(), header, parts, buffer)
            }
            (Material::Jws(key), Form::Jws(parts)) => key.verify(parts, buffer),
            (Material::Jwe(_), Form::Jws(_)) | (Material::Jws(_), Form::Jwe(_)) => {
                Err(VerifyError::AlgorithmMismatch)
            }
        }
    }

    pub(crate) fn header(&self) -> &HeaderTemplate {
        &self.0.header
    }

    pub(crate) fn material(&self) -> &Material {
        &self.0.material
    }

    pub(super) fn new(kid: &str, material: Material) -> Result<Self, KeyError> {
        let fits = !kid.is_empty() && kid.len() <= Self::MAX_KID_BYTES;
        if !fits || kid.chars().any(char::is_control) {
            return Err(KeyError::Kid);
        }
        let algorithm = match &material {
            Material::Jwe(key) => {
                let (alg, enc) = key.algorithm();
                Algorithm::Jwe(alg, enc)
            }
            Material::Jws(key) => Algorithm::Jws(key.algorithm()),
        };
        let header = HeaderTemplate::new(algorithm, kid).ok_or(KeyError::Kid)?;
        Ok(Self(Arc::new(Inner { kid: kid.to_owned(), algorithm, material, header })))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("kid", &self.0.kid)
            .field("algorithm", &self.0.algorithm)
            .finish_non_exhaustive()
    }
}
