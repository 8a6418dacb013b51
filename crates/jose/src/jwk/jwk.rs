//! One key on paper.

use std::fmt;

use super::algorithm::JwkAlgorithm;
use super::purpose::{KeyUse, Operations};
use super::{JwkError, Parts};
use crate::algorithm::Algorithm;
use crate::key::{Curve, KeyError, is_kid};

/// A key that can be written down: public, private or shared, with what it says about itself.
///
/// That it exists proves that it is a key: its members have their exact lengths, points are on
/// their curves, RSA is 2,048 to 8,192 bits long, and the private part belongs to the public one.
/// It has no `Serialize`, and `Debug` prints no part of the key. What must stay secret comes out of
/// [`Jwk::to_private_json`] and [`Jwk::to_private_pem`] only.
///
/// ```
/// use sealpass_jose::{Algorithm, Jwk, JwkError, JwsAlgorithm};
///
/// let es256 = Algorithm::Jws(JwsAlgorithm::Es256);
/// let jwk = Jwk::generate(es256)?;
/// let key = jwk.to_key(&[es256])?;
/// assert_eq!(Some(key.kid()), jwk.kid());
/// assert!(!jwk.to_public_json()?.contains(r#""d""#));
///
/// let refused = jwk.to_key(&[Algorithm::Jws(JwsAlgorithm::Hs256)]);
/// assert_eq!(refused.err(), Some(JwkError::AlgorithmMismatch));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
///
/// It is not serialized by accident:
///
/// ```compile_fail
/// use sealpass_jose::{Algorithm, Jwk, JwsAlgorithm};
///
/// let jwk = Jwk::generate(Algorithm::Jws(JwsAlgorithm::Es256))?;
/// let json = serde_json::to_string(&jwk)?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Jwk {
    pub(super) parts: Parts,
    pub(super) kid: Option<String>,
    pub(super) algorithm: Option<JwkAlgorithm>,
    pub(super) key_use: Option<KeyUse>,
    pub(super) operations: Option<Operations>,
}

impl Jwk {
    /// A key that says nothing about itself.
    pub(crate) const fn from_parts(parts: Parts) -> Self {
        Self { parts, kid: None, algorithm: None, key_use: None, operations: None }
    }

    /// Its name.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The `kty`: `EC`, `OKP`, `RSA` or `oct`.
    #[must_use]
    pub const fn key_type(&self) -> &'static str {
        match self.parts {
            Parts::Ec(_) => "EC",
            Parts::Oct(_) => "oct",
            Parts::Okp(_) => "OKP",
            Parts::Rsa(_) => "RSA",
        }
    }

    /// The `crv` of an EC or OKP key.
    #[must_use]
    pub const fn curve(&self) -> Option<Curve> {
        match &self.parts {
            Parts::Ec(ec) => Some(ec.curve),
            Parts::Okp(okp) => Some(okp.curve),
            Parts::Oct(_) | Parts::Rsa(_) => None,
        }
    }

    /// The `alg`: the name of a signature, of a key management, or, for a key that is used directly
    /// (`dir`), of the content encryption.
    #[must_use]
    pub fn alg(&self) -> Option<&'static str> {
        self.algorithm.map(JwkAlgorithm::name)
    }

    /// The `use`, when it is one of RFC 7517 §4.2: `sig` or `enc`.
    #[must_use]
    pub fn key_use(&self) -> Option<&'static str> {
        self.key_use.and_then(KeyUse::name)
    }

    /// Whether a part of it must be kept secret. That is so of every shared key.
    #[must_use]
    pub const fn is_private(&self) -> bool {
        self.parts.is_private()
    }

    /// The same key with that name.
    ///
    /// # Errors
    /// [`KeyError::Kid`].
    pub fn with_kid(self, kid: &str) -> Result<Self, JwkError> {
        if is_kid(kid) {
            Ok(Self { kid: Some(kid.to_owned()), ..self })
        } else {
            Err(KeyError::Kid.into())
        }
    }

    /// The same key for `algorithm` only: it says so in `alg` and `use`.
    ///
    /// # Errors
    /// [`JwkError::AlgorithmMismatch`] and [`KeyError::TooShort`] for a key that is none of
    /// `algorithm`, [`JwkError::UseMismatch`] for one that says it is for something else.
    pub fn with_algorithm(self, algorithm: Algorithm) -> Result<Self, JwkError> {
        if self.algorithm.is_some_and(|own| !own.allows(algorithm)) {
            return Err(JwkError::AlgorithmMismatch);
        }
        let key_use = KeyUse::of(algorithm);
        if self.key_use.is_some_and(|own| own != key_use) {
            return Err(JwkError::UseMismatch);
        }
        let jwk =
            Self { algorithm: Some(JwkAlgorithm::of(algorithm)), key_use: Some(key_use), ..self };
        jwk.require_consistent()?;
        Ok(jwk)
    }

    /// The half that may be published; a shared key has none.
    ///
    /// ```
    /// use sealpass_jose::{Algorithm, Jwk, JwsAlgorithm};
    ///
    /// let private = Jwk::generate(Algorithm::Jws(JwsAlgorithm::EdDsa))?;
    /// assert!(private.to_public().is_some_and(|public| !public.is_private()));
    ///
    /// let shared = Jwk::generate(Algorithm::Jws(JwsAlgorithm::Hs256))?;
    /// assert!(shared.to_public().is_none());
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn to_public(&self) -> Option<Self> {
        let operations = if self.is_private() {
            self.operations.map(Operations::public)
        } else {
            self.operations
        };
        Some(Self {
            parts: self.parts.public()?,
            kid: self.kid.clone(),
            algorithm: self.algorithm,
            key_use: self.key_use,
            operations,
        })
    }

    pub(crate) const fn parts(&self) -> &Parts {
        &self.parts
    }
}

impl fmt::Debug for Jwk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jwk")
            .field("kty", &self.key_type())
            .field("crv", &self.curve().map(Curve::name))
            .field("kid", &self.kid)
            .field("alg", &self.alg())
            .field("is_private", &self.is_private())
            .finish_non_exhaustive()
    }
}
