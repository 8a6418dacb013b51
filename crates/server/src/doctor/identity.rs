//! Who the API believes to be called by.

use http::{StatusCode, header};

use super::finding::Finding;
use super::login::Session;
use super::site::{Answer, Call, NoAnswer, Site, shown};
use crate::identity::PREFIX;

/// Names that some API reads as one of ours.
const SPELLINGS: [&str; 9] = [
    "x-auth-subject",
    "x_auth_subject",
    "x-auth_subject",
    "x_auth-subject",
    "x.auth.subject",
    "x-auth-session",
    "x_auth_session",
    "x-auth-assertion",
    "x-auth-claims-roles",
];

/// Asks for `path` as someone who has no session and claims to be somebody.
pub(super) async fn without_session(site: &Site, path: &str) -> Result<Vec<Finding>, NoAnswer> {
    let mut passed = Vec::new();
    for name in SPELLINGS {
        let alone = site.get(path).header(name, MARK).send().await?;
        let dropped = site.get(path).header(name, MARK).header(header::CONNECTION, name);
        for answer in [alone, dropped.send().await?] {
            if answer.status.is_success() {
                passed.push(format!("GET {path} with {name}: {}", answer.summary()));
            }
        }
    }
    Ok(vec![Finding::of_wrongs(
        "identity_without_session",
        &passed,
        format!("{path} is refused whatever identity a client claims"),
        "let no request pass that Sealpass has not allowed, and remove every `X-Auth-*` of clients",
    )])
}

/// Asks `echo`, which answers with the headers it received, as someone who claims to be another.
pub(super) async fn with_session(
    site: &Site,
    session: &Session,
    echo: &str,
) -> Result<Vec<Finding>, NoAnswer> {
    let call = || session.attach(site.get(echo));
    let spoofed = SPELLINGS.iter().fold(call(), |call: Call<'_>, name| call.header(name, MARK));
    let answer = spoofed.send().await?;
    if !answer.status.is_success() {
        return Ok(vec![Finding::skipped(
            "identity_replaced",
            format!("GET {echo}: {}", answer.summary()),
            "name with --echo a path that answers GET with the headers it received",
        )]);
    }
    let connection = "x-auth-subject, x-auth-session";
    let dropped = call().header(header::CONNECTION, connection).send().await?;
    Ok(vec![
        judge_replaced(&answer),
        judge_kept(&dropped, session.subject()),
        judge_cookie(&answer, session),
    ])
}

fn judge_replaced(answer: &Answer) -> Finding {
    if answer.contains(MARK) {
        return Finding::fail(
            "identity_replaced",
            "a value that the client wrote reached the API under a name of an identity header",
            "let the front proxy remove every `X-Auth-*` of clients, with `_` and `.` for `-` too, \
             before it sets its own: `sealpass emit-config` prints a configuration that does",
        );
    }
    Finding::ok("identity_replaced", "identity headers of a client do not reach the API")
}

fn judge_kept(answer: &Answer, subject: &str) -> Finding {
    if !subject.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)) {
        let why = "the subject of this account is encoded in headers";
        return Finding::skipped("identity_kept", why, "use a test account with a plain subject");
    }
    if answer.contains(subject) {
        return Finding::ok("identity_kept", "`Connection: x-auth-subject` removes no identity");
    }
    Finding::fail(
        "identity_kept",
        "with `Connection: x-auth-subject` of a client the API does not learn who is calling",
        "end hop-by-hop headers before identity is set (Caddy 2.6 does not); let the API refuse a \
         request without `X-Auth-Subject`",
    )
}

fn judge_cookie(answer: &Answer, session: &Session) -> Finding {
    if answer.contains(session.token()) {
        return Finding::warn(
            "cookie_kept_back",
            "the session cookie reaches the API, whose logs may keep it",
            "take the cookies of Sealpass out of `Cookie` in front of the API: the configurations that \
             `sealpass emit-config` prints for nginx, HAProxy, Caddy and Envoy do, and so does Sealpass \
             as the proxy (`upstream.url`). Traefik cannot: let the API log no cookies",
        );
    }
    Finding::ok("cookie_kept_back", "the session cookie does not reach the API")
}

/// Judges whether an answer tells a client what is for the front proxy or for the API.
pub(super) fn judge_leak(answer: &Answer) -> Finding {
    let names: Vec<_> = answer
        .headers
        .keys()
        .map(http::HeaderName::as_str)
        .filter(|name| name.starts_with(PREFIX))
        .collect();
    if names.is_empty() {
        return Finding::ok("identity_leak", "answers have no `X-Auth-*`");
    }
    let seen = format!("an answer has {}", shown(&names.join(", ")));
    let change = "remove `X-Auth-*` from the answers to clients: page script reads every header but \
                  `Set-Cookie`";
    if names.iter().any(|name| name.starts_with("x-auth-set-cookie")) {
        Finding::fail("identity_leak", seen, change)
    } else {
        Finding::warn("identity_leak", seen, change)
    }
}

/// Judges the answer to a call of `path` that came without a session.
pub(super) fn judge_protected(path: &str, answer: &Answer) -> Finding {
    let seen = format!("GET {path} without a session: {}", answer.summary());
    if answer.status == StatusCode::UNAUTHORIZED {
        Finding::ok("path_protected", seen)
    } else if answer.status.is_success() {
        Finding::fail(
            "path_protected",
            seen,
            "let every request to the API pass through Sealpass; if this path is meant to be public, \
             name another one with --path",
        )
    } else {
        Finding::skipped("path_protected", seen, "name with --path one that answers 401 then")
    }
}

const MARK: &str = "sealpass-doctor-was-here";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Severity;

    #[test]
    fn what_the_client_wrote_must_not_arrive() {
        let echo =
            |value| Answer::recorded(200, &[], &format!(r#"{{"x-auth-subject":"{value}"}}"#));
        assert_eq!(judge_replaced(&echo("ada")).severity, Severity::Ok);
        assert_eq!(judge_replaced(&echo(MARK)).severity, Severity::Fail);
        assert_eq!(judge_kept(&echo("ada"), "ada").severity, Severity::Ok);
        assert_eq!(judge_kept(&echo(""), "ada").severity, Severity::Fail);
        assert_eq!(judge_kept(&echo(""), "ada@example.com").severity, Severity::Skipped);
    }

    #[test]
    fn a_client_sees_no_header_that_is_not_for_it() {
        for (name, expected) in [
            ("x-auth-set-cookie-1", Severity::Fail),
            ("x-auth-subject", Severity::Warn),
            ("x-request-id", Severity::Ok),
        ] {
            let answer = Answer::recorded(200, &[(name, "a")], "");
            assert_eq!(judge_leak(&answer).severity, expected, "{name}");
        }
    }

    #[test]
    fn a_path_that_needs_a_session_says_so() {
        for (status, expected) in [
            (401, Severity::Ok),
            (200, Severity::Fail),
            (204, Severity::Fail),
            (404, Severity::Skipped),
            (302, Severity::Skipped),
        ] {
            let answer = Answer::recorded(status, &[], "");
            assert_eq!(judge_protected("/api", &answer).severity, expected, "{status}");
        }
    }
}
