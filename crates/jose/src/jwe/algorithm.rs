//! The algorithms of RFC 7518 §4 and §5.

use std::fmt;

/// The `alg` of a JWE: how the content encryption key gets to the reader.
///
/// `RSA1_5` and the `PBES2-` family are missing on purpose: the padding of the first can be
/// attacked (RFC 8725 §3.2), and a token of the second chooses how much work it makes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum JweAlgorithm {
    /// Wrapped by AES-128 in Galois/Counter Mode (RFC 7518 §4.7).
    A128GcmKw,
    /// Wrapped by AES-128 Key Wrap (RFC 7518 §4.4).
    A128Kw,
    /// Wrapped by AES-192 in Galois/Counter Mode (RFC 7518 §4.7).
    A192GcmKw,
    /// Wrapped by AES-192 Key Wrap (RFC 7518 §4.4).
    A192Kw,
    /// Wrapped by AES-256 in Galois/Counter Mode (RFC 7518 §4.7).
    A256GcmKw,
    /// Wrapped by AES-256 Key Wrap (RFC 7518 §4.4).
    A256Kw,
    /// Not at all: both sides have it (RFC 7518 §4.5).
    Dir,
    /// Agreed on by elliptic curve Diffie-Hellman (RFC 7518 §4.6).
    EcdhEs,
    /// Wrapped by AES-128 Key Wrap with a key that was agreed on (RFC 7518 §4.6).
    EcdhEsA128Kw,
    /// Wrapped by AES-192 Key Wrap with a key that was agreed on (RFC 7518 §4.6).
    EcdhEsA192Kw,
    /// Wrapped by AES-256 Key Wrap with a key that was agreed on (RFC 7518 §4.6).
    EcdhEsA256Kw,
    /// Encrypted by RSAES-OAEP with SHA-1 (RFC 7518 §4.3), for those who have nothing newer.
    RsaOaep,
    /// Encrypted by RSAES-OAEP with SHA-256 (RFC 7518 §4.3).
    RsaOaep256,
}

/// The `enc` of a JWE: how the content is encrypted and authenticated.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ContentEncryption {
    /// AES-128 in CBC mode, then HMAC with SHA-256 (RFC 7518 §5.2.3).
    A128CbcHs256,
    /// AES-128 in Galois/Counter Mode (RFC 7518 §5.3).
    A128Gcm,
    /// AES-192 in CBC mode, then HMAC with SHA-384 (RFC 7518 §5.2.4).
    A192CbcHs384,
    /// AES-192 in Galois/Counter Mode (RFC 7518 §5.3).
    A192Gcm,
    /// AES-256 in CBC mode, then HMAC with SHA-512 (RFC 7518 §5.2.5).
    A256CbcHs512,
    /// AES-256 in Galois/Counter Mode (RFC 7518 §5.3).
    A256Gcm,
}

impl JweAlgorithm {
    /// Every algorithm, in alphabetical order.
    pub const ALL: [Self; 13] = [
        Self::A128GcmKw,
        Self::A128Kw,
        Self::A192GcmKw,
        Self::A192Kw,
        Self::A256GcmKw,
        Self::A256Kw,
        Self::Dir,
        Self::EcdhEs,
        Self::EcdhEsA128Kw,
        Self::EcdhEsA192Kw,
        Self::EcdhEsA256Kw,
        Self::RsaOaep,
        Self::RsaOaep256,
    ];

    /// Its name in a protected header.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::A128GcmKw => "A128GCMKW",
            Self::A128Kw => "A128KW",
            Self::A192GcmKw => "A192GCMKW",
            Self::A192Kw => "A192KW",
            Self::A256GcmKw => "A256GCMKW",
            Self::A256Kw => "A256KW",
            Self::Dir => "dir",
            Self::EcdhEs => "ECDH-ES",
            Self::EcdhEsA128Kw => "ECDH-ES+A128KW",
            Self::EcdhEsA192Kw => "ECDH-ES+A192KW",
            Self::EcdhEsA256Kw => "ECDH-ES+A256KW",
            Self::RsaOaep => "RSA-OAEP",
            Self::RsaOaep256 => "RSA-OAEP-256",
        }
    }

    /// The algorithm of that name; names are case-sensitive (RFC 7516 §4.1.1).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }
}

impl ContentEncryption {
    /// Every content encryption, in alphabetical order.
    pub const ALL: [Self; 6] = [
        Self::A128CbcHs256,
        Self::A128Gcm,
        Self::A192CbcHs384,
        Self::A192Gcm,
        Self::A256CbcHs512,
        Self::A256Gcm,
    ];

    /// Its name in a protected header.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::A128CbcHs256 => "A128CBC-HS256",
            Self::A128Gcm => "A128GCM",
            Self::A192CbcHs384 => "A192CBC-HS384",
            Self::A192Gcm => "A192GCM",
            Self::A256CbcHs512 => "A256CBC-HS512",
            Self::A256Gcm => "A256GCM",
        }
    }

    /// The content encryption of that name; names are case-sensitive (RFC 7516 §4.1.2).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }

    /// The length of its key, in bytes; of CBC with HMAC, both keys together.
    #[must_use]
    pub const fn key_bytes(self) -> usize {
        match self {
            Self::A128Gcm => 16,
            Self::A192Gcm => 24,
            Self::A128CbcHs256 | Self::A256Gcm => 32,
            Self::A192CbcHs384 => 48,
            Self::A256CbcHs512 => 64,
        }
    }
}

impl fmt::Display for JweAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for ContentEncryption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
