//! What a key is for.

use std::fmt;

use crate::jwe::{ContentEncryption, JweAlgorithm};
use crate::jws::JwsAlgorithm;

/// The one algorithm of a key (RFC 7518).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Algorithm {
    /// Encryption: `alg` and `enc` of a JWE.
    Jwe(JweAlgorithm, ContentEncryption),
    /// A signature or a MAC: `alg` of a JWS.
    Jws(JwsAlgorithm),
}

impl Algorithm {
    /// The `alg` of the protected header.
    #[must_use]
    pub const fn alg(self) -> &'static str {
        match self {
            Self::Jwe(alg, _) => alg.name(),
            Self::Jws(alg) => alg.name(),
        }
    }

    /// The `enc` of the protected header; a JWS has none.
    #[must_use]
    pub const fn enc(self) -> Option<&'static str> {
        match self {
            Self::Jwe(_, enc) => Some(enc.name()),
            Self::Jws(_) => None,
        }
    }

    /// The algorithm that a header means. Names are case-sensitive (RFC 7515 §4.1.1).
    pub(crate) fn from_names(alg: &str, enc: Option<&str>) -> Option<Self> {
        match enc {
            Some(enc) => {
                Some(Self::Jwe(JweAlgorithm::from_name(alg)?, ContentEncryption::from_name(enc)?))
            }
            None => Some(Self::Jws(JwsAlgorithm::from_name(alg)?)),
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.enc() {
            Some(enc) => write!(f, "{} with {enc}", self.alg()),
            None => f.write_str(self.alg()),
        }
    }
}
