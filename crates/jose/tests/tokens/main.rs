//! Tokens of others, tokens of attackers, and our own.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod algorithms;
mod base64url;
mod claims;
mod errors;
mod headers;
mod keys;
mod limits;
mod partial;
mod policy;
mod rfc_examples;
mod round_trip;
mod support;
mod tampering;
mod times;
