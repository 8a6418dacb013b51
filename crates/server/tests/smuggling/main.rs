//! Raw sockets on both sides of the running server: what clients send to be read in two ways, or to
//! keep a server waiting, and every byte that an API gets of it.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test stops where it is surprised, and says what its processes had said"
)]

mod framing;
mod http2;
mod lines;
mod slow;
mod stream;
mod support;
