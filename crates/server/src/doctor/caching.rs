//! What a cache on the way must not keep.

use http::header;

use super::finding::Finding;
use super::site::{Answer, shown};

/// Judges that `answer`, of `/auth/`, is stored by nobody.
pub(super) fn judge_no_store(code: &'static str, what: &str, answer: &Answer) -> Finding {
    if answer.is_no_store() {
        return Finding::ok(code, format!("{what}: Cache-Control says no-store"));
    }
    Finding::fail(
        code,
        format!("{what}: Cache-Control does not say no-store"),
        "let the front proxy pass `Cache-Control` of `/auth/` on unchanged",
    )
}

/// Judges that `answer`, of the API to a session that was due, is for one browser.
pub(super) fn judge_renewed(path: &str, answer: &Answer) -> Finding {
    let code = "renewal_call_no_store";
    if !answer.headers.contains_key(header::SET_COOKIE) {
        return Finding::skipped(code, "no cookie was set", "see `renewal_call`");
    }
    let said = shown(&answer.all(&header::CACHE_CONTROL).join(", "));
    let seen = format!("GET {path} sets the cookies of a renewal, with `Cache-Control: {said}`");
    let change = "let the front proxy answer `Cache-Control: no-store`, in place of what the API says, \
                  wherever it adds the cookies of a renewal: `sealpass emit-config` prints a \
                  configuration that does. Behind Traefik, which cannot, let the API answer a session \
                  with `no-store`";
    if answer.is_no_store() {
        Finding::ok(code, seen)
    } else if answer.is_private() {
        Finding::warn(code, seen, change)
    } else {
        Finding::fail(code, seen, change)
    }
}

/// Judges what someone without a session got of `path`, after someone with one had asked.
pub(super) fn judge_shared(path: &str, afterwards: &Answer) -> Finding {
    let seen =
        format!("GET {path} without a session, after a call with one: {}", afterwards.summary());
    if afterwards.status.is_success() {
        Finding::fail(
            "shared_cache",
            seen,
            "let no cache on the way keep answers to requests with a cookie; let the API send \
             `Cache-Control: private` or `no-store`",
        )
    } else {
        Finding::ok("shared_cache", seen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Severity;

    #[test]
    fn an_answer_must_say_no_store() {
        for (value, expected) in [("no-store", Severity::Ok), ("max-age=60", Severity::Fail)] {
            let answer = Answer::recorded(200, &[("cache-control", value)], "");
            assert_eq!(judge_no_store("no_store", "GET /", &answer).severity, expected, "{value}");
        }
    }

    #[test]
    fn an_answer_that_renews_is_for_one_browser() {
        let cookie = ("set-cookie", "__Host-session=a; Path=/; Secure; HttpOnly");
        for (lines, expected) in [
            (&["no-store"][..], Severity::Ok),
            (&["public, max-age=600", "no-store"], Severity::Ok),
            (&["private, max-age=600"], Severity::Warn),
            (&["private=\"x-a\", max-age=600"], Severity::Fail),
            (&["public, max-age=600"], Severity::Fail),
            (&[], Severity::Fail),
        ] {
            let lines = lines.iter().map(|line| ("cache-control", *line));
            let headers: Vec<_> = std::iter::once(cookie).chain(lines).collect();
            let found = judge_renewed("/api", &Answer::recorded(200, &headers, ""));
            assert_eq!(found.severity, expected, "{found:?}");
        }
        let plain = Answer::recorded(200, &[("cache-control", "public")], "");
        assert_eq!(judge_renewed("/api", &plain).severity, Severity::Skipped);
    }

    #[test]
    fn nobody_gets_what_was_anothers() {
        let answer = |status| Answer::recorded(status, &[], "");
        assert_eq!(judge_shared("/", &answer(401)).severity, Severity::Ok);
        assert_eq!(judge_shared("/", &answer(200)).severity, Severity::Fail);
    }
}
