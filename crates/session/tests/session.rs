//! A session from login to its end, second by second.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use http::{HeaderMap, Method};
use sealpass::credential::{Identity, Subject};
use sealpass::jose::{Key, KeyRing};
use sealpass::policy::{GrantError, LoggedOut, Renewed};
use sealpass::revocation::Revocation;
use sealpass::{Authenticated, Channel, Origin, Policy, Rejection, RequestView};
use support::{Browser, LOGIN, ORIGIN, Roles, ada, at, bearer, policy, policy_with};

fn renewed(policy: &Policy<Roles>, caller: &Authenticated<Roles>, now: u64) -> Browser {
    match policy.renew(caller, at(now)).unwrap() {
        Renewed::Cookie(grant) => Browser::with(&grant),
        Renewed::Bearer(_) => panic!("a cookie was renewed into a bearer token"),
    }
}

#[test]
fn a_login_is_who_it_was_granted_to() {
    let policy = policy();
    let caller = Browser::logged_in(&policy).get(&policy, LOGIN).unwrap();
    assert_eq!(caller.subject().as_str(), "ada");
    assert_eq!(caller.claims().roles, ["admin"]);
    assert_eq!(caller.channel(), Channel::Cookie);
    assert_eq!(caller.amr(), ["pwd"]);
    assert_eq!(caller.auth_time(), at(LOGIN));
    let summary = caller.summary();
    assert_eq!(summary.expires_at(), at(LOGIN + 600));
    assert_eq!(summary.idle_expires_at(), at(LOGIN + 3_600));
    assert_eq!(summary.session_expires_at(), at(LOGIN + 43_200));
}

#[test]
fn two_logins_share_nothing_but_the_user() {
    let policy = policy();
    let (one, two) = (Browser::logged_in(&policy), Browser::logged_in(&policy));
    assert_ne!(one.csrf, two.csrf);
    assert_ne!(
        one.get(&policy, LOGIN).unwrap().session_id(),
        two.get(&policy, LOGIN).unwrap().session_id()
    );
}

#[test]
fn no_answer_has_the_token_in_its_body() {
    let policy = policy();
    let grant = policy.grant(&ada(), at(LOGIN)).unwrap();
    let body = serde_json::to_string(grant.summary()).unwrap();
    let token = grant.set_cookies()[0].value();
    assert!(token.split('.').filter(|part| !part.is_empty()).all(|part| !body.contains(part)));
    assert!(
        body.contains(grant.set_cookies()[1].value()),
        "the anti-CSRF token belongs into the body"
    );
}

#[test]
fn a_cookie_counts_until_idle_and_is_renewed_from_half_of_access() {
    let policy = policy();
    let browser = Browser::logged_in(&policy);
    for (age, due) in
        [(0, false), (299, false), (300, true), (599, true), (600, true), (3_599, true)]
    {
        assert_eq!(browser.get(&policy, LOGIN + age).unwrap().renewal_due(), due, "{age} s");
    }
    assert_eq!(browser.get(&policy, LOGIN + 3_600).unwrap_err(), Rejection::TokenExpired);
    assert_eq!(browser.get(&policy, LOGIN + 43_199).unwrap_err(), Rejection::TokenExpired);
    assert_eq!(browser.get(&policy, LOGIN + 43_200).unwrap_err(), Rejection::SessionExpired);
    assert_eq!(
        browser.get(&policy, LOGIN - 1).unwrap_err(),
        Rejection::TokenInvalid,
        "from the future"
    );
}

#[test]
fn a_renewal_keeps_the_session_and_its_absolute_end() {
    let policy = policy();
    let mut browser = Browser::logged_in(&policy);
    let first = browser.get(&policy, LOGIN).unwrap();
    let mut now = LOGIN;
    while now + 3_000 < LOGIN + 43_200 {
        now += 3_000;
        let caller = browser.get(&policy, now).unwrap();
        browser = renewed(&policy, &caller, now);
        let caller = browser.get(&policy, now).unwrap();
        assert_eq!(caller.session_id(), first.session_id());
        assert_eq!(caller.auth_time(), first.auth_time());
        assert_eq!(caller.claims(), first.claims());
        assert_eq!(caller.summary().session_expires_at(), at(LOGIN + 43_200));
        assert!(caller.summary().idle_expires_at() <= at(LOGIN + 43_200));
        assert!(browser.clone().echoing().post(&policy, now).is_ok(), "an open tab met a 403");
    }
    assert!(browser.get(&policy, LOGIN + 43_199).is_ok());
    assert_eq!(browser.get(&policy, LOGIN + 43_200).unwrap_err(), Rejection::SessionExpired);
}

#[test]
fn ten_tabs_renew_at_once_and_all_succeed() {
    let policy = policy();
    let browser = Browser::logged_in(&policy);
    let callers: Vec<_> = (0..10).map(|_| browser.get(&policy, LOGIN + 700).unwrap()).collect();
    for caller in &callers {
        assert!(renewed(&policy, caller, LOGIN + 700).get(&policy, LOGIN + 700).is_ok());
    }
    assert!(browser.get(&policy, LOGIN + 700).is_ok(), "the older token still counts");
}

#[test]
fn a_bearer_token_counts_until_exp_and_renews_until_idle() {
    let policy = policy();
    let grant = policy.grant_bearer(&ada(), at(LOGIN)).unwrap();
    assert!(grant.summary().csrf_token().is_none());
    let headers = bearer(grant.access_token().expose());
    let request = RequestView::new(&Method::POST, &headers);
    let caller = policy.authenticate(&request, at(LOGIN + 599)).unwrap();
    assert_eq!(caller.channel(), Channel::Bearer);
    assert!(!caller.renewal_due(), "nobody renews a bearer token unasked");
    assert_eq!(
        policy.authenticate(&request, at(LOGIN + 600)).unwrap_err(),
        Rejection::TokenExpired
    );
    let caller = policy.authenticate_for_renewal(&request, at(LOGIN + 3_599)).unwrap();
    let Ok(Renewed::Bearer(younger)) = policy.renew(&caller, at(LOGIN + 3_599)) else { panic!() };
    let headers = bearer(younger.access_token().expose());
    let request = RequestView::new(&Method::POST, &headers);
    assert!(policy.authenticate(&request, at(LOGIN + 3_600)).is_ok());
    assert_eq!(
        policy.authenticate_for_renewal(&request, at(LOGIN + 7_200)).unwrap_err(),
        Rejection::TokenExpired
    );
}

#[test]
fn what_outlives_its_request_ends_with_its_token_or_a_logout() {
    let policy = policy();
    let caller = Browser::logged_in(&policy).get(&policy, LOGIN).unwrap();
    assert_eq!(policy.recheck(&caller, at(LOGIN + 3_599)), Ok(()));
    assert_eq!(policy.recheck(&caller, at(LOGIN + 3_600)), Err(Rejection::TokenExpired));
    assert_eq!(policy.recheck(&caller, at(LOGIN + 43_200)), Err(Rejection::SessionExpired));

    let token = policy.grant_bearer(&ada(), at(LOGIN)).unwrap();
    let headers = bearer(token.access_token().expose());
    let native = policy.authenticate(&RequestView::new(&Method::GET, &headers), at(LOGIN)).unwrap();
    assert_eq!(policy.recheck(&native, at(LOGIN + 599)), Ok(()));
    assert_eq!(policy.recheck(&native, at(LOGIN + 600)), Err(Rejection::TokenExpired));

    policy.revocations().set_fresh_until(at(LOGIN + 60));
    assert_eq!(policy.recheck(&caller, at(LOGIN + 60)), Err(Rejection::RevocationsStale));
    policy.revocations().set_fresh_until(at(LOGIN + 120));
    let until = at(LOGIN + 43_200);
    let everywhere =
        Revocation::Subject { subject: Subject::new("ada").unwrap(), not_before: at(LOGIN), until };
    policy.revocations().apply(&everywhere, at(LOGIN));
    assert_eq!(policy.recheck(&caller, at(LOGIN + 1)), Err(Rejection::TokenRevoked));
    assert_eq!(policy.recheck(&native, at(LOGIN + 1)), Err(Rejection::TokenRevoked));
}

#[test]
fn a_token_of_one_channel_is_refused_in_the_other() {
    let policy = policy();
    let cookie = policy.grant(&ada(), at(LOGIN)).unwrap().set_cookies()[0].value().to_owned();
    let headers = bearer(&cookie);
    assert_eq!(
        policy.authenticate(&RequestView::new(&Method::POST, &headers), at(LOGIN)).unwrap_err(),
        Rejection::TokenInvalid,
        "a stolen cookie got around the CSRF decision"
    );
    let grant = policy.grant_bearer(&ada(), at(LOGIN)).unwrap();
    let mut headers = HeaderMap::new();
    headers.insert(
        "cookie",
        format!("__Host-session={}", grant.access_token().expose()).parse().unwrap(),
    );
    assert_eq!(
        policy.authenticate(&RequestView::new(&Method::GET, &headers), at(LOGIN)).unwrap_err(),
        Rejection::TokenInvalid
    );
}

#[test]
fn bearer_tokens_are_off_unless_asked_for() {
    let policy: Policy<Roles> = Policy::builder()
        .issuer(ORIGIN)
        .audience(ORIGIN)
        .keys(KeyRing::new(Key::generate_a256gcm().unwrap()))
        .origin(origin(ORIGIN))
        .build()
        .unwrap();
    assert!(matches!(policy.grant_bearer(&ada(), at(LOGIN)), Err(GrantError::BearerDisabled)));
    let headers = bearer("a.b.c");
    assert_eq!(
        policy.authenticate(&RequestView::new(&Method::GET, &headers), at(LOGIN)).unwrap_err(),
        Rejection::BearerDisabled
    );
}

#[test]
fn a_logged_out_session_is_refused_whatever_token_it_has() {
    let policy = policy();
    let browser = Browser::logged_in(&policy).echoing();
    let in_flight = browser.get(&policy, LOGIN + 400).unwrap();
    let renewed_before = renewed(&policy, &in_flight, LOGIN + 400);
    let bystander = Browser::logged_in(&policy);

    let ended = logout(&policy, &browser, LOGIN + 401).unwrap();
    assert_eq!(ended.revoked(), Some(in_flight.session_id()));
    assert!(ended.set_cookies().iter().all(|cookie| cookie.to_header_text().contains("Max-Age=0")));

    assert_eq!(browser.get(&policy, LOGIN + 402).unwrap_err(), Rejection::TokenRevoked);
    assert_eq!(renewed_before.get(&policy, LOGIN + 402).unwrap_err(), Rejection::TokenRevoked);
    assert!(matches!(
        policy.renew(&in_flight, at(LOGIN + 402)),
        Err(GrantError::SessionEnded(Rejection::TokenRevoked))
    ));
    assert!(bystander.get(&policy, LOGIN + 402).is_ok());
}

#[test]
fn the_entry_of_a_logout_outlives_every_token_it_revokes() {
    let policy = policy();
    let browser = Browser::logged_in(&policy).echoing();
    let youngest = renewed(&policy, &browser.get(&policy, LOGIN).unwrap(), LOGIN);
    let _ = logout(&policy, &browser, LOGIN).unwrap();
    for now in LOGIN..LOGIN + 3_600 {
        // Another user's logout is what makes the list drop its dead entries.
        if now % 600 == 0 {
            let other = Browser::with(&policy.grant(&ada(), at(now)).unwrap()).echoing();
            let _ = logout(&policy, &other, now).unwrap();
        }
        assert_eq!(youngest.get(&policy, now).unwrap_err(), Rejection::TokenRevoked, "{now}");
    }
    assert_eq!(youngest.get(&policy, LOGIN + 3_600).unwrap_err(), Rejection::TokenExpired);
}

#[test]
fn logging_out_is_idempotent_and_takes_expired_tokens() {
    let policy = policy();
    let browser = Browser::logged_in(&policy).echoing();
    for now in [LOGIN, LOGIN + 1, LOGIN + 3_600, LOGIN + 43_200] {
        assert!(logout(&policy, &browser, now).is_ok(), "{now}");
    }
    let stranger = Browser { headers: HeaderMap::new(), csrf: String::new() };
    assert_eq!(logout(&policy, &stranger, LOGIN).unwrap().revoked(), None);
    let garbage = stranger.clone().header("cookie", "__Host-session=garbage");
    let ended = logout(&policy, &garbage, LOGIN).unwrap();
    assert_eq!(ended.set_cookies().len(), 2, "a dead cookie must be forgotten");
}

#[test]
fn a_forged_logout_is_refused() {
    let policy = policy();
    let browser = Browser::logged_in(&policy);
    let refused = policy.logout(&browser.view(&Method::POST), at(LOGIN)).unwrap_err();
    assert_eq!(refused, Rejection::CsrfMissing);
    let cross_site = Browser::logged_in(&policy).echoing().header("origin", "https://evil.test");
    assert_eq!(
        policy.logout(&cross_site.view(&Method::POST), at(LOGIN)).unwrap_err(),
        Rejection::CrossSite
    );
    assert!(browser.get(&policy, LOGIN).is_ok());
}

#[test]
fn logout_everywhere_ends_every_session_of_the_user_and_of_nobody_else() {
    let policy = policy();
    let (here, there) = (Browser::logged_in(&policy).echoing(), Browser::logged_in(&policy));
    let bob = Identity::new(Subject::new("bob").unwrap(), Roles { roles: Vec::new() });
    let bob = Browser::with(&policy.grant(&bob, at(LOGIN)).unwrap());

    let pending = policy.logout_everywhere(&here.view(&Method::POST), at(LOGIN)).unwrap();
    let _ = policy.complete(pending, at(LOGIN));
    assert_eq!(here.get(&policy, LOGIN).unwrap_err(), Rejection::TokenRevoked);
    assert_eq!(there.get(&policy, LOGIN).unwrap_err(), Rejection::TokenRevoked);
    assert!(bob.get(&policy, LOGIN).is_ok());
    assert!(
        Browser::logged_in(&policy).get(&policy, LOGIN).is_ok(),
        "a login in the same second was refused"
    );
}

#[test]
fn a_login_ends_the_session_it_replaces() {
    let policy = policy();
    let planted = Browser::logged_in(&policy);
    let replaced = policy.end_sessions(&planted.view(&Method::POST), at(LOGIN));
    assert_eq!(replaced.len(), 1);
    policy.revocations().apply(&replaced[0], at(LOGIN));
    assert_eq!(planted.get(&policy, LOGIN).unwrap_err(), Rejection::TokenRevoked);
}

#[test]
fn step_up_wants_a_recent_login_and_a_renewal_is_none() {
    let policy = policy();
    let browser = Browser::logged_in(&policy);
    let caller = browser.get(&policy, LOGIN + 299).unwrap();
    assert!(caller.require_fresh(300, at(LOGIN + 299)).is_ok());
    let later = renewed(&policy, &caller, LOGIN + 300).get(&policy, LOGIN + 300).unwrap();
    assert_eq!(
        later.require_fresh(300, at(LOGIN + 300)),
        Err(Rejection::ReauthRequired { max_age: 300 })
    );
}

#[test]
fn claims_that_would_replace_ours_are_not_sealed() {
    for name in ["sub", "exp", "sid", "csrf", "max", "cnf", "aud"] {
        let policy: Policy<serde_json::Map<String, serde_json::Value>> = Policy::builder()
            .issuer(ORIGIN)
            .audience(ORIGIN)
            .keys(KeyRing::new(Key::generate_a256gcm().unwrap()))
            .origin(origin(ORIGIN))
            .build()
            .unwrap();
        let claims = serde_json::Map::from_iter([(name.to_owned(), "root".into())]);
        let mallory = Identity::new(Subject::new("mallory").unwrap(), claims);
        assert!(
            matches!(policy.grant(&mallory, at(LOGIN)), Err(GrantError::ReservedClaim(found)) if found == name)
        );
    }
}

#[test]
fn claims_that_do_not_fit_into_a_cookie_are_refused_at_login() {
    let policy = policy();
    let claims = Roles { roles: vec!["r".repeat(4_000)] };
    let ada = Identity::new(Subject::new("ada").unwrap(), claims);
    assert!(matches!(policy.grant(&ada, at(LOGIN)), Err(GrantError::Cookie(_))));
}

#[test]
fn a_token_of_another_issuer_or_audience_is_refused() {
    let keys = KeyRing::new(Key::generate_a256gcm().unwrap());
    let ours = policy_with(keys.clone());
    let build = |issuer: &str, audience: &str| -> Policy<Roles> {
        Policy::builder()
            .issuer(issuer)
            .audience(audience)
            .keys(keys.clone())
            .origin(origin(ORIGIN))
            .build()
            .unwrap()
    };
    assert!(Browser::logged_in(&build(ORIGIN, ORIGIN)).get(&ours, LOGIN).is_ok());
    for theirs in [build("https://other.example", ORIGIN), build(ORIGIN, "https://other.example")] {
        assert_eq!(
            Browser::logged_in(&theirs).get(&ours, LOGIN).unwrap_err(),
            Rejection::TokenInvalid
        );
    }
}

#[test]
fn every_bit_of_the_cookie_counts() {
    let policy = policy();
    let grant = policy.grant(&ada(), at(LOGIN)).unwrap();
    let token = grant.set_cookies()[0].value().as_bytes();
    for position in 0..token.len() {
        for bit in 0..7 {
            let mut flipped = token.to_vec();
            flipped[position] ^= 1 << bit;
            let Ok(cookie) =
                http::HeaderValue::from_bytes(&[b"__Host-session=", &flipped[..]].concat())
            else {
                continue; // not a header at all
            };
            let mut headers = HeaderMap::new();
            headers.insert("cookie", cookie);
            let verdict = policy.authenticate(&RequestView::new(&Method::GET, &headers), at(LOGIN));
            assert_eq!(verdict.unwrap_err(), Rejection::TokenInvalid, "byte {position} bit {bit}");
        }
    }
}

#[test]
fn a_key_that_is_gone_opens_nothing_and_a_retired_one_still_does() {
    let (old, new) = (Key::generate_a256gcm().unwrap(), Key::generate_a256gcm().unwrap());
    let policy = policy_with(KeyRing::new(old.clone()));
    let browser = Browser::logged_in(&policy);
    policy.replace_keys(KeyRing::new(new.clone()).with_retired(old).unwrap());
    assert!(browser.get(&policy, LOGIN).is_ok());
    policy.replace_keys(KeyRing::new(new));
    assert_eq!(browser.get(&policy, LOGIN).unwrap_err(), Rejection::TokenInvalid);
}

#[test]
fn insecure_origins_and_cookies_stay_on_this_machine() {
    use sealpass::cookie::CookieProfile;
    let build = |ours: &str, cookies| {
        Policy::<Roles>::builder()
            .issuer(ORIGIN)
            .audience(ORIGIN)
            .keys(KeyRing::new(Key::generate_a256gcm().unwrap()))
            .origin(origin(ours))
            .cookies(cookies)
            .build()
    };
    assert!(build("http://localhost:8080", CookieProfile::insecure_dev()).is_ok());
    assert!(build("http://localhost:8080", CookieProfile::host()).is_ok());
    assert!(build("http://app.example", CookieProfile::host()).is_err());
    assert!(build("https://app.example", CookieProfile::insecure_dev()).is_err());
}

#[test]
fn nothing_secret_is_printed() {
    let policy = policy();
    let grant = policy.grant(&ada(), at(LOGIN)).unwrap();
    let [session, csrf] = grant.set_cookies();
    let caller = Browser::with(&grant).get(&policy, LOGIN).unwrap();
    let printed = format!("{policy:?} {grant:?} {caller:?} {:?}", caller.summary());
    assert!(!printed.contains(session.value()) && !printed.contains(csrf.value()), "{printed}");
}

fn logout(policy: &Policy<Roles>, browser: &Browser, now: u64) -> Result<LoggedOut, Rejection> {
    let pending = policy.logout(&browser.view(&Method::POST), at(now))?;
    Ok(policy.complete(pending, at(now)))
}

fn origin(text: &str) -> Origin {
    Origin::parse(text).unwrap()
}

#[test]
fn logging_in_and_out_everywhere_in_a_loop_dates_no_login_far_ahead() {
    let policy = policy();
    let mut last = Ok(());
    for _ in 0..100 {
        match policy.grant(&ada(), at(LOGIN)) {
            Ok(grant) => {
                let browser = Browser::with(&grant).echoing();
                let caller = browser.get(&policy, LOGIN).unwrap();
                assert!(caller.auth_time() <= at(LOGIN + 60), "a step-up could be put off");
                let view = browser.view(&Method::POST);
                let pending = policy.logout_everywhere(&view, at(LOGIN)).unwrap();
                let _ = policy.complete(pending, at(LOGIN));
            }
            Err(error) => last = Err(error),
        }
    }
    assert!(matches!(last, Err(GrantError::TooManyLogins)));
    assert!(policy.grant(&ada(), at(LOGIN + 2)).is_ok(), "the lock must pass with the time");
}
