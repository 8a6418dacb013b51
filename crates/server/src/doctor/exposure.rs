//! What is for front proxies and operators, and must not be reached from outside.

use http::{Method, StatusCode};

use super::finding::Finding;
use super::site::{Answer, NoAnswer, Site};
use crate::admin::revoke;
use crate::verify::GRPC_PATH;

/// The proxies that have a forward-auth endpoint of their own, with what is behind that of Envoy.
const DIALECTS: [&str; 5] = ["nginx", "traefik", "caddy", "haproxy", "envoy/"];

/// Probes every path that belongs to another listener than the public one.
pub(super) async fn probe(site: &Site) -> Result<Vec<Finding>, NoAnswer> {
    let mut verify = Vec::new();
    for dialect in DIALECTS {
        let path = format!("/auth/verify/{dialect}");
        let answer = site.get(&path).send().await?;
        if answer.status != StatusCode::NOT_FOUND {
            verify.push(format!("GET {path}: {}", answer.summary()));
        }
    }
    let answer = site.post(GRPC_PATH).grpc().send().await?;
    if is_check(&answer) {
        verify.push(format!("POST {GRPC_PATH}: {}", answer.summary()));
    }
    let verify = Finding::of_wrongs(
        "verify_endpoints",
        &verify,
        "forward-auth is not reachable",
        "let no location that clients reach lead to `forward_auth.listen`: its answers hold session \
         tokens. The front proxy asks there itself, in an internal location",
    );

    let mut admin = Vec::new();
    for path in ["/healthz", "/readyz", "/keys", "/metrics"] {
        let answer = site.get(path).send().await?;
        if is_admin(path, &answer) {
            admin.push(format!("GET {path}: {}", answer.summary()));
        }
    }
    let answer = site.post(revoke::PATH).send().await?;
    if is_admin(revoke::PATH, &answer) {
        admin.push(format!("POST {}: {}", revoke::PATH, answer.summary()));
    }
    let admin = Finding::of_wrongs(
        "admin_endpoints",
        &admin,
        "the admin listener is not reachable",
        "let no location that clients reach lead to `admin.listen`, and bind it to an address that \
         only operators reach",
    );
    Ok(vec![verify, admin, trace(site).await])
}

/// Whether this is our answer to a check that says nothing, and not one of the API to the same path: a
/// verdict, or that whoever asks for us is none of our proxies.
fn is_check(answer: &Answer) -> bool {
    answer.status == StatusCode::OK
        && ["missing_original", "untrusted_proxy"].iter().any(|code| answer.contains(code))
}

/// Whether this is an answer of our admin listener, and not one of the API to the same path.
fn is_admin(path: &str, answer: &Answer) -> bool {
    let is_ours = answer.status == StatusCode::OK && answer.is_no_store();
    match path {
        "/healthz" => is_ours && answer.body == b"ok",
        "/readyz" => {
            let code = answer.code();
            (is_ours && answer.body == b"ready")
                || code.starts_with("revocations_")
                || code == "shutting_down"
        }
        "/keys" => is_ours && answer.json()["keys"].is_array(),
        "/metrics" => answer.status == StatusCode::OK && answer.contains("sealpass_"),
        _ => answer.code().starts_with("admin_token"),
    }
}

/// TRACE answers with the request, `HttpOnly` cookies and all.
async fn trace(site: &Site) -> Finding {
    let call = site.call(Method::TRACE, "/").header(MARK, MARK);
    match call.send().await {
        Ok(answer) => judge_trace(&answer),
        Err(_) => Finding::ok("trace", "not answered"),
    }
}

fn judge_trace(answer: &Answer) -> Finding {
    if answer.status.is_success() && answer.contains(MARK) {
        Finding::fail(
            "trace",
            "TRACE repeats the request, and with it what page script may not see",
            "refuse TRACE in the front proxy, with 405",
        )
    } else {
        Finding::ok("trace", format!("TRACE: {}", answer.summary()))
    }
}

const MARK: &str = "x-sealpass-doctor";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Severity;

    const NO_STORE: (&str, &str) = ("cache-control", "no-store");
    const PROBLEM: (&str, &str) = ("content-type", "application/problem+json");

    #[test]
    fn our_admin_listener_is_told_from_an_api() {
        for (path, headers, status, body) in [
            ("/healthz", &[NO_STORE][..], 200, "ok"),
            ("/readyz", &[NO_STORE], 200, "ready"),
            ("/readyz", &[PROBLEM], 503, r#"{"code":"revocations_not_synced"}"#),
            ("/keys", &[NO_STORE], 200, r#"{"keys":[]}"#),
            ("/metrics", &[], 200, "# HELP sealpass_requests_total"),
            (revoke::PATH, &[PROBLEM], 401, r#"{"code":"admin_token_missing"}"#),
            (revoke::PATH, &[PROBLEM], 403, r#"{"code":"admin_token_not_set"}"#),
        ] {
            assert!(is_admin(path, &Answer::recorded(status, headers, body)), "{path} {body}");
        }
        for path in ["/healthz", "/readyz", "/keys", "/metrics", revoke::PATH] {
            for (status, headers, body) in [
                (401, &[PROBLEM, NO_STORE][..], r#"{"code":"token_missing"}"#),
                (404, &[PROBLEM], r#"{"code":"not_found"}"#),
                (200, &[], r#"{"status":"up"}"#),
            ] {
                assert!(!is_admin(path, &Answer::recorded(status, headers, body)), "{path} {body}");
            }
        }
    }

    #[test]
    fn a_verdict_over_grpc_is_told_from_an_api() {
        let grpc = ("content-type", "application/grpc");
        for (status, headers, body, expected) in [
            (200, grpc, "\0\0\0\0\u{9}{\"code\":\"missing_original\"}", true),
            (200, grpc, "\0\0\0\0\u{9}{\"code\":\"untrusted_proxy\"}", true),
            (200, grpc, "", false),
            (200, ("grpc-status", "12"), "", false),
            (401, PROBLEM, r#"{"code":"token_missing"}"#, false),
            (404, PROBLEM, r#"{"code":"not_found"}"#, false),
        ] {
            assert_eq!(is_check(&Answer::recorded(status, &[headers], body)), expected, "{body}");
        }
    }

    #[test]
    fn a_trace_is_one_that_comes_back() {
        let echoed = "TRACE / HTTP/1.1\r\nX-Sealpass-Doctor: x-sealpass-doctor";
        for (status, body, expected) in [
            (200, echoed, Severity::Fail),
            (200, "hello", Severity::Ok),
            (405, echoed, Severity::Ok),
        ] {
            assert_eq!(judge_trace(&Answer::recorded(status, &[], body)).severity, expected);
        }
    }
}
