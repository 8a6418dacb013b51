//! Requests that the user did not mean.

use http::{StatusCode, header};
use serde_json::json;

use super::finding::Finding;
use super::login::Session;
use super::site::{Answer, NoAnswer, Site};

/// Probes what another site's page can do to a browser without a session: log it in and out.
pub(super) async fn without_session(site: &Site) -> Result<Vec<Finding>, NoAnswer> {
    let logout = site.post("/auth/logout").cross_site().send().await?;
    let by_origin = site.post("/auth/login").header(header::ORIGIN, FOREIGN).json(&json!({}));
    let by_fetch = site.post("/auth/login").header("sec-fetch-site", "cross-site").json(&json!({}));
    let logins = [("Origin", by_origin.send().await?), ("Sec-Fetch-Site", by_fetch.send().await?)];
    Ok(vec![judge_logout(&logout), judge_login(&logins)])
}

fn judge_logout(answer: &Answer) -> Finding {
    let seen = format!("POST /auth/logout from another site: {}", answer.summary());
    if answer.status == StatusCode::FORBIDDEN {
        Finding::ok("csrf_logout", seen)
    } else {
        Finding::fail("csrf_logout", seen, KEEP_HEADERS)
    }
}

fn judge_login(answers: &[(&str, Answer)]) -> Finding {
    let passed = answers.iter().filter(|(_, answer)| answer.status != StatusCode::FORBIDDEN);
    let wrongs: Vec<_> = passed
        .map(|(name, answer)| {
            format!("POST /auth/login with {name} of another site: {}", answer.summary())
        })
        .collect();
    let well = "no other site's page can log a browser in";
    Finding::of_wrongs("csrf_login", &wrongs, well, KEEP_HEADERS)
}

/// Sends an unsafe request without a body to `path` that must be refused, with the session.
pub(super) async fn with_session(
    site: &Site,
    session: &Session,
    path: &str,
) -> Result<Vec<Finding>, NoAnswer> {
    let bare = session.attach(site.post(path)).same_origin().send().await?;
    let foreign = session.attach_cross_site(site.post(path)).send().await?;
    Ok(vec![
        judge("csrf_token", &format!("POST {path} without X-CSRF-Token"), &bare),
        judge("csrf_cross_site", &format!("POST {path} from another site"), &foreign),
    ])
}

fn judge(code: &'static str, what: &str, answer: &Answer) -> Finding {
    let seen = format!("{what}: {}", answer.summary());
    if answer.status == StatusCode::FORBIDDEN {
        return Finding::ok(code, seen);
    }
    Finding::fail(
        code,
        seen,
        "let forward-auth be told the original method, `Origin` and `Sec-Fetch-Site`, and set \
         `csrf.mode = \"strict\"`: an API must never see this request",
    )
}

const KEEP_HEADERS: &str = "let the front proxy pass `Origin` and `Sec-Fetch-Site` on to Sealpass \
                            unchanged, and set `csrf.mode = \"strict\"`";

/// An origin that nobody trusts.
pub(super) const FOREIGN: &str = "https://sealpass-doctor.invalid";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Severity;

    fn answer(status: u16) -> Answer {
        Answer::recorded(status, &[], "")
    }

    #[test]
    fn whatever_is_not_refused_is_a_failure() {
        for (status, expected) in [
            (403, Severity::Ok),
            (204, Severity::Fail),
            (200, Severity::Fail),
            (404, Severity::Fail),
            (405, Severity::Fail),
        ] {
            assert_eq!(judge("csrf_token", "POST /", &answer(status)).severity, expected);
            assert_eq!(judge_logout(&answer(status)).severity, expected, "{status}");
        }
    }

    #[test]
    fn each_header_must_reach_sealpass() {
        let both = [("Origin", answer(403)), ("Sec-Fetch-Site", answer(403))];
        assert_eq!(judge_login(&both).severity, Severity::Ok);
        let one = [("Origin", answer(400)), ("Sec-Fetch-Site", answer(403))];
        let found = judge_login(&one);
        assert_eq!(found.severity, Severity::Fail);
        assert!(found.seen.contains("with Origin of another site: 400"), "{found:?}");
    }
}
