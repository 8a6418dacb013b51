//! The whole journey of a browser's session.

use serde_json::Value;

use crate::support::{Answer, Client, ORIGIN, PASSWORD, Peer, SUBJECT, USERNAME};

/// A deployment of Sealpass, with one account ([`USERNAME`]), in front of an API.
pub(crate) struct Site<'a> {
    /// Where clients connect: a URL without a path.
    pub(crate) base: String,
    pub(crate) api: &'a Peer,
    pub(crate) front: Front,
}

/// What stands in front of the API.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Front {
    /// A proxy asks about every request, and the API gets what the client sent.
    Asking,
    /// The same, where the status of a refusal arrives and its body does not.
    Nginx,
    /// `sealpass serve` is the proxy.
    Sealpass,
}

impl Site<'_> {
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// Logs `client` in.
    pub(crate) fn login(&self, client: &Client) -> Session {
        let answer = self.try_login(client, USERNAME, PASSWORD).expect(200);
        Session::read(&answer, client)
    }

    pub(crate) fn try_login(&self, client: &Client, username: &str, password: &str) -> Answer {
        let body = serde_json::json!({ "username": username, "password": password });
        client.post(&self.url("/auth/login")).json(&body).send()
    }

    /// Sees that a request to the API was refused.
    pub(crate) fn expect_refusal(&self, answer: Answer, status: u16, code: &str) {
        match self.front {
            Front::Nginx => answer.expect(status),
            Front::Asking | Front::Sealpass => answer.expect_problem(status, code),
        };
    }
}

/// What a page knows of its session.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) body: Value,
    /// The header that an unsafe request needs.
    pub(crate) csrf: String,
}

impl Session {
    /// Reads the answer of a login, a renewal or `/auth/session`. The token is in none of them.
    pub(crate) fn read(answer: &Answer, client: &Client) -> Self {
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{answer:#?}");
        let token = client.cookie("__Host-session").expect("a session cookie").value;
        assert!(!answer.body.contains(&token), "the token is in a body: {}", answer.body);
        let body = answer.json();
        let mut members: Vec<_> = body.as_object().expect("an object").keys().collect();
        members.sort();
        let expected =
            ["csrf_token", "expires_at", "idle_expires_at", "session_expires_at", "subject"];
        assert_eq!(members, expected);
        let csrf = format!("X-CSRF-Token: {}", body["csrf_token"].as_str().expect("a token"));
        Self { body, csrf }
    }
}

/// Walks the whole journey.
pub(crate) fn walk(site: &Site<'_>) {
    a_stranger_is_refused(site);
    a_wrong_login_is_refused(site);

    let ada = Client::new();
    let session = site.login(&ada);
    the_cookies_conform(&ada, &session);
    a_protected_call_says_who_it_is(site, &ada);
    an_unsafe_call_needs_the_csrf_token(site, &ada, &session);
    renewal_keeps_the_session(site, &ada, &session);
    logout_ends_it_for_every_copy(site, &ada, &session);
    logout_everywhere_ends_all(site);
}

fn a_stranger_is_refused(site: &Site<'_>) {
    let stranger = Client::new();
    let answer = site.api.no_request(|| stranger.get(&site.url("/api/me")).send());
    let challenge = answer.header("www-authenticate").expect("a challenge");
    assert!(challenge.starts_with("Bearer ") && !challenge.contains("error"), "{challenge}");
    site.expect_refusal(answer, 401, "token_missing");
    stranger.get(&site.url("/auth/session")).send().expect_problem(401, "token_missing");
}

fn a_wrong_login_is_refused(site: &Site<'_>) {
    let stranger = Client::new();
    let wrong =
        site.try_login(&stranger, USERNAME, "a guess").expect_problem(401, "bad_credentials");
    let unknown =
        site.try_login(&stranger, "nobody", "a guess").expect_problem(401, "bad_credentials");
    assert_eq!(wrong.body, unknown.body, "the answer tells which users exist");
    assert!(wrong.all("set-cookie").is_empty() && unknown.all("set-cookie").is_empty());
}

fn the_cookies_conform(client: &Client, session: &Session) {
    let token = client.cookie("__Host-session").expect("a session cookie");
    assert!(token.http_only && token.secure && !token.with_subdomains, "{token:?}");
    assert_eq!(token.path, "/");
    let csrf = client.cookie("__Host-csrf").expect("a csrf cookie");
    assert!(!csrf.http_only && csrf.secure && !csrf.with_subdomains, "{csrf:?}");
    assert_eq!(csrf.path, "/");
    assert_eq!(csrf.value, session.body["csrf_token"]);
}

fn a_protected_call_says_who_it_is(site: &Site<'_>, client: &Client) {
    let received = site.api.one_request(|| {
        client.get(&site.url("/api/me?verbose=1")).send().expect(200);
    });
    assert_eq!((received.method.as_str(), received.target.as_str()), ("GET", "/api/me?verbose=1"));
    assert_eq!(received.header("x-auth-subject"), Some(SUBJECT));
    let sid = received.header("x-auth-session").expect("always there");
    assert!(!sid.is_empty());

    let shown = client.get(&site.url("/auth/session")).send().expect(200);
    assert_eq!(Session::read(&shown, client).body["subject"], SUBJECT);
}

fn an_unsafe_call_needs_the_csrf_token(site: &Site<'_>, client: &Client, session: &Session) {
    let orders = site.url("/api/orders");
    let order = || client.post(&orders).body("tea");
    let refused = site.api.no_request(|| order().send());
    site.expect_refusal(refused, 403, "csrf_missing");

    let other = Client::new();
    let others_token = site.login(&other).csrf;
    let refused = site.api.no_request(|| order().header(&others_token).send());
    site.expect_refusal(refused, 403, "csrf_mismatch");
    for origin in ["https://evil.example", "https://app.example.evil.example", "null"] {
        let forged = order().header(&session.csrf).header(&format!("Origin: {origin}"));
        let refused = site.api.no_request(|| forged.send());
        site.expect_refusal(refused, 403, "cross_site");
    }
    for site_of_page in ["cross-site", "same-site"] {
        let forged =
            order().header(&session.csrf).header(&format!("Sec-Fetch-Site: {site_of_page}"));
        let refused = site.api.no_request(|| forged.send());
        site.expect_refusal(refused, 403, "cross_site");
    }

    let received = site.api.one_request(|| {
        let origin = format!("Origin: {ORIGIN}");
        order().header(&session.csrf).header(&origin).send().expect(200);
    });
    assert_eq!((received.method.as_str(), received.body.as_str()), ("POST", "tea"));
}

fn renewal_keeps_the_session(site: &Site<'_>, client: &Client, session: &Session) {
    let refresh = site.url("/auth/refresh");
    let before = client.cookie("__Host-session").expect("a session cookie");
    client.post(&refresh).send().expect_problem(403, "csrf_missing");
    assert_eq!(
        client.cookie("__Host-session"),
        Some(before.clone()),
        "a refusal changes no cookie"
    );

    let earlier = client.copy();
    let answer = client.post(&refresh).header(&session.csrf).send().expect(200);
    assert_eq!(answer.all("set-cookie").len(), 2, "{answer:#?}");
    let renewed = Session::read(&answer, client);
    assert_ne!(client.cookie("__Host-session"), Some(before), "the token is a new one");
    for kept in ["csrf_token", "session_expires_at", "subject"] {
        assert_eq!(renewed.body[kept], session.body[kept], "{kept}");
    }
    // Another tab may still be using the token it had.
    earlier.get(&site.url("/api/me")).send().expect(200);
}

fn logout_ends_it_for_every_copy(site: &Site<'_>, client: &Client, session: &Session) {
    let logout = site.url("/auth/logout");
    let saved = client.copy();
    client.post(&logout).send().expect_problem(403, "csrf_missing");
    client.get(&site.url("/api/me")).send().expect(200);

    let answer = client.post(&logout).header(&session.csrf).send().expect(204);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let removals = [
        "__Host-session=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax",
        "__Host-csrf=; Path=/; Max-Age=0; Secure; SameSite=Strict",
    ];
    assert_eq!(answer.all("set-cookie"), removals);
    assert_eq!((client.cookie("__Host-session"), client.cookie("__Host-csrf")), (None, None));
    let refused = site.api.no_request(|| client.get(&site.url("/api/me")).send());
    site.expect_refusal(refused, 401, "token_missing");

    let replayed = site.api.no_request(|| saved.get(&site.url("/api/me")).send());
    assert!(replayed.all("set-cookie").is_empty(), "{replayed:#?}");
    site.expect_refusal(replayed, 401, "token_revoked");
    saved.get(&site.url("/auth/session")).send().expect_problem(401, "token_revoked");
    let renewal = saved.post(&site.url("/auth/refresh")).header(&session.csrf).send();
    renewal.expect_problem(401, "token_revoked");
    // Logging out twice is as good as once.
    saved.post(&logout).header(&session.csrf).send().expect(204);
}

fn logout_everywhere_ends_all(site: &Site<'_>) {
    let (phone, laptop) = (Client::new(), Client::new());
    let session = site.login(&phone);
    site.login(&laptop);
    let saved = phone.copy();
    let everywhere = site.url("/auth/logout-everywhere");
    phone.post(&everywhere).send().expect_problem(403, "csrf_missing");
    laptop.get(&site.url("/api/me")).send().expect(200);
    phone.post(&everywhere).header(&session.csrf).send().expect(204);
    for ended in [&laptop, &saved] {
        let refused = site.api.no_request(|| ended.get(&site.url("/api/me")).send());
        site.expect_refusal(refused, 401, "token_revoked");
    }

    site.login(&laptop);
    laptop.get(&site.url("/api/me")).send().expect(200);
}
