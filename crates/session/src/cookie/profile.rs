//! What the two cookies are called and where they are valid.

use super::profiles::CookieProfiles;
use super::set::{CookieError, SameSite, SetCookie, is_name};
use crate::origin::{Origin, is_host_name};

/// The names and the scope of the session cookie and of the anti-CSRF cookie.
///
/// | profile | names | attributes of the session cookie |
/// |---|---|---|
/// | [`CookieProfile::host`] | `__Host-session`, `__Host-csrf` | `Secure; HttpOnly; SameSite=Lax` |
/// | [`CookieProfile::site`] | `__Secure-session`, `__Secure-csrf` | `Domain`, and those of `host` |
/// | [`CookieProfile::cross_site`] | `__Host-cross-session`, `__Host-cross-csrf` | `Secure; HttpOnly; SameSite=None; Partitioned` |
/// | [`CookieProfile::insecure_dev`] | `dev-session`, `dev-csrf` | `HttpOnly; SameSite=Lax` |
///
/// All have `Path=/`. The anti-CSRF cookie is not `HttpOnly`, and `SameSite=Strict` where the session
/// cookie is `Lax`.
///
/// ```
/// use sealpass::cookie::CookieProfile;
///
/// let shop = CookieProfile::site("shop.example")?.named("cart-session", "cart-csrf")?;
/// assert_eq!(shop.session_name(), "__Secure-cart-session");
/// assert!(CookieProfile::site("https://shop.example").is_err());
/// assert!(CookieProfile::host().named("__Host-session", "csrf").is_err()); // the prefix is ours to add
/// # Ok::<_, sealpass::cookie::CookieNameError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CookieProfile {
    scope: Scope,
    /// Full names, with the prefix of the scope.
    session: String,
    csrf: String,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Scope {
    CrossSite,
    Host,
    InsecureDev,
    Site { domain: String },
}

/// A name or a domain that no cookie of ours may have.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct CookieNameError(&'static str);

const BAD_NAME: &str = "cookie names have 1 to 64 letters, digits, `-` or `_`, no prefix such as \
                        `__Host-`, which is added, and the two differ";
const BAD_DOMAIN: &str =
    "a cookie domain is a host name in lower case with at least one dot inside";

/// How well a browser guards a cookie against other hosts of the same site, best first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Guard {
    /// Only this host can set it.
    Host,
    /// Any host of the site can set it, over TLS.
    Site,
    /// Whoever answers on this host name can set it, TLS or not.
    Nothing,
}

impl CookieProfile {
    /// This host only, TLS only. The default.
    #[must_use]
    pub fn host() -> Self {
        Self::new(Scope::Host, "session", "csrf")
    }

    /// The host profile with names of your own, to run several on one host.
    ///
    /// # Errors
    /// [`CookieNameError`] as [`CookieProfile::named`].
    ///
    /// ```
    /// use sealpass::cookie::CookieProfile;
    ///
    /// let profile = CookieProfile::host_named("shop-session", "shop-csrf")?;
    /// assert_eq!(profile.session_name(), "__Host-shop-session");
    /// assert!(CookieProfile::host_named("a b", "c").is_err());
    /// # Ok::<_, sealpass::cookie::CookieNameError>(())
    /// ```
    pub fn host_named(session: &str, csrf: &str) -> Result<Self, CookieNameError> {
        Self::host().named(session, csrf)
    }

    /// `domain` and every host below it, TLS only: one session for all of them.
    ///
    /// Each of those hosts can set these cookies too. None can forge a session or an anti-CSRF token,
    /// but one can plant a session of its own, and end a user's by planting nonsense: use it only
    /// where all of them are yours. [`crate::policy::PolicyBuilder::build`] refuses an origin outside
    /// `domain`.
    ///
    /// # Errors
    /// [`CookieNameError`] for what is no host name in lower case with a dot inside.
    pub fn site(domain: &str) -> Result<Self, CookieNameError> {
        // A name of one label is a registry's, and browsers take no cookie for it; nor for addresses.
        let is_numeric = domain
            .rsplit('.')
            .next()
            .is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
        let is_domain = is_host_name(domain)
            && domain.contains('.')
            && domain.split('.').all(|label| !label.is_empty())
            && !domain.bytes().any(|byte| byte.is_ascii_uppercase())
            && !is_numeric;
        if !is_domain {
            return Err(CookieNameError(BAD_DOMAIN));
        }
        Ok(Self::new(Scope::Site { domain: domain.to_owned() }, "session", "csrf"))
    }

    /// This host only, TLS only, and sent when another site embeds us: a session for each site that
    /// does. What protects it from that site's pages is `Sec-Fetch-Site`, `Origin` and the token.
    ///
    /// Its names are its own, since a browser sends a partitioned and an unpartitioned cookie of the
    /// same name side by side.
    #[must_use]
    pub fn cross_site() -> Self {
        Self::new(Scope::CrossSite, "cross-session", "cross-csrf")
    }

    /// Without `Secure`, for browsers such as Safari that refuse `Secure` cookies on loopback.
    /// [`crate::policy::PolicyBuilder::build`] refuses it for any origin that is not loopback.
    #[must_use]
    pub fn insecure_dev() -> Self {
        Self::new(Scope::InsecureDev, "session", "csrf")
    }

    /// The same profile with names of your own, behind the prefix that its scope has.
    ///
    /// # Errors
    /// [`CookieNameError`] for a name that is no token, has a prefix already, or twice the same name.
    pub fn named(self, session: &str, csrf: &str) -> Result<Self, CookieNameError> {
        let is_bad = |name: &str| {
            let folded = name.to_ascii_lowercase();
            name.len() > 64
                || !is_name(name)
                || ["__host-", "__secure-", "__http-", "__host-http-"]
                    .iter()
                    .any(|prefix| folded.starts_with(prefix))
        };
        if session == csrf || is_bad(session) || is_bad(csrf) {
            return Err(CookieNameError(BAD_NAME));
        }
        Ok(Self::new(self.scope, session, csrf))
    }

    /// The full name of the session cookie.
    #[must_use]
    pub fn session_name(&self) -> &str {
        &self.session
    }

    /// The full name of the anti-CSRF cookie.
    #[must_use]
    pub fn csrf_name(&self) -> &str {
        &self.csrf
    }

    /// The domain whose hosts share the cookies; none, this host alone.
    #[must_use]
    pub fn domain(&self) -> Option<&str> {
        match &self.scope {
            Scope::Site { domain } => Some(domain),
            Scope::CrossSite | Scope::Host | Scope::InsecureDev => None,
        }
    }

    fn new(scope: Scope, session: &str, csrf: &str) -> Self {
        let prefix = match scope {
            Scope::CrossSite | Scope::Host => "__Host-",
            Scope::InsecureDev => "dev-",
            Scope::Site { .. } => "__Secure-",
        };
        Self { scope, session: format!("{prefix}{session}"), csrf: format!("{prefix}{csrf}") }
    }

    /// Whether the cookies also travel without TLS, which only loopback may see.
    #[must_use]
    pub const fn is_insecure(&self) -> bool {
        matches!(self.scope, Scope::InsecureDev)
    }

    /// Whether a browser takes these cookies from `origin`.
    #[must_use]
    pub fn covers(&self, origin: &Origin) -> bool {
        self.domain().is_none_or(|domain| {
            let above = origin.host().strip_suffix(domain);
            above.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        })
    }

    /// Whether a request tells the cookies of `current` from those of `previous`: no name twice, and
    /// no more than two previous profiles.
    #[must_use]
    pub fn are_distinct(current: &Self, previous: &[Self]) -> bool {
        CookieProfiles::new(current.clone(), previous.to_vec()).is_some()
    }

    pub(super) const fn guard(&self) -> Guard {
        match self.scope {
            Scope::CrossSite | Scope::Host => Guard::Host,
            Scope::Site { .. } => Guard::Site,
            Scope::InsecureDev => Guard::Nothing,
        }
    }

    /// The session cookie: hidden from page script, sent when the user follows a link here.
    pub(crate) fn session_cookie(&self, token: String) -> Result<SetCookie, CookieError> {
        self.mint(&self.session, token, SameSite::Lax).map(SetCookie::http_only)
    }

    /// The anti-CSRF cookie: page script reads it and echoes it in a header.
    pub(crate) fn csrf_cookie(&self, token: String) -> Result<SetCookie, CookieError> {
        self.mint(&self.csrf, token, SameSite::Strict)
    }

    /// The orders to forget both cookies.
    pub(crate) fn removals(&self) -> Vec<SetCookie> {
        [self.session_cookie(String::new()), self.csrf_cookie(String::new())]
            .into_iter()
            .flatten() // an empty value is never too large
            .map(SetCookie::removal)
            .collect()
    }

    fn mint(
        &self,
        name: &str,
        value: String,
        same_site: SameSite,
    ) -> Result<SetCookie, CookieError> {
        let new =
            |same_site| SetCookie::new(name.to_owned(), value, same_site, !self.is_insecure());
        match &self.scope {
            Scope::CrossSite => new(SameSite::None).map(SetCookie::partitioned),
            Scope::Host | Scope::InsecureDev => new(same_site),
            Scope::Site { domain } => {
                new(same_site).map(|cookie| cookie.for_domain(domain.clone()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profiles() -> [CookieProfile; 4] {
        [
            CookieProfile::host(),
            CookieProfile::site("app.example").unwrap(),
            CookieProfile::cross_site(),
            CookieProfile::insecure_dev(),
        ]
    }

    #[test]
    fn the_names_and_attributes_are_the_documented_ones() {
        let texts = profiles().map(|profile| {
            [profile.session_cookie("t".into()), profile.csrf_cookie("c".into())]
                .map(|cookie| cookie.unwrap().to_header_text())
        });
        let expected = [
            [
                "__Host-session=t; Path=/; Secure; HttpOnly; SameSite=Lax",
                "__Host-csrf=c; Path=/; Secure; SameSite=Strict",
            ],
            [
                "__Secure-session=t; Path=/; Domain=app.example; Secure; HttpOnly; SameSite=Lax",
                "__Secure-csrf=c; Path=/; Domain=app.example; Secure; SameSite=Strict",
            ],
            [
                "__Host-cross-session=t; Path=/; Secure; HttpOnly; SameSite=None; Partitioned",
                "__Host-cross-csrf=c; Path=/; Secure; SameSite=None; Partitioned",
            ],
            [
                "dev-session=t; Path=/; HttpOnly; SameSite=Lax",
                "dev-csrf=c; Path=/; SameSite=Strict",
            ],
        ];
        assert_eq!(texts, expected);
    }

    #[test]
    fn removal_has_the_attributes_of_setting() {
        for profile in profiles().into_iter().chain(profiles().map(|p| p.named("a", "b").unwrap()))
        {
            let set = [profile.session_cookie("v".into()), profile.csrf_cookie("v".into())];
            let removals = profile.removals();
            assert_eq!(removals.len(), 2);
            for (set, removal) in set.into_iter().zip(removals) {
                let set = set.unwrap().to_header_text().replace("=v;", "=;");
                let removal = removal.to_header_text();
                assert_eq!(removal.matches("; Max-Age=0").count(), 1, "{removal}");
                assert_eq!(removal.replace("; Max-Age=0", ""), set);
            }
        }
    }

    #[test]
    fn names_that_break_a_header_or_bring_a_prefix_are_refused() {
        for name in [
            "",
            "a b",
            "a=b",
            "a;b",
            "\u{e9}",
            &"a".repeat(65),
            "__Host-a",
            "__SECURE-a",
            "__Http-a",
        ] {
            assert!(CookieProfile::host_named(name, "csrf").is_err(), "{name:?}");
            assert!(CookieProfile::host_named("session", name).is_err(), "{name:?}");
            assert!(CookieProfile::insecure_dev().named(name, "csrf").is_err(), "{name:?}");
        }
        assert!(CookieProfile::host_named("same", "same").is_err());
        assert!(CookieProfile::cross_site().named("a", "__b").is_ok());
    }

    #[test]
    fn a_domain_that_browsers_would_not_take_is_refused() {
        for domain in [
            "",
            "example",
            "localhost",
            ".app.example",
            "app.example.",
            "app..example",
            "10.0.0.1",
            "App.example",
            "https://app.example",
            "app.example:443",
            "app.example; Secure",
            "[::1]",
            "b\u{fc}cher.example",
            "app.example/",
            "*.app.example",
        ] {
            assert!(CookieProfile::site(domain).is_err(), "{domain:?}");
        }
    }

    #[test]
    fn a_site_covers_its_own_hosts_only() {
        let site = CookieProfile::site("app.example").unwrap();
        let covers = |origin: &str| site.covers(&Origin::parse(origin).unwrap());
        assert!(covers("https://app.example"));
        assert!(covers("https://a.b.app.example:8443"));
        for other in ["https://example", "https://evilapp.example", "https://app.example.evil.test"]
        {
            assert!(!covers(other), "{other}");
        }
    }
}
