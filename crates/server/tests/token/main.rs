//! `sealpass keys` and `sealpass token`: what they accept, what they refuse, what they never show.

#![expect(clippy::unwrap_used, reason = "a test stops where it is surprised")]

mod docs;
mod hostile;
mod inspect;
mod keys;
mod lines;
mod rfc_examples;
mod rotate;
mod seal;
mod support;
mod verify;
