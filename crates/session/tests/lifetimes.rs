//! Every edge of every lifetime: a second before it, on it, a second after it.
//!
//! For cookies and bearer tokens, with and without leeway, with and without a cache.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::num::NonZeroUsize;
use std::sync::Arc;

use http::{HeaderMap, Method};
use sealpass::jose::{Algorithm, Jwk, JwsAlgorithm, KeyRing};
use sealpass::policy::{GrantError, Renewed, Target};
use sealpass::{Authenticated, Lifetimes, Origin, Policy, Rejection, RequestView};
use serde_json::json;
use support::{Browser, LOGIN, ORIGIN, Roles, ada, at, bearer};

const IDLE: u64 = Lifetimes::DEFAULT.idle();
const END: u64 = Lifetimes::DEFAULT.absolute();

/// A policy and the headers of one client.
struct Setting {
    policy: Policy<Roles>,
    keys: KeyRing,
    leeway: u64,
    name: String,
}

impl Setting {
    fn of(lifetimes: Lifetimes) -> Vec<Self> {
        let mut settings = Vec::new();
        for (leeway, cached) in [(0, false), (0, true), (5, false), (5, true)] {
            let algorithm = Algorithm::Jws(JwsAlgorithm::EdDsa);
            let key = Jwk::generate(algorithm).unwrap().to_key(&[algorithm]).unwrap();
            let keys = KeyRing::new(key);
            let mut builder = Policy::builder()
                .issuer(ORIGIN)
                .audience(ORIGIN)
                .keys(keys.clone())
                .origin(Origin::parse(ORIGIN).unwrap())
                .lifetimes(lifetimes.with_leeway(leeway).unwrap())
                .bearer_tokens()
                .revocations(Arc::default())
                .revocation_delay(0);
            if cached {
                builder = builder.cache_verified_tokens(NonZeroUsize::new(64).unwrap());
            }
            let name = format!("leeway {leeway}, cache {cached}");
            settings.push(Self { policy: builder.build().unwrap(), keys, leeway, name });
        }
        settings
    }

    fn all() -> Vec<Self> {
        Self::of(Lifetimes::DEFAULT)
    }

    fn cookie(&self) -> HeaderMap {
        Browser::with(&self.policy.grant(&ada(), at(LOGIN)).unwrap()).headers
    }

    fn bearer(&self) -> HeaderMap {
        let grant = self.policy.grant_bearer(&ada(), at(LOGIN)).unwrap();
        bearer(grant.access_token().expose())
    }

    fn call(&self, headers: &HeaderMap, age: i64) -> Result<Authenticated<Roles>, Rejection> {
        let now = at(LOGIN.saturating_add_signed(age));
        self.policy.authenticate(&RequestView::new(&Method::GET, headers), now)
    }

    fn for_renewal(&self, headers: &HeaderMap, age: i64) -> Result<(), Rejection> {
        let now = at(LOGIN.saturating_add_signed(age));
        let request = RequestView::new(&Method::GET, headers);
        self.policy.authenticate_for_renewal(&request, now).map(drop)
    }

    /// The headers after a renewal at `age`.
    fn renewed(&self, headers: &HeaderMap, age: u64) -> HeaderMap {
        let request = RequestView::new(&Method::GET, headers);
        let now = at(LOGIN + age);
        let caller = self.policy.authenticate_for_renewal(&request, now).unwrap();
        match self.policy.renew(&caller, now).unwrap() {
            Renewed::Bearer(grant) => bearer(grant.access_token().expose()),
            Renewed::Cookie(grant) => Browser::with(&grant).headers,
        }
    }

    /// What [`Setting::call`] says a second before `edge`, on it, and a second after it.
    fn around(&self, headers: &HeaderMap, edge: u64) -> [Option<Rejection>; 3] {
        let edge = i64::try_from(edge).unwrap();
        [-1, 0, 1].map(|off| self.call(headers, edge + off).err())
    }

    fn around_for_renewal(&self, headers: &HeaderMap, edge: u64) -> [Option<Rejection>; 3] {
        let edge = i64::try_from(edge).unwrap();
        [-1, 0, 1].map(|off| self.for_renewal(headers, edge + off).err())
    }
}

const OPEN: [Option<Rejection>; 3] = [None; 3];

const fn until(rejection: Rejection) -> [Option<Rejection>; 3] {
    [None, Some(rejection), Some(rejection)]
}

#[test]
fn half_of_access_is_when_a_cookie_becomes_due_and_a_bearer_token_never() {
    for setting in Setting::all() {
        let (cookie, bearer) = (setting.cookie(), setting.bearer());
        for (age, due) in [(299, false), (300, true), (301, true)] {
            let caller = setting.call(&cookie, age).unwrap();
            assert_eq!(caller.renewal_due(), due, "{}, {age}", setting.name);
            assert!(!setting.call(&bearer, age).unwrap().renewal_due(), "{}", setting.name);
        }
    }
    // An odd lifetime has its half rounded up.
    for setting in Setting::of(Lifetimes::new(7, 60, 60).unwrap()) {
        let cookie = setting.cookie();
        let due = [3, 4, 5].map(|age| setting.call(&cookie, age).unwrap().renewal_due());
        assert_eq!(due, [false, true, true], "{}", setting.name);
    }
}

#[test]
fn exp_ends_a_bearer_token_with_leeway_and_no_cookie() {
    for setting in Setting::all() {
        let (cookie, bearer) = (setting.cookie(), setting.bearer());
        assert_eq!(setting.around(&cookie, 600), OPEN, "{}", setting.name);
        let end = 600 + setting.leeway;
        let expired = until(Rejection::TokenExpired);
        assert_eq!(setting.around(&bearer, end), expired, "{}", setting.name);
        assert_eq!(setting.around_for_renewal(&bearer, end), OPEN, "{}", setting.name);
    }
}

#[test]
fn idle_ends_both_whatever_the_leeway() {
    for setting in Setting::all() {
        let (cookie, bearer) = (setting.cookie(), setting.bearer());
        let expired = until(Rejection::TokenExpired);
        assert_eq!(setting.around(&cookie, IDLE), expired, "{}", setting.name);
        assert_eq!(setting.around_for_renewal(&cookie, IDLE), expired, "{}", setting.name);
        assert_eq!(setting.around_for_renewal(&bearer, IDLE), expired, "{}", setting.name);
        // Counted from the renewal.
        let cookie = setting.renewed(&cookie, IDLE - 1);
        assert_eq!(setting.around(&cookie, IDLE), OPEN, "{}", setting.name);
        assert_eq!(setting.around(&cookie, 2 * IDLE - 1), expired, "{}", setting.name);
    }
    // Where a token lasts as long as the idle session, leeway adds nothing.
    for setting in Setting::of(Lifetimes::new(60, 60, 900).unwrap()) {
        let expired = until(Rejection::TokenExpired);
        assert_eq!(setting.around(&setting.bearer(), 60), expired, "{}", setting.name);
        assert_eq!(setting.around(&setting.cookie(), 60), expired, "{}", setting.name);
    }
}

#[test]
fn the_absolute_end_ends_everything_however_often_it_was_renewed() {
    for setting in Setting::all() {
        for mut headers in [setting.cookie(), setting.bearer()] {
            let mut age = 0;
            while age < END - 1 {
                age = (age + IDLE - 1).min(END - 1);
                headers = setting.renewed(&headers, age);
            }
            let over = until(Rejection::SessionExpired);
            assert_eq!(setting.around(&headers, END), over, "{}", setting.name);
            assert_eq!(setting.around_for_renewal(&headers, END), over, "{}", setting.name);
            // A request that was let in the second before renews nothing the second after.
            let caller = setting.call(&headers, i64::try_from(END).unwrap() - 1).unwrap();
            assert_eq!(caller.summary().expires_at(), at(LOGIN + END));
            assert!(setting.policy.renew(&caller, at(LOGIN + END - 1)).is_ok());
            for now in [END, END + 1] {
                assert!(matches!(
                    setting.policy.renew(&caller, at(LOGIN + now)),
                    Err(GrantError::SessionEnded(Rejection::SessionExpired))
                ));
            }
        }
    }
}

#[test]
fn a_token_of_the_future_counts_from_its_second_minus_leeway() {
    for setting in Setting::all() {
        let leeway = i64::try_from(setting.leeway).unwrap();
        for headers in [setting.cookie(), setting.bearer()] {
            // Once as the first to be seen, and once more when it may be remembered.
            for _ in 0..2 {
                let seen = [-1, 0, 1].map(|off| setting.call(&headers, off - leeway).err());
                assert_eq!(seen, [Some(Rejection::TokenInvalid), None, None], "{}", setting.name);
            }
        }
        for (iat, nbf) in [(10, 0), (0, 10), (10, 10)] {
            let headers = setting.minted(iat, nbf);
            for _ in 0..2 {
                let seen = [9, 10, 11].map(|age| setting.call(&headers, age - leeway).err());
                assert_eq!(seen, [Some(Rejection::TokenInvalid), None, None], "{iat} {nbf}");
            }
        }
    }
}

#[test]
fn step_up_counts_from_the_login_and_not_from_a_renewal() {
    for setting in Setting::all() {
        for headers in [setting.cookie(), setting.bearer()] {
            let renewed = setting.renewed(&headers, 298);
            for (age, fresh) in [(299, true), (300, false), (301, false)] {
                for headers in [&headers, &renewed] {
                    let caller = setting.call(headers, age).unwrap();
                    let now = at(LOGIN.saturating_add_signed(age));
                    let expected = if fresh {
                        Ok(())
                    } else {
                        Err(Rejection::ReauthRequired { max_age: 300 })
                    };
                    assert_eq!(caller.require_fresh(300, now), expected, "{}", setting.name);
                }
            }
            let caller = setting.call(&headers, 0).unwrap();
            assert!(caller.require_fresh(0, at(LOGIN)).is_err(), "no login is that recent");
        }
    }
}

#[test]
fn nothing_that_was_revoked_counts_at_the_end_of_its_entry() {
    for (everywhere, in_cookie) in [(false, false), (false, true), (true, false), (true, true)] {
        for setting in Setting::all() {
            let headers = if in_cookie { setting.cookie() } else { setting.bearer() };
            // The youngest token there can be of this session.
            let youngest = setting.renewed(&headers, 0);
            let target = match setting.call(&headers, 0).unwrap() {
                caller if everywhere => Target::Subject(caller.subject().clone()),
                caller => Target::Session(caller.session_id()),
            };
            let fact = setting.policy.revocation_of(target, at(LOGIN));
            setting.policy.revocations().apply(&fact, at(LOGIN));
            let entry_end = IDLE + setting.leeway + 60;
            for edge in [600, IDLE, entry_end] {
                for now in edge - 1..=edge + 1 {
                    // Another logout is what makes the list drop what has ended.
                    let other = sealpass::SessionId::generate().unwrap();
                    let other =
                        setting.policy.revocation_of(Target::Session(other), at(LOGIN + now));
                    setting.policy.revocations().apply(&other, at(LOGIN + now));
                    let age = i64::try_from(now).unwrap();
                    for headers in [&headers, &youngest] {
                        let refused = setting.for_renewal(headers, age).unwrap_err();
                        let expected = if now < IDLE {
                            Rejection::TokenRevoked
                        } else {
                            Rejection::TokenExpired
                        };
                        assert_eq!(refused, expected, "{}, {now}", setting.name);
                    }
                }
            }
        }
    }
}

impl Setting {
    /// A cookie's token with these ages of `iat` and `nbf`, as somebody with our keys could make it.
    fn minted(&self, iat: u64, nbf: u64) -> HeaderMap {
        let claims = json!({
            "iss": ORIGIN, "sub": "ada", "aud": ORIGIN, "jti": "AAAAAAAAAAAAAAAAAAAAAA",
            "iat": LOGIN + iat, "nbf": LOGIN + nbf, "exp": LOGIN + 600,
            "sid": "AAAAAAAAAAAAAAAAAAAAAA", "auth_time": LOGIN, "amr": ["pwd"],
            "idle": LOGIN + IDLE, "max": LOGIN + END, "csrf": "AAAAAAAAAAAAAAAAAAAAAA",
            "roles": [],
        });
        let token = self.keys.seal("sealpass-session+jwt", &claims).unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("cookie", format!("__Host-session={token}").parse().unwrap());
        headers
    }
}
