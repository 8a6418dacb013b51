//! A web origin (RFC 6454), compared whole.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

/// A scheme, a host and a port.
///
/// Two origins are the same when all three are: comparing text prefixes is how
/// `https://app.example.evil.test` passes for `https://app.example`.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Origin {
    secure: bool,
    host: String,
    port: u16,
}

/// Text that is no `http` or `https` origin.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("an origin is `https://host` or `https://host:port`, with no path and no user")]
pub struct OriginError(());

impl Origin {
    /// Reads the serialization of RFC 6454 §6.1: `scheme://host[:port]`, nothing after it.
    ///
    /// # Errors
    /// [`OriginError`] for everything else: `null`, a path or a trailing slash, a user, another
    /// scheme, a host that is not in its ASCII form.
    ///
    /// ```
    /// use sealpass::Origin;
    ///
    /// assert_eq!(Origin::parse("https://App.example:443")?, Origin::parse("https://app.example")?);
    /// assert_ne!(Origin::parse("http://app.example")?, Origin::parse("https://app.example")?);
    /// assert!(Origin::parse("null").is_err());
    /// # Ok::<_, sealpass::OriginError>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, OriginError> {
        let (scheme, authority) = text.split_once("://").ok_or(OriginError(()))?;
        let secure = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return Err(OriginError(())),
        };
        let (host, port) = split_port(authority)?;
        let port = port.unwrap_or(if secure { 443 } else { 80 });
        Ok(Self { secure, host: canonical_host(host)?, port })
    }

    /// Whether the scheme is `https`.
    #[must_use]
    pub const fn is_secure(&self) -> bool {
        self.secure
    }

    /// The host, in lower case; an IPv6 address in brackets.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// Whether the host is this machine: `localhost`, a name below it, `127.0.0.0/8` or `[::1]`.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let host = self.host.as_str();
        host == "localhost"
            || host.ends_with(".localhost")
            || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
            || host == "[::1]"
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, default_port) = if self.secure { ("https", 443) } else { ("http", 80) };
        write!(f, "{scheme}://{}", self.host)?;
        if self.port == default_port { Ok(()) } else { write!(f, ":{}", self.port) }
    }
}

fn split_port(authority: &str) -> Result<(&str, Option<u16>), OriginError> {
    // An IPv6 literal has colons of its own, inside brackets.
    let after_host = authority.find(']').map_or(0, |bracket| bracket + 1);
    let Some(colon) = authority.get(after_host..).and_then(|rest| rest.find(':')) else {
        return Ok((authority, None));
    };
    let (host, port) = authority.split_at(after_host + colon);
    let digits = port.strip_prefix(':').ok_or(OriginError(()))?;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(OriginError(()));
    }
    digits.parse().map(|port| (host, Some(port))).map_err(|_| OriginError(()))
}

fn canonical_host(host: &str) -> Result<String, OriginError> {
    if let Some(literal) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        let address: Ipv6Addr = literal.parse().map_err(|_| OriginError(()))?;
        return Ok(format!("[{address}]"));
    }
    if is_host_name(host) { Ok(host.to_ascii_lowercase()) } else { Err(OriginError(())) }
}

/// Whether this is a host name in ASCII, or an IPv4 address.
pub(crate) fn is_host_name(host: &str) -> bool {
    !host.is_empty()
        && host.len() <= 253
        && host
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_serialized_form_is_an_origin() {
        for text in [
            "",
            "null",
            "https://",
            "https:///",
            "app.example",
            "//app.example",
            "ftp://app.example",
            "https://app.example/",
            "https://app.example?x",
            "https://app.example#x",
            "https://user@app.example",
            "https://app.example:",
            "https://app.example:+1",
            "https://app.example:65536",
            "https://app.example:443:443",
            "https://[::1",
            "https://::1",
            "https://app.example,https://app.example",
            "https://b\u{fc}cher.example",
            " https://app.example",
            "https://app.example ",
            "https://app%2eexample",
            "https://[::1]x",
            "https://[::1]x:80",
        ] {
            assert!(Origin::parse(text).is_err(), "{text:?} was taken for an origin");
        }
    }

    #[test]
    fn case_and_default_ports_fold_and_nothing_else_does() {
        let ours = Origin::parse("https://app.example").unwrap();
        for same in ["HTTPS://APP.EXAMPLE", "https://app.example:443"] {
            assert_eq!(Origin::parse(same).unwrap(), ours);
        }
        for other in [
            "http://app.example",
            "https://app.example:8443",
            "https://app.example.",
            "https://www.app.example",
            "https://app.example.evil.test",
            "http://app.example:443",
        ] {
            assert_ne!(Origin::parse(other).unwrap(), ours);
        }
        assert_eq!(Origin::parse("http://[0:0::1]:80").unwrap().to_string(), "http://[::1]");
    }

    #[test]
    fn loopback_is_this_machine_only() {
        for here in
            ["http://localhost:8080", "http://127.0.0.1", "http://[::1]:1", "http://a.localhost"]
        {
            assert!(Origin::parse(here).unwrap().is_loopback(), "{here}");
        }
        for there in [
            "http://localhost.evil.test",
            "http://128.0.0.1",
            "http://127.0.0.1.nip.test",
            "http://[::2]",
        ] {
            assert!(!Origin::parse(there).unwrap().is_loopback(), "{there}");
        }
    }
}
