//! The cookie cases of web-platform-tests, which say what browsers keep and send.
//!
//! They are read in place: beside the project, or where `SEALPASS_VECTORS` points. Without them a
//! test says so and passes; under `CI=true` it fails.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "these are tests, which read a file and say what they counted"
)]

use std::env;
use std::fs;
use std::path::Path;

use http::{HeaderMap, HeaderValue, header};
use sealpass::cookie::{CookieProfile, Lookup, SameSite, SetCookie, find, pairs};
use sealpass::credential::{Identity, Subject};
use sealpass::jose::{Key, KeyRing};
use sealpass::{NoClaims, NumericDate, Origin, Policy, RequestView};
use serde_json::Value;

const NOW: NumericDate = NumericDate::from_secs(1_800_000_000);
const HOST: &str = "app.example";

/// The cases called `name`; none when this machine does not have them.
fn cases(name: &str) -> Vec<Value> {
    let vectors = env::var_os("SEALPASS_VECTORS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors"),
        Into::into,
    );
    let file = vectors.join("wpt/cookies_cases.json");
    let Ok(text) = fs::read(&file) else {
        let is_required = env::var_os("CI").is_some_and(|ci| ci == "true");
        assert!(!is_required, "{} is missing: SEALPASS_VECTORS says where", file.display());
        println!("\nvectors: SKIPPED wpt {name}: {} is missing", file.display());
        return Vec::new();
    };
    let all: Value = serde_json::from_slice(&text).unwrap();
    all[name].as_array().unwrap().clone()
}

fn counted(name: &str, all: usize, judged: usize) {
    println!("\nvectors: wpt {name}: {judged} of {all} cases apply and agree");
    assert!(all == 0 || judged > 0, "none of the cases `{name}` was judged");
}

/// Whether a browser keeps `set_cookie`, sent to `HOST` over TLS, by the rules of RFC 6265bis §5.6
/// about prefixes.
fn is_kept(set_cookie: &str) -> bool {
    let (pair, attributes) = set_cookie.split_once(';').unwrap_or((set_cookie, ""));
    let name = pair.split('=').next().unwrap().trim();
    let attributes: Vec<(String, &str)> = attributes
        .split(';')
        .map(|attribute| attribute.split_once('=').unwrap_or((attribute, "")))
        .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim()))
        .collect();
    let last = |wanted: &str| attributes.iter().rfind(|(name, _)| name == wanted).map(|a| a.1);
    let secure = last("secure").is_some();
    if name.starts_with("__Host-") {
        return secure && last("path") == Some("/") && last("domain").is_none();
    }
    !name.starts_with("__Secure-") || secure
}

#[test]
fn what_browsers_keep_of_prefixed_cookies_is_what_every_profile_sets_and_removes() {
    // First the rules are held against the cases, then our cookies against the rules.
    let mut judged = 0;
    let prefixed = [cases("prefix_host_explicit_path"), cases("prefix_secure")].concat();
    for case in &prefixed {
        let set_cookie = case["set_cookie"].as_str().unwrap().replace("{{host}}", HOST);
        assert_eq!(Some(is_kept(&set_cookie)), case["stored"].as_bool(), "{case}");
        judged += 1;
    }
    counted("prefixes", prefixed.len(), judged);

    let profiles = [
        CookieProfile::host(),
        CookieProfile::host().named("a", "b").unwrap(),
        CookieProfile::site(HOST).unwrap(),
        CookieProfile::cross_site(),
    ];
    for profile in profiles {
        let policy: Policy<NoClaims> = Policy::builder()
            .issuer("issuer")
            .audience("audience")
            .keys(KeyRing::new(Key::generate_a256gcm().unwrap()))
            .origin(Origin::parse("https://app.example").unwrap())
            .cookies(profile)
            .build()
            .unwrap();
        let ada = Identity::new(Subject::new("ada").unwrap(), NoClaims {});
        let grant = policy.grant(&ada, NOW).unwrap();
        let (method, none) = (http::Method::POST, HeaderMap::new());
        let pending = policy.logout(&RequestView::new(&method, &none), NOW).unwrap();
        let removals = policy.complete(pending, NOW);
        assert_eq!(removals.set_cookies().len(), 2);
        for cookie in grant.set_cookies().iter().chain(removals.set_cookies()) {
            let text = cookie.to_header_text();
            assert!(is_kept(&text), "no browser keeps {cookie:?}");
            // Chromium refuses `Partitioned` and `SameSite=None` without `Secure`, silently.
            assert!(text.contains("; Secure"), "{cookie:?}");
        }
    }
}

#[test]
fn a_cookie_is_minted_exactly_when_browsers_would_keep_its_size() {
    let all = cases("size_name_value");
    let mut judged = 0;
    for case in &all {
        let length = |key: &str| usize::try_from(case[key].as_u64().unwrap()).unwrap();
        // Ours have a name, and it begins with a prefix.
        let Some(suffix) = length("name_len").checked_sub("__Host-".len()) else { continue };
        let minted =
            SetCookie::host(&"n".repeat(suffix), "v".repeat(length("value_len")), SameSite::Lax);
        assert_eq!(Some(minted.is_ok()), case["stored"].as_bool(), "{case}");
        judged += 1;
    }
    counted("sizes", all.len(), judged);
}

#[test]
fn what_browsers_send_is_read_back_beside_our_own_cookie() {
    let mut judged = 0;
    let all = [cases("value"), cases("attributes_invalid"), cases("max_age")].concat();
    for case in &all {
        let sent = case["cookie_header"].as_str().unwrap();
        for header in
            [format!("{sent}; __Host-session=ours"), format!("__Host-session=ours; {sent}")]
        {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, HeaderValue::from_bytes(header.as_bytes()).unwrap());
            assert_eq!(find(&headers, "__Host-session"), Lookup::Found(b"ours"), "{case}");
        }
        // Browsers join pairs with `; ` and cut values at `;`, so what they send splits one way.
        for pair in sent.split("; ").filter(|pair| pair.contains('=')) {
            let (name, value) = pair.split_once('=').unwrap();
            let read: Vec<_> = pairs(pair.as_bytes()).collect();
            assert_eq!(read, [(name.trim().as_bytes(), value.trim().as_bytes())], "{case}");
        }
        judged += 1;
    }
    counted("values", all.len(), judged);
}
