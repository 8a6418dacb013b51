//! Many machines: several servers and one Redis, each a process of its own, and what happens to
//! logouts when any of them is killed, stopped, or loses what it had.
//!
//! In all of it: no cookie that was logged out is accepted anywhere once the bound has passed, no
//! acknowledged logout is lost, and no live session is logged out.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test stops where it is surprised, and says what its processes had said"
)]

mod away;
mod chaos;
mod feed;
mod journey;
mod loss;
mod operator;
mod sentinel;
mod shards;
mod support;
mod tls;
