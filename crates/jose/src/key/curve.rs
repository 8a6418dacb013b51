//! The curves of RFC 7518 §6.2.1.1 and RFC 8037 §2.

/// An elliptic curve, the `crv` of a JWK.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Curve {
    /// Edwards curve of RFC 8032, for signatures only.
    Ed25519,
    /// NIST P-256.
    P256,
    /// NIST P-384.
    P384,
    /// NIST P-521.
    P521,
    /// Montgomery curve of RFC 7748, for key agreement only.
    X25519,
}

impl Curve {
    /// Every one, in alphabetical order.
    pub const ALL: [Self; 5] = [Self::Ed25519, Self::P256, Self::P384, Self::P521, Self::X25519];

    /// Its name in a JWK.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ed25519 => "Ed25519",
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
            Self::X25519 => "X25519",
        }
    }

    /// The curve of that name. Names are case-sensitive.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|curve| curve.name() == name)
    }

    /// The length of a coordinate and of a private key, in bytes (RFC 7518 §6.2.1.2, RFC 8037 §2).
    #[must_use]
    pub const fn coordinate_bytes(self) -> usize {
        match self {
            Self::Ed25519 | Self::P256 | Self::X25519 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    /// The length of an uncompressed point, or of a public key that is one coordinate, in bytes.
    #[must_use]
    pub const fn point_bytes(self) -> usize {
        match self {
            Self::Ed25519 | Self::X25519 => 32,
            Self::P256 | Self::P384 | Self::P521 => 1 + 2 * self.coordinate_bytes(),
        }
    }
}
