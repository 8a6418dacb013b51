//! What a key consists of, checked to be a key.

use aws_lc_rs::agreement::{PrivateKey, X25519};
use aws_lc_rs::signature::{RsaKeyPair, RsaPublicKeyComponents};

use crate::jws::{EcdsaKey, Ed25519Key, ecdsa_algorithm};
use crate::key::{Curve, KeyError, require_safe_rsa};
use crate::secret::Secret;

/// The parts of a key. That they exist proves that they are a key: on its curve, of a safe size,
/// and the private part belongs to the public one.
#[derive(Clone)]
pub(crate) enum Parts {
    Ec(EcParts),
    Oct(Secret<Vec<u8>>),
    Okp(OkpParts),
    Rsa(Box<RsaParts>),
}

/// A point of P-256, P-384 or P-521, and its scalar.
#[derive(Clone)]
pub(crate) struct EcParts {
    pub(crate) curve: Curve,
    /// Uncompressed (SEC 1 §2.3.3).
    pub(crate) point: Vec<u8>,
    /// Big-endian, as long as a coordinate.
    pub(crate) private: Option<Secret<Vec<u8>>>,
}

/// A key of Ed25519 or X25519.
#[derive(Clone)]
pub(crate) struct OkpParts {
    pub(crate) curve: Curve,
    pub(crate) public: [u8; 32],
    pub(crate) private: Option<Secret<[u8; 32]>>,
}

/// The numbers of RFC 8017 §3, big-endian without leading zeros.
#[derive(Clone)]
pub(crate) struct RsaParts {
    pub(crate) modulus: Vec<u8>,
    pub(crate) exponent: Vec<u8>,
    pub(crate) private: Option<RsaPrivateParts>,
}

/// The second representation of a private key (RFC 8017 §3.2), and `d`.
#[derive(Clone)]
pub(crate) struct RsaPrivateParts {
    pub(crate) d: Secret<Vec<u8>>,
    pub(crate) p: Secret<Vec<u8>>,
    pub(crate) q: Secret<Vec<u8>>,
    pub(crate) dp: Secret<Vec<u8>>,
    pub(crate) dq: Secret<Vec<u8>>,
    pub(crate) qi: Secret<Vec<u8>>,
}

impl Parts {
    /// Whether a part must be kept secret.
    pub(crate) const fn is_private(&self) -> bool {
        match self {
            Self::Ec(ec) => ec.private.is_some(),
            Self::Oct(_) => true,
            Self::Okp(okp) => okp.private.is_some(),
            Self::Rsa(rsa) => rsa.private.is_some(),
        }
    }

    /// The parts that may be published; a shared key has none.
    pub(crate) fn public(&self) -> Option<Self> {
        match self {
            Self::Ec(ec) => Some(Self::Ec(EcParts { private: None, ..ec.clone() })),
            Self::Oct(_) => None,
            Self::Okp(okp) => Some(Self::Okp(OkpParts { private: None, ..okp.clone() })),
            Self::Rsa(rsa) => Some(Self::Rsa(Box::new(RsaParts {
                modulus: rsa.modulus.clone(),
                exponent: rsa.exponent.clone(),
                private: None,
            }))),
        }
    }
}

impl EcParts {
    pub(crate) fn new(
        curve: Curve,
        point: Vec<u8>,
        private: Option<Secret<Vec<u8>>>,
    ) -> Result<Self, KeyError> {
        let algorithm = ecdsa_algorithm(curve).ok_or(KeyError::Material)?;
        EcdsaKey::from_public(algorithm, &point).ok_or(KeyError::Material)?;
        if let Some(private) = &private {
            EcdsaKey::from_pair(algorithm, private.expose(), &point)
                .ok_or(KeyError::PairMismatch)?;
        }
        Ok(Self { curve, point, private })
    }

    /// The coordinates, each of the curve's length.
    pub(crate) fn coordinates(&self) -> (&[u8], &[u8]) {
        let both = self.point.get(1..).unwrap_or_default();
        both.split_at_checked(self.curve.coordinate_bytes()).unwrap_or_default()
    }
}

impl OkpParts {
    /// A key whose public part is given, which the private part must have.
    pub(crate) fn new(
        curve: Curve,
        public: [u8; 32],
        private: Option<Secret<[u8; 32]>>,
    ) -> Result<Self, KeyError> {
        match &private {
            Some(private) if Self::public_of(curve, private)? != public => {
                return Err(KeyError::PairMismatch);
            }
            _ => {}
        }
        if curve == Curve::Ed25519 {
            Ed25519Key::from_public(public).ok_or(KeyError::Material)?;
        }
        Ok(Self { curve, public, private })
    }

    pub(crate) fn from_private(curve: Curve, private: Secret<[u8; 32]>) -> Result<Self, KeyError> {
        let public = Self::public_of(curve, &private)?;
        Self::new(curve, public, Some(private))
    }

    fn public_of(curve: Curve, private: &Secret<[u8; 32]>) -> Result<[u8; 32], KeyError> {
        match curve {
            Curve::Ed25519 => {
                let key = Ed25519Key::from_seed(private.expose()).ok_or(KeyError::Material)?;
                Ok(*key.public_bytes())
            }
            Curve::X25519 => PrivateKey::from_private_key(&X25519, private.expose())
                .ok()
                .and_then(|key| key.compute_public_key().ok())
                .and_then(|public| public.as_ref().try_into().ok())
                .ok_or(KeyError::Material),
            Curve::P256 | Curve::P384 | Curve::P521 => Err(KeyError::Material),
        }
    }
}

impl RsaParts {
    pub(crate) fn new(
        modulus: Vec<u8>,
        exponent: Vec<u8>,
        private: Option<RsaPrivateParts>,
    ) -> Result<Self, KeyError> {
        require_safe_rsa(&modulus, &exponent)?;
        let parts = Self { modulus, exponent, private };
        if parts.private.is_some() {
            parts.pair().ok_or(KeyError::PairMismatch)?;
        }
        Ok(parts)
    }

    /// The key pair; `None` without a private part, or when the numbers do not belong together.
    pub(crate) fn pair(&self) -> Option<RsaKeyPair> {
        let private = self.private.as_ref()?;
        RsaKeyPair::from_components(&aws_lc_rs::rsa::KeyPairComponents {
            public_key: self.public_components(),
            d: &private.d.expose()[..],
            p: private.p.expose(),
            q: private.q.expose(),
            dP: private.dp.expose(),
            dQ: private.dq.expose(),
            qInv: private.qi.expose(),
        })
        .ok()
    }

    pub(crate) fn public_components(&self) -> RsaPublicKeyComponents<&[u8]> {
        RsaPublicKeyComponents { n: &self.modulus, e: &self.exponent }
    }
}
