//! Tokens against their limit ([`sealpass_bench::raw`]), and against other implementations.
//!
//! `jose [NAME=COMMAND]...`: each names a peer and the program that it is.

mod compare;
mod program;
mod scale;

use std::time::SystemTime;

use anyhow::Result;
use sealpass_bench::raw;
use sealpass_bench_protocol::{Algorithm, Claims};

use crate::compare::{Goal, compare};
use crate::program::Program;

fn main() -> Result<()> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_secs();
    println!("claims set: {} bytes of JSON", serde_json::to_vec(&Claims::at(now))?.len());
    let mut peers =
        std::env::args().skip(1).map(|peer| Program::start(&peer)).collect::<Result<Vec<_>>>()?;

    let gcm = [
        Goal::read("jose-a256gcm-open-claims", 2.6, 3.5),
        Goal::make("jose-a256gcm-seal-claims", 2.2, 2.8),
        Goal::read_bytes("jose-a256gcm-open-bytes", 1.2),
    ];
    let mac = [
        Goal::read("jose-hs256-verify-claims", 1.4, 2.2),
        Goal::make("jose-hs256-sign-claims", 1.3, 1.4),
    ];
    let ed25519 = [
        Goal::read("jose-eddsa-verify-claims", 1.03, 1.05),
        Goal::make("jose-eddsa-sign-claims", 1.06, 1.7),
    ];
    let p256 = [Goal::read("jose-es256-verify-claims", 1.03, 1.05)];
    let cbc = [Goal::read("jose-a256cbc-hs512-open-claims", 1.5, 3.5)];

    let mut bars = compare::<raw::A256Gcm>(Algorithm::A256Gcm, &gcm, &mut peers, now)?;
    bars.extend(compare::<raw::Hs256>(Algorithm::Hs256, &mac, &mut peers, now)?);
    bars.extend(compare::<raw::Ed25519>(Algorithm::EdDsa, &ed25519, &mut peers, now)?);
    bars.extend(compare::<raw::P256>(Algorithm::Es256, &p256, &mut peers, now)?);
    bars.extend(compare::<raw::A256CbcHs512>(Algorithm::A256CbcHs512, &cbc, &mut peers, now)?);
    bars.extend(scale::bars(now)?);
    println!();
    for bar in bars {
        println!("{bar}");
    }
    Ok(())
}
