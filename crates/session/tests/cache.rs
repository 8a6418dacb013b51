//! A policy that remembers tokens decides as one that does not.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::{HeaderMap, Method};
use proptest::prelude::*;
use sealpass::jose::{Algorithm, Jwk, JwsAlgorithm, Key, KeyRing};
use sealpass::policy::{Renewed, Target};
use sealpass::revocation::RevocationList;
use sealpass::{Lifetimes, Origin, Policy, Rejection, RequestView};
use support::{Browser, LOGIN, ORIGIN, Roles, ada, at, bearer};

/// Two policies that differ in nothing but the cache.
struct Twins {
    cached: Policy<Roles>,
    plain: Policy<Roles>,
}

impl Twins {
    fn new(keys: &KeyRing, tokens: usize, leeway: u64) -> Self {
        let revocations = Arc::new(RevocationList::default());
        let lifetimes = Lifetimes::new(60, 300, 900).unwrap().with_leeway(leeway).unwrap();
        let builder = || {
            Policy::builder()
                .issuer(ORIGIN)
                .audience(ORIGIN)
                .keys(keys.clone())
                .origin(Origin::parse(ORIGIN).unwrap())
                .lifetimes(lifetimes)
                .bearer_tokens()
                .revocations(Arc::clone(&revocations))
        };
        let tokens = NonZeroUsize::new(tokens).unwrap();
        Self {
            cached: builder().cache_verified_tokens(tokens).build().unwrap(),
            plain: builder().build().unwrap(),
        }
    }

    fn replace_keys(&self, keys: &KeyRing) {
        self.cached.replace_keys(keys.clone());
        self.plain.replace_keys(keys.clone());
    }
}

/// Everything a decision says, as text.
fn verdict(policy: &Policy<Roles>, method: &Method, headers: &HeaderMap, now: u64) -> String {
    let request = RequestView::new(method, headers);
    let mut verdicts = Vec::new();
    for decided in
        [policy.authenticate(&request, at(now)), policy.authenticate_for_renewal(&request, at(now))]
    {
        verdicts.push(match decided {
            Ok(caller) => format!(
                "{caller:?} {:?} {:?} {} {:?} {} {:?} {:?}",
                caller.claims(),
                caller.auth_time(),
                caller.renewal_due(),
                caller.amr(),
                serde_json::to_string(&caller.summary()).unwrap(),
                caller.require_fresh(45, at(now)),
                policy.renew(&caller, at(now)).map_err(|error| error.to_string()).map(|renewed| {
                    match renewed {
                        Renewed::Bearer(grant) => serde_json::to_string(grant.summary()),
                        Renewed::Cookie(grant) => serde_json::to_string(grant.summary()),
                    }
                    .unwrap()
                }),
            ),
            Err(rejection) => format!("{rejection:?}"),
        });
    }
    verdicts.push(match policy.logout(&request, at(now)) {
        Ok(logout) => format!("{:?}", logout.revocations()),
        Err(rejection) => format!("{rejection:?}"),
    });
    verdicts.join("\n")
}

/// A credential as a client may have it, each with the anti-CSRF token of its session.
#[derive(Clone, Debug)]
enum Held {
    Cookie(String, String),
    Bearer(String),
}

impl Held {
    fn token(&self) -> &str {
        match self {
            Self::Cookie(token, _) | Self::Bearer(token) => token,
        }
    }

    fn headers(&self, presented: Presented) -> HeaderMap {
        let token = match presented {
            Presented::AltStart => alter(self.token(), 0),
            Presented::AltEnd => alter(self.token(), self.token().len() - 1),
            Presented::Cut => self.token()[..self.token().len() - 1].to_owned(),
            _ => self.token().to_owned(),
        };
        let csrf = match self {
            Self::Cookie(_, csrf) => csrf.clone(),
            Self::Bearer(_) => "AAAAAAAAAAAAAAAAAAAAAA".to_owned(),
        };
        let in_cookie = matches!(self, Self::Cookie(..)) != (presented == Presented::OtherChannel);
        if !in_cookie {
            return bearer(&token);
        }
        let mut headers = HeaderMap::new();
        let cookies = format!("__Host-session={token}; __Host-csrf={csrf}");
        headers.insert("cookie", cookies.parse().unwrap());
        if presented != Presented::Unguarded {
            headers.insert("x-csrf-token", csrf.parse().unwrap());
        }
        headers
    }
}

fn alter(token: &str, position: usize) -> String {
    let mut bytes = token.as_bytes().to_vec();
    bytes[position] = if bytes[position] == b'A' { b'B' } else { b'A' };
    String::from_utf8(bytes).unwrap()
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Presented {
    AltEnd,
    AltStart,
    Cut,
    OtherChannel,
    Plainly,
    Unguarded,
}

/// One thing that happens. Numbers choose among what there is.
#[derive(Clone, Debug)]
enum Event {
    LoginWithBearer,
    LoginWithCookie,
    Logout(usize),
    LogoutEverywhere,
    Pass(i64),
    Present(usize, Presented, bool),
    Renew(usize),
    RetireKey(usize),
    RevokeEveryone,
    SwapKeys(usize, bool),
}

fn event() -> impl Strategy<Value = Event> {
    let presented = prop_oneof![
        6 => Just(Presented::Plainly),
        1 => Just(Presented::AltEnd),
        1 => Just(Presented::AltStart),
        1 => Just(Presented::Cut),
        1 => Just(Presented::OtherChannel),
        1 => Just(Presented::Unguarded),
    ];
    prop_oneof![
        2 => Just(Event::LoginWithCookie),
        2 => Just(Event::LoginWithBearer),
        1 => any::<usize>().prop_map(Event::Logout),
        1 => Just(Event::LogoutEverywhere),
        4 => prop_oneof![
            -5_i64..5,
            Just(29), Just(30), Just(59), Just(60), Just(61), Just(300), Just(-60), Just(899)
        ].prop_map(Event::Pass),
        16 => (any::<usize>(), presented, any::<bool>())
            .prop_map(|(which, how, safe)| Event::Present(which, how, safe)),
        2 => any::<usize>().prop_map(Event::Renew),
        1 => any::<usize>().prop_map(Event::RetireKey),
        1 => (any::<usize>(), any::<bool>()).prop_map(|(key, keep)| Event::SwapKeys(key, keep)),
        1 => Just(Event::RevokeEveryone),
    ]
}

fn keys() -> Vec<Key> {
    let signing = [JwsAlgorithm::EdDsa, JwsAlgorithm::Es256, JwsAlgorithm::EdDsa];
    let mut keys: Vec<_> = signing
        .iter()
        .map(|&algorithm| {
            let jwk = Jwk::generate(Algorithm::Jws(algorithm)).unwrap();
            jwk.to_key(&[Algorithm::Jws(algorithm)]).unwrap()
        })
        .collect();
    // One whose tokens are never remembered.
    keys.push(Key::generate_a256gcm().unwrap());
    keys
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_decision_is_the_one_without_the_cache(
        events in prop::collection::vec(event(), 1..80),
        tokens in 1_usize..6,
        leeway in prop_oneof![Just(0_u64), Just(5)],
    ) {
        let keys = keys();
        let mut ring = KeyRing::new(keys[0].clone());
        let twins = Twins::new(&ring, tokens, leeway);
        let (mut now, mut held) = (LOGIN, Vec::<Held>::new());
        let any = |held: &[Held], number: usize| held.get(number % held.len().max(1)).cloned();
        for event in &events {
            match *event {
                Event::LoginWithCookie => if let Ok(grant) = twins.plain.grant(&ada(), at(now)) {
                    let [session, csrf] = grant.set_cookies();
                    held.push(Held::Cookie(session.value().into(), csrf.value().into()));
                },
                Event::LoginWithBearer => if let Ok(grant) = twins.plain.grant_bearer(&ada(), at(now)) {
                    held.push(Held::Bearer(grant.access_token().expose().clone()));
                },
                Event::Logout(number) => if let Some(held) = any(&held, number) {
                    let headers = held.headers(Presented::Plainly);
                    if let Ok(logout) = twins.cached.logout(&RequestView::new(&Method::POST, &headers), at(now)) {
                        let _ = twins.cached.complete(logout, at(now));
                    }
                },
                Event::LogoutEverywhere => {
                    let target = Target::Subject(ada().subject().clone());
                    let fact = twins.plain.revocation_of(target, at(now));
                    twins.plain.revocations().apply(&fact, at(now));
                }
                Event::RevokeEveryone => {
                    let fact = twins.plain.revocation_of(Target::Everyone, at(now));
                    twins.plain.revocations().apply(&fact, at(now));
                }
                Event::Pass(seconds) => now = now.saturating_add_signed(seconds),
                Event::Renew(number) => if let Some(old) = any(&held, number) {
                    let headers = old.headers(Presented::Plainly);
                    let request = RequestView::new(&Method::POST, &headers);
                    if let Ok(caller) = twins.cached.authenticate_for_renewal(&request, at(now)) {
                        match twins.cached.renew(&caller, at(now)) {
                            Ok(Renewed::Bearer(grant)) => {
                                held.push(Held::Bearer(grant.access_token().expose().clone()));
                            }
                            Ok(Renewed::Cookie(grant)) => {
                                let [session, csrf] = grant.set_cookies();
                                held.push(Held::Cookie(session.value().into(), csrf.value().into()));
                            }
                            Err(_) => {}
                        }
                    }
                },
                Event::RetireKey(number) => {
                    if let Ok(more) = ring.clone().with_retired(keys[number % keys.len()].clone()) {
                        ring = more;
                        twins.replace_keys(&ring);
                    }
                }
                Event::SwapKeys(number, keep) => {
                    let old = ring.active().clone();
                    ring = KeyRing::new(keys[number % keys.len()].clone());
                    if keep && let Ok(both) = ring.clone().with_retired(old) {
                        ring = both;
                    }
                    twins.replace_keys(&ring);
                }
                Event::Present(number, how, safe) => if let Some(held) = any(&held, number) {
                    let headers = held.headers(how);
                    let method = if safe { Method::GET } else { Method::POST };
                    let plain = verdict(&twins.plain, &method, &headers, now);
                    // Twice: the first may be what fills the cache.
                    for _ in 0..2 {
                        let cached = verdict(&twins.cached, &method, &headers, now);
                        prop_assert_eq!(&cached, &plain, "{:?} at {} of {:?}", how, now - LOGIN, events);
                    }
                },
            }
        }
    }
}

#[test]
fn a_remembered_token_goes_with_its_key() {
    let keys = keys();
    let twins = Twins::new(&KeyRing::new(keys[0].clone()), 64, 0);
    let browser = Browser::logged_in(&twins.cached);
    assert!(browser.get(&twins.cached, LOGIN).is_ok());
    twins.replace_keys(&KeyRing::new(keys[1].clone()));
    assert_eq!(browser.get(&twins.cached, LOGIN).unwrap_err(), Rejection::TokenInvalid);
    // A key that comes back opens again.
    twins.replace_keys(&KeyRing::new(keys[0].clone()));
    assert!(browser.get(&twins.cached, LOGIN).is_ok());
}

#[test]
fn no_request_that_is_under_way_keeps_a_token_beyond_its_key() {
    let rings = keys().into_iter().take(2).map(KeyRing::new).collect::<Vec<_>>();
    let twins = Twins::new(&rings[0], 64, 0);
    let browser = Browser::logged_in(&twins.cached);
    let done = AtomicBool::new(false);
    std::thread::scope(|threads| {
        for _ in 0..2 {
            threads.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    let _ = browser.get(&twins.cached, LOGIN);
                }
            });
        }
        let survivals = (0..200).filter(|_| {
            twins.cached.replace_keys(rings[1].clone());
            let survives = browser.get(&twins.cached, LOGIN).is_ok();
            twins.cached.replace_keys(rings[0].clone());
            survives
        });
        let survivals = survivals.count();
        done.store(true, Ordering::Relaxed);
        assert_eq!(survivals, 0);
    });
    assert!(browser.get(&twins.cached, LOGIN).is_ok());
}

#[test]
fn a_caller_is_looked_for_in_the_list_of_the_policy_that_is_asked() {
    let keys = KeyRing::new(keys()[0].clone());
    let [one, other] = [(); 2].map(|()| Twins::new(&keys, 64, 0).cached);
    let caller = Browser::logged_in(&one).get(&one, LOGIN).unwrap();
    let everywhere = other.revocation_of(Target::Subject(caller.subject().clone()), at(LOGIN));
    other.revocations().apply(&everywhere, at(LOGIN));
    assert_eq!(one.recheck(&caller, at(LOGIN)), Ok(()));
    assert_eq!(other.recheck(&caller, at(LOGIN)), Err(Rejection::TokenRevoked));
}

#[test]
fn a_clock_that_is_set_back_finds_a_remembered_token_in_the_future() {
    let twins = Twins::new(&KeyRing::new(keys()[0].clone()), 64, 0);
    let browser = Browser::logged_in(&twins.cached);
    assert!(browser.get(&twins.cached, LOGIN).is_ok());
    assert_eq!(browser.get(&twins.cached, LOGIN - 1).unwrap_err(), Rejection::TokenInvalid);
}

#[test]
fn a_policy_that_remembers_prints_nothing_of_it() {
    let twins = Twins::new(&KeyRing::new(keys()[0].clone()), 64, 0);
    let browser = Browser::logged_in(&twins.cached);
    assert!(browser.get(&twins.cached, LOGIN).is_ok());
    let printed = format!("{:?}", twins.cached);
    assert!(!printed.contains("ada") && !printed.contains("eyJ"), "{printed}");
}
