//! Why a request is not authenticated.

/// The answer of [`crate::Policy`] to a request it does not let through.
///
/// Each has a stable [`Rejection::code`]; [`crate::Problem`] turns it into an HTTP answer.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// More than one credential, or one cookie with several values: which is meant?
    #[error(
        "the request carries more than one credential: send the session cookie or a bearer token, once"
    )]
    AmbiguousCredentials,
    /// A bearer token, where only the session cookie is accepted.
    #[error("bearer tokens are not accepted here: log in for a session cookie")]
    BearerDisabled,
    /// An unsafe request that another site made the browser send.
    #[error("the request was made by a page of another origin")]
    CrossSite,
    /// The anti-CSRF token is not the session's, in the header or in its cookie.
    #[error(
        "the anti-CSRF token does not belong to this session: take it from /auth/session and send it in X-CSRF-Token"
    )]
    CsrfMismatch,
    /// An unsafe request without the anti-CSRF token in the header or in its cookie.
    #[error(
        "an unsafe request needs the anti-CSRF token of its session in X-CSRF-Token and in its cookie"
    )]
    CsrfMissing,
    /// The login is too long ago for this (RFC 9470).
    #[error("this needs a login within the last {max_age} seconds: log in again")]
    ReauthRequired {
        /// Seconds within which the login must have been.
        max_age: u64,
    },
    /// What was logged out elsewhere is not known here for too long.
    #[error("who was logged out cannot be told at the moment: try again soon")]
    RevocationsStale,
    /// The session reached its absolute end; only a login helps.
    #[error("the session has reached its end: log in again")]
    SessionExpired,
    /// The token expired, and (for a cookie) can no longer be renewed.
    #[error("the token has expired")]
    TokenExpired,
    /// The token is not one of ours: malformed, forged, sealed with a key we do not have, or of
    /// another kind.
    #[error("the token is not valid here")]
    TokenInvalid,
    /// No credential at all.
    #[error("the request carries no credential: log in first")]
    TokenMissing,
    /// The session was logged out.
    #[error("the session has been logged out")]
    TokenRevoked,
}

impl Rejection {
    /// The stable code that clients and tests go by.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::AmbiguousCredentials => "ambiguous_credentials",
            Self::BearerDisabled => "bearer_disabled",
            Self::CrossSite => "cross_site",
            Self::CsrfMismatch => "csrf_mismatch",
            Self::CsrfMissing => "csrf_missing",
            Self::ReauthRequired { .. } => "reauth_required",
            Self::RevocationsStale => "revocations_stale",
            Self::SessionExpired => "session_expired",
            Self::TokenExpired => "token_expired",
            Self::TokenInvalid => "token_invalid",
            Self::TokenMissing => "token_missing",
            Self::TokenRevoked => "token_revoked",
        }
    }

    /// Whether the caller is simply not known (401), as opposed to known and refused.
    ///
    /// A public page may serve such a caller as a stranger; it may never do so with the others,
    /// since a forged request would then run as nobody instead of failing.
    #[must_use]
    pub const fn is_unauthenticated(self) -> bool {
        match self {
            Self::BearerDisabled
            | Self::ReauthRequired { .. }
            | Self::SessionExpired
            | Self::TokenExpired
            | Self::TokenInvalid
            | Self::TokenMissing
            | Self::TokenRevoked => true,
            Self::AmbiguousCredentials
            | Self::CrossSite
            | Self::CsrfMismatch
            | Self::CsrfMissing
            | Self::RevocationsStale => false,
        }
    }
}
