//! Who is calling, as the headers an API reads.
//!
//! | header | value |
//! |---|---|
//! | `X-Auth-Subject` | the subject |
//! | `X-Auth-Session` | the session id; it opens nothing |
//! | `X-Auth-Claims-NAME` | the claim NAME, for every claim the configuration names |
//!
//! Every header is always there, empty when the claim is absent: a header that is left out is one
//! that a client may put there itself. The reverse proxy and forward-auth send the same ones.

mod encode;
pub(crate) mod spelling;

use http::{HeaderMap, HeaderName, HeaderValue};
use sealpass_tower::sealpass::Authenticated;

use crate::config::ClaimHeader;
use crate::user::Claims;

/// What every header of this server begins with, in lower case. Nothing a client sent under it, in
/// any spelling, reaches an API.
pub(crate) const PREFIX: &str = "x-auth-";

/// The names of all headers of an identity, in the order of their values.
pub(crate) fn names(wanted: &[ClaimHeader]) -> impl Iterator<Item = HeaderName> {
    [SUBJECT, SESSION].into_iter().chain(wanted.iter().map(|wanted| wanted.header.clone()))
}

const SUBJECT: HeaderName = HeaderName::from_static("x-auth-subject");
const SESSION: HeaderName = HeaderName::from_static("x-auth-session");

/// The identity of one caller, at most [`IdentityHeaders::MAX_BYTES`] long.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct IdentityHeaders(Vec<(HeaderName, HeaderValue)>);

/// The claims of a caller do not fit.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "the identity headers have {bytes} bytes, at most {} fit: name fewer claims in `upstream.claims`, or shorten them in the credential backend",
    IdentityHeaders::MAX_BYTES
)]
pub(crate) struct IdentityTooLarge {
    bytes: usize,
}

impl IdentityHeaders {
    /// The most bytes that all headers may have together, with their names, separators and line
    /// ends. nginx answers 500 when the head of an authorization response exceeds its buffer of 4
    /// KiB; the rest is for the status line and the headers that are not ours.
    pub(crate) const MAX_BYTES: usize = 4096 - 256;

    /// The headers that tell an API about `caller`.
    ///
    /// # Errors
    /// [`IdentityTooLarge`] when the claims named in the configuration are too long.
    pub(crate) fn of(
        caller: &Authenticated<Claims>,
        wanted: &[ClaimHeader],
    ) -> Result<Self, IdentityTooLarge> {
        let session = caller.session_id().to_string();
        Self::new(caller.subject().as_str(), &session, caller.claims(), wanted)
    }

    /// The headers where no session is looked at, all of them empty.
    ///
    /// # Errors
    /// [`IdentityTooLarge`] when the names alone are too long.
    pub(crate) fn of_nobody(wanted: &[ClaimHeader]) -> Result<Self, IdentityTooLarge> {
        Self::new("", "", &Claims::new(), wanted)
    }

    fn new(
        subject: &str,
        session: &str,
        claims: &Claims,
        wanted: &[ClaimHeader],
    ) -> Result<Self, IdentityTooLarge> {
        let own = [encode::text(subject), encode::text(session)];
        let configured = wanted.iter().map(|wanted| encode::claim(claims.get(&wanted.claim)));
        let headers: Vec<_> = names(wanted)
            .zip(own.into_iter().chain(configured))
            // What is encoded is visible ASCII, which is always a header value; if it ever were
            // not, an empty header is still better than a client's own.
            .map(|(name, text)| (name, HeaderValue::try_from(text).unwrap_or(EMPTY)))
            .collect();
        let bytes = headers.iter().map(line_length).sum();
        if bytes > Self::MAX_BYTES { Err(IdentityTooLarge { bytes }) } else { Ok(Self(headers)) }
    }

    /// Writes them into `headers`, in place of whatever is there under their names.
    pub(crate) fn write_to(&self, headers: &mut HeaderMap) {
        for (name, value) in &self.0 {
            headers.insert(name, value.clone());
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

const EMPTY: HeaderValue = HeaderValue::from_static("");

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn wanted(claims: &[&str]) -> Vec<ClaimHeader> {
        let header = |claim: &str| format!("x-auth-claims-{}", claim.replace('_', "-"));
        claims
            .iter()
            .map(|claim| ClaimHeader {
                claim: (*claim).to_owned(),
                header: header(claim).parse().unwrap(),
            })
            .collect()
    }

    fn claims(json: Value) -> Claims {
        serde_json::from_value(json).unwrap()
    }

    fn written(identity: &IdentityHeaders) -> Vec<(String, String)> {
        let mut headers = HeaderMap::new();
        identity.write_to(&mut headers);
        let text = |value: &HeaderValue| value.to_str().unwrap().to_owned();
        headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect()
    }

    #[test]
    fn every_header_is_there_even_when_the_claim_is_not() {
        let claims = claims(json!({"role": "admin", "secret": "not asked for"}));
        let identity =
            IdentityHeaders::new("ada", "s1", &claims, &wanted(&["role", "tenant_id"])).unwrap();
        let mut headers = written(&identity);
        headers.sort();
        let expected = [
            ("x-auth-claims-role", "admin"),
            ("x-auth-claims-tenant-id", ""),
            ("x-auth-session", "s1"),
            ("x-auth-subject", "ada"),
        ];
        assert_eq!(headers, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn what_was_there_before_is_replaced() {
        let mut headers = HeaderMap::new();
        headers.append("x-auth-subject", HeaderValue::from_static("mallory"));
        headers.append("x-auth-subject", HeaderValue::from_static("eve"));
        IdentityHeaders::new("ada", "s1", &Claims::new(), &[]).unwrap().write_to(&mut headers);
        assert_eq!(headers.get_all("x-auth-subject").iter().collect::<Vec<_>>(), ["ada"]);
    }

    #[test]
    fn the_limit_is_on_the_whole_and_exact() {
        let wanted = wanted(&["x"]);
        let of = |bytes: usize| {
            let claims = claims(json!({"x": "a".repeat(bytes)}));
            IdentityHeaders::new("ada", "s1", &claims, &wanted)
        };
        let room = IdentityHeaders::MAX_BYTES - of(0).unwrap().len();
        assert_eq!(of(room).unwrap().len(), IdentityHeaders::MAX_BYTES);
        assert_eq!(of(room + 1), Err(IdentityTooLarge { bytes: IdentityHeaders::MAX_BYTES + 1 }));
    }

    #[test]
    fn encoding_counts_towards_the_limit() {
        let claims = claims(json!({"x": "\u{1F511}".repeat(350)}));
        assert!(IdentityHeaders::new("ada", "s1", &claims, &wanted(&["x"])).is_err());
    }
}
