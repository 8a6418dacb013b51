//! What a policy does with cookie profiles, and what it refuses to be built with.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use http::{HeaderMap, Method};
use sealpass::cookie::{CookieProfile, SetCookie};
use sealpass::csrf::CsrfMode;
use sealpass::jose::{Key, KeyRing};
use sealpass::policy::{BuildError, PolicyBuilder, Ready, Renewed};
use sealpass::{Origin, Policy, Rejection, RequestView};
use support::{LOGIN, ORIGIN, Roles, ada, at};

fn builder() -> PolicyBuilder<Roles, Ready> {
    Policy::builder()
        .issuer(ORIGIN)
        .audience(ORIGIN)
        .keys(KeyRing::new(Key::generate_a256gcm().unwrap()))
        .origin(Origin::parse(ORIGIN).unwrap())
}

fn site(domain: &str) -> CookieProfile {
    CookieProfile::site(domain).unwrap()
}

fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
    lines.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
}

#[test]
fn cookies_that_no_browser_would_keep_or_tell_apart_are_no_policy() {
    let outside = builder().cookies(site("example.test")).build();
    let Err(BuildError::CookieDomain { domain, .. }) = outside else { panic!("{outside:?}") };
    assert_eq!(domain, "example.test");
    let outside = builder().previous_cookies(site("example.test")).build();
    assert!(matches!(outside, Err(BuildError::CookieDomain { .. })));
    let twice = builder().previous_cookies(CookieProfile::host()).build();
    assert!(matches!(twice, Err(BuildError::AmbiguousCookies)));
    let insecure = builder().previous_cookies(CookieProfile::insecure_dev()).build();
    assert!(matches!(insecure, Err(BuildError::InsecureCookies { .. })));
    assert!(builder().cookies(site("app.example")).build().is_ok());
}

#[test]
fn a_session_under_a_previous_name_is_due_at_once_and_under_the_name_in_use_it_is_not() {
    let policy = builder().previous_cookies(site("app.example")).build().unwrap();
    let grant = policy.grant(&ada(), at(LOGIN)).unwrap();
    assert_eq!(grant.removals().len(), 2);
    let token = grant.set_cookies()[0].value();
    for (cookies, due, removals) in [
        (format!("__Secure-session={token}"), true, 2),
        (format!("__Host-session={token}"), false, 0),
        (format!("__Host-session={token}; __Secure-csrf=left"), false, 2),
    ] {
        let headers = headers(&[("cookie", &cookies)]);
        let caller =
            policy.authenticate(&RequestView::new(&Method::GET, &headers), at(LOGIN)).unwrap();
        assert_eq!(caller.renewal_due(), due, "{cookies}");
        let Renewed::Cookie(renewed) = policy.renew(&caller, at(LOGIN)).unwrap() else {
            panic!("a session in a cookie is renewed in a cookie")
        };
        assert_eq!(renewed.set_cookies()[0].name(), "__Host-session");
        assert_eq!(renewed.removals().len(), removals, "{cookies}");
        let is_removal = |cookie: &SetCookie| cookie.to_header_text().contains("=; ");
        assert!(renewed.removals().iter().all(is_removal));
    }
}

#[test]
fn a_logout_ends_every_session_whose_cookie_it_clears() {
    let policy = builder().previous_cookies(site("app.example")).build().unwrap();
    let login = || policy.grant(&ada(), at(LOGIN)).unwrap();
    let (new, old) = (login(), login());
    let ([new_session, new_csrf], [old_session, _]) = (new.set_cookies(), old.set_cookies());
    let csrf = new_csrf.value();
    let cookie = format!(
        "__Secure-session={}; __Host-session={}; __Host-csrf={csrf}",
        old_session.value(),
        new_session.value()
    );
    let both = headers(&[("cookie", &cookie), ("x-csrf-token", csrf)]);
    let request = RequestView::new(&Method::POST, &both);
    // A login replaces both as well.
    assert_eq!(policy.end_sessions(&request, at(LOGIN)).len(), 2);
    let pending = policy.logout(&request, at(LOGIN)).unwrap();
    let ended = policy.complete(pending, at(LOGIN));
    assert_eq!((ended.revoked(), ended.set_cookies().len()), (Some(new.session_id()), 4));
    for name in ["__Secure-session", "__Host-session"] {
        for session in [old_session, new_session] {
            let headers = headers(&[("cookie", &format!("{name}={}", session.value()))]);
            let request = RequestView::new(&Method::GET, &headers);
            let verdict = policy.authenticate(&request, at(LOGIN));
            assert_eq!(verdict.unwrap_err(), Rejection::TokenRevoked, "{name}");
        }
    }
}

#[test]
fn a_session_in_two_cookies_is_ended_once() {
    let policy = builder().previous_cookies(site("app.example")).build().unwrap();
    let grant = policy.grant(&ada(), at(LOGIN)).unwrap();
    let token = grant.set_cookies()[0].value();
    let cookie = format!("__Secure-session={token}; __Host-session={token}");
    let both = headers(&[("cookie", &cookie)]);
    let ended = policy.end_sessions(&RequestView::new(&Method::POST, &both), at(LOGIN));
    assert_eq!(ended.len(), 1);
}

#[test]
fn a_policy_that_only_reports_lets_a_forged_logout_pass_and_says_so() {
    let policy = builder().csrf_mode(CsrfMode::DangerReportOnly).build().unwrap();
    let grant = policy.grant(&ada(), at(LOGIN)).unwrap();
    let session = &grant.set_cookies()[0];
    let cookie = format!("{}={}", session.name(), session.value());
    let forged = headers(&[("cookie", &cookie), ("origin", "https://evil.test")]);
    let request = RequestView::new(&Method::POST, &forged);
    let pending = policy.logout(&request, at(LOGIN)).unwrap();
    let ended = policy.complete(pending, at(LOGIN));
    assert_eq!(ended.csrf_report(), Some(Rejection::CrossSite));
    assert_eq!(ended.revoked(), Some(grant.session_id()));

    // There is no client to be let pass where nobody is logged in.
    let nobody = headers(&[("origin", "https://evil.test")]);
    let request = RequestView::new(&Method::POST, &nobody);
    assert_eq!(policy.logout(&request, at(LOGIN)).unwrap_err(), Rejection::CrossSite);
    assert_eq!(policy.require_same_site(&request), Err(Rejection::CrossSite));
}
