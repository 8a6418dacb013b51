//! The algorithms of RFC 7518 §3.

/// The `alg` of a JWS.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum JwsAlgorithm {
    /// Ed25519 (RFC 8037 §3.1): whoever has the public key can verify, and only we can sign.
    EdDsa,
    /// ECDSA with P-256 and SHA-256 (RFC 7518 §3.4).
    Es256,
    /// ECDSA with P-384 and SHA-384 (RFC 7518 §3.4).
    Es384,
    /// ECDSA with P-521 and SHA-512 (RFC 7518 §3.4).
    Es512,
    /// HMAC with SHA-256 (RFC 7518 §3.2): whoever can verify can sign.
    Hs256,
    /// HMAC with SHA-384 (RFC 7518 §3.2): whoever can verify can sign.
    Hs384,
    /// HMAC with SHA-512 (RFC 7518 §3.2): whoever can verify can sign.
    Hs512,
    /// RSASSA-PSS with SHA-256 and a salt of 32 bytes (RFC 7518 §3.5).
    Ps256,
    /// RSASSA-PSS with SHA-384 and a salt of 48 bytes (RFC 7518 §3.5).
    Ps384,
    /// RSASSA-PSS with SHA-512 and a salt of 64 bytes (RFC 7518 §3.5).
    Ps512,
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 §3.3).
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384 (RFC 7518 §3.3).
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512 (RFC 7518 §3.3).
    Rs512,
}

impl JwsAlgorithm {
    /// Every one, in alphabetical order.
    pub const ALL: [Self; 13] = [
        Self::EdDsa,
        Self::Es256,
        Self::Es384,
        Self::Es512,
        Self::Hs256,
        Self::Hs384,
        Self::Hs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
    ];

    /// Its name in a protected header.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Es512 => "ES512",
            Self::Hs256 => "HS256",
            Self::Hs384 => "HS384",
            Self::Hs512 => "HS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
        }
    }

    /// The algorithm of that name. Names are case-sensitive (RFC 7515 §4.1.1).
    ///
    /// ```
    /// use sealpass_jose::JwsAlgorithm;
    ///
    /// assert_eq!(JwsAlgorithm::from_name("ES256"), Some(JwsAlgorithm::Es256));
    /// assert_eq!(JwsAlgorithm::from_name("es256"), None);
    /// assert_eq!(JwsAlgorithm::from_name("none"), None);
    /// ```
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }
}
