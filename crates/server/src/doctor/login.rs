//! A login, as the page of the deployment would make it, and the session it gives.

use http::{StatusCode, header};
use sealpass_tower::sealpass::Secret;
use serde_json::json;

use super::args::Account;
use super::caching::judge_no_store;
use super::cookies::{self, Cookie};
use super::finding::Finding;
use super::site::{Answer, Call, NoAnswer, Site};
use crate::clock;

/// The session of the test account.
pub(super) struct Session {
    cookies: Vec<Cookie>,
    csrf: Secret<String>,
    subject: String,
    /// When the token expires, and when we got it, by the clock here.
    expires_at: u64,
    begun: u64,
}

impl Session {
    /// The session that `answer` gives; none when a browser would have none.
    pub(super) fn read(answer: &Answer) -> Option<Self> {
        let body = answer.json();
        let mut cookies = cookies::read(answer);
        cookies.retain(|cookie| !cookie.is_removal());
        Some(Self {
            cookies,
            csrf: Secret::new(body["csrf_token"].as_str()?.to_owned()),
            subject: body["subject"].as_str()?.to_owned(),
            expires_at: body["expires_at"].as_u64()?,
            begun: clock::now().as_secs(),
        })
    }

    /// `call` with the cookies, as a page of the deployment sends it.
    pub(super) fn attach<'s>(&self, call: Call<'s>) -> Call<'s> {
        let cookies = self.cookies.iter();
        let pairs = cookies.map(|cookie| format!("{}={}", cookie.name, cookie.value.expose()));
        call.header(header::COOKIE, pairs.collect::<Vec<_>>().join("; "))
    }

    /// The same with all that an unsafe request needs.
    pub(super) fn attach_unsafe<'s>(&self, call: Call<'s>) -> Call<'s> {
        self.attach(call).same_origin().header(CSRF, self.csrf.expose())
    }

    /// The same as a page of another site would send it, if it knew the anti-CSRF token.
    pub(super) fn attach_cross_site<'s>(&self, call: Call<'s>) -> Call<'s> {
        self.attach(call).cross_site().header(CSRF, self.csrf.expose())
    }

    pub(super) fn cookies(&self) -> &[Cookie] {
        &self.cookies
    }

    pub(super) fn subject(&self) -> &str {
        &self.subject
    }

    /// The sealed token. It is looked for where it must not be.
    pub(super) fn token(&self) -> &str {
        self.cookies
            .iter()
            .find(|cookie| cookie.is_token())
            .map_or("", |cookie| cookie.value.expose())
    }

    /// Seconds that the token counts, by the clock here.
    pub(super) const fn access(&self) -> u64 {
        self.expires_at.saturating_sub(self.begun)
    }
}

/// Logs in. Without a session there is nothing more to be done with the account.
pub(super) async fn log_in(
    site: &Site,
    account: &Account,
) -> Result<(Vec<Finding>, Option<Session>), NoAnswer> {
    let Account { username, password } = account;
    let body = json!({ "username": username, "password": password.expose() });
    let answer = site.post("/auth/login").same_origin().json(&body).send().await?;
    drop(body);
    if answer.status != StatusCode::OK {
        return Ok((vec![refused(&answer)], None));
    }
    let Some(session) = Session::read(&answer) else {
        return Ok((vec![unreadable()], None));
    };
    let findings = vec![
        Finding::ok("login", "POST /auth/login: 200"),
        judge_body(&answer, &session),
        judge_no_store("login_no_store", "POST /auth/login", &answer),
        judge_times(&session),
    ];
    Ok((findings, Some(session)))
}

fn refused(answer: &Answer) -> Finding {
    let seen = format!("POST /auth/login: {}", answer.summary());
    let change = match answer.code().as_str() {
        "cross_site" => {
            "set `origin` of Sealpass to this URL: it does not take it for its own, and no page can \
             log in"
        }
        "bad_credentials" => "check --username and --password-file: the account does not exist so",
        "too_many_logins" => "wait a minute, and see the log of Sealpass for who logs in so often",
        _ => "see the log of Sealpass; the front proxy must pass the body and its type on",
    };
    Finding::fail("login", seen, change)
}

fn unreadable() -> Finding {
    Finding::fail(
        "login",
        "POST /auth/login: 200, but the body is not that of Sealpass",
        "let the front proxy pass the bodies of `/auth/` on unchanged",
    )
}

fn judge_body(answer: &Answer, session: &Session) -> Finding {
    if answer.contains(session.token()) {
        return Finding::fail(
            "login_body",
            "the token of the session is in the body, where page script reads it",
            "find out what puts it there: Sealpass does not",
        );
    }
    Finding::ok("login_body", "the token is in a cookie and not in the body")
}

fn judge_times(session: &Session) -> Finding {
    let seconds = session.access();
    if seconds == 0 {
        return Finding::fail(
            "session_times",
            "by the clock here the new session is over already",
            "let the machines of the deployment, and this one, keep their time by NTP",
        );
    }
    Finding::ok("session_times", format!("the token counts for {seconds} s"))
}

/// Asks for `path` with the session.
pub(super) fn judge_call(path: &str, answer: &Answer) -> Finding {
    let seen = format!("GET {path} with the session: {}", answer.summary());
    match answer.status {
        StatusCode::UNAUTHORIZED => Finding::fail(
            "authenticated_call",
            seen,
            "let the front proxy pass `Cookie` on to Sealpass, and cache no refusal; if it asks \
             forward-auth, `trusted_proxies` must name it",
        ),
        StatusCode::FORBIDDEN => Finding::warn(
            "authenticated_call",
            seen,
            "if this is not the API's own answer: let the front proxy tell forward-auth the original \
             method, and name it in `trusted_proxies`",
        ),
        status if status.is_server_error() => Finding::fail(
            "authenticated_call",
            seen,
            "see the logs of the front proxy, of Sealpass and of the API",
        ),
        _ => Finding::ok("authenticated_call", seen),
    }
}

const CSRF: &str = "x-csrf-token";

#[cfg(test)]
impl Session {
    /// The session of a recorded login with these cookies.
    pub(super) fn recorded(set_cookies: &[&str]) -> Self {
        let headers: Vec<_> = set_cookies.iter().map(|line| ("set-cookie", *line)).collect();
        let body = r#"{"subject":"ada","csrf_token":"abc","expires_at":4102444800}"#;
        Self::read(&Answer::recorded(200, &headers, body)).expect("a session")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Severity;

    const COOKIES: [&str; 2] = ["__Host-session=a.b.c.d.e; HttpOnly", "__Host-csrf=abc"];

    #[test]
    fn the_token_is_looked_for_in_the_body() {
        let session = Session::recorded(&COOKIES);
        let login = |body| Answer::recorded(200, &[], body);
        let leak = login(r#"{"access_token":"a.b.c.d.e"}"#);
        assert_eq!(judge_body(&leak, &session).severity, Severity::Fail);
        assert_eq!(judge_body(&login("{}"), &session).severity, Severity::Ok);
    }

    #[test]
    fn a_refused_login_says_what_to_change() {
        for (code, expected) in
            [("cross_site", "set `origin`"), ("bad_credentials", "--username"), ("x", "log")]
        {
            let body = format!(r#"{{"code":"{code}"}}"#);
            let headers = [("content-type", "application/problem+json")];
            let found = refused(&Answer::recorded(403, &headers, &body));
            assert!(found.change.as_deref().unwrap_or_default().contains(expected), "{found:?}");
        }
    }

    #[test]
    fn a_call_with_a_session_is_not_refused() {
        for (status, expected) in [
            (200, Severity::Ok),
            (404, Severity::Ok),
            (401, Severity::Fail),
            (403, Severity::Warn),
            (502, Severity::Fail),
        ] {
            let answer = Answer::recorded(status, &[], "");
            assert_eq!(judge_call("/", &answer).severity, expected, "{status}");
        }
    }

    #[test]
    fn a_body_of_something_else_is_no_session() {
        for body in ["", "{}", "[]", r#"{"subject":"ada","csrf_token":1,"expires_at":1}"#] {
            assert!(Session::read(&Answer::recorded(200, &[], body)).is_none(), "{body}");
        }
    }
}
