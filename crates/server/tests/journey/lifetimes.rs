//! Lifetimes by the clock of the machine, through the real program.
//!
//! Nothing here is about how long something takes: a request between two readings of the clock was
//! decided at a time between them, so its answer is checked against both.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::credentials::Users;
use crate::support::{Answer, Client, PASSWORD, Peer, Sealpass, USERNAME};

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
}

fn credentials() -> Value {
    json!({ "username": USERNAME, "password": PASSWORD })
}

/// Asks until the answer is 401 and returns its code. Every answer until `end` is 200, and every one
/// after it 401.
fn ask_until_refused(end: u64, ask: impl Fn() -> Answer) -> String {
    loop {
        let before = now();
        let answer = ask();
        let after = now();
        match answer.status {
            200 => assert!(before < end, "accepted at {before}, and the end was {end}"),
            401 => {
                assert!(after >= end, "refused at {after}, and the end is {end}: {answer:?}");
                return answer.json()["code"].as_str().expect("a code").to_owned();
            }
            other => panic!("{other}: {answer:?}"),
        }
    }
}

fn time(body: &Value, name: &str) -> u64 {
    body[name].as_u64().expect("a time")
}

#[test]
fn a_bearer_token_ends_in_its_second_and_renews_until_idle() {
    let users = Users::with(USERNAME, &[]);
    let sealpass = Sealpass::serve(&format!(
        "{}bearer.enabled = true\n[lifetimes]\naccess = 1\nidle = 3\nabsolute = 60\n",
        users.setting()
    ));
    let native = Client::new();
    let body = native.post(&sealpass.url("/auth/token")).json(&credentials()).send().json();
    let bearer = format!("Authorization: Bearer {}", body["access_token"].as_str().expect("text"));
    let call = || native.get(&sealpass.url("/auth/session")).header(&bearer).send();
    assert_eq!(ask_until_refused(time(&body, "expires_at"), call), "token_expired");
    let renew = || native.post(&sealpass.url("/auth/refresh")).header(&bearer).send();
    assert_eq!(ask_until_refused(time(&body, "idle_expires_at"), renew), "token_expired");
}

#[test]
fn a_cookie_ends_at_idle_and_a_session_that_is_renewed_at_its_absolute_end() {
    let users = Users::with(USERNAME, &[]);
    let sealpass = Sealpass::serve(&format!(
        "{}[lifetimes]\naccess = 1\nidle = 2\nabsolute = 5\n",
        users.setting()
    ));
    let browser = Client::new();
    let body = browser.post(&sealpass.url("/auth/login")).json(&credentials()).send().json();
    let first = browser.cookie("__Host-session").expect("a session cookie").value;
    let first = format!("Cookie: __Host-session={first}");
    // One client never takes the renewed cookie, the other always does.
    let session = sealpass.url("/auth/session");
    let stubborn = || Client::new().get(&session).header(&first).send();
    let renewing = || browser.get(&session).send();
    let (idle, end) = (time(&body, "idle_expires_at"), time(&body, "session_expires_at"));
    let asked = || {
        let answer = renewing();
        assert_eq!(answer.status, 200, "it was renewed in time: {answer:?}");
        stubborn()
    };
    assert_eq!(ask_until_refused(idle, asked), "token_expired");
    assert_eq!(ask_until_refused(end, renewing), "session_expired");
    assert_eq!(stubborn().json()["code"], "session_expired");
}

#[test]
fn step_up_lets_nobody_reach_the_api_until_a_new_login() {
    let users = Users::with(USERNAME, &[]);
    let api = Peer::api();
    let sealpass = Sealpass::serve(&format!(
        "{}upstream.url = \"{}\"\n[[routes]]\npath = \"/transfer\"\nmax_age = \"2s\"\n",
        users.setting(),
        api.url(""),
    ));
    let browser = Client::new();
    let login = || {
        let login = browser.post(&sealpass.url("/auth/login")).json(&credentials());
        login.send().expect(200);
    };
    let before = now();
    login();
    let after = now();
    // The login was in one of these seconds, or counts from the one after it: what began in the same
    // second refused every login up to then. Only what holds for all of them is asserted.
    loop {
        let asked = now();
        let answer = browser.get(&sealpass.url("/transfer/7")).send();
        let answered = now();
        if answer.status == 401 {
            assert!(answered >= before + 2, "refused {} s after the login", answered - before);
            let challenge = answer.header("www-authenticate").expect("a challenge");
            assert!(challenge.contains("insufficient_user_authentication"), "{challenge}");
            assert!(challenge.ends_with("max_age=\"2\""), "{challenge}");
            answer.expect_problem(401, "reauth_required");
            break;
        }
        assert_eq!(answer.status, 200, "{answer:?}");
        assert!(asked < after + 3, "passed {} s after the login", asked - after);
    }
    browser.get(&sealpass.url("/api/me")).send().expect(200);
    login();
    let asked = now();
    let answer = browser.get(&sealpass.url("/transfer/7")).send();
    assert!(
        answer.status == 200 || now() > asked + 1,
        "a new login is a new auth_time: {answer:?}"
    );
}

#[test]
fn a_user_who_is_removed_stops_at_the_next_renewal() {
    let users = Users::with(USERNAME, &[]);
    let api = Peer::api();
    let sealpass = Sealpass::serve(&format!(
        "{}upstream.url = \"{}\"\n[lifetimes]\naccess = 1\n",
        users.setting(),
        api.url(""),
    ));
    let browser = Client::new();
    browser.post(&sealpass.url("/auth/login")).json(&credentials()).send().expect(200);
    browser.get(&sealpass.url("/api/me")).send().expect(200);
    let other = "[users.bob]\nhash = '$argon2id$v=19$m=4096,t=3,p=1$c29tZXNhbHQ$wGv2pDl1z8N+TQOF7O+XVqmPdEGsCI9zk9bP3Uu63iI'\n";
    std::fs::write(&users.file, other).expect("written");
    let stopped = loop {
        let answer = browser.get(&sealpass.url("/api/me")).send();
        assert!(!answer.all("set-cookie").iter().any(|cookie| cookie.contains("Max-Age=0")));
        if answer.status != 200 {
            break answer;
        }
    };
    stopped.expect_problem(401, "token_revoked");
    browser.get(&sealpass.url("/auth/session")).send().expect_problem(401, "token_revoked");
}
