//! What a cache on the way must not keep.

use super::finding::Finding;
use super::site::Answer;

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
    fn nobody_gets_what_was_anothers() {
        let answer = |status| Answer::recorded(status, &[], "");
        assert_eq!(judge_shared("/", &answer(401)).severity, Severity::Ok);
        assert_eq!(judge_shared("/", &answer(200)).severity, Severity::Fail);
    }
}
