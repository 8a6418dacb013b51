//! One algorithm: the raw primitive, ours, and every peer that has it.

use std::hint::black_box;

use anyhow::{Context as _, Result, ensure};
use sealpass_bench::ours::Ours;
use sealpass_bench::raw::{BUFFER, Raw};
use sealpass_bench::{Bar, Contestant, Limit, Timings};
use sealpass_bench_protocol::{Algorithm, Claims, TYPE, Task};

use crate::program::Program;

/// What an operation is to reach.
pub(crate) struct Goal {
    name: &'static str,
    operation: Operation,
    /// At most so many times as long as the raw primitive.
    vs_raw: f64,
    /// At least so many times as fast as the fastest peer.
    vs_peer: Option<f64>,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Operation {
    Make,
    Read,
    ReadBytes,
}

impl Goal {
    pub(crate) const fn make(name: &'static str, vs_raw: f64, vs_peer: f64) -> Self {
        Self { name, operation: Operation::Make, vs_raw, vs_peer: Some(vs_peer) }
    }

    pub(crate) const fn read(name: &'static str, vs_raw: f64, vs_peer: f64) -> Self {
        Self { name, operation: Operation::Read, vs_raw, vs_peer: Some(vs_peer) }
    }

    /// Nothing is looked at but whether the payload is authentic; no peer is asked.
    pub(crate) const fn read_bytes(name: &'static str, vs_raw: f64) -> Self {
        Self { name, operation: Operation::ReadBytes, vs_raw, vs_peer: None }
    }
}

/// Measures every goal of one algorithm, once everybody has read what everybody made.
pub(crate) fn compare<R: Raw>(
    algorithm: Algorithm,
    goals: &[Goal],
    peers: &mut [Program],
    now: u64,
) -> Result<Vec<Bar>> {
    let task = Task::new(algorithm, now);
    let payload = serde_json::to_vec(&task.claims)?;
    let ours = Ours::new(&task)?;
    let token = ours.make(&task.claims);
    let raw = R::like(&token);

    let mut buffer = [0; BUFFER];
    let length = raw.read(&token, &mut buffer);
    ensure!(buffer[..length] == payload[..], "the raw primitive reads our token");
    require_read(&ours, &raw.make(&payload), &task.claims).context("the raw primitive's token")?;
    let refused = hostile(&ours, &task.claims, now)?;
    for (token, why) in &refused {
        ensure!(ours.read(token, |_| ()).is_err(), "we should refuse {why}");
    }

    let mut able = Vec::new();
    for peer in peers {
        if !peer.begin(&task)? {
            continue;
        }
        for (token, why) in &refused {
            peer.refuse(token, why)?;
        }
        require_read(&ours, &peer.make()?, &task.claims).context(peer.name().to_owned())?;
        peer.read(&token)?;
        able.push(peer);
    }

    let mut bars = Vec::new();
    for goal in goals {
        let mut contestants = vec![
            Contestant::new(RAW, || match goal.operation {
                Operation::Make => {
                    black_box(raw.make(black_box(&payload)));
                }
                Operation::Read | Operation::ReadBytes => {
                    let mut buffer = [0; BUFFER];
                    black_box(raw.read(black_box(&token), &mut buffer));
                    black_box(&buffer);
                }
            }),
            Contestant::new(OURS, || match goal.operation {
                Operation::Make => {
                    black_box(ours.make(black_box(&task.claims)));
                }
                Operation::Read => {
                    ours.read(black_box(&token), |claims| _ = black_box(claims)).expect("verified");
                }
                Operation::ReadBytes => {
                    ours.read_bytes(black_box(&token), |bytes| _ = black_box(bytes))
                        .expect("authentic");
                }
            }),
        ];
        let asked = if goal.vs_peer.is_some() { &mut able[..] } else { &mut [] };
        for peer in asked {
            let what = if goal.operation == Operation::Make { "make" } else { "read" };
            contestants.push(Contestant::timed(peer.name().to_owned(), move |runs| {
                peer.time(what, runs).expect("timed")
            }));
        }
        let timings = Timings::measure(contestants);
        timings.print(&format!("{}, a token of {} bytes", goal.name, token.len()));
        bars.extend(goal.bars(&timings));
    }
    Ok(bars)
}

impl Goal {
    fn bars(&self, timings: &Timings) -> Vec<Bar> {
        let vs_raw = timings.ratio(OURS, RAW);
        let mut bars =
            vec![Bar::new(format!("{}-vs-raw", self.name), vs_raw, Limit::AtMost(self.vs_raw))];
        let best = timings.fastest(|name| name != RAW && name != OURS);
        if let (Some(limit), Some(best)) = (self.vs_peer, best) {
            let value = timings.ratio(best, OURS);
            println!("  {value:.2} times as fast as the best peer, {best}");
            let name = format!("{}-vs-best-peer", self.name);
            bars.push(Bar::new(name, value, Limit::AtLeast(limit)));
        }
        bars
    }
}

fn require_read(ours: &Ours, token: &str, wanted: &Claims) -> Result<()> {
    let same = ours.read(token, |claims| {
        claims.iss == wanted.iss
            && claims.sub == wanted.sub
            && claims.exp == wanted.exp
            && claims.jti == wanted.jti
            && claims.roles.iter().eq(wanted.roles.iter().map(String::as_str))
    })?;
    ensure!(same, "we read other claims");
    Ok(())
}

/// Tokens that whoever checks what we check refuses, and why.
fn hostile(ours: &Ours, claims: &Claims, now: u64) -> Result<Vec<(String, &'static str)>> {
    let seal = |claims: Claims| ours.ring.seal(TYPE, &claims);
    let other = || "https://other.example".to_owned();
    let mut forged = ours.make(claims).into_bytes();
    let middle = forged.len() / 2;
    forged[middle] = if forged[middle] == b'A' { b'B' } else { b'A' };
    Ok(vec![
        (seal(Claims { iss: other(), ..claims.clone() })?, "another issuer"),
        (seal(Claims { aud: other(), ..claims.clone() })?, "another audience"),
        (seal(Claims { exp: now - 120, ..claims.clone() })?, "an expired token"),
        (seal(Claims { nbf: now + 120, ..claims.clone() })?, "a token that is not yet valid"),
        (String::from_utf8(forged)?, "a token with one letter changed"),
    ])
}

const RAW: &str = "raw";
const OURS: &str = "sealpass-jose";
