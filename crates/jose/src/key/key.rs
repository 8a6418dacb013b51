//! One key.

use std::fmt;
use std::sync::Arc;

use super::KeyError;
use crate::algorithm::Algorithm;
use crate::buffer::Buffer;
use crate::compact::{Form, UnverifiedToken};
use crate::header::{HeaderTemplate, ProtectedHeader};
use crate::jwe::{ContentEncryption, JweAlgorithm, JweKey, MAX_SEALED};
use crate::jws::{Ed25519Key, HmacKey, JwsAlgorithm, JwsKey, hmac_tag_len};
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

    /// How many tokens a key seals at most in one process, where [`Key::sealed`] counts them
    /// (NIST SP 800-38D §8.3).
    pub const MAX_SEALED: u64 = MAX_SEALED;

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
    /// # Errors
    /// As [`Key::hmac`].
    pub fn hs256(kid: &str, key: &Secret<Vec<u8>>) -> Result<Self, KeyError> {
        Self::hmac(kid, JwsAlgorithm::Hs256, key)
    }

    /// A shared key for `HS256`, `HS384` or `HS512`: whoever holds it can verify, and can sign.
    ///
    /// It must be random, and at least as long as the hash: 32, 48 or 64 bytes (RFC 7518 §3.2). A
    /// password is not a key, however long it is.
    ///
    /// ```
    /// use sealpass_jose::{JwsAlgorithm, Key, KeyError, Secret};
    ///
    /// assert!(Key::hmac("a", JwsAlgorithm::Hs384, &Secret::new(vec![7; 48])).is_ok());
    /// let short = Key::hmac("a", JwsAlgorithm::Hs512, &Secret::new(vec![7; 48]));
    /// assert_eq!(short.err(), Some(KeyError::TooShort { bytes: 48, min_bytes: 64 }));
    /// ```
    ///
    /// # Errors
    /// [`KeyError::Kid`]; [`KeyError::Algorithm`] for another one than those three;
    /// [`KeyError::TooShort`]; [`KeyError::AsymmetricAsSecret`] for the text of a PEM file.
    pub fn hmac(
        kid: &str,
        algorithm: JwsAlgorithm,
        key: &Secret<Vec<u8>>,
    ) -> Result<Self, KeyError> {
        Self::hmac_that(true, kid, algorithm, key)
    }

    /// As [`Key::hmac`], for a key that may be one which only verifies.
    pub(crate) fn hmac_that(
        may_sign: bool,
        kid: &str,
        algorithm: JwsAlgorithm,
        key: &Secret<Vec<u8>>,
    ) -> Result<Self, KeyError> {
        let (bytes, min_bytes) = (key.expose().len(), hmac_tag_len(algorithm));
        if bytes < min_bytes {
            return Err(KeyError::TooShort { bytes, min_bytes });
        }
        if contains_pem(key.expose()) {
            return Err(KeyError::AsymmetricAsSecret);
        }
        let key = HmacKey::new(algorithm, key.expose(), may_sign).ok_or(KeyError::Algorithm)?;
        Self::from_jws(kid, JwsKey::Hmac(Box::new(key)))
    }

    /// A key pair for `EdDSA` from the seed of RFC 8032 §5.1.5, the `d` of a JWK.
    ///
    /// # Errors
    /// [`KeyError::Kid`]; [`KeyError::Material`] when the cryptographic library fails.
    pub fn ed25519_from_seed(kid: &str, seed: &Secret<[u8; 32]>) -> Result<Self, KeyError> {
        let key = Ed25519Key::from_seed(seed.expose()).ok_or(KeyError::Material)?;
        Self::from_jws(kid, JwsKey::Ed25519(Box::new(key)))
    }

    /// The public key of somebody else's pair, the `x` of a JWK: it verifies and cannot sign.
    ///
    /// # Errors
    /// [`KeyError::Kid`]; [`KeyError::Material`] for a point of small order, under which anyone
    /// can sign.
    pub fn ed25519_public(kid: &str, public_key: &[u8; 32]) -> Result<Self, KeyError> {
        let key = Ed25519Key::from_public(*public_key).ok_or(KeyError::Material)?;
        Self::from_jws(kid, JwsKey::Ed25519(Box::new(key)))
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
            Material::Jws(_) | Material::Jwe(_) => None,
        }
    }

    /// A key for signatures, prepared elsewhere.
    pub(crate) fn from_jws(kid: &str, key: JwsKey) -> Result<Self, KeyError> {
        Self::new(kid, Material::Jws(key))
    }

    /// Whether it opens tokens of this algorithm.
    pub(super) fn accepts(&self, algorithm: Algorithm) -> bool {
        match (&self.0.material, algorithm) {
            (Material::Jwe(key), Algorithm::Jwe(alg, enc)) => key.accepts(alg, enc),
            _ => self.0.algorithm == algorithm,
        }
    }

    /// The payload of a token that this key proves; `header` as for [`JweKey::open`].
    #[inline]
    pub(super) fn open<'b>(
        &self,
        token: &UnverifiedToken<'_>,
        header: Option<&ProtectedHeader<'_>>,
        buffer: &'b mut Buffer,
    ) -> Result<&'b [u8], VerifyError> {
        match (&self.0.material, &token.form()) {
            (Material::Jwe(key), Form::Jwe(parts)) => {
                key.open(token.header(), header, parts, buffer)
            }
            (Material::Jws(key), Form::Jws(parts)) => key.verify(parts, buffer),
            (Material::Jwe(_), Form::Jws(_)) | (Material::Jws(_), Form::Jwe(_)) => {
                Err(VerifyError::AlgorithmMismatch)
            }
        }
    }

    /// Whether it can make tokens, and not only open them.
    #[must_use]
    pub fn can_make(&self) -> bool {
        match &self.0.material {
            Material::Jwe(_) => true,
            Material::Jws(key) => key.can_sign(),
        }
    }

    /// How many tokens it has sealed in this process, of [`Key::MAX_SEALED`]: with `dir` and with
    /// AES-GCM key wrap, which draw a random initialization vector under the key each time.
    ///
    /// Other keys do not wear out. Every clone counts; another `Key` of the same material does not,
    /// nor does another process.
    ///
    /// ```
    /// use sealpass_jose::{Key, KeyRing};
    ///
    /// let key = Key::generate_a256gcm()?;
    /// KeyRing::new(key.clone()).seal_bytes("example", b"{}")?;
    /// assert_eq!(key.sealed(), Some(1));
    /// assert_eq!(Key::generate_ed25519()?.sealed(), None);
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn sealed(&self) -> Option<u64> {
        match &self.0.material {
            Material::Jwe(key) => key.sealed(),
            Material::Jws(_) => None,
        }
    }

    pub(crate) fn header(&self) -> &HeaderTemplate {
        &self.0.header
    }

    pub(crate) fn material(&self) -> &Material {
        &self.0.material
    }

    pub(super) fn new(kid: &str, material: Material) -> Result<Self, KeyError> {
        if !is_kid(kid) {
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

/// Whether a key can be called `kid`.
pub(crate) fn is_kid(kid: &str) -> bool {
    let fits = !kid.is_empty() && kid.len() <= Key::MAX_KID_BYTES;
    fits && !kid.chars().any(char::is_control)
}

/// Whether a secret is the text of a file: CVE-2015-9235 and its kin sign with a public key's.
fn contains_pem(secret: &[u8]) -> bool {
    const BEGIN: &[u8] = b"-----BEGIN ";
    secret.windows(BEGIN.len()).any(|window| window == BEGIN)
}
