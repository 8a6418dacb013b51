//! `POST /auth/token`: for clients that are no browsers, and only where it is turned on.

use serde_json::{Value, json};

use crate::credentials::Users;
use crate::support::{Client, PASSWORD, Peer, Sealpass, USERNAME};

fn credentials() -> Value {
    json!({ "username": USERNAME, "password": PASSWORD })
}

#[test]
fn bearer_tokens_are_off_unless_turned_on() {
    let users = Users::with(USERNAME, &[]);
    let sealpass = Sealpass::serve(&users.setting());
    let answer = Client::new().post(&sealpass.url("/auth/token")).json(&credentials()).send();
    answer.expect_problem(404, "not_found");
    let answer =
        Client::new().get(&sealpass.url("/auth/session")).header("Authorization: Bearer x");
    answer.send().expect_problem(401, "bearer_disabled");
}

#[test]
fn a_native_client_gets_a_token_and_a_browser_does_not() {
    let users = Users::with(USERNAME, &[]);
    let api = Peer::api();
    let upstream = format!("upstream.url = \"{}\"\nbearer.enabled = true\n", api.url(""));
    let sealpass = Sealpass::serve(&(users.setting() + &upstream));
    let url = sealpass.url("/auth/token");

    for header in [
        "Origin: https://app.example",
        "Origin: null",
        "Sec-Fetch-Site: same-origin",
        "Sec-Fetch-Mode: cors",
        "Cookie: theme=dark",
    ] {
        let call = Client::new().post(&url).json(&credentials()).header(header);
        call.send().expect_problem(403, "browser_must_use_cookie");
    }

    let native = Client::new();
    let answer = native.post(&url).json(&credentials()).send().expect(200);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert!(answer.all("set-cookie").is_empty());
    let body = answer.json();
    assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("Bearer"), &json!(600)));
    let token = body["access_token"].as_str().expect("a token").to_owned();
    let bearer = format!("Authorization: Bearer {token}");

    let received = api.one_request(|| {
        native.post(&sealpass.url("/api/orders")).header(&bearer).body("tea").send().expect(200);
    });
    assert_eq!(received.header("x-auth-subject"), Some(USERNAME));
    assert_eq!(received.header("authorization"), None, "the token stays with us");

    let renewed = native.post(&sealpass.url("/auth/refresh")).header(&bearer).send().expect(200);
    assert_ne!(renewed.json()["access_token"], token.as_str());
    native.post(&sealpass.url("/auth/logout")).header(&bearer).send().expect(204);
    let replayed = api.no_request(|| native.get(&sealpass.url("/api/me")).header(&bearer).send());
    replayed.expect_problem(401, "token_revoked");
}

#[test]
fn one_kind_of_token_is_never_accepted_in_the_place_of_the_other() {
    let users = Users::with(USERNAME, &[]);
    let sealpass = Sealpass::serve(&(users.setting() + "bearer.enabled = true\n"));
    let session = sealpass.url("/auth/session");
    let browser = Client::new();
    browser.post(&sealpass.url("/auth/login")).json(&credentials()).send().expect(200);
    let cookie = browser.cookie("__Host-session").expect("a session cookie").value;
    let answer = Client::new().post(&sealpass.url("/auth/token")).json(&credentials()).send();
    let bearer = answer.expect(200).json()["access_token"].as_str().expect("a token").to_owned();

    // Around the CSRF decision.
    let as_bearer = format!("Authorization: Bearer {cookie}");
    Client::new().get(&session).header(&as_bearer).send().expect_problem(401, "token_invalid");
    // Planted in a browser.
    let as_cookie = format!("Cookie: __Host-session={bearer}");
    Client::new().get(&session).header(&as_cookie).send().expect_problem(401, "token_invalid");
    let both = browser.get(&session).header(&format!("Authorization: Bearer {bearer}"));
    both.send().expect_problem(400, "ambiguous_credentials");
}
