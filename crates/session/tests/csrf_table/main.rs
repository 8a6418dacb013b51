//! Every request of `verdicts.txt` against the pure function.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod table;

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use sealpass::credential::{Identity, Subject};
use sealpass::csrf::CsrfMode;
use sealpass::jose::{Key, KeyRing};
use sealpass::{NoClaims, NumericDate, Origin, Policy, RequestView};
use table::{MODES, Material, cases};

const ORIGIN: &str = "https://app.example";
const NOW: NumericDate = NumericDate::from_secs(1_800_000_000);

fn policy(mode: CsrfMode) -> Policy<NoClaims> {
    Policy::builder()
        .issuer(ORIGIN)
        .audience(ORIGIN)
        .keys(KeyRing::new(Key::generate_a256gcm().unwrap()))
        .origin(Origin::parse(ORIGIN).unwrap())
        .trusted_origin(Origin::parse("https://spa.example").unwrap())
        .csrf_mode(mode)
        .mask_csrf_tokens()
        .bearer_tokens()
        .build()
        .unwrap()
}

fn material(policy: &Policy<NoClaims>) -> Material {
    let ada = Identity::new(Subject::new("ada").unwrap(), NoClaims {});
    let [own, other] = [policy.grant(&ada, NOW).unwrap(), policy.grant(&ada, NOW).unwrap()];
    let masked = |grant: &sealpass::policy::CookieGrant| {
        let body = serde_json::to_value(grant.summary()).unwrap();
        body["csrf_token"].as_str().unwrap().to_owned()
    };
    let [session, csrf] = own.set_cookies();
    Material {
        session: format!("{}={}", session.name(), session.value()),
        csrf_cookie: csrf.name().to_owned(),
        bearer: policy
            .grant_bearer(&ada, NOW)
            .map(|grant| grant.access_token().expose().clone())
            .unwrap_or_default(),
        csrf: csrf.value().to_owned(),
        masked: masked(&own),
        other: other.set_cookies()[1].value().to_owned(),
        masked_other: masked(&other),
    }
}

/// Runs the whole table in the mode `mode` of the program, which is column `column`.
fn every_verdict_is_that_of_the_table(column: usize, mode: CsrfMode) {
    let policy = policy(mode);
    let material = material(&policy);
    for case in cases() {
        let method = Method::from_bytes(case.method().0.as_bytes()).unwrap();
        let headers: HeaderMap = case.headers(&material).into_iter().fold(
            HeaderMap::new(),
            |mut headers, (name, value)| {
                headers
                    .append(HeaderName::from_static(name), HeaderValue::try_from(value).unwrap());
                headers
            },
        );
        let request = RequestView::new(&method, &headers);
        let decided = if case.channel == "login" {
            policy.require_same_site(&request).map(|()| None)
        } else {
            policy.authenticate(&request, NOW).map(|caller| caller.csrf_report())
        };
        let verdict = match decided {
            Ok(None) => "pass".to_owned(),
            Ok(Some(report)) => format!("report:{}", report.code()),
            Err(refused) => refused.code().to_owned(),
        };
        assert_eq!(verdict, case.verdicts[column], "{}: {case:?}", MODES[column]);
    }
}

#[test]
fn strict_decides_as_the_table_says() {
    every_verdict_is_that_of_the_table(0, CsrfMode::Strict);
}

#[test]
fn fetch_metadata_decides_as_the_table_says() {
    every_verdict_is_that_of_the_table(1, CsrfMode::FetchMetadata);
}

#[test]
fn report_only_decides_as_the_table_says() {
    every_verdict_is_that_of_the_table(2, CsrfMode::DangerReportOnly);
}

#[test]
fn the_default_is_strict_and_the_body_is_plain() {
    let policy: Policy<NoClaims> = Policy::builder()
        .issuer(ORIGIN)
        .audience(ORIGIN)
        .keys(KeyRing::new(Key::generate_a256gcm().unwrap()))
        .origin(Origin::parse(ORIGIN).unwrap())
        .build()
        .unwrap();
    let material = material(&policy);
    assert_eq!(material.masked, material.csrf);
    let headers: HeaderMap = [
        ("cookie", format!("{}; {}={}", material.session, material.csrf_cookie, material.csrf)),
        ("sec-fetch-site", "same-origin".to_owned()),
        ("origin", ORIGIN.to_owned()),
    ]
    .into_iter()
    .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::try_from(value).unwrap()))
    .collect();
    let refused = policy.authenticate(&RequestView::new(&Method::POST, &headers), NOW);
    assert_eq!(refused.unwrap_err().code(), "csrf_missing");
}
