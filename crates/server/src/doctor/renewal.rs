//! A session is renewed, at `/auth/refresh` and along with a call of the API.

use std::time::Duration;

use http::StatusCode;

use super::caching::{judge_no_store, judge_renewed};
use super::cookies::{self, Cookie};
use super::finding::Finding;
use super::identity;
use super::login::Session;
use super::site::{Answer, NoAnswer, Site, shown};

/// Renews at `/auth/refresh`: what is found, and the session as it is then.
pub(super) async fn refresh(
    site: &Site,
    session: Session,
) -> (Result<Vec<Finding>, NoAnswer>, Session) {
    let answer = match session.attach_unsafe(site.post("/auth/refresh")).send().await {
        Ok(answer) => answer,
        Err(error) => return (Err(error), session),
    };
    let found = if answer.status == StatusCode::OK {
        judge("renewal_refresh", "POST /auth/refresh", &answer, &session)
    } else {
        let seen = format!("POST /auth/refresh: {}", answer.summary());
        let change = "see the log of Sealpass; pages renew here when they were idle";
        Finding::fail("renewal_refresh", seen, change)
    };
    let is_whole = cookies::broken(&cookies::read(&answer)).is_none();
    let renewed = Session::read(&answer).filter(|_| is_whole);
    let no_store = judge_no_store("renewal_no_store", "POST /auth/refresh", &answer);
    (Ok(vec![found, no_store]), renewed.unwrap_or(session))
}

/// Waits until `session` is due, and calls `path` of the API.
pub(super) async fn with_call(
    site: &Site,
    session: &Session,
    path: &str,
) -> Result<Vec<Finding>, NoAnswer> {
    tokio::time::sleep(Duration::from_secs(due_in(session))).await;
    let answer = session.attach(site.get(path)).send().await?;
    let found = judge("renewal_call", &format!("GET {path}"), &answer, session);
    Ok(vec![found, judge_renewed(path, &answer), identity::judge_leak(&answer)])
}

/// Seconds until a call renews the session: half of its access lifetime, and a little more.
pub(super) const fn due_in(session: &Session) -> u64 {
    session.access() / 2 + 2
}

/// Judges whether the cookies of a renewal are those of the login, with a new token.
fn judge(code: &'static str, what: &str, answer: &Answer, session: &Session) -> Finding {
    let renewed = cookies::read(answer);
    if renewed.is_empty() {
        return Finding::fail(
            code,
            format!("{what} of a session that is due sets no cookie"),
            "let the front proxy set each `X-Auth-Set-Cookie-N` of forward-auth as a `Set-Cookie`: \
             without that, sessions end at their idle limit",
        );
    }
    if let Some(broken) = cookies::broken(&renewed) {
        return Finding { code, seen: format!("{what}: {}", broken.seen), ..broken };
    }
    let wrongs: Vec<_> =
        session.cookies().iter().filter_map(|cookie| difference(cookie, &renewed)).collect();
    if !wrongs.is_empty() {
        let change = "let the front proxy change no attribute of a cookie, wherever it comes from";
        return Finding::fail(code, format!("{what}: {}", wrongs.join("; ")), change);
    }
    Finding::ok(code, format!("{what}: both cookies arrive as a login sets them"))
}

/// What is different about `cookie` by now, but for its value.
fn difference(cookie: &Cookie, renewed: &[Cookie]) -> Option<String> {
    let name = shown(&cookie.name);
    let Some(new) = renewed.iter().find(|new| new.name == cookie.name) else {
        return Some(format!("{name} is missing"));
    };
    let (before, after) = (cookie.scope(), new.scope());
    (before != after).then(|| format!("{name} was `{}`, is `{}`", shown(&before), shown(&after)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Severity;

    const SESSION: &str = "__Host-session=a.b.c.d.e; Path=/; Secure; HttpOnly; SameSite=Lax";
    const CSRF: &str = "__Host-csrf=abc; Path=/; Secure; SameSite=Strict";

    fn judged(lines: &[&str]) -> Finding {
        let headers: Vec<_> = lines.iter().map(|line| ("set-cookie", *line)).collect();
        let session = Session::recorded(&[SESSION, CSRF]);
        judge("renewal_call", "GET /api", &Answer::recorded(200, &headers, ""), &session)
    }

    #[test]
    fn both_cookies_arrive_as_at_the_login() {
        let renewed = SESSION.replace("a.b.c.d.e", "f.g.h.i.j");
        assert_eq!(judged(&[&renewed, CSRF]).severity, Severity::Ok);
        let removal = "__Secure-session=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax";
        assert_eq!(judged(&[&renewed, CSRF, removal]).severity, Severity::Ok);
    }

    #[test]
    fn what_proxies_do_to_two_cookies_is_recognised() {
        let joined = format!("{SESSION}, {CSRF}");
        for (lines, expected) in [
            (&[][..], "sets no cookie"),
            (&[SESSION], "1 cookies are set"),
            (&[joined.as_str()], "joined"),
            (&[&SESSION.replace("; HttpOnly", ""), CSRF], "was `secure; httponly"),
            (&[&SESSION.replace("-session", "-other"), CSRF], "__Host-session is missing"),
        ] {
            let found = judged(lines);
            assert_eq!((found.code, found.severity), ("renewal_call", Severity::Fail));
            assert!(found.seen.contains(expected), "{found:?}");
        }
    }
}
