//! What the rules for paths do to a request that a front proxy asks about.

use super::via::{Told, Via, told};
use super::*;

/// What nginx in front of `target` is told about a request with `headers`.
async fn asked_for(method: &str, target: &str, headers: &[(&str, &str)]) -> Told {
    let mut server = Server::with(1, &["10.0.0.0/24"], json!({"role": "admin"}));
    server.forward_auth.routes = routes([
        ("/public", public()),
        ("/admin", role("admin")),
        ("/owner", role("owner")),
        ("DELETE /orders", role("owner")),
    ]);
    server.ask(Via::Nginx, method, target, headers).await
}

#[tokio::test]
async fn a_claim_that_is_not_there_is_403() {
    assert_eq!(asked_for("GET", "/admin", &[COOKIE]).await.status, 200);
    let refused = asked_for("GET", "/owner", &[COOKIE]).await;
    assert_eq!(refused.verdict(), told(403, "claim_required"));
    assert_eq!(asked_for("GET", "/owner", &[]).await.verdict(), told(401, "token_missing"));
}

#[tokio::test]
async fn a_public_path_is_for_anyone_and_its_identity_is_empty() {
    let broken = ("cookie", "__Host-session=a; __Host-session=b");
    for (method, headers) in
        [("GET", &[][..]), ("GET", &[COOKIE]), ("GET", &[broken]), ("POST", &[COOKIE])]
    {
        let pass = asked_for(method, "/public/a?b", headers).await;
        assert_eq!(pass.status, 200);
        for name in
            ["x-auth-subject", "x-auth-session", "x-auth-claims-role", "x-auth-claims-absent"]
        {
            assert_eq!(pass.all(name), [""], "{name}");
        }
        assert!(pass.all("x-auth-set-cookie-1").is_empty(), "no session is looked at");
    }
}

#[tokio::test]
async fn a_path_that_could_be_another_is_refused() {
    for target in [
        "/public/../transfer",
        "/public/%2e%2e/admin",
        "/public/..%2fadmin",
        "/%2570ublic",
        "/public/..;/admin",
        "/public#/../admin",
        "/public\\..\\admin",
        "/public%00",
        "/public//admin",
        "/PUBLIC",
    ] {
        let refused = asked_for("GET", target, &[COOKIE]).await;
        assert_eq!(refused.verdict(), told(403, "ambiguous_path"), "{target}");
    }
    let query = asked_for("GET", "/other?x=/public", &[]).await;
    assert_eq!(query.verdict(), told(401, "token_missing"));
}

#[tokio::test]
async fn a_method_gets_around_no_rule_for_it() {
    let url = "/orders/7";
    assert_eq!(asked_for("POST", url, &[COOKIE, TOKEN]).await.status, 200);
    let delete = asked_for("DELETE", url, &[COOKIE, TOKEN]).await;
    assert_eq!(delete.verdict(), told(403, "claim_required"));
    let spelled = asked_for("delete", url, &[COOKIE, TOKEN]).await;
    assert_eq!(spelled.verdict(), told(403, "ambiguous_path"));
}
