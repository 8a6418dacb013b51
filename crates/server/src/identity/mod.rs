//! Who is calling, as the headers an API reads.
//!
//! | header | value |
//! |---|---|
//! | `X-Auth-Subject` | the subject |
//! | `X-Auth-Session` | the session id; it opens nothing |
//! | `X-Auth-Claims-NAME` | the claim NAME, for every claim the configuration names |
//! | `X-Auth-Assertion` | all of it, signed, if the configuration says so: see [`assertion`] |
//!
//! Every header is always there, empty when the claim is absent or nobody is known: a header that is
//! left out is one that a client may put there itself. The reverse proxy and forward-auth send the
//! same ones.

mod assertion;
mod encode;
pub(crate) mod forbidden;
pub(crate) mod spelling;

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue};
use sealpass_tower::sealpass::{Authenticated, NumericDate};

use self::assertion::AssertionError;
pub(crate) use self::assertion::{Assertions, is_of_assertion};
use crate::config::ClaimHeader;
use crate::user::Claims;

/// What every header of this server begins with, in lower case. Nothing a client sent under it, in
/// any spelling, reaches an API.
pub(crate) const PREFIX: &str = "x-auth-";

/// The names of all headers of an identity with `claims`, in an assertion too or not.
pub(crate) fn names(
    claims: &[ClaimHeader],
    has_assertion: bool,
) -> impl Iterator<Item = HeaderName> {
    let claims = claims.iter().map(|wanted| wanted.header.clone());
    [SUBJECT, SESSION].into_iter().chain(claims).chain(has_assertion.then_some(ASSERTION))
}

const SUBJECT: HeaderName = HeaderName::from_static("x-auth-subject");
const SESSION: HeaderName = HeaderName::from_static("x-auth-session");
pub(crate) const ASSERTION: HeaderName = HeaderName::from_static("x-auth-assertion");

/// What APIs are told about whoever calls them.
#[derive(Clone, Debug)]
pub(crate) struct IdentityRules {
    claims: Arc<[ClaimHeader]>,
    /// None: there is no such header.
    assertions: Option<Assertions>,
}

/// The identity of one caller, at most [`IdentityHeaders::MAX_BYTES`] long.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct IdentityHeaders(Vec<(HeaderName, HeaderValue)>);

/// Why an API cannot be told who is calling.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IdentityError {
    /// The claims do not fit.
    #[error(
        "the identity headers have {bytes} bytes, at most {} fit: name fewer claims in `upstream.claims` and `assertion.claims`, or shorten them in the credential backend",
        IdentityHeaders::MAX_BYTES
    )]
    TooLarge { bytes: usize },
    /// There is no assertion.
    #[error("the assertion about the caller could not be made")]
    Unsigned(#[from] AssertionError),
}

impl IdentityError {
    /// The stable code.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "identity_too_large",
            Self::Unsigned(_) => "identity_unsigned",
        }
    }

    /// What the client is told.
    pub(crate) const fn detail(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "the session has more to say than fits into headers",
            Self::Unsigned(_) => "the session could not be vouched for",
        }
    }
}

impl IdentityRules {
    /// APIs are told `claims` beside the subject and the session, and the same in an assertion.
    pub(crate) fn new(claims: &[ClaimHeader], assertions: Option<Assertions>) -> Self {
        Self { claims: claims.into(), assertions }
    }

    /// The headers that tell the API called `audience` about `caller`; none is nobody.
    ///
    /// # Errors
    /// [`IdentityError`].
    pub(crate) fn headers(
        &self,
        caller: Option<&Authenticated<Claims>>,
        audience: &str,
        now: NumericDate,
    ) -> Result<IdentityHeaders, IdentityError> {
        let subject = encode::text(caller.map_or("", |caller| caller.subject().as_str()));
        // Letters, digits, `-` and `_`.
        let session = caller.map(|caller| caller.session_id().to_string());
        let session = value(session.unwrap_or_default());
        let mut headers = Vec::with_capacity(self.claims.len() + 3);
        headers.extend([(SUBJECT, value(subject)), (SESSION, session)]);
        headers.extend(self.claims.iter().map(|wanted| {
            let claim = caller.and_then(|caller| caller.claims().get(&wanted.claim));
            (wanted.header.clone(), value(encode::claim(claim)))
        }));
        if let Some(assertions) = &self.assertions {
            let token = caller.map(|caller| assertions.sign(caller, audience, now)).transpose()?;
            let mut token = value(token.unwrap_or_default());
            // Whoever has it is taken for the caller, for as long as it lasts.
            token.set_sensitive(true);
            headers.push((ASSERTION, token));
        }
        IdentityHeaders::new(headers)
    }
}

impl IdentityHeaders {
    /// The most bytes that all headers may have together, with their names, separators and line
    /// ends. nginx answers 500 when the head of an authorization response exceeds its buffer of 4
    /// KiB; the rest is for the status line and the headers that are not ours.
    pub(crate) const MAX_BYTES: usize = 4096 - 256;

    fn new(headers: Vec<(HeaderName, HeaderValue)>) -> Result<Self, IdentityError> {
        let bytes = headers.iter().map(line_length).sum();
        if bytes > Self::MAX_BYTES {
            return Err(IdentityError::TooLarge { bytes });
        }
        Ok(Self(headers))
    }

    /// Writes them into `headers`, in place of whatever is there under their names.
    pub(crate) fn write_to(self, headers: &mut HeaderMap) {
        for (name, value) in self.0 {
            headers.insert(name, value);
        }
    }

    /// Whether `name` is one of them.
    pub(crate) fn contains(&self, name: &HeaderName) -> bool {
        self.0.iter().any(|(own, _)| own == name)
    }

    /// Bytes on the wire.
    pub(crate) fn len(&self) -> usize {
        self.0.iter().map(line_length).sum()
    }
}

/// Bytes of `name: value` and its line end.
pub(crate) fn line_length((name, value): &(HeaderName, HeaderValue)) -> usize {
    name.as_str().len() + ": ".len() + value.len() + "\r\n".len()
}

/// What is encoded is visible ASCII, which is always a header value; if it ever were not, an empty
/// header is still better than a client's own.
fn value(text: String) -> HeaderValue {
    HeaderValue::try_from(text).unwrap_or(EMPTY)
}

const EMPTY: HeaderValue = HeaderValue::from_static("");

#[cfg(test)]
mod tests;
