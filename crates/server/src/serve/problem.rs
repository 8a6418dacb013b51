//! Problems that are nobody's in particular.

use http::StatusCode;
use sealpass_tower::sealpass::Problem;

/// 404 for a path that nothing is at.
pub(crate) fn not_found() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "not_found", "there is nothing at this path")
}

/// 405; the `Allow` header beside it says which methods are.
pub(crate) fn method_not_allowed() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "this method is not allowed here: see the Allow header",
    )
}
