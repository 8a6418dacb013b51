//! Why a protected header is refused.

use crate::base64url::Base64UrlError;
use crate::json::JsonError;

/// Why a protected header is refused, whatever key it names.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderError {
    /// There is no `alg` (RFC 7515 §4.1.1).
    #[error("the protected header has no `alg`")]
    AlgorithmMissing,
    /// `alg` is `none` in some casing: a token that nobody made (RFC 8725 §3.2).
    #[error("`alg` is `none`: an unsecured token is never accepted")]
    AlgorithmNone,
    /// `alg` makes a key from a password, at a cost that the token chooses.
    #[error("`alg` is one of PBES2, which lets a token choose how much work it makes")]
    AlgorithmPbes2,
    /// `alg` is `RSA1_5`, which leaks whether its padding was right (RFC 8725 §3.2).
    #[error("`alg` is RSA1_5, whose padding can be attacked; use RSA-OAEP-256")]
    AlgorithmRsa15,
    /// `alg` or `enc` is not one of those that are read.
    #[error("`alg` or `enc` is not an accepted algorithm")]
    AlgorithmUnsupported,
    /// `zip` is there (RFC 7516 §4.1.3): a short token that grows when it is opened.
    #[error("`zip` is refused: a compressed payload has no bound")]
    CompressionRefused,
    /// `crit` is there (RFC 7515 §4.1.11), and no extension is understood.
    #[error("`crit` names extensions, and none is understood")]
    CriticalRefused,
    /// A key or the address of one is there: the token would choose what it is checked with.
    #[error("`{member}` is refused: a token does not bring its own key")]
    EmbeddedKeyRefused {
        /// `jku`, `jwk`, `x5c` or `x5u`.
        member: &'static str,
    },
    /// The header is not base64url.
    #[error("the protected header is not base64url: {0}")]
    Encoding(Base64UrlError),
    /// A JWE has no `enc` (RFC 7516 §4.1.2).
    #[error("the protected header of a token with 5 parts has no `enc`")]
    EncryptionMissing,
    /// A JWS has an `enc`, so that RFC 7516 §9 cannot tell whether it is one.
    #[error("the protected header of a token with 3 parts has an `enc`")]
    EncryptionUnexpected,
    /// `epk` is not a public key that a key can be agreed on with (RFC 7518 §4.6.1.1).
    #[error("`epk` is refused: {reason}")]
    EphemeralKeyRefused {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The header is not one unambiguous JSON object.
    #[error("the protected header is refused: {0}")]
    Json(JsonError),
    /// A member is not base64url, or not as long as the algorithm makes it.
    #[error("`{member}` in the protected header is refused: {reason}")]
    MemberEncoding {
        /// Its name.
        member: &'static str,
        /// Why.
        reason: Base64UrlError,
    },
    /// A member that the algorithm needs is missing.
    #[error("the protected header has no `{member}`, which its `alg` needs")]
    MemberMissing {
        /// Its name.
        member: &'static str,
    },
    /// A member that must be a string is not.
    #[error("`{member}` in the protected header is not a string")]
    MemberType {
        /// Its name.
        member: &'static str,
    },
    /// The header has more than 1,024 bytes.
    #[error("the protected header has more than {} bytes", HeaderError::MAX_BYTES)]
    TooLong,
    /// `b64` is there (RFC 7797): the payload would not be what it looks like.
    #[error("`b64` is refused: a payload is always base64url")]
    UnencodedPayloadRefused,
}

impl HeaderError {
    /// The longest protected header that is read, decoded, in bytes.
    pub const MAX_BYTES: usize = 1024;

    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::AlgorithmMissing => "alg_missing",
            Self::AlgorithmNone => "alg_none_refused",
            Self::AlgorithmPbes2 => "alg_pbes2_refused",
            Self::AlgorithmRsa15 => "alg_rsa1_5_refused",
            Self::AlgorithmUnsupported => "alg_refused",
            Self::CompressionRefused => "zip_refused",
            Self::CriticalRefused => "crit_refused",
            Self::EmbeddedKeyRefused { member } => match *member {
                "jku" => "jku_refused",
                "jwk" => "jwk_refused",
                "x5c" => "x5c_refused",
                _ => "x5u_refused",
            },
            Self::Encoding(_) => "header_encoding",
            Self::EncryptionMissing => "enc_missing",
            Self::EncryptionUnexpected => "enc_unexpected",
            Self::EphemeralKeyRefused { .. } => "epk_refused",
            Self::Json(JsonError::DuplicateMember { .. }) => "header_duplicate_member",
            Self::Json(_) => "header_malformed",
            Self::MemberEncoding { .. } => "header_member_encoding",
            Self::MemberMissing { .. } => "header_member_missing",
            Self::MemberType { .. } => "header_member_type",
            Self::TooLong => "header_too_long",
            Self::UnencodedPayloadRefused => "b64_refused",
        }
    }
}
