//! A request with a token that is remembered, and with the same token when it is not.
//!
//! What is timed is the whole decision: the cookie or the header found, the token opened or looked
//! up, times, revocation, and who it is.

use std::hint::black_box;
use std::num::NonZeroUsize;
use std::sync::Arc;

use anyhow::{Result, ensure};
use http::{HeaderMap, Method};
use sealpass::credential::{Identity, Subject};
use sealpass::jose::{Algorithm, Jwk, JwsAlgorithm, KeyRing};
use sealpass::{NumericDate, Origin, Policy, RequestView};
use sealpass_bench::{Bar, Contestant, Limit, Timings};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Deserialize, Serialize)]
struct Claims {
    roles: Vec<String>,
}

fn main() -> Result<()> {
    let algorithm = Algorithm::Jws(JwsAlgorithm::EdDsa);
    let keys = KeyRing::new(Jwk::generate(algorithm)?.to_key(&[algorithm])?);
    let plain = policy(&keys, None)?;
    let cached = policy(&keys, NonZeroUsize::new(10_000))?;
    let now = NumericDate::from_secs(1_800_000_000);
    let roles = vec!["reader".to_owned(), "billing-administrator".to_owned()];
    let ada =
        Identity::new(Subject::new("5f1d3b52-7a3c-4b0e-9d59-0c1a6f2e8b77")?, Claims { roles });

    let bearer = plain.grant_bearer(&ada, now)?;
    let mut native = HeaderMap::new();
    native.insert("authorization", format!("Bearer {}", bearer.access_token().expose()).parse()?);
    let grant = plain.grant(&ada, now)?;
    let [session, csrf] = grant.set_cookies();
    let pair = |name: &str, value: &str| format!("{name}={value}");
    let cookies = [pair(session.name(), session.value()), pair(csrf.name(), csrf.value())];
    let mut browser = HeaderMap::new();
    browser.insert("cookie", cookies.join("; ").parse()?);
    println!("EdDSA, a token of {} bytes", session.value().len());

    let decide = |policy: &Policy<Claims>, headers: &HeaderMap| {
        let request = RequestView::new(&Method::GET, black_box(headers));
        black_box(policy.authenticate(&request, black_box(now))).is_ok()
    };
    for headers in [&native, &browser] {
        ensure!(decide(&plain, headers) && decide(&cached, headers), "the token is ours");
    }
    fill(&cached, &plain, &ada, now)?;
    for headers in [&native, &browser] {
        decide(&cached, headers);
    }

    let timings = Timings::measure(vec![
        Contestant::new("bearer, remembered", || assert!(decide(&cached, &native))),
        Contestant::new("bearer, verified", || assert!(decide(&plain, &native))),
        Contestant::new("cookie, remembered", || assert!(decide(&cached, &browser))),
        Contestant::new("cookie, verified", || assert!(decide(&plain, &browser))),
    ]);
    timings.print("authenticate, GET");
    println!();
    let microseconds = |name| timings.of(name) / 1_000.0;
    println!(
        "{}",
        Bar::new("cache-hit-us", microseconds("bearer, remembered"), Limit::AtMost(0.25))
    );
    println!(
        "{}",
        Bar::new("cache-hit-cookie-us", microseconds("cookie, remembered"), Limit::AtMost(0.25))
    );
    Ok(())
}

/// Remembers a few thousand other tokens, so that a hit is one among many.
fn fill(
    cached: &Policy<Claims>,
    plain: &Policy<Claims>,
    ada: &Identity<Claims>,
    now: NumericDate,
) -> Result<()> {
    for _ in 0..4_000 {
        let token = plain.grant_bearer(ada, now)?;
        let mut headers = HeaderMap::new();
        let value = format!("Bearer {}", token.access_token().expose());
        headers.insert("authorization", value.parse()?);
        cached.authenticate(&RequestView::new(&Method::GET, &headers), now)?;
    }
    Ok(())
}

fn policy(keys: &KeyRing, cached: Option<NonZeroUsize>) -> Result<Policy<Claims>> {
    let me = "https://app.example";
    let mut builder = Policy::builder()
        .issuer(me)
        .audience(me)
        .keys(keys.clone())
        .origin(Origin::parse(me)?)
        .revocations(Arc::default())
        .bearer_tokens();
    if let Some(tokens) = cached {
        builder = builder.cache_verified_tokens(tokens);
    }
    Ok(builder.build()?)
}
