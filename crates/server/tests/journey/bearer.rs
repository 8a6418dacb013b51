//! `POST /auth/token`: for clients that are no browsers, and only where it is turned on.

use serde_json::{Value, json};

use crate::credentials::Users;
use crate::support::{Client, PASSWORD, Sealpass, USERNAME};

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
