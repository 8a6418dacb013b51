//! The original request, as a front proxy describes it.

use http::{HeaderMap, HeaderValue, Method};

use crate::identity::spelling::{begins_like, reads_as};

/// Why a description cannot be believed. Whoever can put two of them into one request can choose
/// which of them counts.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub(super) enum OriginalError {
    /// Two values, or two spellings, of a header that describes the original request, or one that
    /// cannot be read.
    #[error("the original request is described more than once, or not readably")]
    Ambiguous,
    /// Headers with which another kind of proxy describes it.
    #[error("another kind of proxy describes the original request too")]
    OtherDialect,
}

impl OriginalError {
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Ambiguous => "ambiguous_original",
            Self::OtherDialect => "other_dialect",
        }
    }
}

/// The one value of the header that reads as `name`.
///
/// # Errors
/// [`OriginalError::Ambiguous`] for more than one.
pub(super) fn single<'h>(
    headers: &'h HeaderMap,
    name: &str,
) -> Result<Option<&'h HeaderValue>, OriginalError> {
    let mut values = headers
        .iter()
        .filter(|(spelled, _)| reads_as(spelled.as_str(), name))
        .map(|(_, value)| value);
    match (values.next(), values.next()) {
        (value, None) => Ok(value),
        (_, Some(_)) => Err(OriginalError::Ambiguous),
    }
}

/// The original method. Without one it is treated as a POST: the strictest there is, so that a
/// configuration that forgets the header refuses instead of letting forged requests pass.
///
/// # Errors
/// [`OriginalError::Ambiguous`] for more than one, or one that is no method.
pub(super) fn method(headers: &HeaderMap, name: &str) -> Result<Method, OriginalError> {
    single(headers, name)?.map_or(Ok(Method::POST), |value| {
        Method::from_bytes(value.as_bytes()).map_err(|_| OriginalError::Ambiguous)
    })
}

/// That no header is there whose name begins like one of `dialects`.
///
/// # Errors
/// [`OriginalError::OtherDialect`].
pub(super) fn require_no_other_dialect(
    headers: &HeaderMap,
    dialects: &[&str],
) -> Result<(), OriginalError> {
    let is_other = |name: &str| dialects.iter().any(|dialect| begins_like(name, dialect));
    if headers.keys().any(|name| is_other(name.as_str())) {
        return Err(OriginalError::OtherDialect);
    }
    Ok(())
}
