//! Why a token is not made, not accepted, or not looked for.

use crate::base64url::Base64UrlError;
use crate::compact::{Part, TokenError};
use crate::header::HeaderError;
use crate::json::JsonError;
use crate::random::RandomError;

/// Why no token was made.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The claims have no JSON, or not that of one object that we would read back.
    #[error("the claims are refused: {0}")]
    Claims(JsonError),
    /// The primitive failed.
    #[error("the cryptographic library failed")]
    Crypto,
    /// The active key of the ring that encrypts is not for encryption.
    #[error("the active key is not for encryption, and the outer token must be encrypted")]
    EncryptionKeyRequired,
    /// The key has sealed 2³² tokens: further random initialization vectors may repeat.
    #[error("the key has sealed as many tokens as is safe; rotate it")]
    KeyExhausted,
    /// There was no randomness for an initialization vector.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// The claims could not be serialized.
    #[error("the claims could not be serialized to JSON")]
    Serialize,
    /// The active key of the ring that signs is not for signatures.
    #[error(
        "the active key of the signer is not for signatures, and the inner token must be signed"
    )]
    SigningKeyRequired,
    /// The token would be longer than is read.
    #[error("the token would have more than {max_bytes} bytes, which is the most that is read")]
    TooLong {
        /// The limit.
        max_bytes: usize,
    },
    /// `typ` is not a media type of RFC 6838 §4.2 of at most 64 bytes.
    #[error("`typ` must be a media type without parameters, such as `at+jwt`")]
    Typ,
    /// The active key is a public key.
    #[error("the active key is a public key, which can verify and cannot sign")]
    VerifyOnlyKey,
}

/// Why a policy is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifierError {
    /// The audience is empty.
    #[error("the audience must not be empty")]
    Audience,
    /// The issuer is empty.
    #[error("the issuer must not be empty")]
    Issuer,
    /// The leeway is longer than 60 seconds.
    #[error(
        "a leeway of {seconds} s is too long; at most {} s are accepted",
        crate::Verifier::MAX_LEEWAY
    )]
    Leeway {
        /// What was asked for.
        seconds: u64,
    },
    /// The limit is zero, or more than [`MAX_TOKEN_BYTES`](crate::MAX_TOKEN_BYTES).
    #[error("the longest token must have 1 to {} bytes", crate::MAX_TOKEN_BYTES)]
    MaxTokenBytes,
    /// `typ` is not a media type of RFC 6838 §4.2 of at most 64 bytes.
    #[error("`typ` must be a media type without parameters, such as `at+jwt`")]
    Typ,
}

/// Why a token is not accepted.
///
/// Everything that a wrong key, tag or signature can cause is one variant, [`Self::NotAuthentic`].
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// `alg` or `enc` is not that of the key that `kid` names.
    #[error("`alg` or `enc` is not that of the key")]
    AlgorithmMismatch,
    /// `aud` does not name the required audience.
    #[error("`aud` does not name the required audience")]
    AudienceMismatch,
    /// A date is before 1970 or after 9999.
    #[error("`{claim}` is no date between 1970 and 9999")]
    ClaimDateRange {
        /// Its name.
        claim: &'static str,
    },
    /// A required claim is missing.
    #[error("`{claim}` is missing")]
    ClaimMissing {
        /// Its name.
        claim: &'static str,
    },
    /// A claim is not of the type of RFC 7519 §4.1.
    #[error("`{claim}` is not {expected}")]
    ClaimType {
        /// Its name.
        claim: &'static str,
        /// What it would have to be.
        expected: &'static str,
    },
    /// The payload is not one unambiguous JSON object.
    #[error("the claims are refused: {0}")]
    Claims(JsonError),
    /// A part is not base64url, or not as long as the algorithm makes it.
    #[error("the {part} is refused: {reason}")]
    Encoding {
        /// Which one.
        part: Part,
        /// Why.
        reason: Base64UrlError,
    },
    /// There is no encrypted key, and the algorithm needs one.
    #[error("the encrypted key is empty, and the algorithm needs one")]
    EncryptedKeyMissing,
    /// There is an encrypted key, and the algorithm has none (RFC 7518 §4.5, §4.6).
    #[error("the encrypted key must be empty with `dir` and `ECDH-ES`")]
    EncryptedKeyUnexpected,
    /// It is `exp` or later. Everything else about the token was found right.
    #[error("the token has expired")]
    Expired,
    /// The protected header is refused.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// `iat` is in the future.
    #[error("`iat` is in the future")]
    IssuedInFuture,
    /// `iss` is not the required issuer.
    #[error("`iss` is not the required issuer")]
    IssuerMismatch,
    /// The token has no `kid`, and there is more than one key of its algorithm.
    #[error("the token has no `kid`, and more than one key could be meant")]
    KeyAmbiguous,
    /// There is no such key.
    #[error("there is no key for this token")]
    KeyUnknown,
    /// What was encrypted is not a compact token.
    #[error("the token inside is refused: {0}")]
    NestedMalformed(TokenError),
    /// A signed token inside an encrypted one is required, and this is not one (RFC 7519 §5.2).
    #[error("the token is not a signed one inside an encrypted one with `cty` of `JWT`")]
    NestedMissing,
    /// `cty` says that the payload is a token, where claims are required.
    #[error("`cty` is `JWT`: the payload is another token and not claims")]
    NestedUnexpected,
    /// The tag or signature does not prove the token.
    #[error("the token is not authentic")]
    NotAuthentic,
    /// It is before `nbf`.
    #[error("`nbf` is in the future")]
    NotYetValid,
    /// There was no randomness to open a token with; nothing is opened then.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// The key is a public key, which cannot open.
    #[error("the key is a public key, which can seal and cannot open")]
    SealOnlyKey,
    /// The token is longer than the policy accepts.
    #[error("the token has more than {max_bytes} bytes")]
    TooLong {
        /// The limit.
        max_bytes: usize,
    },
    /// `typ` is missing, or is another kind of token.
    #[error("`typ` is not the required kind of token")]
    TypeMismatch,
}

impl SealError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Claims(JsonError::DuplicateMember { .. }) => "claims_duplicate_member",
            Self::Claims(_) => "claims_malformed",
            Self::Crypto => "crypto_failed",
            Self::EncryptionKeyRequired => "key_not_for_encryption",
            Self::KeyExhausted => "key_exhausted",
            Self::Random(_) => "random_failed",
            Self::Serialize => "claims_not_serializable",
            Self::SigningKeyRequired => "key_not_for_signatures",
            Self::TooLong { .. } => "token_too_long",
            Self::Typ => "typ_refused",
            Self::VerifyOnlyKey => "key_cannot_sign",
        }
    }
}

impl VerifyError {
    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::AlgorithmMismatch => "alg_mismatch",
            Self::AudienceMismatch => "aud_mismatch",
            Self::ClaimDateRange { .. } => "claim_date_range",
            Self::ClaimMissing { .. } => "claim_missing",
            Self::ClaimType { .. } => "claim_type",
            Self::Claims(JsonError::DuplicateMember { .. }) => "claims_duplicate_member",
            Self::Claims(_) => "claims_malformed",
            Self::Encoding { .. } => "token_encoding",
            Self::EncryptedKeyMissing => "encrypted_key_missing",
            Self::EncryptedKeyUnexpected => "encrypted_key_unexpected",
            Self::Expired => "token_expired",
            Self::Header(header) => header.code(),
            Self::IssuedInFuture => "iat_in_future",
            Self::IssuerMismatch => "iss_mismatch",
            Self::KeyAmbiguous => "kid_missing",
            Self::KeyUnknown => "key_unknown",
            Self::NestedMalformed(_) => "nested_malformed",
            Self::NestedMissing => "nested_missing",
            Self::NestedUnexpected => "nested_unexpected",
            Self::NotAuthentic => "token_not_authentic",
            Self::NotYetValid => "token_not_yet_valid",
            Self::Random(_) => "random_failed",
            Self::SealOnlyKey => "key_cannot_open",
            Self::TooLong { .. } => "token_too_long",
            Self::TypeMismatch => "typ_mismatch",
        }
    }
}
