//! Elliptic curve Diffie-Hellman with an ephemeral key (RFC 7518 §4.6, RFC 8037 §3.2).

use aws_lc_rs::agreement::{
    self, ECDH_P256, ECDH_P384, ECDH_P521, ParsedPublicKey, PrivateKey, UnparsedPublicKey, X25519,
};
use zeroize::Zeroizing;

use super::concat_kdf;
use super::ephemeral_key::EphemeralKey;
use super::parameters;
use crate::header::{HeaderError, ProtectedHeader};
use crate::jwe::{ContentEncryption, JweAlgorithm};
use crate::key::{Curve, KeyError};

/// A key pair, or the public key alone.
pub(in crate::jwe) struct EcdhKey {
    curve: Curve,
    public: Vec<u8>,
    private: Option<PrivateKey>,
}

/// What an agreed key is for: its length is fixed by the algorithm it is for.
#[derive(Clone, Copy)]
pub(super) enum Purpose {
    /// It is the content encryption key.
    Content(ContentEncryption),
    /// It wraps the content encryption key, as `alg` says.
    Wrapping { alg: JweAlgorithm, enc: ContentEncryption, key_bytes: usize },
}

/// The header parameters of RFC 7518 §4.6.1.
pub(super) struct EcdhParameters {
    pub(super) ephemeral: EphemeralKey,
    pub(super) party_u: Vec<u8>,
    pub(super) party_v: Vec<u8>,
}

impl EcdhKey {
    /// A key pair from its two halves, which must belong together.
    pub(in crate::jwe) fn from_private(
        curve: Curve,
        private: &[u8],
        public: &[u8],
    ) -> Result<Self, KeyError> {
        let mut key = Self::from_public(curve, public)?;
        let private = PrivateKey::from_private_key(agreement(curve)?, private)
            .map_err(|_| KeyError::Material)?;
        let computed = private.compute_public_key().map_err(|_| KeyError::Material)?;
        if computed.as_ref() != public {
            return Err(KeyError::PairMismatch);
        }
        key.private = Some(private);
        Ok(key)
    }

    /// A public key; on its curve, and not one with which everybody agrees on zero.
    pub(in crate::jwe) fn from_public(curve: Curve, public: &[u8]) -> Result<Self, KeyError> {
        let algorithm = agreement(curve)?;
        EphemeralKey::new(curve, public).ok_or(KeyError::Material)?;
        let parsed: ParsedPublicKey =
            UnparsedPublicKey::new(algorithm, public).try_into().map_err(|_| KeyError::Material)?;
        let trial = PrivateKey::generate(algorithm).map_err(|_| KeyError::Material)?;
        agreement::agree(&trial, parsed, KeyError::Material, |_| Ok(()))?;
        Ok(Self { curve, public: public.to_vec(), private: None })
    }

    pub(super) const fn can_open(&self) -> bool {
        self.private.is_some()
    }

    /// The key that is agreed on with a new ephemeral one, which is returned too.
    pub(super) fn agree_ephemerally(&self, purpose: Purpose) -> Option<(AgreedKey, EphemeralKey)> {
        let ephemeral = PrivateKey::generate(agreement(self.curve).ok()?).ok()?;
        self.agree_with(&ephemeral, purpose)
    }

    pub(super) fn agree_with(
        &self,
        ephemeral: &PrivateKey,
        purpose: Purpose,
    ) -> Option<(AgreedKey, EphemeralKey)> {
        let key = purpose.agree(ephemeral, self.curve, &self.public, b"", b"")?;
        let public = ephemeral.compute_public_key().ok()?;
        Some((key, EphemeralKey::new(self.curve, public.as_ref())?))
    }

    /// The key that is agreed on with the ephemeral one of a token; `None` when that is not on the
    /// curve, or agrees with everybody on zero (RFC 7748 §6.1), or when this key is public.
    pub(super) fn agree(&self, purpose: Purpose, parameters: &EcdhParameters) -> Option<AgreedKey> {
        let EcdhParameters { ephemeral, party_u, party_v } = parameters;
        let private = self.private.as_ref()?;
        purpose.agree(private, self.curve, ephemeral.bytes(), party_u, party_v)
    }

    /// Reads `epk`, `apu` and `apv`.
    pub(super) fn read_parameters(
        &self,
        header: Option<&ProtectedHeader<'_>>,
    ) -> Result<EcdhParameters, HeaderError> {
        let ephemeral = EphemeralKey::read(header, self.curve)?;
        let party = |member| match header {
            Some(header) => parameters::bytes(header, member),
            None => Ok(Vec::new()),
        };
        Ok(EcdhParameters { ephemeral, party_u: party("apu")?, party_v: party("apv")? })
    }
}

/// A key of the length of its purpose. Wiped when dropped.
pub(super) struct AgreedKey {
    bytes: Zeroizing<[u8; 64]>,
    length: usize,
}

impl AgreedKey {
    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

impl Purpose {
    fn agree(
        self,
        private: &PrivateKey,
        curve: Curve,
        public: &[u8],
        party_u: &[u8],
        party_v: &[u8],
    ) -> Option<AgreedKey> {
        let public = UnparsedPublicKey::new(agreement(curve).ok()?, public);
        agreement::agree(private, public, (), |secret| {
            self.derive(secret, party_u, party_v).ok_or(())
        })
        .ok()
    }

    /// RFC 7518 §4.6.2: the algorithm that the key is for is part of what it is derived from.
    fn derive(self, secret: &[u8], party_u: &[u8], party_v: &[u8]) -> Option<AgreedKey> {
        let (algorithm_id, length) = match self {
            Self::Content(enc) => (enc.name(), enc.key_bytes()),
            Self::Wrapping { alg, key_bytes, .. } => (alg.name(), key_bytes),
        };
        let mut bytes = Zeroizing::new([0; 64]);
        concat_kdf::derive(secret, algorithm_id, party_u, party_v, bytes.get_mut(..length)?)?;
        Some(AgreedKey { bytes, length })
    }
}

fn agreement(curve: Curve) -> Result<&'static agreement::Algorithm, KeyError> {
    match curve {
        Curve::Ed25519 => Err(KeyError::Algorithm),
        Curve::P256 => Ok(&ECDH_P256),
        Curve::P384 => Ok(&ECDH_P384),
        Curve::P521 => Ok(&ECDH_P521),
        Curve::X25519 => Ok(&X25519),
    }
}
