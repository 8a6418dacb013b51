//! Problems that are nobody's in particular.

use http::StatusCode;
use sealpass_tower::sealpass::Problem;

/// 404 for a path that nothing is at.
pub(crate) fn not_found() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "not_found", "there is nothing at this path")
}

/// 500 for a request that no rule was asked about, which is a mistake of this program.
pub(crate) fn undecided() -> Problem {
    Problem::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "undecided",
        "nothing was decided about who may make this request",
    )
}

/// 405; the `Allow` header beside it says which methods are.
pub(crate) fn method_not_allowed() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "this method is not allowed here: see the Allow header",
    )
}
