//! How often our side asks the allocator for memory, once everything is warm, and how often the raw
//! primitive does: aws-lc-rs takes some for ECDSA and Ed25519 signatures.
//!
//! What its C takes for its own contexts is not seen here; it takes the same on both sides.

use std::hint::black_box;
use std::time::SystemTime;

use anyhow::Result;
use sealpass_bench::ours::Ours;
use sealpass_bench::raw::{self, BUFFER, Raw};
use sealpass_bench::{Bar, Limit};
use sealpass_bench_protocol::{Algorithm, Task};

fn main() -> Result<()> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_secs();
    println!("\nallocations of one run, ours and (raw)");
    let gcm = count::<raw::A256Gcm>("dir + A256GCM", Algorithm::A256Gcm, now)?;
    let cbc = count::<raw::A256CbcHs512>("dir + A256CBC-HS512", Algorithm::A256CbcHs512, now)?;
    let mac = count::<raw::Hs256>("HS256", Algorithm::Hs256, now)?;
    let ed25519 = count::<raw::Ed25519>("EdDSA", Algorithm::EdDsa, now)?;
    let p256 = count::<raw::P256>("ES256", Algorithm::Es256, now)?;

    let read = [&gcm, &cbc, &mac, &ed25519, &p256].map(|counted| counted.read);
    let make = [&gcm, &cbc, &mac].map(|counted| counted.make);
    let most = |counted: &[f64]| counted.iter().copied().fold(0.0, f64::max);
    println!();
    println!("{}", Bar::new("jose-read-claims-allocations", most(&read), Limit::AtMost(0.0)));
    println!("{}", Bar::new("jose-seal-claims-allocations", most(&make), Limit::AtMost(1.0)));
    Ok(())
}

struct Counted {
    read: f64,
    make: f64,
}

fn count<R: Raw>(name: &str, algorithm: Algorithm, now: u64) -> Result<Counted> {
    let task = Task::new(algorithm, now);
    let payload = serde_json::to_vec(&task.claims)?;
    let ours = Ours::new(&task)?;
    let token = ours.make(&task.claims);
    let raw = R::like(&token);

    let counted = Counted {
        read: allocations_of(|| {
            ours.read(black_box(&token), |claims| _ = black_box(claims)).expect("verified");
        }),
        make: allocations_of(|| drop(black_box(ours.make(black_box(&task.claims))))),
    };
    let raw_read = allocations_of(|| {
        black_box(raw.read(black_box(&token), &mut [0; BUFFER]));
    });
    let raw_make = allocations_of(|| drop(black_box(raw.make(black_box(&payload)))));
    let Counted { read, make } = counted;
    println!("  {name:<20} read {read:.1} ({raw_read:.1})   make {make:.1} ({raw_make:.1})");
    Ok(counted)
}

/// The average of many runs, so that what happens only now and then is seen too.
fn allocations_of(run: impl Fn()) -> f64 {
    run();
    let counted = allocation_counter::measure(|| (0..RUNS).for_each(|_| run()));
    counted.count_total as f64 / f64::from(RUNS)
}

const RUNS: u16 = 1000;
