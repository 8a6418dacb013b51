//! What keys are for: to seal sessions, or to sign assertions about callers. No key is for both.

use sealpass_tower::sealpass::jose::{
    Algorithm, ContentEncryption, JweAlgorithm, Jwk, JwkError, JwsAlgorithm, Key,
};
use sealpass_tower::sealpass::schedule::{KeyTimes, SharedKeys, SharedKeysError, SharedSecret};

use super::session_key::{self, SessionKeyError};

/// What keys are for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Purpose {
    /// Signatures for services that have the public halves; new keys are for this algorithm.
    Assertions(JwsAlgorithm),
    /// What only instances of this server read.
    Sessions,
}

/// Why a key does not serve a purpose.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(super) enum PurposeError {
    #[error("{code}: {0}; assertions are signed with EdDSA or ES256", code = .0.code())]
    Assertion(JwkError),
    #[error(transparent)]
    Session(#[from] SessionKeyError),
}

impl Purpose {
    /// What assertions may be signed with: the two that every library verifies fast.
    pub(crate) const SIGNATURES: [Algorithm; 2] =
        [Algorithm::Jws(JwsAlgorithm::EdDsa), Algorithm::Jws(JwsAlgorithm::Es256)];

    /// What it is called in a log.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Assertions(_) => "assertions",
            Self::Sessions => "sessions",
        }
    }

    /// The setting that names the folder of its keys.
    pub(super) const fn directory_setting(self) -> &'static str {
        match self {
            Self::Assertions(_) => "assertion.keys",
            Self::Sessions => "keys.directory",
        }
    }

    /// The command that makes its key files.
    pub(super) const fn rotation(self) -> &'static str {
        match self {
            Self::Assertions(_) => "sealpass keys rotate --assertions",
            Self::Sessions => "sealpass keys rotate",
        }
    }

    /// Whether somebody else verifies by these keys, who must know a key before it is used.
    pub(crate) const fn is_published(self) -> bool {
        matches!(self, Self::Assertions(_))
    }

    /// What a new key is for when nobody says so and `active` is what the active one is for.
    pub(super) fn usual(self, active: Option<Algorithm>) -> Algorithm {
        match self {
            // The configuration says it, and may say another one than it did.
            Self::Assertions(algorithm) => Algorithm::Jws(algorithm),
            Self::Sessions => active.unwrap_or(SESSIONS),
        }
    }

    /// Whether new keys may be made for `algorithm`.
    pub(super) fn accepts(self, algorithm: Algorithm) -> bool {
        match self {
            Self::Assertions(_) => Self::SIGNATURES.contains(&algorithm),
            Self::Sessions => session_key::is_accepted(algorithm),
        }
    }

    /// The key, prepared for its algorithm.
    ///
    /// # Errors
    /// [`PurposeError`].
    pub(super) fn prepare(self, jwk: &Jwk) -> Result<Key, PurposeError> {
        match self {
            Self::Assertions(_) => jwk.to_key(&Self::SIGNATURES).map_err(PurposeError::Assertion),
            Self::Sessions => Ok(session_key::prepare(jwk)?),
        }
    }

    /// A new key, in this process only.
    ///
    /// # Errors
    /// That there is no randomness.
    pub(super) fn generate(self) -> Result<Key, JwkError> {
        Key::generate(self.usual(None))
    }

    /// The keys that are derived from `secret`.
    ///
    /// # Errors
    /// [`SharedKeysError`].
    pub(super) fn derive(
        self,
        secret: SharedSecret,
        times: KeyTimes,
    ) -> Result<SharedKeys, SharedKeysError> {
        match self {
            Self::Assertions(_) => SharedKeys::for_assertions(secret, times),
            Self::Sessions => SharedKeys::new(secret, times),
        }
    }
}

/// What a session is sealed with unless something else is wanted.
const SESSIONS: Algorithm = Algorithm::Jwe(JweAlgorithm::Dir, ContentEncryption::A256Gcm);
