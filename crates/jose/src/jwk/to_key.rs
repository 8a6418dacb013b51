//! From a JWK to a key that can be used, and back to its public half.

use super::algorithm::{JwkAlgorithm, fits};
use super::parts::{EcParts, OkpParts, RsaParts};
use super::purpose::{KeyUse, Permission};
use super::{Jwk, JwkError, Parts};
use crate::algorithm::Algorithm;
use crate::jwe::{ContentEncryption, JweAlgorithm};
use crate::jws::{EcdsaKey, Ed25519Key, JwsAlgorithm, JwsKey, RsaKey};
use crate::key::{Curve, Key, KeyError, Material};
use crate::pem::{to_pkcs8, to_spki};
use crate::secret::Secret;

impl Jwk {
    /// The key, prepared for the one algorithm of `accepted` that it is for.
    ///
    /// `alg`, `use`, `key_ops` and the kind of the key must leave exactly one of them; of a key
    /// management, every content encryption that `accepted` names with it, and the first is what
    /// the key seals with. Nothing is guessed: where a JWK has no `alg`, the caller who accepts one
    /// algorithm says what it is. Its name is the `kid`, or else its thumbprint (RFC 7638).
    ///
    /// A private key whose `key_ops` is `verify` alone, or only encrypts, becomes a public key, and
    /// a shared one a key that only verifies.
    ///
    /// ```
    /// use sealpass_jose::{Algorithm, Jwk, JwkError, JwsAlgorithm};
    ///
    /// let jwk = Jwk::parse(br#"{"kty":"oct","kid":"a",
    ///     "k":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}"#)?;
    /// assert!(jwk.to_key(&[Algorithm::Jws(JwsAlgorithm::Hs256)]).is_ok());
    ///
    /// let any = JwsAlgorithm::ALL.map(Algorithm::Jws);
    /// assert_eq!(jwk.to_key(&any).err(), Some(JwkError::AlgorithmAmbiguous));
    /// # Ok::<_, JwkError>(())
    /// ```
    ///
    /// # Errors
    /// [`JwkError::AlgorithmMismatch`] when none of `accepted` fits, and
    /// [`JwkError::AlgorithmAmbiguous`] when more than one does; [`JwkError::UseMismatch`] and
    /// [`JwkError::OperationMismatch`] when `use` and `key_ops` forbid it; [`JwkError::Key`] for a
    /// shared key that is too short.
    pub fn to_key(&self, accepted: &[Algorithm]) -> Result<Key, JwkError> {
        let is_pinned =
            |algorithm: Algorithm| self.algorithm.is_none_or(|own| own.allows(algorithm));
        let fitting: Vec<Algorithm> = accepted
            .iter()
            .copied()
            .filter(|algorithm| is_pinned(*algorithm) && fits(&self.parts, *algorithm))
            .collect();
        if fitting.is_empty() {
            return Err(JwkError::AlgorithmMismatch);
        }
        let of_use = |algorithm: &Algorithm| {
            self.key_use.is_none_or(|key_use| key_use == KeyUse::of(*algorithm))
        };
        let usable: Vec<Algorithm> = fitting.into_iter().filter(of_use).collect();
        let first = *usable.first().ok_or(JwkError::UseMismatch)?;
        if usable.iter().any(|other| other.alg() != first.alg()) {
            return Err(JwkError::AlgorithmAmbiguous);
        }
        let kid = match self.kid() {
            Some(kid) => kid.to_owned(),
            None => self.thumbprint(),
        };
        match first {
            Algorithm::Jws(alg) => self.to_jws_key(&kid, alg),
            Algorithm::Jwe(alg, _) => {
                let encryptions = content_encryptions(&usable);
                if alg == JweAlgorithm::Dir && encryptions.len() > 1 {
                    return Err(JwkError::AlgorithmAmbiguous);
                }
                self.to_jwe_key(&kid, alg, &encryptions)
            }
        }
    }

    fn to_jws_key(&self, kid: &str, alg: JwsAlgorithm) -> Result<Key, JwkError> {
        let Permission { make, read } = self.permission(Algorithm::Jws(alg));
        // Whoever may sign may check what was signed, but a shared key is then no use to a reader.
        if !read && (!make || !self.is_private() || matches!(self.parts, Parts::Oct(_))) {
            return Err(JwkError::OperationMismatch);
        }
        let key = match &self.parts {
            Parts::Oct(k) => return Ok(Key::hmac_that(make, kid, alg, k)?),
            Parts::Ec(ec) => JwsKey::Ecdsa(Box::new(prepare_ec(ec, alg, make)?)),
            Parts::Okp(okp) => JwsKey::Ed25519(Box::new(prepare_ed25519(okp, make)?)),
            Parts::Rsa(rsa) => JwsKey::Rsa(Box::new(prepare_rsa(rsa, alg, make)?)),
        };
        Ok(Key::from_jws(kid, key)?)
    }

    fn to_jwe_key(
        &self,
        kid: &str,
        alg: JweAlgorithm,
        encryptions: &[ContentEncryption],
    ) -> Result<Key, JwkError> {
        let enc = *encryptions.first().ok_or(JwkError::AlgorithmMismatch)?;
        let Permission { make, read } = self.permission(Algorithm::Jwe(alg, enc));
        let key = match &self.parts {
            Parts::Oct(k) if make && read => Key::symmetric_jwe(kid, alg, encryptions, k),
            Parts::Ec(ec) => match &ec.private {
                Some(private) if read => {
                    Key::ecdh_private(kid, alg, encryptions, ec.curve, private, &ec.point)
                }
                None if make => Key::ecdh_public(kid, alg, encryptions, ec.curve, &ec.point),
                _ => return Err(JwkError::OperationMismatch),
            },
            Parts::Okp(okp) => match &okp.private {
                Some(private) if read => {
                    let private = Secret::new(private.expose().to_vec());
                    Key::ecdh_private(kid, alg, encryptions, okp.curve, &private, &okp.public)
                }
                None if make => Key::ecdh_public(kid, alg, encryptions, okp.curve, &okp.public),
                _ => return Err(JwkError::OperationMismatch),
            },
            Parts::Rsa(_) => match to_pkcs8(&self.parts) {
                Some(pkcs8) if read => Key::rsa_jwe_private(kid, alg, encryptions, &pkcs8),
                _ if make => {
                    let spki = to_spki(&self.parts).ok_or(KeyError::Material)?;
                    Key::rsa_jwe_public(kid, alg, encryptions, &spki)
                }
                _ => return Err(JwkError::OperationMismatch),
            },
            Parts::Oct(_) => return Err(JwkError::OperationMismatch),
        };
        Ok(key?)
    }

    fn permission(&self, algorithm: Algorithm) -> Permission {
        match self.operations {
            Some(operations) => operations.permission(algorithm),
            None => Permission { make: true, read: true },
        }
    }
}

impl Key {
    /// The half that may be published, with its `kid`, `alg` and `use`: of a key for signatures.
    ///
    /// A shared key has none. That of a key for encryption is [`Jwk::to_public`] of what it was
    /// made from.
    ///
    /// ```
    /// use sealpass_jose::{Jwk, Key};
    ///
    /// let key = Key::generate_ed25519()?;
    /// let public = key.to_public_jwk().ok_or("no public half")?;
    /// assert_eq!(public.kid(), Some(key.kid()));
    /// assert!(Jwk::parse(public.to_public_json()?.as_bytes()).is_ok());
    ///
    /// assert!(Key::generate_a256gcm()?.to_public_jwk().is_none());
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn to_public_jwk(&self) -> Option<Jwk> {
        let parts = match self.material() {
            Material::Jws(JwsKey::Ecdsa(key)) => {
                let point = key.point().to_vec();
                let curve = crate::jws::ecdsa_curve(key.algorithm())?;
                Parts::Ec(EcParts { curve, point, private: None })
            }
            Material::Jws(JwsKey::Ed25519(key)) => {
                let public = *key.public_bytes();
                Parts::Okp(OkpParts { curve: Curve::Ed25519, public, private: None })
            }
            Material::Jws(JwsKey::Rsa(key)) => Parts::Rsa(Box::new(RsaParts {
                modulus: key.modulus().to_vec(),
                exponent: key.exponent().to_vec(),
                private: None,
            })),
            Material::Jws(JwsKey::Hmac(_)) | Material::Jwe(_) => return None,
        };
        Some(Jwk {
            kid: Some(self.kid().to_owned()),
            algorithm: Some(JwkAlgorithm::of(self.algorithm())),
            key_use: Some(KeyUse::of(self.algorithm())),
            ..Jwk::from_parts(parts)
        })
    }
}

/// Every `enc` of these algorithms, once.
fn content_encryptions(algorithms: &[Algorithm]) -> Vec<ContentEncryption> {
    let mut encryptions = Vec::new();
    for algorithm in algorithms {
        if let Algorithm::Jwe(_, enc) = algorithm
            && !encryptions.contains(enc)
        {
            encryptions.push(*enc);
        }
    }
    encryptions
}

fn prepare_ec(ec: &EcParts, alg: JwsAlgorithm, make: bool) -> Result<EcdsaKey, KeyError> {
    match &ec.private {
        Some(private) if make => EcdsaKey::from_pair(alg, private.expose(), &ec.point),
        _ => EcdsaKey::from_public(alg, &ec.point),
    }
    .ok_or(KeyError::Material)
}

fn prepare_ed25519(okp: &OkpParts, make: bool) -> Result<Ed25519Key, KeyError> {
    match &okp.private {
        Some(seed) if make => Ed25519Key::from_seed(seed.expose()),
        _ => Ed25519Key::from_public(okp.public),
    }
    .ok_or(KeyError::Material)
}

fn prepare_rsa(rsa: &RsaParts, alg: JwsAlgorithm, make: bool) -> Result<RsaKey, KeyError> {
    match rsa.pair() {
        Some(pair) if make => RsaKey::from_pair(alg, pair),
        _ => RsaKey::from_public(alg, rsa.modulus.clone(), rsa.exponent.clone()),
    }
    .ok_or(KeyError::Material)
}
