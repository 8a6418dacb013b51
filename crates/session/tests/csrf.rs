//! Every combination of what a browser, or an attacker through it, can send with the cookie.

mod support;

use http::Method;
use sealpass::Rejection;
use support::{Browser, LOGIN, ORIGIN, policy};

const FETCH_SITES: [Option<&str>; 6] = [
    None,
    Some("same-origin"),
    Some("none"),
    Some("same-site"),
    Some("cross-site"),
    Some("Same-Origin"),
];
const ORIGINS: [Option<&str>; 7] = [
    None,
    Some(ORIGIN),
    Some("https://spa.example"),
    Some("null"),
    Some("http://app.example"),
    Some("https://app.example.evil.test"),
    Some("https://sub.app.example"),
];
const SUBMITS: [Submit; 6] = [
    Submit::Both,
    Submit::HeaderOnly,
    Submit::CookieOnly,
    Submit::OtherSession,
    Submit::MadeUpPair,
    Submit::EmptyPair,
];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Submit {
    Both,
    HeaderOnly,
    CookieOnly,
    OtherSession,
    MadeUpPair,
    EmptyPair,
}

/// The verdict as DESIGN words it, written down a second time and independently of the code.
fn expected(
    method: &Method,
    site: Option<&str>,
    origin: Option<&str>,
    submit: Submit,
) -> Result<(), Rejection> {
    if [Method::GET, Method::HEAD, Method::OPTIONS].contains(method) {
        return Ok(());
    }
    let origin_known = matches!(origin, None | Some(ORIGIN | "https://spa.example"));
    let site_fine = match site {
        None | Some("same-origin" | "none") => true,
        Some("same-site" | "cross-site") => origin == Some("https://spa.example"),
        Some(_) => false,
    };
    if !origin_known || !site_fine {
        return Err(Rejection::CrossSite);
    }
    match submit {
        Submit::Both => Ok(()),
        Submit::HeaderOnly | Submit::CookieOnly => Err(Rejection::CsrfMissing),
        Submit::OtherSession | Submit::MadeUpPair | Submit::EmptyPair => {
            Err(Rejection::CsrfMismatch)
        }
    }
}

#[test]
fn every_combination_has_the_verdict_of_the_rules() {
    let policy = policy();
    let session_only = |browser: &Browser| {
        let cookies = browser.headers["cookie"].to_str().unwrap();
        cookies.split("; ").next().unwrap().to_owned()
    };
    let mut cases = 0;
    for submit in SUBMITS {
        let own = Browser::logged_in(&policy);
        let other = Browser::logged_in(&policy);
        let pair = |cookie: &str, header: &str| {
            let mut browser = own.clone();
            browser.headers.insert(
                "cookie",
                format!("{}; __Host-csrf={cookie}", session_only(&own)).parse().unwrap(),
            );
            browser.header("x-csrf-token", header)
        };
        let browser = match submit {
            Submit::Both => own.clone().echoing(),
            Submit::CookieOnly => own.clone(),
            Submit::HeaderOnly => {
                let mut browser = own.clone();
                browser.headers.insert("cookie", session_only(&own).parse().unwrap());
                browser.echoing()
            }
            Submit::OtherSession => pair(&other.csrf, &other.csrf),
            Submit::MadeUpPair => pair("AAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAA"),
            Submit::EmptyPair => pair("", ""),
        };
        for site in FETCH_SITES {
            for origin in ORIGINS {
                let mut browser = browser.clone();
                if let Some(site) = site {
                    browser = browser.header("sec-fetch-site", site);
                }
                if let Some(origin) = origin {
                    browser = browser.header("origin", origin);
                }
                for method in [
                    "GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "QUERY",
                    "get",
                ] {
                    let method = Method::from_bytes(method.as_bytes()).unwrap();
                    let verdict =
                        policy.authenticate(&browser.view(&method), support::at(LOGIN)).map(drop);
                    assert_eq!(
                        verdict,
                        expected(&method, site, origin, submit),
                        "{method} Sec-Fetch-Site: {site:?} Origin: {origin:?} {submit:?}"
                    );
                    cases += 1;
                }
            }
        }
    }
    assert_eq!(cases, 6 * 6 * 7 * 10);
}

#[test]
fn a_header_that_is_sent_twice_is_refused() {
    let policy = policy();
    let browser = Browser::logged_in(&policy).echoing();
    assert!(browser.post(&policy, LOGIN).is_ok());
    assert_eq!(
        browser.clone().echoing().post(&policy, LOGIN).unwrap_err(),
        Rejection::CsrfMismatch
    );
    for (name, value) in [("origin", ORIGIN), ("sec-fetch-site", "same-origin")] {
        let twice = browser.clone().header(name, value).header(name, value);
        assert_eq!(twice.post(&policy, LOGIN).unwrap_err(), Rejection::CrossSite, "{name}");
    }
}

#[test]
fn two_csrf_cookies_are_refused_in_either_order() {
    let policy = policy();
    let own = Browser::logged_in(&policy);
    for (first, second) in [("evil", own.csrf.as_str()), (own.csrf.as_str(), "evil")] {
        let mut browser = own.clone();
        let session =
            own.headers["cookie"].to_str().unwrap().split("; ").next().unwrap().to_owned();
        let cookies = format!("__Host-csrf={first}; {session}; __Host-csrf={second}");
        browser.headers.insert("cookie", cookies.parse().unwrap());
        assert_eq!(browser.echoing().post(&policy, LOGIN).unwrap_err(), Rejection::CsrfMismatch);
    }
}

#[test]
fn a_token_cut_short_or_grown_by_one_is_refused() {
    let policy = policy();
    let browser = Browser::logged_in(&policy);
    for length in 0..browser.csrf.len() {
        let cut = browser.clone().header("x-csrf-token", &browser.csrf[..length]);
        assert_eq!(cut.post(&policy, LOGIN).unwrap_err(), Rejection::CsrfMismatch, "{length}");
    }
    let grown = browser.clone().header("x-csrf-token", &format!("{}A", browser.csrf));
    assert_eq!(grown.post(&policy, LOGIN).unwrap_err(), Rejection::CsrfMismatch);
}

#[test]
fn a_login_from_another_site_is_refused() {
    let policy = policy();
    let stranger = Browser { headers: http::HeaderMap::new(), csrf: String::new() };
    assert!(policy.require_same_site(&stranger.view(&Method::POST)).is_ok());
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.test"),
        ("origin", "null"),
        ("origin", ""),
        ("origin", "https://app.example https://evil.test"),
    ] {
        let forged = stranger.clone().header(name, value);
        assert_eq!(
            policy.require_same_site(&forged.view(&Method::POST)),
            Err(Rejection::CrossSite),
            "{name}: {value}"
        );
    }
}
