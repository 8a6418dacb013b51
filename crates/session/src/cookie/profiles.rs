//! The profile in use, and those that are being left.

use http::HeaderMap;

use super::parse::{Lookup, find};
use super::profile::CookieProfile;
use super::set::SetCookie;

/// The profile whose cookies are set, and the previous ones, which are read as well.
///
/// One session cookie is chosen before any is looked into: of those that a request carries the one
/// that browsers guard best (`__Host-`, then `__Secure-`, then neither), and among equals the one in
/// use, then the previous ones in their order. So a host beside ours, which can set a cookie for the
/// whole domain, can neither replace nor spoil one that is bound to our host: the others are not even
/// read. A chosen cookie that is refused is refused; no other one takes its place.
#[derive(Clone, Debug)]
pub(crate) struct CookieProfiles {
    current: CookieProfile,
    previous: Vec<CookieProfile>,
    /// All of them, in the order in which they are looked for.
    order: Vec<CookieProfile>,
}

/// Most previous profiles: each costs two `Set-Cookie` at every login.
pub(crate) const MAX_PREVIOUS: usize = 2;

impl CookieProfiles {
    /// `current` and `previous`, unless two of them have a name in common, which would make two
    /// cookies that no `Cookie` header tells apart, or there are too many.
    pub(crate) fn new(current: CookieProfile, previous: Vec<CookieProfile>) -> Option<Self> {
        let mut order: Vec<_> = std::iter::once(&current).chain(&previous).cloned().collect();
        let mut names: Vec<_> = order
            .iter()
            .flat_map(|profile| [profile.session_name(), profile.csrf_name()])
            .collect();
        names.sort_unstable();
        if previous.len() > MAX_PREVIOUS || names.windows(2).any(|two| two.first() == two.last()) {
            return None;
        }
        order.sort_by_key(CookieProfile::guard); // stable
        Some(Self { current, previous, order })
    }

    pub(crate) const fn current(&self) -> &CookieProfile {
        &self.current
    }

    /// Current and previous.
    pub(crate) fn all(&self) -> &[CookieProfile] {
        &self.order
    }

    /// The session cookie that counts and the profile it is of; the current one when there is none.
    pub(crate) fn find_session<'h>(&self, headers: &'h HeaderMap) -> (Lookup<'h>, &CookieProfile) {
        self.order
            .iter()
            .map(|profile| (find(headers, profile.session_name()), profile))
            .find(|(found, _)| *found != Lookup::Absent)
            .unwrap_or((Lookup::Absent, &self.current))
    }

    /// The profile of the session cookie that counts.
    pub(crate) fn presented(&self, headers: &HeaderMap) -> &CookieProfile {
        if self.previous.is_empty() { &self.current } else { self.find_session(headers).1 }
    }

    /// Whether a cookie of a previous profile is there, to be forgotten.
    pub(crate) fn has_previous(&self, headers: &HeaderMap) -> bool {
        let is_there = |name| find(headers, name) != Lookup::Absent;
        self.previous
            .iter()
            .any(|profile| is_there(profile.session_name()) || is_there(profile.csrf_name()))
    }

    /// The orders to forget the cookies of every previous profile.
    pub(crate) fn previous_removals(&self) -> Vec<SetCookie> {
        self.previous.iter().flat_map(CookieProfile::removals).collect()
    }

    /// The orders to forget all cookies, the current ones first.
    pub(crate) fn removals(&self) -> Vec<SetCookie> {
        let mut removals = self.current.removals();
        removals.extend(self.previous_removals());
        removals
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profiles(current: CookieProfile, previous: &[CookieProfile]) -> CookieProfiles {
        CookieProfiles::new(current, previous.to_vec()).unwrap()
    }

    fn found(profiles: &CookieProfiles, cookies: &'static str) -> (String, String) {
        let mut headers = HeaderMap::new();
        headers.insert("cookie", http::HeaderValue::from_static(cookies));
        let (lookup, profile) = profiles.find_session(&headers);
        let value = match lookup {
            Lookup::Found(value) => String::from_utf8(value.to_vec()).unwrap(),
            other => format!("{other:?}"),
        };
        (value, profile.session_name().to_owned())
    }

    #[test]
    fn a_domain_wide_cookie_never_shadows_one_of_this_host() {
        let (host, site) = (CookieProfile::host(), CookieProfile::site("app.example").unwrap());
        for profiles in [
            profiles(host.clone(), std::slice::from_ref(&site)),
            profiles(site.clone(), std::slice::from_ref(&host)),
        ] {
            for cookies in [
                "__Host-session=ours; __Secure-session=planted",
                "__Secure-session=planted; __Host-session=ours",
                "__Secure-session=a; __Secure-session=b; __Host-session=ours",
            ] {
                assert_eq!(found(&profiles, cookies).0, "ours", "{cookies}");
            }
            assert_eq!(found(&profiles, "__Secure-session=only").0, "only");
            assert_eq!(found(&profiles, "__Secure-session=a; __Secure-session=b").0, "Conflicting");
            assert_eq!(found(&profiles, "__Host-session=; __Secure-session=planted").0, "");
        }
    }

    #[test]
    fn among_equals_the_name_in_use_wins() {
        let (old, new) =
            (CookieProfile::host_named("old", "old-csrf").unwrap(), CookieProfile::host());
        let profiles = profiles(new, &[old]);
        assert_eq!(found(&profiles, "__Host-old=old; __Host-session=new").0, "new");
        assert_eq!(found(&profiles, "__Host-old=old"), ("old".into(), "__Host-old".into()));
        assert_eq!(found(&profiles, "a=b"), ("Absent".into(), "__Host-session".into()));
    }

    #[test]
    fn profiles_that_no_cookie_header_tells_apart_are_refused() {
        let site = |domain| CookieProfile::site(domain).unwrap();
        assert!(CookieProfiles::new(site("app.example"), vec![site("example.test")]).is_none());
        assert!(CookieProfiles::new(CookieProfile::host(), vec![CookieProfile::host()]).is_none());
        let crossed = CookieProfile::host_named("csrf", "other").unwrap();
        assert!(CookieProfiles::new(CookieProfile::host(), vec![crossed]).is_none());
        let three =
            vec![site("a.test"), CookieProfile::cross_site(), CookieProfile::insecure_dev()];
        assert!(CookieProfiles::new(CookieProfile::host(), three).is_none());
    }

    #[test]
    fn removals_are_those_of_every_profile() {
        let profiles =
            profiles(CookieProfile::cross_site(), &[CookieProfile::site("app.example").unwrap()]);
        let texts: Vec<_> = profiles.removals().iter().map(SetCookie::to_header_text).collect();
        assert_eq!(
            texts,
            [
                "__Host-cross-session=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=None; Partitioned",
                "__Host-cross-csrf=; Path=/; Max-Age=0; Secure; SameSite=None; Partitioned",
                "__Secure-session=; Path=/; Domain=app.example; Max-Age=0; Secure; HttpOnly; SameSite=Lax",
                "__Secure-csrf=; Path=/; Domain=app.example; Max-Age=0; Secure; SameSite=Strict",
            ]
        );
    }
}
