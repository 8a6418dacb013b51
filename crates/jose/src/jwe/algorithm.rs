//! The algorithms of RFC 7518 §4 and §5.

/// The `alg` of a JWE: how the content encryption key gets to the reader.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum JweAlgorithm {
    /// Not at all: both sides have it (RFC 7518 §4.5).
    Dir,
}

/// The `enc` of a JWE: how the content is encrypted and authenticated.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ContentEncryption {
    /// AES-256 in Galois/Counter Mode (RFC 7518 §5.3).
    A256Gcm,
}

impl JweAlgorithm {
    /// Its name in a protected header.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dir => "dir",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        [Self::Dir].into_iter().find(|algorithm| algorithm.name() == name)
    }
}

impl ContentEncryption {
    /// Its name in a protected header.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::A256Gcm => "A256GCM",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        [Self::A256Gcm].into_iter().find(|algorithm| algorithm.name() == name)
    }
}
