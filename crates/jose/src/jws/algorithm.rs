//! The algorithms of RFC 7518 §3.

/// The `alg` of a JWS.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum JwsAlgorithm {
    /// Ed25519 (RFC 8037 §3.1): whoever has the public key can verify, and only we can sign.
    EdDsa,
    /// HMAC with SHA-256 (RFC 7518 §3.2): whoever can verify can sign.
    Hs256,
}

impl JwsAlgorithm {
    /// Its name in a protected header.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::Hs256 => "HS256",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        [Self::EdDsa, Self::Hs256].into_iter().find(|algorithm| algorithm.name() == name)
    }
}
