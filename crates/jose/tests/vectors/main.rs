//! Public test vectors: what others say is a token, a key, or JSON, and what is none.
//!
//! They are read in place: beside the project, or where `SEALPASS_VECTORS` points. Without them a
//! test says so and does nothing; with `CI=true` that is a failure.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "these are tests, which read files and say what they counted"
)]

mod exceptions;
mod folder;
mod json_test_suite;
mod latchset;
mod open;
mod rfc7520_cookbook;
mod tally;
mod wycheproof_agreement;
mod wycheproof_jose;
