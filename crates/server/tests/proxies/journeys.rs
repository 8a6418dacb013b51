//! Behind the real nginx. Every test here is called `through_nginx_...`, and runs in its own group.

use crate::bearer;
use crate::credentials::{SPELLINGS, Users};
use crate::support::{Client, Nginx, Peer, SUBJECT, Sealpass, USERNAME};
use crate::whole::{self, Front, Session, Site};

/// Sealpass and an API, with an account, for an nginx in front of both.
struct Backstage {
    sealpass: Sealpass,
    api: Peer,
    _users: Users,
}

impl Backstage {
    fn new(settings: &str) -> Self {
        let users = Users::with(USERNAME, &["--subject", SUBJECT, "--claim", "roles=[\"reader\"]"]);
        let sealpass = Sealpass::serve(&(users.setting() + settings));
        Self { sealpass, api: Peer::api(), _users: users }
    }

    fn nginx(&self) -> Nginx {
        Nginx::start(&self.sealpass, &self.api)
    }

    fn site(&self, nginx: &Nginx) -> Site<'_> {
        Site { base: nginx.url(""), api: &self.api, front: Front::Nginx }
    }
}

const TRUSTING: &str = "trusted_proxies = [\"127.0.0.1\"]\nupstream.claims = [\"roles\"]\n";

#[test]
fn through_nginx_the_whole_journey() {
    let backstage = Backstage::new(TRUSTING);
    let nginx = backstage.nginx();
    whole::walk(&backstage.site(&nginx));
}

#[test]
fn through_nginx_the_journey_of_a_native_client() {
    let backstage = Backstage::new(&format!("{TRUSTING}bearer.enabled = true\n"));
    let nginx = backstage.nginx();
    bearer::walk(&backstage.site(&nginx));
}

#[test]
fn through_nginx_identity_that_a_client_sends_never_reaches_the_api() {
    let backstage = Backstage::new(TRUSTING);
    let nginx = backstage.nginx();
    let client = Client::new();
    backstage.site(&nginx).login(&client);
    let received = backstage.api.one_request(|| {
        let spoofed = SPELLINGS
            .iter()
            // nginx passes on what its configuration does not know: an API behind it must believe
            // no other identity header than those that the configuration sets.
            .filter(|name| **name != "X-Auth-Assertion")
            .fold(client.get(&nginx.url("/api/me")), |call, name| {
                call.header(&format!("{name}: mallory"))
            });
        spoofed.header("Connection: x-auth-subject, x-auth-session").send().expect(200);
    });
    assert_eq!(received.header("x-auth-subject"), Some(SUBJECT));
    assert_eq!(received.header("x-auth-claims-roles"), Some("reader"));
    for (name, value) in &received.headers {
        assert!(!value.contains("mallory"), "{name}: {value}");
    }
}

#[test]
fn through_nginx_csrf_is_decided_on_the_original_method() {
    let backstage = Backstage::new(TRUSTING);
    let nginx = backstage.nginx();
    let client = Client::new();
    let session = backstage.site(&nginx).login(&client);
    let order = nginx.url("/api/orders/7");
    for method in ["POST", "PUT", "PATCH", "DELETE", "PROPFIND"] {
        backstage.api.no_request(|| client.call(method, &order).send().expect(403));
        let received = backstage.api.one_request(|| {
            client.call(method, &order).header(&session.csrf).send().expect(200);
        });
        assert_eq!(received.method, method);
    }
    // The client's own word for it does not count.
    for claim in ["X-Original-Method: GET", "X_Original_Method: GET", "X-HTTP-Method-Override: GET"]
    {
        backstage.api.no_request(|| client.post(&order).header(claim).send().expect(403));
    }
}

#[test]
fn through_nginx_a_forgotten_method_refuses_even_a_get() {
    let backstage = Backstage::new(TRUSTING);
    let nginx = Nginx::start_with(&backstage.sealpass, &backstage.api, |configuration| {
        let lines = configuration.lines().filter(|line| !line.contains("X-Original-Method"));
        lines.collect::<Vec<_>>().join("\n")
    });
    let client = Client::new();
    backstage.site(&nginx).login(&client);
    backstage.api.no_request(|| client.get(&nginx.url("/api/me")).send().expect(403));
}

#[test]
fn through_nginx_a_second_description_of_the_request_is_refused() {
    let backstage = Backstage::new(TRUSTING);
    let nginx = backstage.nginx();
    let client = Client::new();
    backstage.site(&nginx).login(&client);
    for line in ["X-Forwarded-Method: GET", "X-Forwarded-Uri: /public", "X-Envoy-Original-Path: /"]
    {
        let call = client.get(&nginx.url("/api/me")).header(line);
        backstage.api.no_request(|| call.send().expect(403));
    }
    backstage.api.one_request(|| {
        client.get(&nginx.url("/api/me")).send().expect(200);
    });
}

#[test]
fn through_nginx_that_is_not_trusted_everyone_is_refused_and_the_log_says_why() {
    let backstage = Backstage::new("");
    let nginx = backstage.nginx();
    let client = Client::new();
    backstage.site(&nginx).login(&client);
    backstage.api.no_request(|| client.get(&nginx.url("/api/me")).send().expect(403));
    backstage.sealpass.child.wait_for(|line| {
        line.contains("127.0.0.1 is not a trusted proxy").then_some(())?;
        line.contains("trusted_proxies").then_some(())
    });
}

#[test]
fn through_nginx_nobody_else_can_ask_for_a_verdict() {
    let backstage = Backstage::new(TRUSTING);
    let nginx = backstage.nginx();
    let client = Client::new();
    backstage.site(&nginx).login(&client);
    // What a page of the origin can send: the session cookie comes along, and `/auth/` is passed on.
    for path in ["/auth/verify/nginx", "/auth/verify/nginx?x", "/auth/./verify/nginx"] {
        let call = client.get(&nginx.url(path)).header("X-Original-Method: GET");
        let answer = call.send().expect_problem(404, "not_found");
        assert!(answer.all("x-auth-subject").is_empty(), "{answer:#?}");
    }
    client.get(&nginx.url("/_auth")).send().expect(404);
}

#[test]
fn through_nginx_both_cookies_of_a_renewal_arrive_whole() {
    // The shortest access lifetime, so that a session is due for renewal within a second.
    let settings = format!("{TRUSTING}lifetimes.access = \"1s\"\n");
    let backstage = Backstage::new(&settings);
    let nginx = backstage.nginx();
    let client = Client::new();
    let session = backstage.site(&nginx).login(&client);
    let before = client.cookie("__Host-session");

    let renewed = (0..10_000)
        .map(|_| client.get(&nginx.url("/api/me")).send().expect(200))
        .find(|answer| !answer.all("set-cookie").is_empty())
        .expect("ten thousand calls take longer than a second");
    let [token, csrf] = renewed.all("set-cookie")[..] else {
        panic!("two cookies, each whole: {renewed:#?}");
    };
    assert!(token.starts_with("__Host-session=") && token.contains("HttpOnly"), "{token}");
    assert!(csrf.starts_with("__Host-csrf=") && !csrf.contains("HttpOnly"), "{csrf}");
    for cookie in [token, csrf] {
        assert_eq!(cookie.matches("Path=/").count(), 1, "one cookie in one header: {cookie}");
        assert!(cookie.contains("Secure"), "{cookie}");
    }
    let after = client.cookie("__Host-session").expect("a session cookie");
    assert!(after.http_only && Some(&after) != before.as_ref());

    // The anti-CSRF token outlives the renewal, so no tab meets a 403.
    let shown = client.get(&nginx.url("/auth/session")).send().expect(200);
    assert_eq!(Session::read(&shown, &client).csrf, session.csrf);
    let order = client.post(&nginx.url("/api/orders")).header(&session.csrf).body("tea");
    order.send().expect(200);
}
