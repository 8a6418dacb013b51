//! The whole journey of a native client.

use serde_json::json;

use crate::support::{Client, PASSWORD, SUBJECT, USERNAME};
use crate::whole::{Front, Site};

/// Walks the whole journey of a client that keeps its token itself.
pub(crate) fn walk(site: &Site<'_>) {
    let url = site.url("/auth/token");
    let credentials = json!({ "username": USERNAME, "password": PASSWORD });
    let wrong = json!({ "username": USERNAME, "password": "a guess" });
    let native = Client::new();
    for header in [
        "Origin: https://app.example",
        "Origin: null",
        "Sec-Fetch-Site: same-origin",
        "Sec-Fetch-Mode: cors",
        "Cookie: theme=dark",
    ] {
        let call = native.post(&url).json(&credentials).header(header);
        call.send().expect_problem(403, "browser_must_use_cookie");
    }
    native.post(&url).json(&wrong).send().expect_problem(401, "bad_credentials");

    let answer = native.post(&url).json(&credentials).send().expect(200);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert!(answer.all("set-cookie").is_empty());
    let body = answer.json();
    assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("Bearer"), &json!(600)));
    assert_eq!(body["subject"], SUBJECT);
    let token = body["access_token"].as_str().expect("a token");
    let bearer = format!("Authorization: Bearer {token}");

    let received = site.api.one_request(|| {
        native.post(&site.url("/api/orders")).header(&bearer).body("tea").send().expect(200);
    });
    assert_eq!(received.header("x-auth-subject"), Some(SUBJECT));
    if site.front == Front::Sealpass {
        assert_eq!(received.header("authorization"), None, "the token stays with us");
    }

    let renewed = native.post(&site.url("/auth/refresh")).header(&bearer).send().expect(200);
    let renewed = renewed.json()["access_token"].as_str().expect("a token").to_owned();
    assert_ne!(renewed, token);
    native.post(&site.url("/auth/logout")).header(&bearer).send().expect(204);
    // The session is over, whichever of its tokens is shown.
    for token in [token, &renewed] {
        let replay =
            native.get(&site.url("/api/me")).header(&format!("Authorization: Bearer {token}"));
        let refused = site.api.no_request(|| replay.send());
        site.expect_refusal(refused, 401, "token_revoked");
    }
}
