//! How a proxy asks about a request, who else may, and what becomes of one when nobody answers.

use super::{Stage, TRUSTING};
use crate::proxy::Kind;
use crate::support::{Client, Peer};

pub(crate) fn csrf_is_decided_on_the_original_method(kind: Kind) {
    let stage = Stage::behind(kind);
    let (client, session) = stage.login();
    let order = stage.url("/api/orders/7");
    for method in ["POST", "PUT", "PATCH", "DELETE", "PROPFIND"] {
        let answer = stage.api.no_request(|| client.call(method, &order).send());
        stage.expect_refusal(answer, 403, "csrf_missing");
        let received = stage.api.one_request(|| {
            client.call(method, &order).header(&session.csrf).send().expect(200);
        });
        assert_eq!(received.method, method);
    }
    // The client's own word for it does not count.
    for claim in [
        "X-Original-Method: GET",
        "X_Original_Method: GET",
        "X-Forwarded-Method: GET",
        "X_Forwarded_Method: GET",
        "X-Envoy-Original-Method: GET",
        "X-HTTP-Method-Override: GET",
    ] {
        stage.api.no_request(|| client.post(&order).header(claim).send().expect(403));
    }
    let forged = client.post(&order).header(&session.csrf).header("Origin: https://evil.example");
    let answer = stage.api.no_request(|| forged.send());
    stage.expect_refusal(answer, 403, "cross_site");
}

/// Headers with which another kind of proxy would describe the request, and whoever passes them on.
/// The others overwrite or drop them.
const DESCRIPTIONS: [(&str, &[Kind]); 8] = {
    use Kind::{Caddy, EnvoyGrpc, EnvoyHttp, Haproxy, Nginx};
    [
        ("X-Original-Method: GET", &[Caddy, EnvoyGrpc, EnvoyHttp]),
        ("X-Original-URL: https://app.example/public", &[Caddy, EnvoyGrpc, EnvoyHttp]),
        ("X-Original_URL: https://app.example/public", &[Caddy, EnvoyGrpc, EnvoyHttp]),
        ("X-Forwarded-Method: GET", &[EnvoyGrpc, EnvoyHttp, Haproxy, Nginx]),
        ("X-Forwarded-Uri: /public", &[EnvoyGrpc, EnvoyHttp, Haproxy, Nginx]),
        ("X_Forwarded_Uri: /public", &[Caddy, EnvoyGrpc, EnvoyHttp, Haproxy]),
        ("X-Envoy-Original-Path: /public", &[Caddy, Haproxy, Nginx]),
        ("X_Envoy_Original_Path: /public", &[Caddy, Haproxy]),
    ]
};

pub(crate) fn a_second_description_of_the_request_is_refused(kind: Kind) {
    let stage = Stage::behind(kind);
    let (client, _) = stage.login();
    for (line, passed_on_by) in DESCRIPTIONS {
        let call = client.get(&stage.url("/api/me")).header(line);
        if passed_on_by.contains(&kind) {
            let answer = stage.api.no_request(|| call.send());
            assert_eq!(answer.status, 403, "{line}: {answer:#?}");
        } else {
            stage.api.one_request(|| {
                call.send().expect(200);
            });
        }
        // Never is it believed.
        let call = Client::new().get(&stage.url("/api/me")).header(line);
        let answer = stage.api.no_request(|| call.send());
        assert!([401, 403].contains(&answer.status), "{line}: {answer:#?}");
    }
}

pub(crate) fn a_forgotten_description_refuses_everyone(kind: Kind) {
    // A line of the configuration, what it is changed to, and the answer from then on.
    let (line, change, status) = match kind {
        Kind::Nginx => ("proxy_set_header X-Original-Method $request_method;", "", 403),
        Kind::Haproxy => ("headers[\"x-original-method\"] = { txn.sf:method() }", "", 403),
        Kind::Caddy => {
            ("header_up X-Forwarded-Method {method}", "header_up -X-Forwarded-Method", 403)
        }
        // With either of these Envoy asks nobody who knows.
        Kind::EnvoyHttp => ("path_prefix: /auth/verify/envoy", "path_prefix: /elsewhere", 404),
        Kind::EnvoyGrpc => (
            "grpc_service:",
            "allowed_headers: { patterns: [{ exact: accept }] }\n              grpc_service:",
            401,
        ),
    };
    let found = std::cell::Cell::new(0);
    let stage = Stage::new(kind, Peer::api(), TRUSTING, &[], |configuration| {
        found.set(found.get() + configuration.matches(line).count());
        configuration.replace(line, change)
    });
    assert_eq!(found.get(), 1, "{line}");
    let (client, _) = stage.login();
    stage.api.no_request(|| client.get(&stage.url("/api/me")).send().expect(status));
}

pub(crate) fn a_proxy_that_is_not_trusted_is_refused_and_the_log_says_why(kind: Kind) {
    let stage = Stage::with(kind, "trusted_proxies = [\"192.0.2.7\"]\n");
    let (client, _) = stage.login();
    let answer = stage.api.no_request(|| client.get(&stage.url("/api/me")).send());
    stage.expect_refusal(answer, 403, "untrusted_proxy");
    stage.sealpass.child.wait_for(|line| {
        line.contains("127.0.0.1 is not a trusted proxy").then_some(())?;
        line.contains("trusted_proxies").then_some(())
    });
}

pub(crate) fn nobody_else_can_ask_for_a_verdict(kind: Kind) {
    let stage = Stage::behind(kind);
    let (client, _) = stage.login();
    // What a page of the origin can send: the session cookie comes along, and `/auth/` is passed on.
    for path in ["nginx", "caddy", "haproxy", "traefik", "envoy", "envoy/api/me", "nginx?x"] {
        let call = client.get(&stage.url(&format!("/auth/verify/{path}")));
        let answer = call.header("X-Original-Method: GET").send().expect_problem(404, "not_found");
        let told = answer.headers.iter().any(|(name, _)| name.starts_with("x-auth-"));
        assert!(!told, "{path}: {answer:#?}");
    }
    let call = client.post(&stage.url("/envoy.service.auth.v3.Authorization/Check"));
    stage.api.no_request(|| call.send().expect(403));
}

pub(crate) fn without_an_answer_nobody_passes(kind: Kind) {
    let stage = Stage::behind(kind);
    let (client, _) = stage.login();
    client.get(&stage.url("/api/me")).send().expect(200);
    stage.sealpass.child.signal("KILL");
    for _ in 0..3 {
        let answer = stage.api.no_request(|| client.get(&stage.url("/api/me")).send());
        assert!([403, 500, 502, 503].contains(&answer.status), "{answer:#?}");
    }
}

/// To HAProxy an error of its Lua is no reason to stop.
pub(crate) fn a_question_that_goes_wrong_lets_nobody_pass() {
    let stage = Stage::new(Kind::Haproxy, Peer::api(), TRUSTING, &[], |configuration| {
        configuration.replace("local answer = core", "error('no answer')\n    local answer = core")
    });
    stage.api.no_request(|| Client::new().get(&stage.url("/api/me")).send().expect(503));
}
