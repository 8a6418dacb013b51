//! Both credential backends, with Sealpass as the proxy in front of an API.

use serde_json::json;

use crate::native;
use crate::support::{Client, PASSWORD, Peer, SPELLINGS, SUBJECT, Sealpass, USERNAME};
use crate::whole::{self, Front, Site};

pub(crate) use crate::support::Users;

/// `sealpass serve` as the proxy in front of an API.
struct Deployment {
    sealpass: Sealpass,
    api: Peer,
}

impl Deployment {
    fn new(settings: &str) -> Self {
        let api = Peer::api();
        let upstream = format!("upstream.url = \"{}\"\n", api.url(""));
        Self { sealpass: Sealpass::serve(&format!("{settings}{upstream}")), api }
    }

    /// Walks through it, and sees that no secret of that was logged.
    fn visit(&self, walk: impl Fn(&Site<'_>)) {
        walk(&Site { base: self.sealpass.url(""), api: &self.api, front: Front::Sealpass });
        self.nothing_secret_was_logged();
    }

    fn nothing_secret_was_logged(&self) {
        let said = self.sealpass.child.said();
        assert!(said.contains("\"login"), "logins are logged: {said}");
        for secret in [PASSWORD, "a guess", "__Host-", "verbose=1", "eyJ"] {
            assert!(!said.contains(secret), "{secret:?} was logged: {said}");
        }
    }
}

#[test]
fn the_whole_journey_with_a_users_file() {
    let users = Users::with(USERNAME, &["--subject", SUBJECT]);
    Deployment::new(&users.setting()).visit(whole::walk);
}

#[test]
fn the_journey_of_a_native_client_with_a_users_file() {
    let users = Users::with(USERNAME, &["--subject", SUBJECT]);
    Deployment::new(&(users.setting() + "bearer.enabled = true\n")).visit(native::walk);
}

#[test]
fn the_whole_journey_with_an_http_backend() {
    let backend = Peer::backend();
    let setting = format!("backend.url = \"{}\"\n", backend.url("/verify"));
    Deployment::new(&setting).visit(whole::walk);
    let asked = backend.requests();
    for request in &asked {
        assert_eq!((request.method.as_str(), request.target.as_str()), ("POST", "/verify"));
        assert_eq!(request.header("content-type"), Some("application/json"));
        assert_eq!(request.header("cookie"), None);
    }
    assert!(asked.iter().any(|request| request.body.contains("nobody")), "it knows who is unknown");
}

#[test]
fn the_journey_of_a_native_client_with_an_http_backend() {
    let backend = Peer::backend();
    let setting = format!("backend.url = \"{}\"\nbearer.enabled = true\n", backend.url("/verify"));
    Deployment::new(&setting).visit(native::walk);
}

#[test]
fn claims_come_from_the_backend_and_reach_the_api_as_headers() {
    let backend = Peer::backend();
    let Deployment { sealpass, api } = Deployment::new(&format!(
        "backend.url = \"{}\"\nupstream.claims = [\"name\", \"roles\", \"tenant\"]\n",
        backend.url("/verify"),
    ));
    let client = Client::new();
    // What a client adds to its login is nobody's claim.
    let body = json!({ "username": USERNAME, "password": PASSWORD, "roles": ["admin"] });
    client.post(&sealpass.url("/auth/login")).json(&body).send().expect(200);
    let received = api.one_request(|| {
        client.get(&sealpass.url("/api/me")).send().expect(200);
    });
    assert_eq!(received.header("x-auth-claims-name"), Some("Ada%20Lovelace"));
    assert_eq!(received.header("x-auth-claims-roles"), Some("reader,writer"));
    assert_eq!(received.header("x-auth-claims-tenant"), Some(""), "always there");
}

#[test]
fn identity_that_a_client_sends_in_any_spelling_never_reaches_the_api() {
    let users = Users::with(USERNAME, &[]);
    let Deployment { sealpass, api } = Deployment::new(&users.setting());
    let client = Client::new();
    let body = json!({ "username": USERNAME, "password": PASSWORD });
    client.post(&sealpass.url("/auth/login")).json(&body).send().expect(200);
    let received = api.one_request(|| {
        let spoofed = SPELLINGS.iter().fold(client.get(&sealpass.url("/api/me")), |call, name| {
            call.header(&format!("{name}: mallory"))
        });
        // Named here, our own headers would be removed as hop-by-hop ones.
        spoofed.header("Connection: x-auth-subject, x-auth-session").send().expect(200);
    });
    assert_eq!(received.header("x-auth-subject"), Some(USERNAME));
    assert!(received.header("x-auth-session").is_some_and(|sid| !sid.is_empty()));
    for (name, value) in &received.headers {
        assert!(!value.contains("mallory"), "{name}: {value}");
    }
}

#[test]
fn our_cookies_stay_with_us_and_the_others_pass() {
    let users = Users::with(USERNAME, &[]);
    let Deployment { sealpass, api } = Deployment::new(&users.setting());
    let client = Client::new();
    let body = json!({ "username": USERNAME, "password": PASSWORD });
    let login = client.post(&sealpass.url("/auth/login")).json(&body).send().expect(200);
    let csrf = login.json()["csrf_token"].as_str().expect("a token").to_owned();
    let token = client.cookie("__Host-session").expect("a session cookie").value;

    let cookies =
        format!("Cookie: theme=dark; __Host-session={token}; __Host-csrf={csrf}; lang=en");
    let received = api.one_request(|| {
        let call = Client::new().post(&sealpass.url("/api/orders")).header(&cookies);
        call.header(&format!("X-CSRF-Token: {csrf}")).body("tea").send().expect(200);
    });
    assert_eq!(received.header("cookie"), Some("theme=dark; lang=en"));
    assert_eq!(received.header("x-csrf-token"), None);
    for (name, value) in &received.headers {
        assert!(!value.contains(&token) && !value.contains(&csrf), "{name}: {value}");
    }
}

#[test]
fn a_backend_that_fails_is_unavailable_and_not_a_wrong_password() {
    let backend = Peer::backend();
    for path in ["/broken", "/garbage", "/oversized", "/silent"] {
        let url = backend.url(path);
        let sealpass =
            Sealpass::serve(&format!("backend.url = \"{url}\"\nbackend.timeout = \"250ms\"\n"));
        let body = json!({ "username": USERNAME, "password": PASSWORD });
        let login = Client::new().post(&sealpass.url("/auth/login")).json(&body).send();
        login.expect_problem(503, "backend_unavailable");
        assert!(!sealpass.child.said().contains(PASSWORD));
    }
}
