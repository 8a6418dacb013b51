//! The contract with every proxy: the same cases for all of them, then what each does alone.

mod grpc;
mod log;
mod login;
mod only;
mod paths;
mod rules;
mod via;

use std::net::SocketAddr;

use sealpass_tower::sealpass::credential::{Identity, Subject};
use sealpass_tower::sealpass::jose::{Key, KeyRing};
use sealpass_tower::sealpass::{NumericDate, Policy};
use serde_json::{Value, json};

use super::*;
use crate::config::ClaimHeader;
use crate::route::Routes;
use crate::route::tests::{public, recent, role, routes};

const LOGIN: NumericDate = NumericDate::from_secs(1_800_000_000);
const PROXY: [u8; 4] = [10, 0, 0, 7];

/// A server, one user logged in, and a trusted proxy at 10.0.0.7.
struct Server {
    forward_auth: ForwardAuth,
    cookie: String,
    csrf: String,
    bearer: String,
}

impl Server {
    fn new() -> Self {
        Self::with(1, &["10.0.0.0/24"], json!({"role": "admin"}))
    }

    /// `age` is in seconds since the login.
    fn with(age: u64, trusted: &[&str], claims: Value) -> Self {
        let policy: Policy<Claims> = Policy::builder()
            .issuer("https://app.example")
            .audience("https://app.example")
            .keys(KeyRing::new(Key::generate_a256gcm().unwrap()))
            .origin(origin())
            // The clock stands elsewhere than where the process began.
            .revocations(Arc::default())
            .bearer_tokens()
            .build()
            .unwrap();
        let claims = serde_json::from_value(claims).unwrap();
        let ada = Identity::new(Subject::new("ada").unwrap(), claims);
        let grant = policy.grant(&ada, LOGIN).unwrap();
        let [session, csrf] = grant.set_cookies();
        let cookie =
            format!("{}={}; {}={}", session.name(), session.value(), csrf.name(), csrf.value());
        let csrf = csrf.value().to_owned();
        let bearer = policy.grant_bearer(&ada, LOGIN).unwrap();
        let bearer = format!("Bearer {}", bearer.access_token().expose());
        let wanted = ["role", "absent"].map(|claim| ClaimHeader {
            claim: claim.to_owned(),
            header: format!("x-auth-claims-{claim}").parse().unwrap(),
        });
        let trusted = trusted.iter().map(|network| network.parse().unwrap()).collect();
        let now = LOGIN.saturating_add(age);
        let auth = Sealpass::with_clock(policy, move || now);
        let trusted = TrustedProxies::new(trusted);
        let identity = IdentityRules::new(&wanted, None);
        let forward_auth = ForwardAuth::new(auth, identity, "api", trusted, Routes::default());
        Self { forward_auth, cookie, csrf, bearer }
    }

    /// With what is written in braces in place.
    fn filled(&self, text: &str) -> String {
        text.replace("{cookie}", &self.cookie)
            .replace("{csrf}", &self.csrf)
            .replace("{bearer}", &self.bearer)
    }

    /// Logs everyone out by the session of `cookie`.
    fn log_out(&self) {
        let mut headers = http::HeaderMap::new();
        headers.insert("cookie", self.cookie.parse().unwrap());
        headers.insert("x-csrf-token", self.csrf.parse().unwrap());
        let logout = sealpass_tower::sealpass::RequestView::new(&http::Method::POST, &headers);
        let (policy, now) = (self.forward_auth.auth.policy(), self.forward_auth.auth.now());
        let ended = policy.complete(policy.logout(&logout, now).unwrap(), now);
        assert!(ended.revoked().is_some());
    }
}

fn origin() -> Origin {
    Origin::parse("https://app.example").unwrap()
}

fn peer(address: [u8; 4]) -> Peer {
    Peer::new(SocketAddr::from((address, 1)))
}

const COOKIE: (&str, &str) = ("cookie", "{cookie}");
const BEARER: (&str, &str) = ("authorization", "{bearer}");
const TOKEN: (&str, &str) = ("x-csrf-token", "{csrf}");

#[test]
fn strangers_cannot_fill_the_log_with_warnings() {
    let mut strangers = Strangers::default();
    assert!(strangers.note(peer([192, 0, 2, 1])));
    assert!(!strangers.note(peer([192, 0, 2, 1])), "once for each");
    let warned = (2..=255).filter(|n| strangers.note(peer([192, 0, 2, *n]))).count();
    assert_eq!(1 + warned, Strangers::MAX);
}
