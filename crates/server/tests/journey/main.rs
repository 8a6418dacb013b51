//! Sealpass from outside: the built program, real curl, and peers in processes of their own.
//!
//! [`whole`] is one journey, from a login to the replay of a cookie after logout. It is walked in
//! front of a users file, of an HTTP credential backend, and behind nginx; what differs between them
//! is in a [`Site`](whole::Site).

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test stops where it is surprised, and says what its processes had said"
)]

mod bearer;
mod credentials;
mod hostile;
mod nginx;
mod shutdown;
mod support;
mod whole;
