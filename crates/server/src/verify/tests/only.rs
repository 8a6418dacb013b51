//! What only some proxies can get wrong.

use http::Request;

use super::via::{Via, told};
use super::*;

#[tokio::test]
async fn rule_6_without_a_method_the_request_is_unsafe() {
    let server = Server::new();
    for (via, _, _) in Via::BY_HEADERS {
        let call = || Request::get(via.endpoint());
        let refused = server.call(PROXY, call(), &[COOKIE]).await;
        assert_eq!(refused.verdict(), told(403, "csrf_missing"), "{via:?}");
        assert_eq!(server.call(PROXY, call(), &[COOKIE, TOKEN]).await.status, 200, "{via:?}");
    }
    let refused = server.ask(Via::Grpc, "", "/", &[COOKIE]).await;
    assert_eq!(refused.verdict(), told(403, "csrf_missing"));
}

#[tokio::test]
async fn rule_6_the_method_of_the_call_counts_only_where_it_is_the_original_one() {
    let server = Server::new();
    for (via, name, _) in Via::BY_HEADERS {
        for method in ["GET", "HEAD", "POST", "PUT", "OPTIONS", "PURGE"] {
            let call = || Request::builder().method(method).uri(via.endpoint());
            let allowed = server.call(PROXY, call(), &[COOKIE, (name, "GET")]).await;
            assert_eq!(allowed.status, 200, "{via:?} {method}");
            let refused = server.call(PROXY, call(), &[COOKIE, (name, "POST")]).await;
            assert_eq!(refused.status, 403, "{via:?} {method}");
        }
    }
}

#[tokio::test]
async fn rule_7_the_query_of_the_call_counts_for_nothing() {
    let server = Server::new();
    for (via, name, _) in Via::BY_HEADERS {
        for query in ["x-original-method=GET", "x-forwarded-method=GET", "%00", "?"] {
            let call = || Request::get(format!("{}?{query}", via.endpoint()));
            let refused = server.call(PROXY, call(), &[COOKIE, (name, "POST")]).await;
            assert_eq!(refused.verdict(), told(403, "csrf_missing"), "{via:?} {query}");
            let allowed = server.call(PROXY, call(), &[COOKIE, (name, "GET")]).await;
            assert_eq!(allowed.status, 200, "{via:?} {query}");
        }
    }
}

#[tokio::test]
async fn rule_8_two_descriptions_under_any_spelling_are_refused() {
    let server = Server::new();
    for (via, method, url) in Via::BY_HEADERS {
        let underscored = (method.replace('-', "_"), url.replace('-', "_"));
        let (method_, url_) = (underscored.0.as_str(), underscored.1.as_str());
        let (get, here) = ((method, "GET"), (url, "https://app.example/x?y"));
        let call = || Request::get(via.endpoint());
        assert_eq!(server.call(PROXY, call(), &[COOKIE, get, here]).await.status, 200, "{via:?}");
        for headers in [
            &[COOKIE, get, (method, "POST")][..],
            &[COOKIE, get, get],
            &[COOKIE, (method, "POST"), (method_, "GET")],
            &[COOKIE, get, here, here],
            &[COOKIE, get, here, (url_, "/public")],
            &[COOKIE, (method, "")],
            &[COOKIE, (method, "GET, POST")],
            &[COOKIE, (method, "GET /")],
            &[COOKIE, (method, "GE\u{e9}T")],
        ] {
            let answer = server.call(PROXY, call(), headers).await;
            assert_eq!(answer.verdict(), told(403, "ambiguous_original"), "{via:?} {headers:?}");
        }
    }
}

#[tokio::test]
async fn rule_10_two_session_cookies_are_refused() {
    let server = Server::new();
    let twice = [COOKIE, ("cookie", "__Host-session=x")];
    // Over gRPC they come joined to one, unless the headers are raw.
    for via in Via::ALL.into_iter().filter(|via| *via != Via::Grpc) {
        let answer = server.verdict_of(via, "GET", &twice).await;
        assert_eq!(answer, told(403, "ambiguous_credentials"), "{via:?}");
    }
}

/// A description that is not plain says nothing about the path, and then no rule can decide.
#[tokio::test]
async fn an_original_url_that_could_be_two_is_refused_where_there_are_rules() {
    let mut server = Server::with(300, &["10.0.0.0/24"], json!({}));
    server.forward_auth.routes = routes([("/transfer", recent(300))]);
    for (via, method, url) in Via::BY_HEADERS {
        let urls: &[&str] = match url {
            "x-original-url" => &[
                "https://app.example",
                "https://app.example?/transfer",
                "/transfer",
                "https://app.example/http://evil.test/transfer",
                "https://a@b/",
                "https://a b/",
                "https://app.example/caf\u{e9}",
                "",
            ],
            _ => &["", "transfer", "*", "https://app.example/", "/caf\u{e9}"],
        };
        for value in urls {
            let call = Request::get(via.endpoint());
            let answer = server.call(PROXY, call, &[COOKIE, (method, "GET"), (url, value)]).await;
            assert_eq!(answer.verdict().1, "ambiguous_path", "{via:?} {value}");
        }
        let call = Request::get(via.endpoint());
        let answer = server.call(PROXY, call, &[COOKIE, (method, "GET")]).await;
        assert_eq!(answer.verdict().1, "ambiguous_path", "{via:?}");
    }
}

#[tokio::test]
async fn the_path_behind_envoys_prefix_is_the_original_one() {
    let server = Server::new();
    for target in ["/", "//", "/a", "/auth/verify/nginx", "/a/%2e%2e/b?c=/d", "/?x"] {
        let answer = server.ask(Via::Envoy, "GET", target, &[COOKIE]).await;
        assert_eq!(answer.verdict(), told(200, ""), "{target}");
    }
    for path in ["/auth/verify", "/auth/verify/", "/auth/verify/other", "/auth/verify/envoyx"] {
        let answer = server.call(PROXY, Request::get(path), &[COOKIE]).await;
        assert_eq!(answer.verdict(), told(404, "not_found"), "{path}");
    }
}

#[tokio::test]
async fn a_refused_method_says_which_one_is_allowed() {
    let server = Server::new();
    for method in ["GET", "HEAD", "PUT"] {
        let call = Request::builder().method(method).uri(super::super::grpc::PATH);
        let answer = server.call(PROXY, call, &[]).await;
        assert_eq!(answer.verdict(), told(405, "method_not_allowed"), "{method}");
        assert_eq!(answer.all("allow"), ["POST"], "{method}");
    }
}

/// As recorded from Traefik 3: `trustForwardHeader` off, one header that the client sent twice.
#[tokio::test]
async fn traefiks_recorded_request_is_understood() {
    let server = Server::new();
    let call = || {
        Request::get("/auth/verify/traefik")
            .header("host", "sealpass:8081")
            .header("user-agent", "Mozilla/5.0 (X11; Linux x86_64)")
            .header("accept", "*/*")
            .header("accept-encoding", "gzip")
            .header("x-custom", "a")
            .header("x-custom", "b")
            .header("x-forwarded-for", "192.0.2.1")
            .header("x-forwarded-host", "app.example")
            .header("x-forwarded-method", "PUT")
            .header("x-forwarded-port", "443")
            .header("x-forwarded-proto", "https")
            .header("x-forwarded-server", "edge-1")
            .header("x-forwarded-uri", "/api/orders/7?dry=1")
            .header("x-real-ip", "192.0.2.1")
    };
    let refused = server.call(PROXY, call(), &[COOKIE]).await;
    assert_eq!(refused.verdict(), told(403, "csrf_missing"));
    let allowed = server.call(PROXY, call(), &[COOKIE, TOKEN]).await;
    assert_eq!(allowed.verdict(), told(200, ""));
    // What Traefik passes of a client that knows its headers.
    let spoofed = [COOKIE, ("x_forwarded_method", "GET")];
    let refused = server.call(PROXY, call(), &spoofed).await;
    assert_eq!(refused.verdict(), told(403, "ambiguous_original"));
}
