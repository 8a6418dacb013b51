//! What the two cookies are called and where they are valid.

use super::set::{CookieError, SameSite, SetCookie, is_name};

/// The names and the scope of the session cookie and of the anti-CSRF cookie.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CookieProfile {
    scope: Scope,
    /// Full names, with the prefix of the scope.
    session: String,
    csrf: String,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Scope {
    Host,
    InsecureDev,
}

/// A name that no cookie of ours may have.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("cookie names have 1 to 64 letters, digits, `-` or `_`, and the two differ")]
pub struct CookieNameError(());

impl CookieProfile {
    /// `__Host-session` and `__Host-csrf`: this host only, TLS only. The default.
    #[must_use]
    pub fn host() -> Self {
        Self { scope: Scope::Host, session: "__Host-session".into(), csrf: "__Host-csrf".into() }
    }

    /// The host profile with names of your own, to run several on one host.
    ///
    /// # Errors
    /// [`CookieNameError`] for a name that is no token, or twice the same name.
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
        if session == csrf || [session, csrf].iter().any(|name| name.len() > 64 || !is_name(name)) {
            return Err(CookieNameError(()));
        }
        Ok(Self {
            scope: Scope::Host,
            session: format!("__Host-{session}"),
            csrf: format!("__Host-{csrf}"),
        })
    }

    /// `dev-session` and `dev-csrf` without `Secure`, for browsers such as Safari that refuse
    /// `Secure` cookies on loopback. [`crate::policy::PolicyBuilder::build`] refuses it for any
    /// origin that is not loopback.
    #[must_use]
    pub fn insecure_dev() -> Self {
        Self { scope: Scope::InsecureDev, session: "dev-session".into(), csrf: "dev-csrf".into() }
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

    pub(crate) const fn is_insecure(&self) -> bool {
        matches!(self.scope, Scope::InsecureDev)
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
        SetCookie::new(name.to_owned(), value, same_site, !self.is_insecure())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_names_and_attributes_are_the_documented_ones() {
        let profile = CookieProfile::host();
        assert_eq!(
            profile.session_cookie("t".into()).unwrap().to_header_text(),
            "__Host-session=t; Path=/; Secure; HttpOnly; SameSite=Lax"
        );
        assert_eq!(
            profile.csrf_cookie("c".into()).unwrap().to_header_text(),
            "__Host-csrf=c; Path=/; Secure; SameSite=Strict"
        );
    }

    #[test]
    fn removal_has_the_attributes_of_setting() {
        for profile in [CookieProfile::host(), CookieProfile::insecure_dev()] {
            let set = [profile.session_cookie("v".into()), profile.csrf_cookie("v".into())];
            let removals = profile.removals();
            assert_eq!(removals.len(), 2);
            for (set, removal) in set.into_iter().zip(removals) {
                let set = set.unwrap().to_header_text().replace("=v;", "=;");
                assert_eq!(removal.to_header_text().replace("; Max-Age=0", ""), set);
            }
        }
    }

    #[test]
    fn names_that_break_a_header_are_refused() {
        for name in ["", "a b", "a=b", "a;b", "\u{e9}", &"a".repeat(65)] {
            assert!(CookieProfile::host_named(name, "csrf").is_err(), "{name:?}");
            assert!(CookieProfile::host_named("session", name).is_err(), "{name:?}");
        }
        assert!(CookieProfile::host_named("same", "same").is_err());
    }
}
