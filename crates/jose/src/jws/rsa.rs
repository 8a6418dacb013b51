//! RSA keys (RFC 7518 §3.3 and §3.5).

use aws_lc_rs::signature::{
    KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512,
    RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RSA_PSS_SHA256,
    RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding, RsaKeyPair, RsaParameters, RsaPublicKeyComponents,
};

use super::JwsAlgorithm;

/// A key pair, or the public key alone.
pub(crate) struct RsaKey {
    algorithm: JwsAlgorithm,
    pair: Option<RsaKeyPair>,
    public: ParsedPublicKey,
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

impl RsaKey {
    /// A pair; `None` when `algorithm` is not of RSA.
    pub(crate) fn from_pair(algorithm: JwsAlgorithm, pair: RsaKeyPair) -> Option<Self> {
        let public = pair.public_key();
        let modulus = public.modulus().big_endian_without_leading_zero().to_vec();
        let exponent = public.exponent().big_endian_without_leading_zero().to_vec();
        let key = Self::from_public(algorithm, modulus, exponent)?;
        Some(Self { pair: Some(pair), ..key })
    }

    /// A public key, whose parts are big-endian without leading zeros and of an accepted size;
    /// `None` when `algorithm` is not of RSA.
    pub(crate) fn from_public(
        algorithm: JwsAlgorithm,
        modulus: Vec<u8>,
        exponent: Vec<u8>,
    ) -> Option<Self> {
        let parts = RsaPublicKeyComponents { n: &modulus[..], e: &exponent[..] };
        let public = parts.to_parsed_public_key(parameters(algorithm)?).ok()?;
        Some(Self { algorithm, pair: None, public, modulus, exponent })
    }

    pub(super) const fn algorithm(&self) -> JwsAlgorithm {
        self.algorithm
    }

    /// The length of a signature, which is that of the modulus, in bytes (RFC 8017 §8).
    pub(super) const fn signature_len(&self) -> usize {
        self.modulus.len()
    }

    /// The private half, if it is here, and how it signs.
    pub(super) fn pair(&self) -> Option<(&RsaKeyPair, &'static dyn RsaEncoding)> {
        Some((self.pair.as_ref()?, encoding(self.algorithm)?))
    }

    pub(super) const fn public(&self) -> &ParsedPublicKey {
        &self.public
    }

    pub(crate) fn modulus(&self) -> &[u8] {
        &self.modulus
    }

    pub(crate) fn exponent(&self) -> &[u8] {
        &self.exponent
    }
}

fn parameters(algorithm: JwsAlgorithm) -> Option<&'static RsaParameters> {
    match algorithm {
        JwsAlgorithm::Ps256 => Some(&RSA_PSS_2048_8192_SHA256),
        JwsAlgorithm::Ps384 => Some(&RSA_PSS_2048_8192_SHA384),
        JwsAlgorithm::Ps512 => Some(&RSA_PSS_2048_8192_SHA512),
        JwsAlgorithm::Rs256 => Some(&RSA_PKCS1_2048_8192_SHA256),
        JwsAlgorithm::Rs384 => Some(&RSA_PKCS1_2048_8192_SHA384),
        JwsAlgorithm::Rs512 => Some(&RSA_PKCS1_2048_8192_SHA512),
        _ => None,
    }
}

/// The salt of PSS is as long as the hash, which is the library's default (RFC 7518 §3.5).
fn encoding(algorithm: JwsAlgorithm) -> Option<&'static dyn RsaEncoding> {
    match algorithm {
        JwsAlgorithm::Ps256 => Some(&RSA_PSS_SHA256),
        JwsAlgorithm::Ps384 => Some(&RSA_PSS_SHA384),
        JwsAlgorithm::Ps512 => Some(&RSA_PSS_SHA512),
        JwsAlgorithm::Rs256 => Some(&RSA_PKCS1_SHA256),
        JwsAlgorithm::Rs384 => Some(&RSA_PKCS1_SHA384),
        JwsAlgorithm::Rs512 => Some(&RSA_PKCS1_SHA512),
        _ => None,
    }
}
