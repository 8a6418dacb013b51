//! Is it Sealpass that answers under `/auth/`?

use http::{StatusCode, header};

use super::finding::Finding;
use super::site::Answer;

/// Judges the answer to `GET /auth/session` without a session.
pub(super) fn judge(answer: &Answer) -> Vec<Finding> {
    if !is_sealpass(answer) {
        return vec![Finding::fail(
            "session_endpoint",
            format!("GET /auth/session: {}; expected 401 token_missing", answer.summary()),
            "let the front proxy pass `/auth/` on to the `listen` address of Sealpass, answers \
             unchanged; if it redirects, probe the URL it redirects to",
        )];
    }
    let challenge = answer.header(header::WWW_AUTHENTICATE);
    let challenge = if challenge.is_empty() {
        Finding::fail(
            "challenge",
            "the 401 has no WWW-Authenticate",
            "let the front proxy pass `WWW-Authenticate` on: clients learn from it how to log in",
        )
    } else {
        Finding::ok("challenge", "the 401 says how to authenticate")
    };
    vec![Finding::ok("session_endpoint", "GET /auth/session: 401 token_missing"), challenge]
}

/// Whether this is our refusal of a request without a session. Nothing else is sent a password.
pub(super) fn is_sealpass(answer: &Answer) -> bool {
    answer.status == StatusCode::UNAUTHORIZED && answer.code() == "token_missing"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Severity;

    const PROBLEM: (&str, &str) = ("content-type", "application/problem+json");
    const CHALLENGE: (&str, &str) = ("www-authenticate", "Bearer realm=\"sealpass\"");
    const MISSING: &str = r#"{"status":401,"code":"token_missing"}"#;

    fn judged(answer: &Answer) -> Vec<(&'static str, Severity)> {
        judge(answer).iter().map(|found| (found.code, found.severity)).collect()
    }

    #[test]
    fn ours_is_a_problem_with_a_challenge() {
        let ours = Answer::recorded(401, &[PROBLEM, CHALLENGE], MISSING);
        let expected = [("session_endpoint", Severity::Ok), ("challenge", Severity::Ok)];
        assert_eq!(judged(&ours), expected);
        let bare = Answer::recorded(401, &[PROBLEM], MISSING);
        assert_eq!(judged(&bare)[1], ("challenge", Severity::Fail));
    }

    #[test]
    fn another_server_gets_no_password() {
        for answer in [
            Answer::recorded(404, &[PROBLEM], r#"{"code":"not_found"}"#),
            Answer::recorded(401, &[CHALLENGE], "Unauthorized"),
            Answer::recorded(200, &[PROBLEM], MISSING),
            Answer::recorded(301, &[("location", "https://www.app.example/")], ""),
        ] {
            assert!(!is_sealpass(&answer));
            assert_eq!(judged(&answer), [("session_endpoint", Severity::Fail)]);
        }
    }
}
