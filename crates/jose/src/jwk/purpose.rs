//! What a JWK says it is for: `use` and `key_ops` (RFC 7517 §4.2 and §4.3).

use super::JwkError;
use crate::algorithm::Algorithm;

/// The `use` of a JWK.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum KeyUse {
    Encryption,
    Signature,
    /// Another one, which is none of ours.
    Other,
}

/// The operations of `key_ops` that are known, as bits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Operations(u8);

/// What a key may be used for under an algorithm.
#[derive(Clone, Copy)]
pub(super) struct Permission {
    /// To sign or to encrypt.
    pub(super) make: bool,
    /// To verify or to decrypt.
    pub(super) read: bool,
}

impl KeyUse {
    pub(super) fn from_name(name: &str) -> Self {
        match name {
            "enc" => Self::Encryption,
            "sig" => Self::Signature,
            _ => Self::Other,
        }
    }

    /// Its name, when it is one of RFC 7517 §4.2.
    pub(super) const fn name(self) -> Option<&'static str> {
        match self {
            Self::Encryption => Some("enc"),
            Self::Signature => Some("sig"),
            Self::Other => None,
        }
    }

    pub(super) const fn of(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Jwe(..) => Self::Encryption,
            Algorithm::Jws(_) => Self::Signature,
        }
    }
}

impl Operations {
    const NAMES: [&'static str; 8] =
        ["decrypt", "deriveBits", "deriveKey", "encrypt", "sign", "unwrapKey", "verify", "wrapKey"];
    const DECRYPT: u8 = 1;
    const DERIVE: u8 = 1 << 1 | 1 << 2;
    const ENCRYPT: u8 = 1 << 3;
    const SIGN: u8 = 1 << 4;
    const UNWRAP: u8 = 1 << 5;
    const VERIFY: u8 = 1 << 6;
    const WRAP: u8 = 1 << 7;

    pub(super) const fn none() -> Self {
        Self(0)
    }

    /// Adds the operation `name`; one that is not known allows nothing.
    pub(super) fn add(&mut self, name: &str) -> Result<(), JwkError> {
        let Some(bit) = Self::NAMES.iter().position(|known| *known == name) else { return Ok(()) };
        let bit = 1 << bit;
        if self.0 & bit != 0 {
            return Err(JwkError::OperationDuplicate);
        }
        self.0 |= bit;
        Ok(())
    }

    pub(super) fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES.into_iter().enumerate().filter_map(move |(bit, name)| {
            let is_in = self.0 & (1 << bit) != 0;
            is_in.then_some(name)
        })
    }

    /// Without what only the holder of the private part does, for the public part of the same key.
    pub(super) const fn public(self) -> Self {
        let mut public = 0;
        if self.0 & (Self::SIGN | Self::VERIFY) != 0 {
            public |= Self::VERIFY;
        }
        if self.0 & (Self::DECRYPT | Self::ENCRYPT) != 0 {
            public |= Self::ENCRYPT;
        }
        if self.0 & (Self::UNWRAP | Self::WRAP) != 0 {
            public |= Self::WRAP;
        }
        Self(public)
    }

    /// Whether every operation is one of `key_use` (RFC 7517 §4.3: "consistent").
    pub(super) const fn agrees_with(self, key_use: KeyUse) -> bool {
        let signatures = Self::SIGN | Self::VERIFY;
        match key_use {
            KeyUse::Encryption => self.0 & signatures == 0,
            KeyUse::Signature => self.0 & !signatures == 0,
            KeyUse::Other => true,
        }
    }

    pub(super) fn permission(self, algorithm: Algorithm) -> Permission {
        let (make, read) = match algorithm {
            Algorithm::Jws(_) => (Self::SIGN, Self::VERIFY),
            Algorithm::Jwe(..) => match algorithm.alg() {
                "dir" => (Self::ENCRYPT, Self::DECRYPT),
                // Whoever encrypts derives with an ephemeral key of their own, and needs no leave.
                alg if alg.starts_with("ECDH-ES") => {
                    let (make, read) = (self.0 & !Self::DERIVE == 0, self.0 & Self::DERIVE != 0);
                    return Permission { make, read };
                }
                _ => (Self::ENCRYPT | Self::WRAP, Self::DECRYPT | Self::UNWRAP),
            },
        };
        Permission { make: self.0 & make != 0, read: self.0 & read != 0 }
    }
}
