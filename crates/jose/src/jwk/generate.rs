//! New keys.

use aws_lc_rs::encoding::{AsBigEndian as _, AsDer as _, EcPrivateKeyBin, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{EcdsaKeyPair, KeyPair as _};

use super::algorithm::{Shape, shape};
use super::parts::{EcParts, OkpParts};
use super::{Jwk, JwkError, Parts};
use crate::algorithm::Algorithm;
use crate::jws::ecdsa_signing;
use crate::key::{Curve, Key, KeyError, random_kid};
use crate::pem::{Container, read_parts};
use crate::random;
use crate::secret::Secret;

/// The length of the modulus of a new RSA key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum RsaSize {
    /// 2,048 bits: the shortest that RFC 7518 §3.3 allows.
    Bits2048,
    /// 3,072 bits: as strong as a 128-bit key (NIST SP 800-57 part 1).
    Bits3072,
    /// 4,096 bits: every signature costs several times as much.
    Bits4096,
}

impl Jwk {
    /// A new key for `algorithm`, which it says in `alg` and `use`, with a random `kid`.
    ///
    /// A shared key is as long as the algorithm needs; RSA has 3,072 bits, and key agreement is
    /// over X25519. [`Jwk::generate_rsa`] and [`Jwk::generate_on`] take another size or curve.
    ///
    /// ```
    /// use sealpass_jose::{Algorithm, Jwk, JwkError, JwsAlgorithm};
    ///
    /// let es384 = Algorithm::Jws(JwsAlgorithm::Es384);
    /// let jwk = Jwk::generate(es384)?;
    /// assert_eq!(jwk.alg(), Some("ES384"));
    /// let other = jwk.to_key(&[Algorithm::Jws(JwsAlgorithm::Es256)]);
    /// assert_eq!(other.err(), Some(JwkError::AlgorithmMismatch));
    /// # Ok::<_, JwkError>(())
    /// ```
    ///
    /// # Errors
    /// [`KeyError::Random`], [`KeyError::Material`] when the library fails.
    pub fn generate(algorithm: Algorithm) -> Result<Self, JwkError> {
        let parts = match shape(algorithm)? {
            Shape::Curve(curve) => on_curve(curve)?,
            Shape::Rsa => rsa(RsaSize::Bits3072)?,
            Shape::Shared { bytes } => Parts::Oct(shared(bytes)?),
        };
        Self::named(parts, algorithm)
    }

    /// A new key pair for `algorithm`, which must be one of RSA, of that size.
    ///
    /// # Errors
    /// [`JwkError::AlgorithmMismatch`] for another algorithm; otherwise as [`Jwk::generate`].
    pub fn generate_rsa(algorithm: Algorithm, size: RsaSize) -> Result<Self, JwkError> {
        match shape(algorithm)? {
            Shape::Rsa => Self::named(rsa(size)?, algorithm),
            Shape::Curve(_) | Shape::Shared { .. } => Err(JwkError::AlgorithmMismatch),
        }
    }

    /// A new key pair for `algorithm` on that curve.
    ///
    /// # Errors
    /// [`JwkError::AlgorithmMismatch`] for an algorithm that is not one of that curve; otherwise
    /// as [`Jwk::generate`].
    pub fn generate_on(algorithm: Algorithm, curve: Curve) -> Result<Self, JwkError> {
        match shape(algorithm)? {
            Shape::Curve(_) => Self::named(on_curve(curve)?, algorithm),
            Shape::Rsa | Shape::Shared { .. } => Err(JwkError::AlgorithmMismatch),
        }
    }

    fn named(parts: Parts, algorithm: Algorithm) -> Result<Self, JwkError> {
        let kid = random_kid()?;
        Self::from_parts(parts).with_kid(&kid)?.with_algorithm(algorithm)
    }
}

impl Key {
    /// A new key for `algorithm`, as [`Jwk::generate`] makes it, with a random `kid`.
    ///
    /// It exists in this process only. When the last clone goes, so does every token it made.
    ///
    /// ```
    /// use sealpass_jose::{Algorithm, Key, KeyRing, JwsAlgorithm};
    ///
    /// let keys = KeyRing::new(Key::generate(Algorithm::Jws(JwsAlgorithm::Es256))?);
    /// assert!(keys.seal("JWT", &serde_json::json!({})).is_ok());
    /// assert!(keys.seal("no media type", &serde_json::json!({})).is_err());
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`Jwk::generate`].
    pub fn generate(algorithm: Algorithm) -> Result<Self, JwkError> {
        Jwk::generate(algorithm)?.to_key(&[algorithm])
    }
}

fn shared(bytes: usize) -> Result<Secret<Vec<u8>>, KeyError> {
    let random = Secret::new(random::bytes::<64>()?);
    Ok(Secret::new(random.expose().get(..bytes).ok_or(KeyError::Material)?.to_vec()))
}

fn on_curve(curve: Curve) -> Result<Parts, KeyError> {
    let Some(signing) = ecdsa_signing(curve) else {
        return Ok(Parts::Okp(OkpParts::from_private(curve, Secret::new(random::bytes()?))?));
    };
    let pair = EcdsaKeyPair::generate(signing).map_err(|_| KeyError::Material)?;
    let scalar: EcPrivateKeyBin<'_> =
        pair.private_key().as_be_bytes().map_err(|_| KeyError::Material)?;
    let point = pair.public_key().as_ref().to_vec();
    Ok(Parts::Ec(EcParts::new(curve, point, Some(Secret::new(scalar.as_ref().to_vec())))?))
}

fn rsa(size: RsaSize) -> Result<Parts, KeyError> {
    let size = match size {
        RsaSize::Bits2048 => KeySize::Rsa2048,
        RsaSize::Bits3072 => KeySize::Rsa3072,
        RsaSize::Bits4096 => KeySize::Rsa4096,
    };
    let pair = KeyPair::generate(size).map_err(|_| KeyError::Material)?;
    let der: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| KeyError::Material)?;
    read_parts(Container::Pkcs8, der.as_ref()).map_err(|_| KeyError::Material)
}
