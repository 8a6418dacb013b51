//! Other implementations: each reads what the other makes, under keys of either.
//!
//! They are programs that answer a line of JSON with a line of JSON, in `tests/interop/` of the
//! project; `./ci/test interop` installs what they need. Without it a test says so and does nothing;
//! with `CI=true` that is a failure.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "these are tests, which start programs and say what they counted"
)]

mod exchange;
mod kind;
mod peer;

use exchange::exchange;
use peer::Peer;

#[test]
fn exchanges_with_node_jose() {
    exchange_with(Peer::node("jose_peer.js"), "node jose", SIGNATURES + ENCRYPTIONS);
}

#[test]
fn exchanges_with_jwcrypto() {
    exchange_with(Peer::python("jwcrypto_peer.py"), "jwcrypto", SIGNATURES + ENCRYPTIONS);
}

#[test]
fn exchanges_with_joserfc() {
    exchange_with(Peer::python("joserfc_peer.py"), "joserfc", SIGNATURES + ENCRYPTIONS);
}

#[test]
fn exchanges_with_pyjwt() {
    exchange_with(Peer::python("pyjwt_peer.py"), "PyJWT", SIGNATURES);
}

fn exchange_with(peer: Option<Peer>, name: &str, expected_kinds: usize) {
    let Some(mut peer) = peer else { return };
    let kinds = exchange(&mut peer);
    println!("\ninterop: {name}: {kinds} kinds of token, made and read by both, keys of both");
    assert_eq!(kinds, expected_kinds, "{name} has not the algorithms that it is tested with");
}

/// Every `alg`.
const SIGNATURES: usize = 13;

/// Every `alg` with every `enc`, key agreement on each of four curves.
const ENCRYPTIONS: usize = (1 + 3 + 3 + 2 + 4 * 4) * 6;
