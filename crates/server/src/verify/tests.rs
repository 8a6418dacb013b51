//! The contract with nginx, rule by rule.

use std::net::SocketAddr;

use axum::body::{Body, to_bytes};
use axum::response::Response;
use http::{HeaderMap, Request, header};
use sealpass_tower::sealpass::credential::{Identity, Subject};
use sealpass_tower::sealpass::jose::{Key, KeyRing};
use sealpass_tower::sealpass::{NumericDate, Origin, Policy};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::*;
use crate::step_up::StepUpRule;

const LOGIN: NumericDate = NumericDate::from_secs(1_800_000_000);
const PROXY: [u8; 4] = [10, 0, 0, 7];

/// A server, one user logged in, and a trusted proxy at 10.0.0.7.
struct Server {
    forward_auth: ForwardAuth,
    cookie: String,
    csrf: String,
    bearer: String,
}

impl Server {
    fn new() -> Self {
        Self::with(1, &["10.0.0.0/24"], json!({"role": "admin"}))
    }

    /// `age` is in seconds since the login.
    fn with(age: u64, trusted: &[&str], claims: Value) -> Self {
        let policy: Policy<Claims> = Policy::builder()
            .issuer("https://app.example")
            .audience("https://app.example")
            .keys(KeyRing::new(Key::generate_a256gcm().unwrap()))
            .origin(Origin::parse("https://app.example").unwrap())
            // The clock stands elsewhere than where the process began.
            .revocations(Arc::default())
            .bearer_tokens()
            .build()
            .unwrap();
        let claims = serde_json::from_value(claims).unwrap();
        let ada = Identity::new(Subject::new("ada").unwrap(), claims);
        let grant = policy.grant(&ada, LOGIN).unwrap();
        let [session, csrf] = grant.set_cookies();
        let cookie =
            format!("{}={}; {}={}", session.name(), session.value(), csrf.name(), csrf.value());
        let csrf = csrf.value().to_owned();
        let bearer = policy.grant_bearer(&ada, LOGIN).unwrap();
        let bearer = format!("Bearer {}", bearer.access_token().expose());
        let wanted = ["role", "absent"].map(|claim| ClaimHeader {
            claim: claim.to_owned(),
            header: format!("x-auth-claims-{claim}").parse().unwrap(),
        });
        let trusted = trusted.iter().map(|network| network.parse().unwrap()).collect();
        let now = LOGIN.saturating_add(age);
        let auth = Sealpass::with_clock(policy, move || now);
        let trusted = TrustedProxies::new(trusted);
        let forward_auth = ForwardAuth::new(auth, &wanted, trusted, StepUp::default());
        Self { forward_auth, cookie, csrf, bearer }
    }

    /// Asks as nginx does, with these headers.
    async fn ask(&self, headers: &[(&str, &str)]) -> Response {
        self.ask_as(PROXY, Request::get("/auth/verify/nginx"), headers).await
    }

    async fn ask_as(
        &self,
        peer: [u8; 4],
        request: http::request::Builder,
        headers: &[(&str, &str)],
    ) -> Response {
        let request = headers.iter().fold(request, |request, (name, value)| {
            let value = value
                .replace("{cookie}", &self.cookie)
                .replace("{csrf}", &self.csrf)
                .replace("{bearer}", &self.bearer);
            request.header(*name, value)
        });
        let peer = Peer::new(SocketAddr::from((peer, 1)));
        let request = request.extension(peer).body(Body::empty()).unwrap();
        self.forward_auth.clone().routes().oneshot(request).await.unwrap()
    }

    async fn code(&self, headers: &[(&str, &str)]) -> (u16, String) {
        problem(self.ask(headers).await).await
    }
}

/// The status and the `code` of an answer; no code for an empty body.
async fn problem(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    let body = to_bytes(response.into_body(), 4096).await.unwrap();
    if body.is_empty() {
        return (status, String::new());
    }
    let body: Value = serde_json::from_slice(&body).unwrap();
    (status, body["code"].as_str().unwrap().to_owned())
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Vec<&'h str> {
    headers.get_all(name).iter().map(|value| value.to_str().unwrap()).collect()
}

fn refused(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

const COOKIE: (&str, &str) = ("cookie", "{cookie}");
const GET: (&str, &str) = ("x-original-method", "GET");
const POST: (&str, &str) = ("x-original-method", "POST");
const TOKEN: (&str, &str) = ("x-csrf-token", "{csrf}");

#[tokio::test]
async fn rule_1_success_is_exactly_200_with_an_empty_body() {
    let response = Server::new().ask(&[COOKIE, GET]).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(text(response.headers(), "cache-control"), ["no-store"]);
    assert_eq!(to_bytes(response.into_body(), 1).await.unwrap(), "");
}

#[tokio::test]
async fn rule_2_each_cookie_of_a_renewal_has_a_header_of_its_own() {
    let server = Server::with(400, &["10.0.0.7/32"], json!({"role": "admin"}));
    let response = server.ask(&[COOKIE, GET]).await;
    let headers = response.headers();
    let cookies = text(headers, "set-cookie");
    let [session, csrf] = cookies[..] else { panic!("{cookies:?}") };
    assert!(session.starts_with("__Host-session=ey") && session.contains("; HttpOnly"));
    assert!(csrf.starts_with("__Host-csrf="));
    assert_eq!(text(headers, "x-auth-set-cookie-1"), [session]);
    assert_eq!(text(headers, "x-auth-set-cookie-2"), [csrf]);
    assert!(headers["x-auth-set-cookie-1"].is_sensitive());
}

#[tokio::test]
async fn rule_2_without_a_renewal_no_cookie_is_set_whatever_the_client_sent() {
    let spoofed = [COOKIE, GET, ("x-auth-set-cookie-1", "evil=1"), ("set-cookie", "evil=1")];
    let response = Server::new().ask(&spoofed).await;
    assert_eq!(response.status(), StatusCode::OK);
    for name in ["set-cookie", "x-auth-set-cookie-1", "x-auth-set-cookie-2"] {
        assert!(text(response.headers(), name).is_empty(), "{name}");
    }
}

#[tokio::test]
async fn rule_3_all_headers_together_stay_under_4_kib() {
    // From a plain session, over one whose cookies fit once, to one whose cookies do not fit.
    let mut forms = Vec::new();
    for length in (0..2600).step_by(100) {
        let claims = json!({"role": "admin", "filler": "x".repeat(length)});
        let response = Server::with(400, &["10.0.0.0/24"], claims).ask(&[COOKIE, GET]).await;
        assert_eq!(response.status(), StatusCode::OK, "{length}");
        let headers = response.headers();
        let bytes: usize =
            headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
        assert!(bytes < 4000, "{bytes} bytes for {length}");
        let form = (
            text(headers, "set-cookie").len(),
            text(headers, "x-auth-set-cookie-1").len() + text(headers, "x-auth-set-cookie-2").len(),
        );
        assert_eq!(text(headers, "x-auth-subject"), ["ada"]);
        if forms.last() != Some(&form) {
            forms.push(form);
        }
    }
    assert_eq!(forms, [(2, 2), (0, 2), (0, 0)]);
}

#[tokio::test]
async fn rule_3_an_identity_that_does_not_fit_is_refused() {
    let server = Server::with(1, &["10.0.0.0/24"], json!({"role": "\u{e9}".repeat(700)}));
    assert_eq!(server.code(&[COOKIE, GET]).await, refused(403, "identity_too_large"));
}

#[tokio::test]
async fn rule_4_every_identity_header_is_always_there() {
    let spoofed = [COOKIE, GET, ("x-auth-claims-absent", "root"), ("x-auth-subject", "mallory")];
    let response = Server::new().ask(&spoofed).await;
    let headers = response.headers();
    assert_eq!(text(headers, "x-auth-subject"), ["ada"]);
    assert_eq!(text(headers, "x-auth-claims-role"), ["admin"]);
    assert_eq!(text(headers, "x-auth-claims-absent"), [""]);
    assert_eq!(headers["x-auth-session"].len(), 22);
}

#[tokio::test]
async fn rule_5_a_second_dialect_is_refused() {
    let server = Server::new();
    for name in [
        "x-forwarded-method",
        "X-Forwarded-Uri",
        "x_forwarded_uri",
        "x-envoy-original-path",
        "x-envoy-original-method",
    ] {
        let headers = [COOKIE, GET, (name, "/public")];
        assert_eq!(server.code(&headers).await, refused(403, "other_dialect"), "{name}");
    }
    // What every proxy adds says nothing about the original request.
    let headers = [COOKIE, GET, ("x-forwarded-for", "192.0.2.1"), ("x-forwarded-proto", "https")];
    assert_eq!(server.code(&headers).await.0, 200);
}

#[tokio::test]
async fn rule_5_nobody_is_trusted_who_is_not_configured() {
    for (trusted, peer, expected) in [
        (&[][..], [127, 0, 0, 1], 403),
        (&[][..], PROXY, 403),
        (&["10.0.0.0/24"][..], [10, 0, 1, 7], 403),
        (&["10.0.0.0/24"][..], PROXY, 200),
    ] {
        let server = Server::with(1, trusted, json!({}));
        let request = Request::get("/auth/verify/nginx");
        let answer = problem(server.ask_as(peer, request, &[COOKIE, GET]).await).await;
        let code = if expected == 200 { "" } else { "untrusted_proxy" };
        assert_eq!(answer, refused(expected, code), "{trusted:?} {peer:?}");
    }
}

#[tokio::test]
async fn rule_5_a_request_without_a_connection_is_nobodys() {
    let server = Server::with(1, &["10.0.0.0/24"], json!({}));
    let request = Request::get("/auth/verify/nginx").header("cookie", &server.cookie);
    let request = request.body(Body::empty()).unwrap();
    let response = server.forward_auth.clone().routes().oneshot(request).await.unwrap();
    assert_eq!(problem(response).await, refused(403, "untrusted_proxy"));
}

#[tokio::test]
async fn rule_6_csrf_is_decided_on_the_original_method() {
    let server = Server::new();
    for (headers, expected) in [
        (&[COOKIE, GET][..], refused(200, "")),
        (&[COOKIE, ("x-original-method", "HEAD")], refused(200, "")),
        (&[COOKIE, POST], refused(403, "csrf_missing")),
        (&[COOKIE, POST, TOKEN], refused(200, "")),
        (
            &[COOKIE, POST, ("x-csrf-token", "AAAAAAAAAAAAAAAAAAAAAA")],
            refused(403, "csrf_mismatch"),
        ),
        (&[COOKIE, POST, TOKEN, ("origin", "https://evil.test")], refused(403, "cross_site")),
        (&[COOKIE, POST, TOKEN, ("sec-fetch-site", "same-site")], refused(403, "cross_site")),
        (&[COOKIE, ("x-original-method", "get")], refused(403, "csrf_missing")),
        (&[COOKIE, ("x-original-method", "PURGE")], refused(403, "csrf_missing")),
        (&[("authorization", "{bearer}"), POST], refused(200, "")),
    ] {
        assert_eq!(server.code(headers).await, expected, "{headers:?}");
    }
}

#[tokio::test]
async fn rule_6_without_a_method_the_request_is_unsafe() {
    let server = Server::new();
    assert_eq!(server.code(&[COOKIE]).await, refused(403, "csrf_missing"));
    assert_eq!(server.code(&[COOKIE, TOKEN]).await.0, 200);
}

#[tokio::test]
async fn rule_6_the_method_of_the_call_itself_counts_for_nothing() {
    let server = Server::new();
    for method in ["GET", "HEAD", "POST", "PUT", "OPTIONS", "PURGE"] {
        let call = || Request::builder().method(method).uri("/auth/verify/nginx");
        let allowed = server.ask_as(PROXY, call(), &[COOKIE, GET]).await;
        assert_eq!(allowed.status(), StatusCode::OK, "{method}");
        let refused = server.ask_as(PROXY, call(), &[COOKIE, POST]).await;
        assert_eq!(refused.status(), StatusCode::FORBIDDEN, "{method}");
    }
}

#[tokio::test]
async fn rule_7_the_query_of_the_call_counts_for_nothing() {
    let server = Server::new();
    for query in ["x-original-method=GET", "method=GET&public=1", "%00", "?"] {
        let call = || Request::get(format!("/auth/verify/nginx?{query}"));
        let answer = problem(server.ask_as(PROXY, call(), &[COOKIE, POST]).await).await;
        assert_eq!(answer, refused(403, "csrf_missing"), "{query}");
        let answer = problem(server.ask_as(PROXY, call(), &[COOKIE, GET]).await).await;
        assert_eq!(answer.0, 200, "{query}");
    }
}

#[tokio::test]
async fn rule_8_two_descriptions_under_any_spelling_are_refused() {
    let server = Server::new();
    let url = ("x-original-url", "https://app.example/x?y");
    assert_eq!(server.code(&[COOKIE, GET, url]).await.0, 200);
    for headers in [
        &[COOKIE, GET, POST][..],
        &[COOKIE, GET, GET],
        &[COOKIE, POST, ("x_original_method", "GET")],
        &[COOKIE, GET, ("X-Original_Method", "GET")],
        &[COOKIE, GET, url, url],
        &[COOKIE, GET, url, ("x_original_url", "https://app.example/public")],
        &[COOKIE, ("x-original-method", "")],
        &[COOKIE, ("x-original-method", "GET, POST")],
        &[COOKIE, ("x-original-method", "GET /")],
        &[COOKIE, ("x-original-method", "GE\u{e9}T")],
    ] {
        assert_eq!(server.code(headers).await, refused(403, "ambiguous_original"), "{headers:?}");
    }
}

#[tokio::test]
async fn rule_10_every_refusal_is_401_or_403() {
    let server = Server::new();
    let late = Server::with(7200, &["10.0.0.0/24"], json!({}));
    let ended = Server::with(43_200, &["10.0.0.0/24"], json!({}));
    for (server, headers, expected) in [
        (&server, &[GET][..], refused(401, "token_missing")),
        (&server, &[GET, ("cookie", "__Host-session=x")], refused(401, "token_invalid")),
        (&server, &[GET, ("cookie", "%5F%5FHost-session=x")], refused(401, "token_missing")),
        (&late, &[GET, COOKIE], refused(401, "token_expired")),
        (&ended, &[GET, COOKIE], refused(401, "session_expired")),
        // 400 anywhere else.
        (
            &server,
            &[GET, COOKIE, ("authorization", "{bearer}")],
            refused(403, "ambiguous_credentials"),
        ),
        (
            &server,
            &[GET, COOKIE, ("cookie", "__Host-session=x")],
            refused(403, "ambiguous_credentials"),
        ),
    ] {
        let response = server.ask(headers).await;
        let challenges = text(response.headers(), "www-authenticate").len();
        assert_eq!(text(response.headers(), "content-type"), ["application/problem+json"]);
        assert_eq!(text(response.headers(), "cache-control"), ["no-store"]);
        assert!(!response.headers().contains_key(header::SET_COOKIE));
        let answer = problem(response).await;
        assert_eq!(answer, expected, "{headers:?}");
        assert_eq!(challenges, usize::from(answer.0 == 401), "{headers:?}");
    }
}

#[tokio::test]
async fn rule_10_a_session_that_was_logged_out_is_refused() {
    let server = Server::new();
    let mut headers = HeaderMap::new();
    headers.insert("cookie", server.cookie.parse().unwrap());
    headers.insert("x-csrf-token", server.csrf.parse().unwrap());
    let logout = sealpass_tower::sealpass::RequestView::new(&http::Method::POST, &headers);
    let auth = &server.forward_auth.auth;
    let (policy, now) = (auth.policy(), auth.now());
    let ended = policy.complete(policy.logout(&logout, now).unwrap(), now);
    assert!(ended.revoked().is_some());
    assert_eq!(server.code(&[COOKIE, GET]).await, refused(401, "token_revoked"));
}

#[tokio::test]
async fn rule_11_a_page_gets_the_same_401_as_an_api_call() {
    // nginx cannot carry a redirect; its configuration makes one of the 401.
    let page = [GET, ("sec-fetch-mode", "navigate"), ("accept", "text/html")];
    assert_eq!(Server::new().code(&page).await, refused(401, "token_missing"));
}

#[test]
fn strangers_cannot_fill_the_log() {
    let peer = |n: u8| Peer::new(SocketAddr::from(([192, 0, 2, n], 1)));
    let mut strangers = Strangers::default();
    assert!(strangers.note(peer(1)));
    assert!(!strangers.note(peer(1)), "once for each");
    let warned = (2..=255).filter(|n| strangers.note(peer(*n))).count();
    assert_eq!(1 + warned, Strangers::MAX);
}

/// What a proxy in front of `path` is told, `age` seconds after the login.
async fn asked_for(url: &str, age: u64) -> Response {
    let mut server = Server::with(age, &["10.0.0.0/24"], json!({}));
    let rule = StepUpRule::new("/transfer", 300).unwrap();
    server.forward_auth.step_up = Arc::new(StepUp::new(vec![rule]));
    server.ask(&[COOKIE, ("x-original-method", "GET"), ("x-original-url", url)]).await
}

#[tokio::test]
async fn a_path_with_step_up_wants_a_recent_login() {
    let url = "https://app.example/transfer/7?to=bob";
    assert_eq!(asked_for(url, 299).await.status(), 200);
    for age in [300, 301] {
        let refused = asked_for(url, age).await;
        assert_eq!(
            text(refused.headers(), "www-authenticate"),
            [
                r#"Bearer realm="sealpass", error="insufficient_user_authentication", error_description="this needs a login within the last 300 seconds: log in again", max_age="300""#
            ]
        );
        assert!(!refused.headers().contains_key("x-auth-set-cookie-1"), "nothing is renewed");
        assert_eq!(problem(refused).await, (401, "reauth_required".to_owned()), "{age}");
    }
    for url in ["https://app.example/", "https://app.example/transfers", "http://x/?/transfer"] {
        assert_eq!(asked_for(url, 300).await.status(), 200, "{url}");
    }
}

#[tokio::test]
async fn a_url_that_could_be_two_falls_under_the_strictest_rule() {
    for url in [
        "https://app.example",
        "https://app.example?/transfer",
        "/transfer",
        "https://app.example/x/../transfer",
        "https://app.example/%2574ransfer",
        "https://app.example/http://evil.test/transfer",
        "https://a@b/",
        "https://a b/",
        "https://app.example/caf\u{e9}",
    ] {
        assert_eq!(problem(asked_for(url, 300).await).await.1, "reauth_required", "{url}");
    }
}
