//! Keys in and out, and what attackers make of them.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod attacks;
mod encryption;
mod errors;
mod generation;
mod hostile_bytes;
mod jwk;
mod jwk_set;
mod jwks_cache;
mod pem;
mod rfc_examples;
mod support;
mod use_and_operations;
