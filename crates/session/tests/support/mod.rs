//! A policy, a user and their requests.
#![allow(dead_code, reason = "each test file uses its own part")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use sealpass::credential::{Identity, Subject};
use sealpass::jose::{Key, KeyRing};
use sealpass::policy::CookieGrant;
use sealpass::{Authenticated, NumericDate, Origin, Policy, Rejection, RequestView};
use serde::{Deserialize, Serialize};

pub(crate) const ORIGIN: &str = "https://app.example";
/// The login of every test, in seconds since the epoch.
pub(crate) const LOGIN: u64 = 1_800_000_000;

#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Roles {
    pub(crate) roles: Vec<String>,
}

pub(crate) fn policy() -> Policy<Roles> {
    policy_with(KeyRing::new(Key::generate_a256gcm().unwrap()))
}

pub(crate) fn policy_with(keys: KeyRing) -> Policy<Roles> {
    Policy::builder()
        .issuer(ORIGIN)
        .audience(ORIGIN)
        .keys(keys)
        .origin(Origin::parse(ORIGIN).unwrap())
        .trusted_origin(Origin::parse("https://spa.example").unwrap())
        .bearer_tokens()
        .build()
        .unwrap()
}

pub(crate) fn ada() -> Identity<Roles> {
    Identity::new(Subject::new("ada").unwrap(), Roles { roles: vec!["admin".into()] })
}

pub(crate) fn at(seconds: u64) -> NumericDate {
    NumericDate::from_secs(seconds)
}

/// A browser that has the cookies of a grant.
#[derive(Clone)]
pub(crate) struct Browser {
    pub(crate) headers: HeaderMap,
    pub(crate) csrf: String,
}

impl Browser {
    pub(crate) fn logged_in(policy: &Policy<Roles>) -> Self {
        Self::with(&policy.grant(&ada(), at(LOGIN)).unwrap())
    }

    pub(crate) fn with(grant: &CookieGrant) -> Self {
        let [session, csrf] = grant.set_cookies();
        let cookies =
            format!("{}={}; {}={}", session.name(), session.value(), csrf.name(), csrf.value());
        let mut headers = HeaderMap::new();
        headers.insert("cookie", cookies.parse().unwrap());
        Self { headers, csrf: csrf.value().to_owned() }
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.append(
            HeaderName::from_static(name),
            HeaderValue::from_bytes(value.as_bytes()).unwrap(),
        );
        self
    }

    pub(crate) fn echoing(self) -> Self {
        let csrf = self.csrf.clone();
        self.header("x-csrf-token", &csrf)
    }

    pub(crate) fn get(
        &self,
        policy: &Policy<Roles>,
        now: u64,
    ) -> Result<Authenticated<Roles>, Rejection> {
        policy.authenticate(&RequestView::new(&Method::GET, &self.headers), at(now))
    }

    pub(crate) fn post(
        &self,
        policy: &Policy<Roles>,
        now: u64,
    ) -> Result<Authenticated<Roles>, Rejection> {
        policy.authenticate(&RequestView::new(&Method::POST, &self.headers), at(now))
    }

    pub(crate) fn view<'a>(&'a self, method: &'a Method) -> RequestView<'a> {
        RequestView::new(method, &self.headers)
    }
}

pub(crate) fn bearer(token: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("authorization", format!("Bearer {token}").parse().unwrap());
    headers
}
