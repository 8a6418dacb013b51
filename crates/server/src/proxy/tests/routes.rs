//! What the rules for paths do to a request before the API sees it.

use super::*;
use crate::route::tests::{public, recent, role, routes, session};

fn guarded() -> Routes {
    routes([
        ("/public", public()),
        ("/public/mine", session()),
        ("POST /transfer", recent(300)),
        ("/admin", role("admin")),
        ("/owner", role("owner")),
    ])
}

async fn gate(api: &Api, age: u64, routes: Routes) -> Gate {
    Gate::new(api.address, Setup { age, routes, ..Setup::default() }).await
}

/// The head that the API sees of `request`, which is answered 200.
async fn passed(request: &str, age: u64) -> String {
    let api = Api::start().await;
    let gate = gate(&api, age, guarded()).await;
    let mut client = gate.send(request).await;
    let mut upstream = api.accept().await;
    let head = upstream.head().await;
    upstream.send(OK).await;
    let answer = client.head().await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{request}: {answer}");
    head
}

/// The problem that answers `request`, which does not reach the API.
async fn refused(request: &str, age: u64) -> (u16, String) {
    let api = Api::start().await;
    let gate = gate(&api, age, guarded()).await;
    let problem = gate.send(request).await.problem().await;
    api.assert_unreached();
    problem
}

fn problem(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[tokio::test]
async fn a_public_path_is_for_anyone_and_the_api_is_told_of_nobody() {
    for credential in [
        "",
        "{session}\n",
        "{bearer}\n",
        "{session}\n{bearer}\n",
        "Cookie: __Host-session=broken\n",
        "Cookie: __Host-session=a; __Host-session=b\n",
        "Authorization: Bearer broken\n",
    ] {
        // CSRF is about an identity, and there is none.
        for (method, length) in [("GET", ""), ("POST", "Content-Length: 0\n")] {
            let request = format!(
                "{method} /public/a?b HTTP/1.1\n{{host}}\n{credential}{length}\
                 Sec-Fetch-Site: cross-site\nX-Auth-Subject: mallory\nX_Auth_Claims_Role: admin\n\n"
            );
            let head = passed(&request, 1).await;
            assert!(head.starts_with(&format!("{method} /public/a?b HTTP/1.1")), "{head}");
            for name in [
                "x-auth-subject",
                "x-auth-session",
                "x-auth-claims-role",
                "x-auth-claims-groups",
                "x-auth-claims-absent",
            ] {
                assert_eq!(header(&head, name), Some(""), "{credential}: {head}");
            }
            for ours in ["__Host-", "Bearer", "x-csrf-token", "mallory"] {
                assert!(!head.contains(ours), "{credential}: {head}");
            }
        }
    }
    let head = passed("GET /public HTTP/1.1\n{host}\n{session}\n\n", 1).await;
    assert_eq!(header(&head, "cookie"), Some("theme=dark"), "other cookies are the API's");
}

#[tokio::test]
async fn a_public_path_renews_no_session() {
    let api = Api::start().await;
    let gate = gate(&api, 400, guarded()).await;
    let mut client = gate.send("GET /public HTTP/1.1\n{host}\n{session}\n\n").await;
    let mut upstream = api.accept().await;
    upstream.head().await;
    upstream.send(OK).await;
    let answer = client.head().await;
    assert!(!answer.to_ascii_lowercase().contains("set-cookie"), "{answer}");
}

#[tokio::test]
async fn who_must_log_in_again_is_not_renewed() {
    let api = Api::start().await;
    let gate = gate(&api, 400, guarded()).await;
    let request = "POST /transfer HTTP/1.1\n{host}\n{session}\nContent-Length: 0\n\n";
    let head = gate.send(request).await.head().await;
    assert!(head.starts_with("HTTP/1.1 401"), "{head}");
    assert!(!head.to_ascii_lowercase().contains("set-cookie"), "{head}");
    api.assert_unreached();
}

#[tokio::test]
async fn every_other_path_needs_a_session() {
    for path in ["/", "/public/mine", "/publicity", "/admin", "/transfer"] {
        let request = format!("GET {path} HTTP/1.1\n{{host}}\n\n");
        assert_eq!(refused(&request, 1).await, problem(401, "token_missing"), "{path}");
        if path != "/admin" {
            passed(&format!("GET {path} HTTP/1.1\n{{host}}\n{{session}}\n\n"), 1).await;
        }
    }
}

#[tokio::test]
async fn a_path_with_step_up_is_the_apis_after_a_recent_login_only() {
    let transfer = "POST /transfer/7 HTTP/1.1\n{host}\n{session}\nContent-Length: 0\n\n";
    passed(transfer, 299).await;
    for age in [300, 301] {
        assert_eq!(refused(transfer, age).await, problem(401, "reauth_required"));
    }
    for request in ["GET /transfer", "POST /transfers", "POST /?to=/transfer"] {
        let request = format!("{request} HTTP/1.1\n{{host}}\n{{session}}\nContent-Length: 0\n\n");
        passed(&request, 300).await;
    }
    // The session is decided first: a stranger, and a forged request, are told what they lack.
    let stranger = "POST /transfer HTTP/1.1\n{host}\nContent-Length: 0\n\n";
    assert_eq!(refused(stranger, 300).await, problem(401, "token_missing"));
    let forged = transfer.replace("{session}\n", "{session}\nSec-Fetch-Site: cross-site\n");
    assert_eq!(refused(&forged, 300).await, problem(403, "cross_site"));
}

#[tokio::test]
async fn a_claim_that_is_not_there_is_named_without_the_values_that_would_do() {
    let head = passed("GET /admin/users HTTP/1.1\n{host}\n{session}\n\n", 1).await;
    assert_eq!(header(&head, "x-auth-claims-role"), Some("admin"));
    let api = Api::start().await;
    let gate = gate(&api, 1, guarded()).await;
    let mut client = gate.send("GET /owner HTTP/1.1\n{host}\n{session}\n\n").await;
    let head = client.head().await;
    assert!(head.starts_with("HTTP/1.1 403"), "{head}");
    let length = header(&head, "content-length").unwrap().parse().unwrap();
    let body = client.bytes(length).await;
    assert!(body.contains(r#""code":"claim_required""#) && body.contains("`role`"), "{body}");
    assert!(!body.contains("owner"), "{body}");
    api.assert_unreached();
}

#[tokio::test]
async fn a_path_that_programs_read_in_different_ways_reaches_nobody() {
    for path in [
        "/public/../admin",
        "/public/%2e%2e/admin",
        "/public/..%2fadmin",
        "/public/%252e%252e/admin",
        "/public//admin",
        "//admin",
        "/public/..\\admin",
        "/public/..;/admin",
        "/public/;/../admin",
        "/public%00/../admin",
        "/public%23/../admin",
        "/public%3f/../admin",
        "/PUBLIC",
        "/%70ublic",
        "/%61dmin",
        "/Admin",
        "/admin.json",
        "*",
    ] {
        let request = format!("GET {path} HTTP/1.1\n{{host}}\n{{session}}\n\n");
        assert_eq!(refused(&request, 1).await, problem(400, "ambiguous_path"), "{path}");
    }
    // The query is the API's alone.
    let query = "GET /other?x=/public/../admin;%00 HTTP/1.1\n{host}\n\n";
    assert_eq!(refused(query, 1).await, problem(401, "token_missing"));
}

#[tokio::test]
async fn what_hyper_takes_for_a_fragment_is_refused_and_not_guessed() {
    for target in ["/public#/../admin", "/public#", "/public?x#y"] {
        let request = format!("GET {target} HTTP/1.1\n{{host}}\n\n");
        assert_eq!(refused(&request, 1).await, problem(400, "ambiguous_path"), "{target}");
    }
}

#[tokio::test]
async fn without_rules_a_path_is_passed_on_as_it_is() {
    for path in ["/public/../admin", "//admin", "/a;b/%00%2f"] {
        let api = Api::start().await;
        let gate = gate(&api, 1, Routes::default()).await;
        let request = format!("GET {path} HTTP/1.1\n{{host}}\n{{session}}\n\n");
        let mut client = gate.send(&request).await;
        let mut upstream = api.accept().await;
        assert!(upstream.head().await.starts_with(&format!("GET {path} HTTP/1.1")));
        upstream.send(OK).await;
        assert!(client.head().await.starts_with("HTTP/1.1 200"), "{path}");
    }
}
