//! Shared keys (RFC 7518 §3.2).

use aws_lc_rs::hmac;

use super::JwsAlgorithm;

/// A prepared key of HS256, HS384 or HS512.
pub(crate) struct HmacKey {
    key: hmac::Key,
    algorithm: JwsAlgorithm,
    may_sign: bool,
}

impl HmacKey {
    /// A key of `algorithm`; `None` when that is not an HMAC.
    pub(crate) fn new(algorithm: JwsAlgorithm, key: &[u8], may_sign: bool) -> Option<Self> {
        let hmac = primitive(algorithm)?;
        Some(Self { key: hmac::Key::new(hmac, key), algorithm, may_sign })
    }

    pub(super) const fn algorithm(&self) -> JwsAlgorithm {
        self.algorithm
    }

    pub(super) const fn tag_len(&self) -> usize {
        tag_len(self.algorithm)
    }

    /// The key as one that signs, unless it is one that only verifies.
    pub(super) const fn signing(&self) -> Option<&hmac::Key> {
        if self.may_sign { Some(&self.key) } else { None }
    }

    pub(super) const fn verifying(&self) -> &hmac::Key {
        &self.key
    }
}

/// The length of a tag, which is also the shortest key, in bytes; 0 for what is not an HMAC.
pub(crate) const fn tag_len(algorithm: JwsAlgorithm) -> usize {
    match algorithm {
        JwsAlgorithm::Hs256 => 32,
        JwsAlgorithm::Hs384 => 48,
        JwsAlgorithm::Hs512 => 64,
        _ => 0,
    }
}

fn primitive(algorithm: JwsAlgorithm) -> Option<hmac::Algorithm> {
    match algorithm {
        JwsAlgorithm::Hs256 => Some(hmac::HMAC_SHA256),
        JwsAlgorithm::Hs384 => Some(hmac::HMAC_SHA384),
        JwsAlgorithm::Hs512 => Some(hmac::HMAC_SHA512),
        _ => None,
    }
}
