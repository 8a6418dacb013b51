//! The rules of forward-auth that hold for every proxy alike.

use http::{Request, Version};
use serde_json::json;

use super::via::{Told, Via, told};
use super::*;

#[tokio::test]
async fn rule_1_success_is_exactly_200_with_an_empty_body() {
    let server = Server::new();
    for via in Via::ALL {
        let answer = server.ask(via, "GET", "/api/me", &[COOKIE]).await;
        assert_eq!(answer.verdict(), told(200, ""), "{via:?}");
        assert_eq!(answer.all("x-auth-subject"), ["ada"], "{via:?}");
        // What Envoy is told of it, it tells the client, about the API's answer.
        if [Via::Envoy, Via::Grpc].contains(&via) {
            assert!(answer.all("cache-control").is_empty(), "{via:?}");
        } else {
            assert_eq!(answer.all("cache-control"), ["no-store"], "{via:?}");
        }
    }
}

#[tokio::test]
async fn rule_2_a_renewal_brings_both_cookies_whole() {
    let server = Server::with(400, &["10.0.0.7/32"], json!({"role": "admin"}));
    for via in Via::ALL {
        let answer = server.ask(via, "GET", "/api/me", &[COOKIE]).await;
        let cookies = answer.all("set-cookie");
        let [session, csrf] = cookies[..] else { panic!("{via:?}: {cookies:?}") };
        assert!(session.starts_with("__Host-session=ey") && session.contains("; HttpOnly"));
        assert!(csrf.starts_with("__Host-csrf="), "{via:?}");
        assert_eq!(answer.all("cache-control"), ["no-store"], "{via:?}");
        if via != Via::Grpc {
            assert_eq!(answer.all("x-auth-set-cookie-1"), [session], "{via:?}");
            assert_eq!(answer.all("x-auth-set-cookie-2"), [csrf], "{via:?}");
            assert!(answer.headers["x-auth-set-cookie-1"].is_sensitive());
        }
    }
}

#[tokio::test]
async fn rule_2_without_a_renewal_no_cookie_is_set_whatever_the_client_sent() {
    let spoofed = [COOKIE, ("x-auth-set-cookie-1", "evil=1"), ("set-cookie", "evil=1")];
    let server = Server::new();
    for via in Via::ALL {
        let answer = server.ask(via, "GET", "/", &spoofed).await;
        assert_eq!(answer.status, 200);
        for name in ["set-cookie", "x-auth-set-cookie-1", "x-auth-set-cookie-2"] {
            assert!(answer.all(name).is_empty(), "{via:?} {name}");
        }
    }
}

#[tokio::test]
async fn rule_3_all_headers_together_stay_under_4_kib() {
    for via in Via::ALL {
        if via == Via::Grpc {
            continue;
        }
        // From a plain session, over one whose cookies fit once, to one whose cookies do not fit.
        let mut forms = Vec::new();
        for length in (0..2600).step_by(100) {
            let claims = json!({"role": "admin", "filler": "x".repeat(length)});
            let server = Server::with(400, &["10.0.0.0/24"], claims);
            let answer = server.ask(via, "GET", "/", &[COOKIE]).await;
            assert_eq!(answer.status, 200, "{length}");
            let lines = answer.headers.iter();
            let bytes: usize =
                lines.map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
            assert!(bytes < 4000, "{bytes} bytes for {length}");
            let numbered = ["x-auth-set-cookie-1", "x-auth-set-cookie-2"];
            let numbered: usize = numbered.iter().map(|name| answer.all(name).len()).sum();
            let form = (answer.all("set-cookie").len(), numbered);
            assert_eq!(answer.all("x-auth-subject"), ["ada"]);
            if forms.last() != Some(&form) {
                forms.push(form);
            }
        }
        // The one that its configuration reads.
        let once = if [Via::Haproxy, Via::Nginx].contains(&via) { (0, 2) } else { (2, 0) };
        assert_eq!(forms, [(2, 2), once, (0, 0)], "{via:?}");
    }
}

#[tokio::test]
async fn rule_3_an_identity_that_does_not_fit_is_refused() {
    let server = Server::with(1, &["10.0.0.0/24"], json!({"role": "\u{e9}".repeat(700)}));
    for via in Via::ALL {
        let answer = server.verdict_of(via, "GET", &[COOKIE]).await;
        assert_eq!(answer, told(403, "identity_too_large"), "{via:?}");
    }
}

#[tokio::test]
async fn rule_4_every_identity_header_is_always_there() {
    let server = Server::new();
    let spoofed = [COOKIE, ("x-auth-claims-absent", "root"), ("x-auth-subject", "mallory")];
    for via in Via::ALL {
        let answer = server.ask(via, "GET", "/", &spoofed).await;
        assert_eq!(answer.all("x-auth-subject"), ["ada"], "{via:?}");
        assert_eq!(answer.all("x-auth-claims-role"), ["admin"], "{via:?}");
        assert_eq!(answer.all("x-auth-claims-absent"), [""], "{via:?}");
        assert_eq!(answer.headers["x-auth-session"].len(), 22, "{via:?}");
    }
}

#[tokio::test]
async fn rule_5_a_second_dialect_is_refused() {
    const FORWARDED: &[&str] = &["x-forwarded-method", "X-Forwarded-Uri", "x_forwarded_uri"];
    const ORIGINAL: &[&str] =
        &["x-original-method", "X-Original-URL", "x_original_url", "x-original-uri"];
    const ENVOY: &[&str] = &["x-envoy-original-path", "x_envoy_original_method"];
    let server = Server::new();
    for (via, others) in [
        (Via::Caddy, [ORIGINAL, ENVOY]),
        (Via::Envoy, [ORIGINAL, FORWARDED]),
        (Via::Grpc, [ORIGINAL, FORWARDED]),
        (Via::Haproxy, [FORWARDED, ENVOY]),
        (Via::Nginx, [FORWARDED, ENVOY]),
        (Via::Traefik, [ORIGINAL, ENVOY]),
    ] {
        for name in others.into_iter().flatten() {
            let answer = server.verdict_of(via, "GET", &[COOKIE, (name, "/public")]).await;
            assert_eq!(answer, told(403, "other_dialect"), "{via:?} {name}");
        }
    }
}

#[tokio::test]
async fn rule_5_what_every_proxy_adds_is_nobodys_mark() {
    let outer = [
        COOKIE,
        ("x-forwarded-for", "192.0.2.1"),
        ("x-forwarded-port", "443"),
        ("x-real-ip", "192.0.2.1"),
        ("x-original-forwarded-for", "192.0.2.1"),
        ("x-request-id", "7"),
        ("x-envoy-external-address", "192.0.2.1"),
        ("forwarded", "for=192.0.2.1"),
        ("via", "1.1 edge"),
    ];
    let server = Server::new();
    for via in Via::ALL {
        assert_eq!(server.verdict_of(via, "GET", &outer).await, told(200, ""), "{via:?}");
    }
}

#[tokio::test]
async fn rule_5_nobody_is_trusted_who_is_not_configured() {
    for (trusted, from, expected) in [
        (&[][..], [127, 0, 0, 1], 403),
        (&[][..], PROXY, 403),
        (&["10.0.0.0/24"][..], [10, 0, 1, 7], 403),
        (&["10.0.0.0/24"][..], PROXY, 200),
    ] {
        let server = Server::with(1, trusted, json!({}));
        let code = if expected == 200 { "" } else { "untrusted_proxy" };
        for via in Via::ALL {
            let answer = server.ask_as(from, via, "GET", "/", &[COOKIE]).await;
            assert_eq!(answer.verdict(), told(expected, code), "{via:?} {trusted:?} {from:?}");
            assert_eq!(answer.all("x-auth-subject").is_empty(), expected == 403);
        }
    }
}

#[tokio::test]
async fn rule_6_csrf_is_decided_on_the_original_method() {
    let server = Server::new();
    let forged = ("x-csrf-token", "AAAAAAAAAAAAAAAAAAAAAA");
    for via in Via::ALL {
        for (method, headers, expected) in [
            ("GET", &[COOKIE][..], told(200, "")),
            ("HEAD", &[COOKIE], told(200, "")),
            ("POST", &[COOKIE], told(403, "csrf_missing")),
            ("DELETE", &[COOKIE], told(403, "csrf_missing")),
            ("POST", &[COOKIE, TOKEN], told(200, "")),
            ("POST", &[COOKIE, forged], told(403, "csrf_mismatch")),
            ("POST", &[COOKIE, TOKEN, TOKEN], told(403, "csrf_mismatch")),
            ("POST", &[COOKIE, TOKEN, ("origin", "https://evil.test")], told(403, "cross_site")),
            ("POST", &[COOKIE, TOKEN, ("sec-fetch-site", "same-site")], told(403, "cross_site")),
            ("get", &[COOKIE], told(403, "csrf_missing")),
            ("PURGE", &[COOKIE], told(403, "csrf_missing")),
            ("POST", &[BEARER], told(200, "")),
        ] {
            let answer = server.verdict_of(via, method, headers).await;
            assert_eq!(answer, expected, "{via:?} {method} {headers:?}");
        }
    }
}

#[tokio::test]
async fn rule_6_a_page_elsewhere_cannot_open_a_websocket() {
    let server = Server::new();
    // Over HTTP/2 a WebSocket has no key, and HAProxy asks before it makes one.
    for mark in [("sec-websocket-key", "x"), ("sec-websocket-version", "13")] {
        let opening = [COOKIE, mark, ("origin", "https://evil.test")];
        for via in Via::ALL {
            let answer = server.verdict_of(via, "GET", &opening).await;
            assert_eq!(answer, told(403, "cross_site"), "{via:?} {mark:?}");
        }
    }
}

#[tokio::test]
async fn rule_7_the_query_counts_for_nothing() {
    let server = Server::new();
    for query in ["x-original-method=GET", "method=GET&public=1", "x=/public", "%00", "?"] {
        let target = format!("/api/orders?{query}");
        for via in Via::ALL {
            let refused = server.ask(via, "POST", &target, &[COOKIE]).await;
            assert_eq!(refused.verdict(), told(403, "csrf_missing"), "{via:?} {query}");
            assert_eq!(server.ask(via, "GET", &target, &[COOKIE]).await.status, 200, "{via:?}");
        }
    }
}

#[tokio::test]
async fn rule_8_what_envoy_can_take_out_is_taken_out_under_every_spelling() {
    let server = Server::new();
    let sent = [
        COOKIE,
        ("X-Auth-Subject", "mallory"),
        ("x_auth_subject", "mallory"),
        ("x-auth_claims.role", "root"),
        ("x-auth-assertion", "e30"),
        ("x-auth-claims-other", "root"),
        ("x_csrf_token", "x"),
        ("x-rewrite-url", "/admin"),
        ("X_HTTP_Method_Override", "DELETE"),
        ("x-real-ip", "kept"),
        ("x-forwarded-for", "kept"),
        ("x-authority", "kept"),
        ("accept", "*/*"),
    ];
    for via in [Via::Envoy, Via::Grpc] {
        let answer = server.ask(via, "GET", "/", &sent).await;
        let mut removed = answer.removed.clone();
        removed.sort();
        // What the identity is written over stays: Envoy takes out last.
        let expected = [
            "x-auth-assertion",
            "x-auth-claims-other",
            "x-auth_claims.role",
            "x-rewrite-url",
            "x_auth_subject",
            "x_csrf_token",
            "x_http_method_override",
        ];
        assert_eq!(removed, expected, "{via:?}");
        assert_eq!(answer.all("x-auth-subject"), ["ada"]);
    }
    for via in Via::ALL {
        assert!(server.ask(via, "GET", "/", &[COOKIE]).await.removed.is_empty(), "{via:?}");
    }
}

#[tokio::test]
async fn rule_10_every_refusal_is_401_or_403() {
    let server = Server::new();
    let late = Server::with(7200, &["10.0.0.0/24"], json!({}));
    let ended = Server::with(43_200, &["10.0.0.0/24"], json!({}));
    let revoked = Server::new();
    revoked.log_out();
    for via in Via::ALL {
        for (server, headers, expected) in [
            (&server, &[][..], told(401, "token_missing")),
            (&server, &[("cookie", "__Host-session=x")], told(401, "token_invalid")),
            (&server, &[("cookie", "%5F%5FHost-session=x")], told(401, "token_missing")),
            (&late, &[COOKIE], told(401, "token_expired")),
            (&ended, &[COOKIE], told(401, "session_expired")),
            (&revoked, &[COOKIE], told(401, "token_revoked")),
            // 400 anywhere else.
            (&server, &[COOKIE, BEARER], told(403, "ambiguous_credentials")),
        ] {
            let answer = server.ask(via, "GET", "/api/me", headers).await;
            assert_eq!(answer.verdict(), expected, "{via:?} {headers:?}");
            assert_eq!(answer.all("content-type"), ["application/problem+json"], "{via:?}");
            assert_eq!(answer.all("cache-control"), ["no-store"], "{via:?}");
            assert!(answer.all("set-cookie").is_empty(), "{via:?}");
            let challenges = answer.all("www-authenticate").len();
            assert_eq!(challenges, usize::from(expected.0 == 401), "{via:?} {headers:?}");
        }
    }
}

/// What a proxy in front of `target` is told, `age` seconds after the login.
async fn asked_for(via: Via, target: &str, age: u64) -> Told {
    let mut server = Server::with(age, &["10.0.0.0/24"], json!({}));
    server.forward_auth.routes = routes([("/transfer", recent(300))]);
    server.ask(via, "GET", target, &[COOKIE]).await
}

#[tokio::test]
async fn a_path_with_step_up_wants_a_recent_login() {
    for via in Via::ALL {
        let target = "/transfer/7?to=bob";
        assert_eq!(asked_for(via, target, 299).await.status, 200, "{via:?}");
        for age in [300, 301] {
            let refused = asked_for(via, target, age).await;
            assert_eq!(
                refused.all("www-authenticate"),
                [
                    r#"Bearer realm="sealpass", error="insufficient_user_authentication", error_description="this needs a login within the last 300 seconds: log in again", max_age="300""#
                ]
            );
            assert!(refused.all("set-cookie").is_empty(), "nothing is renewed");
            assert_eq!(refused.verdict(), told(401, "reauth_required"), "{via:?} {age}");
        }
        for target in ["/", "/transfers", "/?/transfer"] {
            assert_eq!(asked_for(via, target, 300).await.status, 200, "{via:?} {target}");
        }
    }
}

#[tokio::test]
async fn of_a_call_over_http2_no_path_is_known_for_certain() {
    for (version, expected) in
        [(Version::HTTP_11, told(200, "")), (Version::HTTP_2, told(403, "ambiguous_path"))]
    {
        let mut server = Server::with(1, &["10.0.0.0/24"], json!({}));
        let call = || Request::get("/auth/verify/envoy/transfer").version(version);
        let answer = server.call(PROXY, call(), &[COOKIE]).await;
        assert_eq!(answer.verdict(), told(200, ""), "without rules it is no matter");
        server.forward_auth.routes = routes([("/transfer", recent(300))]);
        assert_eq!(server.call(PROXY, call(), &[COOKIE]).await.verdict(), expected, "{version:?}");
    }
}

#[tokio::test]
async fn a_path_that_could_be_two_is_refused_where_there_are_rules() {
    for via in Via::ALL {
        for target in [
            "/x/../transfer",
            "/x/%2e%2e/transfer",
            "/x/..%2ftransfer",
            "/%2574ransfer",
            "/x;/../transfer",
            "/x%00",
            "/x%5C..%5Ctransfer",
        ] {
            let code = asked_for(via, target, 300).await.verdict().1;
            assert_eq!(code, "ambiguous_path", "{via:?} {target}");
        }
        // http::Uri takes neither of the call itself: a connection refuses the one before, and Envoy
        // folds the other.
        if via != Via::Envoy {
            for target in ["/x#/../transfer", "/x\\..\\transfer"] {
                let code = asked_for(via, target, 300).await.verdict().1;
                assert_eq!(code, "ambiguous_path", "{via:?} {target}");
            }
        }
    }
}
