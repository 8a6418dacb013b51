//! The journeys, the same behind every proxy. What differs is data: what a proxy shows of a refusal,
//! and which lines of its configuration say what.

mod answers;
mod doctor;
mod headers;
mod questions;
mod websocket;

pub(crate) use self::answers::*;
pub(crate) use self::doctor::*;
pub(crate) use self::headers::*;
pub(crate) use self::questions::*;
pub(crate) use self::websocket::*;
use crate::careless::every_reading;
use crate::native;
use crate::proxy::{Kind, Proxy};
use crate::rules::{self, RULES, TRICKS};
use crate::support::{Answer, Client, Peer, SUBJECT, Sealpass, USERNAME, Users, exchange};
use crate::whole::{self, Front, Session, Site};

/// Sealpass and an API, with an account, and a proxy in front of both.
struct Stage {
    kind: Kind,
    proxy: Proxy,
    sealpass: Sealpass,
    api: Peer,
    _users: Users,
}

/// What every proxy is told.
const SETTINGS: &str = "upstream.claims = [\"roles\", \"team-name\"]\n";
const TRUSTING: &str = "trusted_proxies = [\"127.0.0.1\"]\n";

impl Stage {
    fn behind(kind: Kind) -> Self {
        Self::with(kind, TRUSTING)
    }

    fn with(kind: Kind, settings: &str) -> Self {
        Self::new(kind, Peer::api(), settings, &["roles=[\"reader\"]"], as_printed)
    }

    /// With an account that has `claims`, and a proxy with what `change` makes of its configuration.
    fn new(
        kind: Kind,
        api: Peer,
        settings: &str,
        claims: &[&str],
        change: impl Fn(String) -> String,
    ) -> Self {
        let claims = claims.iter().flat_map(|claim| ["--claim", claim]);
        let options: Vec<_> = ["--subject", SUBJECT].into_iter().chain(claims).collect();
        let users = Users::with(USERNAME, &options);
        let sealpass = Sealpass::serve(&(users.setting() + SETTINGS + settings));
        let proxy = Proxy::start(kind, &sealpass, &api, change);
        Self { kind, proxy, sealpass, api, _users: users }
    }

    fn url(&self, path: &str) -> String {
        self.proxy.url(path)
    }

    fn site(&self) -> Site<'_> {
        let front = if self.kind == Kind::Nginx { Front::Nginx } else { Front::Asking };
        Site { base: self.url(""), api: &self.api, front }
    }

    /// A client that is logged in, and what it knows of its session.
    fn login(&self) -> (Client, Session) {
        let client = Client::new();
        let session = self.site().login(&client);
        (client, session)
    }

    fn expect_refusal(&self, answer: Answer, status: u16, code: &str) {
        self.site().expect_refusal(answer, status, code);
    }
}

fn as_printed(configuration: String) -> String {
    configuration
}

pub(crate) fn a_request_with_a_session_passes_and_says_whose_it_is(kind: Kind) {
    let stage = Stage::behind(kind);
    let (client, session) = stage.login();
    let received = stage.api.one_request(|| {
        let answer = client.get(&stage.url("/api/me?verbose=1&x=a%2Fb")).send().expect(200);
        assert!(answer.headers.iter().all(|(name, _)| !name.starts_with("x-auth-")), "{answer:#?}");
        assert!(answer.all("set-cookie").is_empty(), "{answer:#?}");
    });
    assert_eq!(
        (received.method.as_str(), received.target.as_str()),
        ("GET", "/api/me?verbose=1&x=a%2Fb")
    );
    assert_eq!(received.header("x-auth-subject"), Some(SUBJECT));
    assert_eq!(received.header("x-auth-session").map(str::len), Some(22));
    assert_eq!(received.header("x-auth-claims-roles"), Some("reader"));
    // nginx sends no header that is empty, and no other in its place.
    let absent = (kind != Kind::Nginx).then_some("");
    assert_eq!(received.header("x-auth-claims-team-name"), absent, "always there");
    // Of the origin, whatever the client connected to.
    assert_eq!(received.header("x-forwarded-proto"), Some("https"));
    assert_eq!(received.header("x-forwarded-host"), Some("app.example"));
    assert!(received.header("x-forwarded-for").is_some_and(|address| !address.contains(',')));

    for call in [client.post(&stage.url("/api/orders")), client.call("PUT", &stage.url("/x"))] {
        let received = stage.api.one_request(|| {
            call.header(&session.csrf).chunked().body("tea").send().expect(200);
        });
        assert_eq!(received.body, "tea");
        assert_eq!(received.header("x-csrf-token"), None, "it is for Sealpass");
    }
}

pub(crate) fn a_request_without_a_session_is_refused(kind: Kind) {
    let stage = Stage::behind(kind);
    for (call, code) in [
        (Client::new().get(&stage.url("/api/me")), "token_missing"),
        (Client::new().post(&stage.url("/api/me")).body("tea"), "token_missing"),
        (Client::new().get(&stage.url("/")).header("Cookie: __Host-session=x"), "token_invalid"),
    ] {
        let answer = stage.api.no_request(|| call.send());
        let challenge = answer.header("www-authenticate").expect("a challenge");
        assert!(challenge.starts_with("Bearer "), "{challenge}");
        assert!(answer.all("set-cookie").is_empty(), "{answer:#?}");
        stage.expect_refusal(answer, 401, code);
    }
}

pub(crate) fn both_cookies_of_a_renewal_arrive_whole(kind: Kind) {
    // The shortest access lifetime, so that a session is due for renewal within a second.
    let stage = Stage::with(kind, &format!("{TRUSTING}lifetimes.access = \"1s\"\n"));
    let (client, session) = stage.login();
    let before = client.cookie("__Host-session");

    let renewed = (0..10_000)
        .map(|_| client.get(&stage.url("/api/me")).send().expect(200))
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
    assert!(renewed.headers.iter().all(|(name, _)| !name.starts_with("x-auth-")), "{renewed:#?}");
    let after = client.cookie("__Host-session").expect("a session cookie");
    assert!(after.http_only && Some(&after) != before.as_ref());

    // The anti-CSRF token outlives the renewal, so no tab meets a 403.
    let shown = client.get(&stage.url("/auth/session")).send().expect(200);
    assert_eq!(Session::read(&shown, &client).csrf, session.csrf);
    let order = client.post(&stage.url("/api/orders")).header(&session.csrf).body("tea");
    order.send().expect(200);
}

/// Both forms of its cookies together are more than a proxy's buffer holds.
pub(crate) fn a_large_session_is_renewed_too(kind: Kind) {
    let settings = format!("{TRUSTING}lifetimes.access = \"1s\"\n");
    let notes = format!("notes=\"{}\"", "n".repeat(1800));
    let stage = Stage::new(kind, Peer::api(), &settings, &[&notes], as_printed);
    let (client, _) = stage.login();
    let renewed = (0..10_000)
        .map(|_| client.get(&stage.url("/api/me")).send().expect(200))
        .find(|answer| !answer.all("set-cookie").is_empty());
    assert_eq!(renewed.expect("a renewal").all("set-cookie").len(), 2);
}

pub(crate) fn a_session_that_was_logged_out_is_refused(kind: Kind) {
    let stage = Stage::behind(kind);
    let (client, session) = stage.login();
    let copy = client.copy();
    client.post(&stage.url("/auth/logout")).header(&session.csrf).send().expect(204);
    let answer = stage.api.no_request(|| copy.get(&stage.url("/api/me")).send());
    stage.expect_refusal(answer, 401, "token_revoked");
}

pub(crate) fn a_renewal_arrives_with_a_large_answer(kind: Kind) {
    let settings = format!("{TRUSTING}lifetimes.access = \"1s\"\n");
    let notes = format!("notes=\"{}\"", "n".repeat(1800));
    let stage = Stage::new(kind, Peer::api(), &settings, &[&notes], as_printed);
    let (client, session) = stage.login();
    let body = "b".repeat(100_000);
    let renewed = (0..10_000)
        .map(|_| {
            let call =
                client.post(&stage.url("/api/echo")).header(&session.csrf).body(body.clone());
            let answer = call.send().expect(200);
            assert!(answer.body.len() > body.len());
            answer
        })
        .find(|answer| !answer.all("set-cookie").is_empty());
    assert_eq!(renewed.expect("a renewal").all("set-cookie").len(), 2);
}

pub(crate) fn an_assertion_arrives_and_a_clients_own_does_not(kind: Kind) {
    for (algorithm, is_made) in [("off", false), ("EdDSA", true), ("ES256", true)] {
        let settings = format!("{TRUSTING}assertion.algorithm = \"{algorithm}\"\n");
        let stage = Stage::with(kind, &settings);
        let (client, _) = stage.login();
        let received = stage.api.one_request(|| {
            let call = client.get(&stage.url("/api/me")).header("X-Auth-Assertion: mallory");
            call.send().expect(200);
        });
        let assertion = received.header("x-auth-assertion").unwrap_or_default();
        assert_eq!(!assertion.is_empty(), is_made, "{algorithm}: {assertion}");
        if is_made {
            let output = Sealpass::run(&["token", "inspect"], &[], assertion);
            let told = String::from_utf8(output.stdout).expect("text");
            for expected in [algorithm, "at+jwt", SUBJECT] {
                assert!(told.contains(&format!("\"{expected}\"")), "{expected}: {told}");
            }
        }
    }
}

/// To Caddy `/AUTH` is `/auth`, and so Sealpass's; to Sealpass it is the API's, if it knows of one.
pub(crate) fn auth_in_other_letters_needs_a_session_too() {
    let stage = Stage::behind(Kind::Caddy);
    for client in [Client::new(), stage.login().0] {
        let call = client.get(&stage.url("/AUTH/x"));
        stage.api.no_request(|| call.send().expect_problem(404, "not_found"));
    }
    let api = Peer::api();
    let settings = format!("{TRUSTING}upstream.url = \"{}\"\n", api.url(""));
    let stage = Stage::new(Kind::Caddy, api, &settings, &["roles=[\"reader\"]"], as_printed);
    let stranger = Client::new().get(&stage.url("/AUTH/x")).header("X-Auth-Subject: mallory");
    stage.api.no_request(|| stranger.send().expect_problem(401, "token_missing"));
    let (client, _) = stage.login();
    let received = stage.api.one_request(|| {
        client.get(&stage.url("/AUTH/x")).header("X-Auth-Subject: mallory").send().expect(200);
    });
    assert_eq!(received.target, "/AUTH/x");
    assert_eq!(received.header("x-auth-subject"), Some(SUBJECT));
    assert_eq!(received.header("x-auth-claims-roles"), Some("reader"));
}

pub(crate) fn claims_that_look_like_configuration_arrive_as_they_are(kind: Kind) {
    let roles = r#"roles=["a,b","caf\u00e9","{env.HOME}","$host","%[src]","%HOST%","\"x\\"]"#;
    let stage = Stage::new(kind, Peer::api(), TRUSTING, &[roles], as_printed);
    let (client, _) = stage.login();
    let received = stage.api.one_request(|| {
        client.get(&stage.url("/api/me")).send().expect(200);
    });
    assert_eq!(
        received.header("x-auth-claims-roles"),
        Some(r#"a%2Cb,caf%C3%A9,{env.HOME},$host,%25[src],%25HOST%25,"x\"#)
    );
}

pub(crate) fn cookies_of_six_kilobytes_arrive(kind: Kind) {
    // A session that is nearly as large as browsers keep one, and the application's beside it.
    let roles = format!("roles=\"{}\"", "r".repeat(2000));
    let stage = Stage::new(kind, Peer::api(), TRUSTING, &[&roles], as_printed);
    let (client, session) = stage.login();
    let [token, csrf] =
        ["__Host-session", "__Host-csrf"].map(|name| client.cookie(name).expect("a cookie").value);
    assert!(token.len() > 2600, "{}", token.len());
    let ours = format!("__Host-session={token}; __Host-csrf={csrf}");
    let cookies = format!("app={}; {ours}", "a".repeat(6 * 1024 - "app=; ".len() - ours.len()));
    assert_eq!(cookies.len(), 6 * 1024);
    let received = stage.api.one_request(|| {
        let order = Client::new().post(&stage.url("/api/orders")).header(&session.csrf);
        order.header(&format!("Cookie: {cookies}")).body("tea").send().expect(200);
    });
    let app = cookies.split(';').next();
    assert_eq!(received.header("cookie"), app, "what is the application's");
    assert_eq!(received.header("x-auth-claims-roles").map(str::len), Some(2000));
}

pub(crate) fn rules_for_paths_hold(kind: Kind) {
    let stage = Stage::with(kind, &format!("{TRUSTING}{RULES}"));
    rules::walk(&stage.site());
}

pub(crate) fn no_path_that_is_public_to_one_program_is_another_to_the_api(kind: Kind) {
    let stage =
        Stage::new(kind, Peer::careless_api(), &format!("{TRUSTING}{RULES}"), &[], as_printed);
    let site = stage.site();
    let reads = || stage.api.requests().into_iter().map(|request| request.target);
    for target in ["/public", "/public/", "/public/a.b?x=/admin", "/public/%C3%A9"] {
        rules::get(&site, target, "").expect(200);
    }
    assert_eq!(reads().count(), 4);
    for trick in TRICKS.iter().chain(&FURTHER_TRICKS) {
        // Whether it is refused, and by whom, may differ; what the API could take it for may not.
        rules::get(&site, trick, "");
    }
    for target in reads() {
        let meanings = every_reading(&target);
        assert!(
            meanings.iter().all(|path| path.starts_with("/public")),
            "{target} could be any of {meanings:?}"
        );
    }
}

/// Targets that begin elsewhere than a path does, or that only some proxies let through.
const FURTHER_TRICKS: [&str; 12] = [
    "/public#/../admin",
    "/public/#/../../admin",
    "/public?/../admin",
    "/admin?x=/public",
    "/admin#/public",
    "/admin/../public/../admin",
    "http://app.example/admin",
    "http://app.example/public/../admin",
    "/auth/../admin",
    "/auth/..%2fadmin",
    "/auth/%2e%2e/admin",
    "/auth\\..\\admin",
];

/// A proxy that asks about a whole URL makes one of the host, as the client calls it, and the path.
pub(crate) fn a_host_that_holds_a_path_makes_no_path_public(kind: Kind) {
    let stage = Stage::with(kind, &format!("{TRUSTING}{RULES}"));
    for host in [
        "app.example/public",
        "app.example/public?",
        "app.example/public#",
        "app.example/public/..",
        "app.example:80/public",
        "/public",
        "://a/public",
        "app.example\\/public",
        "app.example, a/public",
        "[::1]/public",
    ] {
        for target in ["/admin", "http://app.example/admin"] {
            let request =
                format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
            // Whether it is refused, and by whom, may differ.
            exchange(&stage.proxy.address, request.as_bytes());
        }
    }
    assert_eq!(stage.api.requests().len(), 0, "{:#?}", stage.api.requests());
}

pub(crate) fn the_whole_journey(kind: Kind) {
    let stage = Stage::behind(kind);
    whole::walk(&stage.site());
}

pub(crate) fn the_journey_of_a_native_client(kind: Kind) {
    let stage = Stage::with(kind, &format!("{TRUSTING}bearer.enabled = true\n"));
    native::walk(&stage.site());
}
