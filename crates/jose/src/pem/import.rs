//! PEM in and out of a JWK.

use super::armor::{self, Block};
use super::{Container, PemError, read_parts, to_pkcs8, to_spki};
use crate::jwk::Jwk;
use crate::secret::Secret;

impl Jwk {
    /// The longest text in PEM that is read, in bytes.
    pub const MAX_PEM_BYTES: usize = 64 * 1024;

    /// The one key of a text in PEM: `PRIVATE KEY` (PKCS#8), `PUBLIC KEY` (SPKI),
    /// `EC PRIVATE KEY` (SEC 1), `RSA PRIVATE KEY` or `RSA PUBLIC KEY` (PKCS#1).
    ///
    /// It says neither its name nor its algorithm: [`Jwk::with_kid`], [`Jwk::with_algorithm`].
    ///
    /// ```
    /// use sealpass_jose::{Jwk, PemError};
    ///
    /// let pem = "-----BEGIN PUBLIC KEY-----\n\
    ///     MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n\
    ///     -----END PUBLIC KEY-----\n";
    /// assert_eq!(Jwk::from_pem(pem.as_bytes())?.key_type(), "OKP");
    ///
    /// let two = pem.repeat(2);
    /// assert_eq!(Jwk::from_pem(two.as_bytes()).err(), Some(PemError::SeveralBlocks));
    /// # Ok::<_, PemError>(())
    /// ```
    ///
    /// # Errors
    /// [`PemError`] for what is not exactly one block of DER; for an encrypted key, a certificate,
    /// and a key that is unsafe or of a kind that is not read.
    pub fn from_pem(pem: &[u8]) -> Result<Self, PemError> {
        let mut keys = Self::all_from_pem(pem)?;
        match (keys.pop(), keys.pop()) {
            (Some(key), None) => Ok(key),
            (Some(_), Some(_)) => Err(PemError::SeveralBlocks),
            (None, _) => Err(PemError::NoBlock),
        }
    }

    /// Every key of a text in PEM, in its order. None of several is skipped.
    ///
    /// # Errors
    /// As [`Jwk::from_pem`]; a text without a key is refused too.
    pub fn all_from_pem(pem: &[u8]) -> Result<Vec<Self>, PemError> {
        if pem.len() > Self::MAX_PEM_BYTES {
            return Err(PemError::TooLong { bytes: pem.len() });
        }
        let text = str::from_utf8(pem).map_err(|_| PemError::TextOutside)?;
        let blocks = armor::blocks(text)?;
        if blocks.is_empty() {
            return Err(PemError::NoBlock);
        }
        blocks.iter().map(from_block).collect()
    }

    /// The public half as `PUBLIC KEY` (SPKI).
    ///
    /// # Errors
    /// [`PemError::SharedKey`].
    pub fn to_public_pem(&self) -> Result<String, PemError> {
        let spki = to_spki(self.parts()).ok_or(PemError::SharedKey)?;
        Ok(armor::write("PUBLIC KEY", &spki).expose().clone())
    }

    /// The private key as `PRIVATE KEY` (PKCS#8), with what must stay secret.
    ///
    /// ```
    /// use sealpass_jose::{Algorithm, Jwk, JwsAlgorithm, PemError};
    ///
    /// let pair = Jwk::generate(Algorithm::Jws(JwsAlgorithm::EdDsa))?;
    /// let pem = pair.to_private_pem()?;
    /// assert_eq!(Jwk::from_pem(pem.expose().as_bytes())?.thumbprint(), pair.thumbprint());
    ///
    /// let shared = Jwk::generate(Algorithm::Jws(JwsAlgorithm::Hs256))?;
    /// assert_eq!(shared.to_private_pem().err(), Some(PemError::SharedKey));
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`PemError::SharedKey`]; [`PemError::NoPrivateKey`] for a public key.
    pub fn to_private_pem(&self) -> Result<Secret<String>, PemError> {
        if self.to_public().is_none() {
            return Err(PemError::SharedKey);
        }
        let pkcs8 = to_pkcs8(self.parts()).ok_or(PemError::NoPrivateKey)?;
        Ok(armor::write("PRIVATE KEY", pkcs8.expose()))
    }
}

fn from_block(block: &Block<'_>) -> Result<Jwk, PemError> {
    let container = match block.label {
        "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => {
            return Err(PemError::Certificate);
        }
        "EC PRIVATE KEY" => Container::Sec1,
        "ENCRYPTED PRIVATE KEY" => return Err(PemError::Encrypted),
        "PRIVATE KEY" => Container::Pkcs8,
        "PUBLIC KEY" => Container::Spki,
        "RSA PRIVATE KEY" => Container::Pkcs1Private,
        "RSA PUBLIC KEY" => Container::Pkcs1Public,
        _ => return Err(PemError::LabelUnsupported),
    };
    Ok(Jwk::from_parts(read_parts(container, block.der.expose())?))
}
