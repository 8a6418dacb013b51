//! Cookie profiles, those being left, and the mode of the CSRF decision.

use super::*;

fn names(profile: &CookieProfile) -> [&str; 2] {
    [profile.session_name(), profile.csrf_name()]
}

#[test]
fn csrf_is_strict_and_plain_and_nothing_is_being_left_by_default() {
    let config = with("");
    assert_eq!(config.csrf.mode, CsrfMode::Strict);
    assert!(!config.csrf.masks_body);
    assert_eq!(config.cookies.previous, []);
}

#[test]
fn every_setting_of_cookies_and_csrf_reaches_its_place() {
    let config = with(
        "[cookies]\nprofile = 'site'\ndomain = 'app.example'\nsession_name = 'a'\ncsrf_name = 'b'\n\
         previous = ['host', 'cross-site c d']\n[csrf]\nmode = 'fetch-metadata'\nmask_body = true",
    );
    let site = CookieProfile::site("app.example").unwrap().named("a", "b").unwrap();
    assert_eq!(config.cookies.profile, site);
    assert_eq!(names(&config.cookies.profile), ["__Secure-a", "__Secure-b"]);
    let previous: Vec<_> = config.cookies.previous.iter().map(names).collect();
    assert_eq!(previous, [["__Host-session", "__Host-csrf"], ["__Host-c", "__Host-d"]]);
    assert_eq!(config.csrf.mode, CsrfMode::FetchMetadata);
    assert!(config.csrf.masks_body);
    let cross = with("cookies.profile = 'cross-site'\ncsrf.mode = 'report-only'");
    assert_eq!(cross.cookies.profile, CookieProfile::cross_site());
    assert_eq!(cross.csrf.mode, CsrfMode::DangerReportOnly);
}

#[test]
fn cookies_that_no_browser_keeps_or_tells_apart_are_refused() {
    for (toml, expected) in [
        ("cookies.profile = 'site'", "`cookies.domain` is missing"),
        ("cookies.domain = 'app.example'", "3: `cookies.domain` is for the profile `site` only"),
        (
            "cookies.profile = 'site'\ncookies.domain = 'example.com'",
            "4: `cookies.domain` is no part of `origin`",
        ),
        ("cookies.profile = 'site'\ncookies.domain = 'example'", "is no domain for cookies"),
        ("cookies.session_name = 'a'", "`cookies.csrf_name` is missing"),
        ("cookies.csrf_name = 'a'", "`cookies.session_name` is missing"),
        ("[cookies]\nsession_name = 'a'\ncsrf_name = 'a'", "and the two differ"),
        ("[cookies]\nsession_name = '__Host-a'\ncsrf_name = 'a'", "is no name for a cookie"),
        ("cookies.previous = ['host']", "3: `cookies.previous` has more than two profiles, or"),
        ("cookies.previous = ['host session other']", "`cookies.previous` has more than two"),
        ("cookies.previous = ['host a b', 'host b c']", "`cookies.previous` has more than two"),
        ("cookies.previous = ['site example.com']", "has a domain that is no part of `origin`"),
        ("cookies.previous = ['dev']", "3: `cookies.previous` has `dev`"),
        ("cookies.previous = ['hosts']", "begins with no profile; expected a list of: `host`"),
        ("csrf.mode = 'off'", "is none of the choices; expected `strict`, `fetch-metadata` or"),
    ] {
        let problem = problem(toml);
        assert!(problem.contains(expected), "{toml:?}: {problem}");
    }
}

#[test]
fn what_is_wrong_with_the_profile_and_with_the_previous_ones_is_said_at_once() {
    let toml = format!("{LEAST}cookies.profile = 'site'\ncookies.previous = ['hosts']");
    let problems = resolve(&toml).unwrap_err();
    assert!(problems.starts_with("the configuration has 2 problems:"), "{problems}");
}
