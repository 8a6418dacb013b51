//! Why a JWK is refused.

use crate::base64url::Base64UrlError;
use crate::json::JsonError;
use crate::key::KeyError;

/// Why a text is not a JWK, or a JWK not the key that was asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum JwkError {
    /// More than one accepted algorithm fits the key, and its `alg` does not say which.
    #[error("more than one accepted algorithm fits the key; give it an `alg`, or accept one only")]
    AlgorithmAmbiguous,
    /// `alg` is not for this kind of key, or no accepted algorithm fits the key.
    #[error("`alg` and the key do not fit each other, or are not what is accepted")]
    AlgorithmMismatch,
    /// `alg` is `none` in some casing.
    #[error("`alg` is `none`: there is no key for that")]
    AlgorithmNone,
    /// `alg` is one of PBES2, which lets a token choose how much work it makes.
    #[error("`alg` is one of PBES2, which lets a token choose how much work it makes")]
    AlgorithmPbes2,
    /// `alg` is `RSA1_5`, which leaks whether its padding was right (RFC 8725 §3.2).
    #[error("`alg` is RSA1_5, whose padding can be attacked; use RSA-OAEP-256")]
    AlgorithmRsa15,
    /// `alg` is not one of those that are read.
    #[error("`alg` is not an accepted algorithm")]
    AlgorithmUnsupported,
    /// `crv` is not one of those that are read.
    #[error("`crv` is not an accepted curve of this `kty`")]
    CurveUnsupported,
    /// A member is not base64url.
    #[error("`{member}` is not base64url: {reason}")]
    Encoding {
        /// Its name.
        member: &'static str,
        /// Why.
        reason: Base64UrlError,
    },
    /// The text is not one unambiguous JSON object.
    #[error("the JWK is refused: {0}")]
    Json(JsonError),
    /// The key is refused, whatever it would be used for.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// `kty` is not `EC`, `OKP`, `oct` or `RSA`.
    #[error("`kty` is not one of EC, OKP, oct and RSA")]
    KeyTypeUnsupported,
    /// A number has a leading zero byte (RFC 7518 §2, `Base64urlUInt`).
    #[error("`{member}` has a leading zero byte; a number has the fewest bytes that hold it")]
    LeadingZero {
        /// Its name.
        member: &'static str,
    },
    /// A member has not the length that the curve or the algorithm fixes.
    #[error("`{member}` has {bytes} bytes and must have {expected_bytes}")]
    MemberLength {
        /// Its name.
        member: &'static str,
        /// Its length, decoded.
        bytes: usize,
        /// What is needed.
        expected_bytes: usize,
    },
    /// A required member is missing.
    #[error("`{member}` is missing")]
    MemberMissing {
        /// Its name.
        member: &'static str,
    },
    /// A member is of another type than RFC 7517 gives it.
    #[error("`{member}` is not {expected}")]
    MemberType {
        /// Its name.
        member: &'static str,
        /// What it would have to be.
        expected: &'static str,
    },
    /// `oth` is there (RFC 7518 §6.3.2.7): RSA with more than two primes.
    #[error("`oth` is refused: an RSA key has two primes")]
    MultiPrime,
    /// An operation occurs twice in `key_ops` (RFC 7517 §4.3).
    #[error("`key_ops` names an operation twice")]
    OperationDuplicate,
    /// `key_ops` does not allow what the algorithm does.
    #[error("`key_ops` does not allow what the key is to be used for")]
    OperationMismatch,
    /// There is no public half of a shared key.
    #[error("a shared key has no public half")]
    SharedKey,
    /// The text is longer than the limit. Nothing of it was decoded.
    #[error("the JWK has {bytes} bytes, and at most {max_bytes} are read")]
    TooLong {
        /// Its length.
        bytes: usize,
        /// The limit.
        max_bytes: usize,
    },
    /// `use`, `key_ops` and `alg` contradict each other, or what the key is to be used for.
    #[error("`use` does not allow what `alg`, `key_ops` or the caller want the key for")]
    UseMismatch,
}

impl JwkError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::AlgorithmAmbiguous => "jwk_alg_ambiguous",
            Self::AlgorithmMismatch => "jwk_alg_mismatch",
            Self::AlgorithmNone => "alg_none_refused",
            Self::AlgorithmPbes2 => "alg_pbes2_refused",
            Self::AlgorithmRsa15 => "alg_rsa1_5_refused",
            Self::AlgorithmUnsupported => "jwk_alg_refused",
            Self::CurveUnsupported => "jwk_crv_refused",
            Self::Encoding { .. } => "jwk_encoding",
            Self::Json(JsonError::DuplicateMember { .. }) => "jwk_duplicate_member",
            Self::Json(_) => "jwk_malformed",
            Self::Key(key) => key.code(),
            Self::KeyTypeUnsupported => "jwk_kty_refused",
            Self::LeadingZero { .. } => "jwk_leading_zero",
            Self::MemberLength { .. } => "jwk_member_length",
            Self::MemberMissing { .. } => "jwk_member_missing",
            Self::MemberType { .. } => "jwk_member_type",
            Self::MultiPrime => "jwk_oth_refused",
            Self::OperationDuplicate => "jwk_key_ops_duplicate",
            Self::OperationMismatch => "jwk_key_ops_mismatch",
            Self::SharedKey => "jwk_shared_key",
            Self::TooLong { .. } => "jwk_too_long",
            Self::UseMismatch => "jwk_use_mismatch",
        }
    }

    /// Whether the key may be a good one of a kind that is not read, and not a malformed one.
    ///
    /// A set is read without such a key (RFC 7517 §5).
    pub(super) const fn is_of_unread_kind(&self) -> bool {
        matches!(
            self,
            Self::AlgorithmNone
                | Self::AlgorithmPbes2
                | Self::AlgorithmRsa15
                | Self::AlgorithmUnsupported
                | Self::CurveUnsupported
                | Self::KeyTypeUnsupported
                | Self::Key(
                    KeyError::RsaExponent | KeyError::RsaModulus { .. } | KeyError::RsaRoca
                )
                | Self::MultiPrime
        )
    }
}
