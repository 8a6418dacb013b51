//! `Set-Cookie`, conforming by construction.

use http::HeaderValue;

/// One `Set-Cookie` header.
///
/// Its constructors decide what an attribute may be, so a `__Host-` cookie that is not `Secure`, has
/// a `Domain` or another `Path` cannot be written down (RFC 6265bis §4.1.3.2).
#[derive(Clone, Eq, PartialEq)]
pub struct SetCookie {
    name: String,
    value: String,
    secure: bool,
    http_only: bool,
    same_site: SameSite,
    domain: Option<String>,
    partitioned: bool,
    max_age: Option<u64>,
}

/// When a browser sends a cookie along with a request from another site.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum SameSite {
    /// Only when the user navigates here: the session survives following a link.
    Lax,
    /// Always.
    None,
    /// Never.
    Strict,
}

/// Why a cookie is not minted.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CookieError {
    /// The name is empty or has something other than letters, digits, `-` and `_`.
    #[error("cookie names have letters, digits, `-` and `_`")]
    Name,
    /// Name and value together are over [`SetCookie::MAX_BYTES`]; a browser would drop it silently.
    #[error(
        "the cookie has {bytes} bytes, browsers keep at most {}: put less into the claims",
        SetCookie::MAX_BYTES
    )]
    TooLarge {
        /// Bytes of name and value.
        bytes: usize,
    },
    /// The value has a byte that RFC 6265 §4.1.1 does not allow in a cookie.
    #[error("the value of the cookie has a byte that cookies cannot carry")]
    Value,
}

impl SetCookie {
    /// The most bytes of name and value together that browsers keep (RFC 6265bis §5.6).
    pub const MAX_BYTES: usize = 4_096;

    /// A cookie `__Host-{suffix}`: `Secure; Path=/`, no `Domain`, readable by page script.
    ///
    /// # Errors
    /// [`CookieError`] when it is too large or has a byte that cookies cannot carry.
    ///
    /// ```
    /// use sealpass::cookie::{CookieError, SameSite, SetCookie};
    ///
    /// let cookie = SetCookie::host("session", "abc".into(), SameSite::Lax)?.http_only();
    /// assert_eq!(cookie.to_header_text(), "__Host-session=abc; Path=/; Secure; HttpOnly; SameSite=Lax");
    ///
    /// let too_large = SetCookie::host("session", "a".repeat(4_096), SameSite::Lax);
    /// assert_eq!(too_large.err(), Some(CookieError::TooLarge { bytes: 4_110 }));
    /// # Ok::<_, CookieError>(())
    /// ```
    pub fn host(suffix: &str, value: String, same_site: SameSite) -> Result<Self, CookieError> {
        Self::new(format!("__Host-{suffix}"), value, same_site, true)
    }

    /// A cookie that is `Secure`, or one for loopback in browsers that refuse `Secure` there.
    pub(super) fn new(
        name: String,
        value: String,
        same_site: SameSite,
        secure: bool,
    ) -> Result<Self, CookieError> {
        if !is_name(&name) {
            return Err(CookieError::Name);
        }
        let bytes = name.len() + value.len();
        if bytes > Self::MAX_BYTES {
            return Err(CookieError::TooLarge { bytes });
        }
        if !value.bytes().all(is_cookie_octet) {
            return Err(CookieError::Value);
        }
        Ok(Self {
            name,
            value,
            secure,
            http_only: false,
            same_site,
            domain: None,
            partitioned: false,
            max_age: None,
        })
    }

    /// The same cookie, for `domain` and every host below it: never for a `__Host-` cookie.
    pub(super) fn for_domain(self, domain: String) -> Self {
        Self { domain: Some(domain), ..self }
    }

    /// The same cookie, kept apart for each site that embeds us.
    pub(super) fn partitioned(self) -> Self {
        Self { partitioned: true, ..self }
    }

    /// The same cookie, hidden from page script.
    #[must_use]
    pub fn http_only(self) -> Self {
        Self { http_only: true, ..self }
    }

    /// The order to forget this cookie: no value, `Max-Age=0`, every other attribute unchanged,
    /// since a browser forgets only the cookie whose attributes match.
    #[must_use]
    pub fn removal(self) -> Self {
        Self { value: String::new(), max_age: Some(0), ..self }
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The value. For a session cookie this is the token: it goes into a header and nowhere else.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// The text of the header. It has the value in it: send it, never log it.
    #[must_use]
    pub fn to_header_text(&self) -> String {
        let max_age =
            self.max_age.map_or_else(String::new, |seconds| format!("; Max-Age={seconds}"));
        let secure = if self.secure { "; Secure" } else { "" };
        let http_only = if self.http_only { "; HttpOnly" } else { "" };
        let same_site = match self.same_site {
            SameSite::Lax => "Lax",
            SameSite::None => "None",
            SameSite::Strict => "Strict",
        };
        let domain =
            self.domain.as_ref().map_or_else(String::new, |domain| format!("; Domain={domain}"));
        let partitioned = if self.partitioned { "; Partitioned" } else { "" };
        let (name, value) = (&self.name, &self.value);
        format!(
            "{name}={value}; Path=/{domain}{max_age}{secure}{http_only}; SameSite={same_site}{partitioned}"
        )
    }

    /// The header's value, marked sensitive so that it is neither printed nor indexed by HPACK.
    #[must_use]
    pub fn to_header_value(&self) -> HeaderValue {
        // Name and value were checked octet by octet when the cookie was made, so this cannot fail;
        // if it ever did, an empty header sets nothing.
        let mut header =
            HeaderValue::try_from(self.to_header_text()).unwrap_or(HeaderValue::from_static(""));
        header.set_sensitive(true);
        header
    }
}

impl std::fmt::Debug for SetCookie {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SetCookie({}=[redacted])", self.name)
    }
}

pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// `cookie-octet` of RFC 6265 §4.1.1.
const fn is_cookie_octet(byte: u8) -> bool {
    matches!(byte, 0x21 | 0x23..=0x2b | 0x2d..=0x3a | 0x3c..=0x5b | 0x5d..=0x7e)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_cookie_conforms_whatever_is_done_to_it() {
        let cookie = SetCookie::host("csrf", "v".into(), SameSite::Strict).unwrap();
        assert_eq!(cookie.to_header_text(), "__Host-csrf=v; Path=/; Secure; SameSite=Strict");
        assert_eq!(
            cookie.http_only().removal().to_header_text(),
            "__Host-csrf=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Strict"
        );
    }

    #[test]
    fn a_cookie_that_browsers_would_drop_is_not_minted() {
        let longest = SetCookie::MAX_BYTES - "__Host-s".len();
        assert!(SetCookie::host("s", "a".repeat(longest), SameSite::Lax).is_ok());
        assert_eq!(
            SetCookie::host("s", "a".repeat(longest + 1), SameSite::Lax),
            Err(CookieError::TooLarge { bytes: 4_097 })
        );
    }

    #[test]
    fn header_injection_through_a_value_is_refused() {
        for value in ["a;b", "a b", "a,b", "a\"b", "a\\b", "a\r\nSet-Cookie: x=y", "\u{e9}", "a\0"]
        {
            assert_eq!(
                SetCookie::host("s", value.into(), SameSite::Lax),
                Err(CookieError::Value),
                "{value:?}"
            );
        }
    }

    #[test]
    fn header_injection_through_a_name_is_refused() {
        for name in ["a=b; Domain=evil.test; x", "a b", "a\r\nb", "\u{e9}"] {
            assert_eq!(
                SetCookie::host(name, String::new(), SameSite::Lax),
                Err(CookieError::Name),
                "{name:?}"
            );
        }
    }

    #[test]
    fn a_cookie_prints_without_its_value() {
        let cookie = SetCookie::host("session", "token".into(), SameSite::Lax).unwrap();
        assert_eq!(format!("{cookie:?}"), "SetCookie(__Host-session=[redacted])");
        assert!(cookie.to_header_value().is_sensitive());
    }
}
