//! Values that are about cookies: a domain, a name, a profile that is being left.

use std::borrow::Cow;

use sealpass_tower::sealpass::cookie::CookieProfile;

use super::setting::Accept;

/// The domain of the `site` profile.
#[derive(Debug)]
pub(crate) struct CookieDomain;

impl Accept for CookieDomain {
    type Value = CookieProfile;

    fn read(&self, text: &str) -> Result<CookieProfile, Cow<'static, str>> {
        CookieProfile::site(text).map_err(|_| "is no domain for cookies".into())
    }

    fn accepted(&self) -> Cow<'static, str> {
        "a host name in lower case with a dot inside, such as `example.com`".into()
    }
}

/// The name of one cookie, without its prefix.
#[derive(Debug)]
pub(crate) struct CookieName;

impl Accept for CookieName {
    type Value = String;

    fn read(&self, text: &str) -> Result<String, Cow<'static, str>> {
        // Beside any other name.
        let other = if text == "a" { "b" } else { "a" };
        match CookieProfile::host_named(text, other) {
            Ok(_) => Ok(text.to_owned()),
            Err(_) => Err("is no name for a cookie".into()),
        }
    }

    fn accepted(&self) -> Cow<'static, str> {
        "1 to 64 letters, digits, `-` or `_`, without a prefix such as `__Host-`".into()
    }
}

/// A whole profile in words: what it is, its domain, its names.
#[derive(Debug)]
pub(crate) struct PreviousProfile;

impl Accept for PreviousProfile {
    type Value = CookieProfile;

    fn read(&self, text: &str) -> Result<CookieProfile, Cow<'static, str>> {
        let words: Vec<&str> = text.split_ascii_whitespace().collect();
        let (profile, names) = match words.as_slice() {
            ["host", names @ ..] => (CookieProfile::host(), names),
            ["cross-site", names @ ..] => (CookieProfile::cross_site(), names),
            ["dev", names @ ..] => (CookieProfile::insecure_dev(), names),
            ["site", domain, names @ ..] => (CookieDomain.read(domain)?, names),
            ["site"] => return Err("has no domain".into()),
            _ => return Err("begins with no profile".into()),
        };
        match names {
            [] => Ok(profile),
            [session, csrf] => {
                profile.named(session, csrf).map_err(|_| "has names that no cookie can have".into())
            }
            _ => Err("has one name or more than two".into()),
        }
    }

    fn accepted(&self) -> Cow<'static, str> {
        "`host`, `site DOMAIN`, `cross-site` or `dev`, then the names of the session cookie and of \
         the anti-CSRF cookie if they were configured, such as `host shop-session shop-csrf`"
            .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_previous_profile_is_a_few_words() {
        for (text, session) in [
            ("host", "__Host-session"),
            ("cross-site", "__Host-cross-session"),
            ("dev", "dev-session"),
            ("site app.example", "__Secure-session"),
            ("host a b", "__Host-a"),
            ("site app.example  a b", "__Secure-a"),
        ] {
            assert_eq!(PreviousProfile.read(text).unwrap().session_name(), session, "{text}");
        }
        for text in [
            "",
            "hosts",
            "host a",
            "host a b c",
            "host a a",
            "site",
            "site a b c",
            "dev __Host-a b",
        ] {
            assert!(PreviousProfile.read(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_name_comes_without_its_prefix() {
        for name in ["a", "b", "shop-session", "S_1"] {
            assert_eq!(CookieName.read(name).as_deref(), Ok(name));
        }
        for name in ["", "__Host-session", "__secure-a", "a b", "a=b"] {
            assert!(CookieName.read(name).is_err(), "{name:?}");
        }
    }
}
