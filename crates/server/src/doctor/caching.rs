//! What a cache on the way must not keep.

use super::finding::Finding;
use super::site::Answer;

/// Judges that these answers of `/auth/` are stored by nobody.
pub(super) fn judge_no_store(answers: &[(&str, &Answer)]) -> Finding {
    let stored = answers.iter().filter(|(_, answer)| !answer.is_no_store());
    let wrongs: Vec<_> =
        stored.map(|(what, _)| format!("{what} lacks Cache-Control: no-store")).collect();
    Finding::of_wrongs(
        "no_store",
        &wrongs,
        "answers of /auth/ say Cache-Control: no-store",
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
    fn every_answer_must_say_no_store() {
        let good = Answer::recorded(200, &[("cache-control", "no-store")], "");
        let bad = Answer::recorded(200, &[("cache-control", "max-age=60")], "");
        assert_eq!(judge_no_store(&[("a login", &good)]).severity, Severity::Ok);
        let found = judge_no_store(&[("a login", &good), ("a renewal", &bad)]);
        assert_eq!(found.severity, Severity::Fail);
        assert!(found.seen.starts_with("a renewal lacks"), "{found:?}");
    }

    #[test]
    fn nobody_gets_what_was_anothers() {
        let answer = |status| Answer::recorded(status, &[], "");
        assert_eq!(judge_shared("/", &answer(401)).severity, Severity::Ok);
        assert_eq!(judge_shared("/", &answer(200)).severity, Severity::Fail);
    }
}
