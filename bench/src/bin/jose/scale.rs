//! How cost grows: with the length of a token, and not with the number of keys.

use std::hint::black_box;

use anyhow::{Result, ensure};
use sealpass_bench::ours::Ours;
use sealpass_bench::{Bar, Contestant, Limit, Timings};
use sealpass_bench_protocol::{Algorithm, Claims, TYPE, Task};
use sealpass_jose::{DEFAULT_MAX_TOKEN_BYTES, Key, KeyRing, Secret};
use serde::Serialize;

pub(crate) fn bars(now: u64) -> Result<Vec<Bar>> {
    let task = Task::new(Algorithm::A256Gcm, now);
    let ours = Ours::new(&task)?;
    let mut bars = by_length(&ours, &task.claims)?;
    bars.extend(by_keys(&ours, &task)?);
    Ok(bars)
}

/// Opening with every check, for claims of which there are more and more.
fn by_length(ours: &Ours, claims: &Claims) -> Result<Vec<Bar>> {
    #[derive(Serialize)]
    struct Wide<'a> {
        #[serde(flatten)]
        claims: &'a Claims,
        groups: Vec<String>,
    }
    let token_of = |groups: usize| {
        let groups = (0..groups).map(|number| format!("group-{number:04}/member")).collect();
        ours.ring.seal(TYPE, &Wide { claims, groups })
    };
    let mut tokens = vec![("250 bytes of claims".to_owned(), ours.make(claims))];
    for (name, length) in [("1 KiB", 1024), ("2 KiB", 2048), ("4 KiB", 4096), ("8 KiB", 8192)] {
        // The longest that is not longer.
        let groups = (0..).take_while(|groups| token_of(*groups).is_ok_and(|t| t.len() <= length));
        let token = token_of(groups.last().unwrap_or_default())?;
        ensure!(token.len() > length - 40, "a token of nearly {length} bytes");
        tokens.push((name.to_owned(), token));
    }
    ensure!(tokens[4].1.len() > DEFAULT_MAX_TOKEN_BYTES - 40, "the last is at the limit");

    let contestants = tokens.iter().map(|(name, token)| {
        Contestant::new(name.clone(), || {
            ours.read(black_box(token), |claims| _ = black_box(claims)).expect("verified");
        })
    });
    let timings = Timings::measure(contestants.collect());
    println!("\nopen claims by the length of the token, dir + A256GCM");
    let mut per_byte = Vec::new();
    for (name, token) in &tokens {
        let nanoseconds = timings.of(name);
        per_byte.push(nanoseconds / token.len() as f64);
        let (length, per_byte) = (token.len(), nanoseconds / token.len() as f64);
        println!("  {name:<20}{length:>6} bytes {nanoseconds:>8.0} ns {per_byte:>6.2} ns a byte");
    }
    let at = |index: usize| (timings.of(&tokens[index].0), tokens[index].1.len() as f64);
    let marginal = |from: usize, to: usize| (at(to).0 - at(from).0) / (at(to).1 - at(from).1);
    Ok(vec![
        Bar::new("jose-open-ns-per-byte-8k-vs-1k", per_byte[4] / per_byte[1], Limit::AtMost(1.0)),
        Bar::new(
            "jose-open-next-byte-at-8k-vs-at-2k",
            marginal(3, 4) / marginal(1, 2),
            Limit::AtMost(1.25),
        ),
    ])
}

/// Opening with every check, in rings of 1, 10 and 100 keys; also a token of a key that is retired.
fn by_keys(ours: &Ours, task: &Task) -> Result<Vec<Bar>> {
    let retired =
        |number: u8| Key::a256gcm(&format!("2025-{number:03}"), &Secret::new([number; 32]));
    let ring_of = |keys: u8| -> Result<KeyRing> {
        let mut ring = ours.ring.clone();
        for number in 1..keys {
            ring = ring.with_retired(retired(number)?)?;
        }
        Ok(ring)
    };
    let with = |ring: KeyRing| -> Result<Ours> { Ok(Ours { ring, ..Ours::new(task)? }) };
    let token = ours.make(&task.claims);
    let old = KeyRing::new(retired(1)?).seal(TYPE, &task.claims)?;
    let rings = [
        ("1 key", &token, with(ring_of(1)?)?),
        ("10 keys", &token, with(ring_of(10)?)?),
        ("100 keys", &token, with(ring_of(100)?)?),
        ("2 keys, by the retired one", &old, with(ring_of(2)?)?),
        ("10 keys, by a retired one", &old, with(ring_of(10)?)?),
        ("100 keys, by a retired one", &old, with(ring_of(100)?)?),
    ];
    let contestants = rings.iter().map(|(name, token, ours)| {
        Contestant::new(*name, || {
            ours.read(black_box(token), |claims| _ = black_box(claims)).expect("verified");
        })
    });
    let timings = Timings::measure(contestants.collect());
    timings.print("open claims by the number of keys in the ring, dir + A256GCM");
    Ok(vec![
        Bar::new(
            "jose-open-100-keys-vs-1",
            timings.ratio("100 keys", "1 key"),
            Limit::AtMost(1.05),
        ),
        Bar::new(
            "jose-open-100-keys-vs-2-retired",
            timings.ratio("100 keys, by a retired one", "2 keys, by the retired one"),
            Limit::AtMost(1.1),
        ),
    ])
}
