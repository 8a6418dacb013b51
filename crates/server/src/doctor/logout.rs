//! A session ends, at once and everywhere.

use http::{StatusCode, header};

use super::cookies::{self, Cookie};
use super::finding::Finding;
use super::login::Session;
use super::site::{Answer, NoAnswer, Site, shown};

/// Logs out, and then uses the cookies as whoever copied them would.
pub(super) async fn probe(
    site: &Site,
    session: &Session,
    path: Option<&str>,
) -> Result<Vec<Finding>, NoAnswer> {
    let answer = session.attach_unsafe(site.post("/auth/logout")).send().await?;
    if answer.status != StatusCode::NO_CONTENT {
        let seen = format!("POST /auth/logout: {}", answer.summary());
        return Ok(vec![Finding::fail("logout", seen, "see the log of Sealpass")]);
    }
    let mut accepted = Vec::new();
    for path in std::iter::once("/auth/session").chain(path) {
        for _ in 0..REPLAYS {
            // A connection of its own each, so that the front proxy may choose another instance.
            let replay = session.attach(site.get(path)).header(header::CONNECTION, "close");
            let answer = replay.send().await?;
            if answer.status != StatusCode::UNAUTHORIZED {
                accepted.push(format!("GET {path}: {}", answer.summary()));
            }
        }
    }
    Ok(vec![
        Finding::ok("logout", "POST /auth/logout: 204"),
        judge_removal(session.cookies(), &answer),
        judge_replay(accepted),
    ])
}

fn judge_removal(set: &[Cookie], answer: &Answer) -> Finding {
    let removals = cookies::read(answer);
    let kept = set.iter().filter(|cookie| {
        !removals.iter().any(|removal| {
            removal.is_removal() && removal.name == cookie.name && removal.scope() == cookie.scope()
        })
    });
    let wrongs: Vec<_> = kept.map(|cookie| format!("{} stays", shown(&cookie.name))).collect();
    Finding::of_wrongs(
        "logout_removal",
        &wrongs,
        "browsers forget both cookies",
        "let the front proxy change no attribute of a cookie: browsers forget one only if they match",
    )
}

fn judge_replay(mut accepted: Vec<String>) -> Finding {
    let times = accepted.len();
    accepted.dedup();
    let wrongs = if times == 0 {
        Vec::new()
    } else {
        vec![format!("accepted {times} times after the logout: {}", accepted.join(", "))]
    };
    Finding::of_wrongs(
        "logout_replay",
        &wrongs,
        "a copy of the cookie is refused at once",
        "let all instances share logouts (`revocation.redis`), and keep no answer in a cache",
    )
}

const REPLAYS: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Severity;

    const SET: [&str; 2] = [
        "__Host-session=a.b.c.d.e; Path=/; Secure; HttpOnly; SameSite=Lax",
        "__Host-csrf=abc; Path=/; Secure; SameSite=Strict",
    ];
    const REMOVED: [&str; 2] = [
        "__Host-session=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax",
        "__Host-csrf=; Path=/; Max-Age=0; Secure; SameSite=Strict",
    ];

    fn judged(removals: &[&str]) -> Finding {
        let headers: Vec<_> = removals.iter().map(|line| ("set-cookie", *line)).collect();
        let session = Session::recorded(&SET);
        judge_removal(session.cookies(), &Answer::recorded(204, &headers, ""))
    }

    #[test]
    fn a_browser_forgets_what_it_is_told_to_forget_exactly() {
        assert_eq!(judged(&REMOVED).severity, Severity::Ok);
        let other_path = REMOVED[0].replace("Path=/", "Path=/app");
        for removals in [&[][..], &REMOVED[..1], &SET, &[&other_path, REMOVED[1]]] {
            assert_eq!(judged(removals).severity, Severity::Fail, "{removals:?}");
        }
    }

    #[test]
    fn a_copy_that_counts_once_is_a_failure() {
        assert_eq!(judge_replay(Vec::new()).severity, Severity::Ok);
        let found = judge_replay(vec!["GET /: 200".into(), "GET /: 200".into()]);
        assert_eq!(found.severity, Severity::Fail);
        assert_eq!(found.seen, "accepted 2 times after the logout: GET /: 200");
    }
}
