//! The original request, as a front proxy describes it.

use http::{HeaderMap, HeaderValue, Method};
use sealpass_tower::sealpass::RequestView;

use crate::identity::spelling::{begins_like, reads_as};
use crate::route::{path_of, target_of};

/// The request that a front proxy asks about.
pub(super) struct Original<'r> {
    /// None when it is not told.
    method: Option<Method>,
    /// Path and query as the client sent them. None when they cannot be told for certain.
    target: Option<&'r str>,
    headers: &'r HeaderMap,
}

/// Why a description cannot be believed. Whoever can put two of them into one request can choose
/// which of them counts.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub(super) enum OriginalError {
    /// Two values, or two spellings, of a header that describes the original request, or one that
    /// cannot be read.
    #[error("the original request is described more than once, or not readably")]
    Ambiguous,
    /// Nothing that describes a request.
    #[error("the original request is not described")]
    Missing,
    /// Headers with which another kind of proxy describes it.
    #[error("another kind of proxy describes the original request too")]
    OtherDialect,
}

impl OriginalError {
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Ambiguous => "ambiguous_original",
            Self::Missing => "missing_original",
            Self::OtherDialect => "other_dialect",
        }
    }
}

/// What proxies describe the original request with that are configured to. Of each header, what
/// its name begins with.
const X_ORIGINAL: &[&str] = &["x-original-method", "x-original-uri", "x-original-url"];
/// The same of those that follow Traefik.
const X_FORWARDED: &[&str] = &["x-forwarded-method", "x-forwarded-uri"];
/// What Envoy says of a request that it has rewritten.
const X_ENVOY: &[&str] = &["x-envoy-original-"];

impl<'r> Original<'r> {
    /// Described by `X-Original-Method` and `X-Original-URL`, a whole URL.
    ///
    /// # Errors
    /// [`OriginalError`].
    pub(super) fn in_x_original(headers: &'r HeaderMap) -> Result<Self, OriginalError> {
        let [method, url] =
            described(headers, ["x-original-method", "x-original-url"], [X_FORWARDED, X_ENVOY])?;
        let target = url.and_then(|url| url.to_str().ok()).and_then(target_of);
        Ok(Self { method: method.map(parse_method).transpose()?, target, headers })
    }

    /// Described by `X-Forwarded-Method` and `X-Forwarded-Uri`, a path with its query.
    ///
    /// # Errors
    /// [`OriginalError`].
    pub(super) fn in_x_forwarded(headers: &'r HeaderMap) -> Result<Self, OriginalError> {
        let [method, uri] =
            described(headers, ["x-forwarded-method", "x-forwarded-uri"], [X_ORIGINAL, X_ENVOY])?;
        let target = uri.and_then(|uri| uri.to_str().ok());
        Ok(Self { method: method.map(parse_method).transpose()?, target, headers }.checked())
    }

    /// Described by the call itself.
    ///
    /// # Errors
    /// [`OriginalError::OtherDialect`].
    pub(super) fn in_the_call(
        method: Option<Method>,
        target: Option<&'r str>,
        headers: &'r HeaderMap,
    ) -> Result<Self, OriginalError> {
        let [] = described(headers, [], [X_ORIGINAL, X_FORWARDED])?;
        Ok(Self { method, target, headers }.checked())
    }

    /// Only a path can be decided on: an authority or a `*` is none.
    fn checked(self) -> Self {
        Self { target: self.target.filter(|target| target.starts_with('/')), ..self }
    }

    /// What the policy decides on. A request without a method is treated as the strictest there is, so
    /// that a configuration that forgets it refuses instead of letting forged requests pass.
    pub(super) fn view(&self) -> RequestView<'_> {
        RequestView::new(self.method.as_ref().unwrap_or(&Method::POST), self.headers)
    }

    pub(super) const fn method(&self) -> Option<&Method> {
        self.method.as_ref()
    }

    pub(super) const fn headers(&self) -> &'r HeaderMap {
        self.headers
    }

    pub(super) const fn target(&self) -> Option<&'r str> {
        self.target
    }

    /// The path, with all its escapes.
    pub(super) fn path(&self) -> Option<&'r str> {
        self.target.map(path_of)
    }
}

/// The one value of each of the headers that read as `names`.
///
/// # Errors
/// [`OriginalError::OtherDialect`] when there is a header whose name begins like one of `others`,
/// [`OriginalError::Ambiguous`] for more than one of a name.
fn described<'h, const N: usize>(
    headers: &'h HeaderMap,
    names: [&str; N],
    others: [&[&str]; 2],
) -> Result<[Option<&'h HeaderValue>; N], OriginalError> {
    let (mut values, mut is_ambiguous) = ([None; N], false);
    // Every name that is looked for begins so, and hardly any other does.
    for (name, value) in headers.iter().filter(|(name, _)| begins_like(name.as_str(), "x-")) {
        let name = name.as_str();
        if others.iter().any(|marks| marks.iter().any(|mark| begins_like(name, mark))) {
            return Err(OriginalError::OtherDialect);
        }
        for (wanted, found) in names.iter().zip(&mut values) {
            is_ambiguous |= reads_as(name, wanted) && found.replace(value).is_some();
        }
    }
    if is_ambiguous { Err(OriginalError::Ambiguous) } else { Ok(values) }
}

/// # Errors
/// [`OriginalError::Ambiguous`] for what is no method.
fn parse_method(value: &HeaderValue) -> Result<Method, OriginalError> {
    Method::from_bytes(value.as_bytes()).map_err(|_| OriginalError::Ambiguous)
}
