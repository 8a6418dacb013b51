//! Sealpass from outside: the built program, real curl, and peers in processes of their own.
//!
//! [`whole`] is the journey of a browser's session, from a login to the replay of its cookie after
//! logout; [`native`] that of a native client. Both are walked with a users file, with an HTTP
//! credential backend, and, in tests of their own, behind proxies; what differs between them is in a [`Site`](whole::Site).

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test stops where it is surprised, and says what its processes had said"
)]

mod assertion;
mod bearer;
mod cookies;
mod credentials;
mod csrf;
mod doctor;
mod forward_auth;
mod hostile;
mod keys;
mod lifetimes;
mod logout;
mod native;
mod routes;
mod rules;
mod shutdown;
mod snippets;
#[expect(dead_code, reason = "some of it only the journeys behind proxies need")]
mod support;
#[path = "../../../session/tests/csrf_table/table.rs"]
mod table;
#[expect(dead_code, reason = "some of it only the journeys behind proxies need")]
mod whole;
