//! What the decision sees of a request.

use http::{HeaderMap, Method, Request, header};

use crate::cookie::{self, CookieProfiles, Lookup};
use crate::rejection::Rejection;

/// The method and the headers of one request: all that [`crate::Policy`] decides on.
///
/// Behind a forward-auth proxy the method is the original one, not that of the subrequest.
#[derive(Clone, Copy)]
pub struct RequestView<'r> {
    method: &'r Method,
    headers: &'r HeaderMap,
}

impl<'r> RequestView<'r> {
    /// A view of `method` and `headers`.
    #[must_use]
    pub const fn new(method: &'r Method, headers: &'r HeaderMap) -> Self {
        Self { method, headers }
    }

    /// The method.
    #[must_use]
    pub const fn method(&self) -> &'r Method {
        self.method
    }

    /// The headers.
    #[must_use]
    pub const fn headers(&self) -> &'r HeaderMap {
        self.headers
    }

    /// Whether this opens a WebSocket: a GET that no browser keeps other origins from making, and
    /// that is not over when it is answered.
    #[must_use]
    pub fn is_websocket(&self) -> bool {
        // Proxies drop `Upgrade` from what they ask us. The key stays, and the version where it was
        // asked for over HTTP/2, which has no key (RFC 8441 §5).
        self.headers.contains_key(&header::SEC_WEBSOCKET_KEY)
            || self.headers.contains_key(&header::SEC_WEBSOCKET_VERSION)
            || self.headers.get_all(&header::UPGRADE).iter().any(|protocols| {
                protocols
                    .as_bytes()
                    .split(|&byte| byte == b',')
                    .any(|protocol| protocol.trim_ascii().eq_ignore_ascii_case(b"websocket"))
            })
    }

    /// Whether the method is one that changes nothing: GET, HEAD or OPTIONS.
    ///
    /// TRACE is safe too by RFC 9110 §9.2.1, but no browser sends it and no API needs it.
    #[must_use]
    pub fn is_safe(&self) -> bool {
        matches!(*self.method, Method::GET | Method::HEAD | Method::OPTIONS)
    }
}

impl<'r, B> From<&'r Request<B>> for RequestView<'r> {
    fn from(request: &'r Request<B>) -> Self {
        Self::new(request.method(), request.headers())
    }
}

/// How a credential travels.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a third channel must break every match on it")]
pub enum Channel {
    /// `Authorization: Bearer`: a native client sent it on purpose.
    Bearer,
    /// The session cookie: the browser sent it on its own, so CSRF is decided.
    Cookie,
}

/// The one credential of a request, not yet looked into.
pub(crate) struct Presented<'r> {
    pub(crate) channel: Channel,
    /// Whatever bytes there were.
    pub(crate) token: &'r [u8],
}

/// Finds exactly one credential: the session cookie or a bearer token.
///
/// Two that differ are refused, since whichever we chose, someone else may choose the other.
pub(crate) fn find_credential<'r>(
    request: &RequestView<'r>,
    cookies: &CookieProfiles,
) -> Result<Presented<'r>, Rejection> {
    let (cookie, _) = cookies.find_session(request.headers());
    match (cookie, bearer_token(request.headers())?) {
        (Lookup::Absent, None) => Err(Rejection::TokenMissing),
        (Lookup::Absent, Some(token)) => Ok(Presented { channel: Channel::Bearer, token }),
        (Lookup::Found(token), None) => Ok(Presented { channel: Channel::Cookie, token }),
        (Lookup::Found(_), Some(_)) | (Lookup::Conflicting, _) => {
            Err(Rejection::AmbiguousCredentials)
        }
    }
}

/// Every credential of a request that could be told from the others, for a request to end sessions.
pub(crate) fn find_all_credentials<'r>(
    request: &RequestView<'r>,
    cookies: &CookieProfiles,
) -> impl Iterator<Item = Presented<'r>> {
    let headers = request.headers();
    let bearer = bearer_token(headers).ok().flatten();
    let bearer = bearer.map(|token| Presented { channel: Channel::Bearer, token });
    let in_cookies = cookies.all().iter().filter_map(move |profile| {
        let Lookup::Found(token) = cookie::find(headers, profile.session_name()) else {
            return None;
        };
        Some(Presented { channel: Channel::Cookie, token })
    });
    in_cookies.chain(bearer)
}

/// The token of `Authorization: Bearer` (RFC 6750 §2.1); another scheme is not ours to judge.
fn bearer_token(headers: &HeaderMap) -> Result<Option<&[u8]>, Rejection> {
    let mut found = None;
    for value in headers.get_all(&header::AUTHORIZATION) {
        let Some((scheme, token)) = value.as_bytes().split_at_checked(BEARER.len()) else {
            continue;
        };
        // At any white space: what reads a tab as a separator must not see a token that we did not.
        let ends = token.first().is_none_or(u8::is_ascii_whitespace);
        if !ends || !scheme.eq_ignore_ascii_case(BEARER) {
            continue;
        }
        if found.is_some() {
            return Err(Rejection::AmbiguousCredentials);
        }
        found = Some(token.trim_ascii());
    }
    Ok(found)
}

const BEARER: &[u8] = b"bearer";

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;
    use crate::cookie::CookieProfile;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|&(name, value)| {
                (name.parse().unwrap(), HeaderValue::from_bytes(value.as_bytes()).unwrap())
            })
            .fold(HeaderMap::new(), |mut map, (name, value): (http::HeaderName, _)| {
                map.append(name, value);
                map
            })
    }

    fn found(pairs: &[(&'static str, &str)]) -> Result<(Channel, String), Rejection> {
        let headers = headers(pairs);
        let cookies = CookieProfiles::new(CookieProfile::host(), Vec::new()).unwrap();
        find_credential(&RequestView::new(&Method::GET, &headers), &cookies).map(|presented| {
            (presented.channel, String::from_utf8(presented.token.to_vec()).unwrap())
        })
    }

    #[test]
    fn a_websocket_is_known_by_whatever_a_proxy_leaves_of_it() {
        for (name, value, is_one) in [
            ("upgrade", "websocket", true),
            ("upgrade", "h2c, WebSocket", true),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==", true),
            ("sec-websocket-version", "13", true),
            ("upgrade", "h2c", false),
            ("connection", "upgrade", false),
        ] {
            let headers = headers(&[(name, value)]);
            let request = RequestView::new(&Method::GET, &headers);
            assert_eq!(request.is_websocket(), is_one, "{name}: {value}");
        }
    }

    #[test]
    fn one_credential_is_found_wherever_it_is() {
        let bearer = Ok((Channel::Bearer, "t".to_owned()));
        let cookie = Ok((Channel::Cookie, "t".to_owned()));
        assert_eq!(found(&[("authorization", "Bearer t")]), bearer);
        assert_eq!(found(&[("authorization", "bEARER   t ")]), bearer);
        assert_eq!(found(&[("authorization", "Bearer\tt")]), bearer);
        assert_eq!(found(&[("cookie", "a=b; __Host-session=t")]), cookie);
        assert_eq!(found(&[("cookie", "a=b"), ("cookie", "__Host-session=t")]), cookie);
        assert_eq!(
            found(&[("authorization", "Basic dTpw"), ("cookie", "__Host-session=t")]),
            cookie
        );
    }

    #[test]
    fn no_credential_is_missing_and_an_empty_one_is_a_credential() {
        assert_eq!(found(&[]), Err(Rejection::TokenMissing));
        assert_eq!(found(&[("authorization", "Basic dTpw")]), Err(Rejection::TokenMissing));
        assert_eq!(found(&[("authorization", "Bearer")]), Ok((Channel::Bearer, String::new())));
    }

    #[test]
    fn two_credentials_are_ambiguous() {
        for pairs in [
            &[("authorization", "Bearer t"), ("cookie", "__Host-session=t")][..],
            &[("authorization", "Bearer t"), ("authorization", "Bearer t")],
            &[("cookie", "__Host-session=a; __Host-session=b")],
            &[("cookie", "__Host-session=b"), ("cookie", "__Host-session=a")],
        ] {
            assert_eq!(found(pairs), Err(Rejection::AmbiguousCredentials), "{pairs:?}");
        }
        assert!(found(&[("cookie", "__Host-session=a; __Host-session=a")]).is_ok());
    }
}
