//! Values that say where something is, or who: sockets, origins, URLs, networks, claim headers.

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};

use http::HeaderName;
use http::uri::{Authority, Scheme, Uri};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use sealpass_tower::sealpass::Origin;

use super::ClaimHeader;
use super::setting::Accept;

/// An address and a port to listen on.
#[derive(Debug)]
pub(crate) struct Socket;

impl Accept for Socket {
    type Value = SocketAddr;

    fn read(&self, text: &str) -> Result<SocketAddr, Cow<'static, str>> {
        text.parse().map_err(|_| "is no IP address with a port".into())
    }

    fn accepted(&self) -> Cow<'static, str> {
        "an IP address and a port, such as `127.0.0.1:8080` or `[::1]:8080`".into()
    }
}

/// An address and a port to listen on, or `off`.
#[derive(Debug)]
pub(crate) struct SocketOrOff;

impl Accept for SocketOrOff {
    type Value = Option<SocketAddr>;

    fn read(&self, text: &str) -> Result<Option<SocketAddr>, Cow<'static, str>> {
        if text == "off" { Ok(None) } else { Socket.read(text).map(Some) }
    }

    fn accepted(&self) -> Cow<'static, str> {
        "an IP address and a port, such as `127.0.0.1:9090`, or `off`".into()
    }
}

/// An origin that cannot be impersonated on the way: https, or this machine.
#[derive(Debug)]
pub(crate) struct SafeOrigin;

impl Accept for SafeOrigin {
    type Value = Origin;

    fn read(&self, text: &str) -> Result<Origin, Cow<'static, str>> {
        let origin = Origin::parse(text).map_err(|_| "is no origin")?;
        if origin.is_secure() || origin.is_loopback() {
            Ok(origin)
        } else {
            Err("is http on a host that is not this machine".into())
        }
    }

    fn accepted(&self) -> Cow<'static, str> {
        "`https://host` or `https://host:port` without a path; http for loopback only".into()
    }

    fn may_be_shown(&self) -> bool {
        false
    }
}

/// A URL that takes passwords: https, or this machine.
#[derive(Debug)]
pub(crate) struct BackendUrl;

impl Accept for BackendUrl {
    type Value = Uri;

    fn read(&self, text: &str) -> Result<Uri, Cow<'static, str>> {
        let (uri, scheme, authority) = http_url(text)?;
        if scheme == Scheme::HTTPS || is_loopback(authority.host()) {
            Ok(uri)
        } else {
            Err("would send passwords in the clear: it is http on a host that is not this machine"
                .into())
        }
    }

    fn accepted(&self) -> Cow<'static, str> {
        "`https://host[:port]/path` without a user; http for loopback only".into()
    }

    fn may_be_shown(&self) -> bool {
        false
    }
}

/// Where someone logs in: a page of the site itself, or a whole URL.
#[derive(Debug)]
pub(crate) struct LoginUrl;

/// A page that a browser can be sent to.
#[derive(Debug)]
pub(crate) struct LoginPlace(Uri);

impl LoginPlace {
    /// The whole URL, for the site `origin`. Always there: an origin and a path make a URL.
    pub(crate) fn on(&self, origin: &Origin) -> Option<Uri> {
        if self.0.authority().is_some() {
            Some(self.0.clone())
        } else {
            format!("{origin}{}", self.0).parse().ok()
        }
    }
}

impl Accept for LoginUrl {
    type Value = LoginPlace;

    fn read(&self, text: &str) -> Result<LoginPlace, Cow<'static, str>> {
        if !text.starts_with('/') {
            let (uri, scheme, authority) = http_url(text)?;
            return if scheme == Scheme::HTTPS || is_loopback(authority.host()) {
                Ok(LoginPlace(uri))
            } else {
                Err("is http on a host that is not this machine".into())
            };
        }
        if text.starts_with("//") || text.contains(['#', '\\']) {
            return Err("is no path: it begins with `//`, or has `#` or `\\`".into());
        }
        text.parse().map(LoginPlace).map_err(|_| "is no path".into())
    }

    fn accepted(&self) -> Cow<'static, str> {
        "a path such as `/login`, or `https://host[:port]/path`; http for loopback only".into()
    }

    fn may_be_shown(&self) -> bool {
        false
    }
}

/// Where the reverse proxy connects: a URL without a path, so that no path is ever joined.
#[derive(Debug)]
pub(crate) struct UpstreamUrl;

impl Accept for UpstreamUrl {
    type Value = (Scheme, Authority);

    fn read(&self, text: &str) -> Result<Self::Value, Cow<'static, str>> {
        let (uri, scheme, authority) = http_url(text)?;
        if uri.path() == "/" && uri.query().is_none() {
            Ok((scheme, authority))
        } else {
            Err("has a path or a query".into())
        }
    }

    fn accepted(&self) -> Cow<'static, str> {
        "`http://host[:port]` or `https://host[:port]` without a path".into()
    }

    fn may_be_shown(&self) -> bool {
        false
    }
}

/// The peers of a network: CIDR notation, or one address.
#[derive(Debug)]
pub(crate) struct Network;

impl Accept for Network {
    type Value = IpNet;

    fn read(&self, text: &str) -> Result<IpNet, Cow<'static, str>> {
        let alone = text.parse().map(|address: IpAddr| IpNet::from(address));
        let network: IpNet =
            alone.or_else(|_| text.parse()).map_err(|_| "is no address and no network")?;
        if network.prefix_len() == 0 {
            return Err("would trust every address there is".into());
        }
        match network {
            IpNet::V4(network) => Ok(IpNet::V4(Ipv4Net::trunc(&network))),
            // A peer's mapped address is folded to IPv4 before it is compared.
            IpNet::V6(network) if network.addr().to_ipv4_mapped().is_some() => {
                Err("is an IPv4 network written as IPv6".into())
            }
            IpNet::V6(network) => Ok(IpNet::V6(Ipv6Net::trunc(&network))),
        }
    }

    fn accepted(&self) -> Cow<'static, str> {
        "an address or a network, such as `10.0.0.7` or `10.1.0.0/16`".into()
    }
}

/// The name of a claim that becomes an `X-Auth-Claims-*` header.
#[derive(Debug)]
pub(crate) struct ClaimName;

impl Accept for ClaimName {
    type Value = ClaimHeader;

    fn read(&self, text: &str) -> Result<ClaimHeader, Cow<'static, str>> {
        let is_name = (1..=64).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
        if !is_name {
            return Err("is no claim name that fits a header".into());
        }
        if crate::user::is_reserved_claim(text) {
            return Err("is a claim of the token itself".into());
        }
        let folded = text.to_ascii_lowercase().replace('_', "-");
        let header = HeaderName::try_from(format!("x-auth-claims-{folded}"));
        let header = header.map_err(|_| "is no claim name that fits a header")?;
        Ok(ClaimHeader { claim: text.to_owned(), header })
    }

    fn accepted(&self) -> Cow<'static, str> {
        "a claim's name of 1 to 64 letters, digits, `_` or `-`".into()
    }
}

/// An absolute `http` or `https` URL whose authority is a host and perhaps a port, nothing else.
fn http_url(text: &str) -> Result<(Uri, Scheme, Authority), Cow<'static, str>> {
    if text.contains('#') {
        return Err("has a fragment".into());
    }
    let uri: Uri = text.parse().map_err(|_| "is no URL")?;
    let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) else {
        return Err("is no absolute URL".into());
    };
    if *scheme != Scheme::HTTP && *scheme != Scheme::HTTPS {
        return Err("is neither http nor https".into());
    }
    if authority.as_str().contains('@') {
        return Err("has a user".into());
    }
    let port = authority.port_u16().map(|port| format!(":{port}")).unwrap_or_default();
    if authority.host().is_empty() || *authority != *format!("{}{port}", authority.host()) {
        return Err("has no host, or no port after its colon".into());
    }
    Ok((uri.clone(), scheme.clone(), authority.clone()))
}

/// Whether a host, as a URL writes it, is this machine by its text alone: no name is resolved.
pub(super) fn is_loopback(host: &str) -> bool {
    let literal = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    host.eq_ignore_ascii_case("localhost")
        || literal.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal<A: Accept>(accept: &A, text: &str) -> String {
        match accept.read(text) {
            Ok(_) => panic!("{text:?} was accepted"),
            Err(why) => why.into_owned(),
        }
    }

    #[test]
    fn passwords_do_not_travel_in_the_clear() {
        for url in ["https://id.example/check", "http://127.0.0.1:9000/", "http://localhost/x?y=1"]
        {
            assert_eq!(BackendUrl.read(url).unwrap(), url, "{url}");
        }
        assert!(BackendUrl.read("http://[::1]:9000/check").is_ok());
        for url in [
            "http://id.example/check",
            "http://localhost.evil.test/",
            "http://127.0.0.1.evil.test/",
            "http://127.1/",
            "http://2130706433/",
            "http://[::ffff:10.0.0.1]/",
        ] {
            assert!(refusal(&BackendUrl, url).starts_with("would send passwords"), "{url}");
        }
    }

    #[test]
    fn a_url_that_hides_its_host_is_refused() {
        assert_eq!(refusal(&BackendUrl, "https://127.0.0.1@evil.test/"), "has a user");
        assert_eq!(refusal(&BackendUrl, "http://localhost:80@evil.test/"), "has a user");
        assert_eq!(refusal(&BackendUrl, "https://id.example/#x"), "has a fragment");
        for url in ["", "/check", "id.example", "//id.example/", "ftp://id.example/"] {
            refusal(&BackendUrl, url);
        }
        for url in ["https://id.example:/", "https://id.example:99999/", "https:///check"] {
            refusal(&BackendUrl, url);
        }
    }

    #[test]
    fn an_upstream_has_no_path_to_join() {
        let (scheme, authority) = UpstreamUrl.read("http://api.internal:3000").unwrap();
        assert_eq!((scheme.as_str(), authority.as_str()), ("http", "api.internal:3000"));
        assert!(UpstreamUrl.read("https://[::1]:3000/").is_ok());
        assert_eq!(refusal(&UpstreamUrl, "http://api.internal/v1"), "has a path or a query");
        assert_eq!(refusal(&UpstreamUrl, "http://api.internal/?x"), "has a path or a query");
    }

    #[test]
    fn a_login_page_is_on_the_site_or_at_a_whole_url() {
        let origin = Origin::parse("https://app.example:8443").unwrap();
        for (text, expected) in [
            ("/login", "https://app.example:8443/login"),
            ("/?show=login", "https://app.example:8443/?show=login"),
            ("https://id.example/in?for=app", "https://id.example/in?for=app"),
            ("http://localhost:3000/login", "http://localhost:3000/login"),
        ] {
            let url = LoginUrl.read(text).unwrap().on(&origin).unwrap();
            assert_eq!(url.to_string(), expected);
        }
        for text in ["", "login", "//evil.test/", "/\\evil.test", "/login#now", "/a b", "ftp://a/"]
        {
            assert!(LoginUrl.read(text).is_err(), "{text}");
        }
        for text in ["http://id.example/", "https://a@b/", "https://id.example/#x"] {
            assert!(LoginUrl.read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn origins_are_https_or_local() {
        assert!(SafeOrigin.read("https://app.example:8443").is_ok());
        assert!(SafeOrigin.read("http://localhost:8080").is_ok());
        refusal(&SafeOrigin, "http://app.example");
        refusal(&SafeOrigin, "https://app.example/");
    }

    #[test]
    fn trusting_everyone_is_refused() {
        for network in ["0.0.0.0/0", "::/0", "10.1.2.3/0"] {
            assert_eq!(refusal(&Network, network), "would trust every address there is");
        }
        refusal(&Network, "::ffff:10.0.0.0/104");
        refusal(&Network, "10.0.0.0/33");
        refusal(&Network, "proxy.internal");
        assert_eq!(Network.read("10.1.2.3/16").unwrap().to_string(), "10.1.0.0/16");
        assert_eq!(Network.read("10.0.0.7").unwrap().to_string(), "10.0.0.7/32");
        assert_eq!(Network.read("2001:db8::1/32").unwrap().to_string(), "2001:db8::/32");
    }

    #[test]
    fn a_claim_name_cannot_break_or_shadow_a_header() {
        let header = ClaimName.read("Tenant_ID").unwrap();
        assert_eq!(header.claim, "Tenant_ID");
        assert_eq!(header.header, "x-auth-claims-tenant-id");
        for name in ["", "a b", "a:b", "a\r\nx: y", "r\u{f4}le", &"a".repeat(65)] {
            refusal(&ClaimName, name);
        }
        assert_eq!(refusal(&ClaimName, "sub"), "is a claim of the token itself");
    }
}
