//! Why a key or a token is refused, for people and for scripts.

use sealpass_tower::sealpass::jose::{
    JwkError, JwkSetError, PemError, SealError, TokenError, VerifyError,
};

/// A stable code, and the sentence that explains it. It has nothing of a key or a token in it.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{code}: {reason}")]
pub(crate) struct Refusal {
    pub(crate) code: &'static str,
    pub(crate) reason: String,
}

/// Arguments that contradict each other, or a file that is not there: nothing was decided.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Usage(pub(crate) String);

/// The errors of the library, each with its code.
macro_rules! refusal_from {
    ($($error:ty),+) => {$(
        impl From<$error> for Refusal {
            fn from(error: $error) -> Self {
                Self { code: error.code(), reason: error.to_string() }
            }
        }
    )+};
}

refusal_from!(JwkError, JwkSetError, PemError, SealError, TokenError, VerifyError);
