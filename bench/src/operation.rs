//! The operations whose instructions are counted.
//!
//! They are here and not in the program that counts, so that what the compiler makes of them does not
//! change with that program.

use std::hint::black_box;

use anyhow::Result;
use sealpass_bench_protocol::{Algorithm, Task};

use crate::ours::Ours;
use crate::raw::{A256CbcHs512, A256Gcm, BUFFER, Ed25519, Hs256, P256, Raw};
use crate::session::Sessions;

/// One algorithm, and what is done with it.
pub struct Operation {
    pub name: &'static str,
    algorithm: Algorithm,
    what: What,
}

enum What {
    Authenticate,
    Make,
    Read,
    ReadBytes,
}

/// Who does it.
#[derive(Clone, Copy)]
pub enum Side {
    Ours,
    Raw,
}

impl Side {
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Ours, Self::Raw].into_iter().find(|side| side.name() == name)
    }

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Raw => "raw",
        }
    }
}

impl Operation {
    const fn new(name: &'static str, algorithm: Algorithm, what: What) -> Self {
        Self { name, algorithm, what }
    }

    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        OPERATIONS.iter().find(|operation| operation.name == name)
    }

    /// The token that both sides read: with the random numbers in it, it is not the same twice.
    ///
    /// # Errors
    /// When our key or policy is refused.
    pub fn token(&self, now: u64) -> Result<String> {
        let task = Task::new(self.algorithm, now);
        match self.what {
            What::Authenticate => Sessions::new(&task)?.token(),
            What::Make | What::Read | What::ReadBytes => Ok(Ours::new(&task)?.make(&task.claims)),
        }
    }

    /// Does it, many times.
    ///
    /// # Errors
    /// When our key or policy is refused.
    ///
    /// # Panics
    /// When a token is.
    pub fn run(&self, side: Side, token: &str) -> Result<()> {
        match side {
            Side::Ours => self.run_ours(token),
            Side::Raw => match self.algorithm {
                Algorithm::A256CbcHs512 => self.run_raw(&A256CbcHs512::like(token), token),
                Algorithm::A256Gcm => self.run_raw(&A256Gcm::like(token), token),
                Algorithm::EdDsa => self.run_raw(&Ed25519::like(token), token),
                Algorithm::Es256 => self.run_raw(&P256::like(token), token),
                Algorithm::Hs256 => self.run_raw(&Hs256::like(token), token),
            },
        }
    }

    fn run_ours(&self, token: &str) -> Result<()> {
        let task = Task::new(self.algorithm, NOW);
        if matches!(self.what, What::Authenticate) {
            let (sessions, headers) = (Sessions::new(&task)?, Sessions::headers(token)?);
            repeat(|| sessions.authenticate(black_box(&headers), |subject| _ = black_box(subject)));
            return Ok(());
        }
        let ours = Ours::new(&task)?;
        repeat(|| match self.what {
            What::Make => _ = black_box(ours.make(black_box(&task.claims))),
            What::Authenticate | What::Read => {
                ours.read(black_box(token), |claims| _ = black_box(claims)).expect("verified");
            }
            What::ReadBytes => {
                ours.read_bytes(black_box(token), |bytes| _ = black_box(bytes)).expect("authentic");
            }
        });
        Ok(())
    }

    fn run_raw<R: Raw>(&self, raw: &R, token: &str) -> Result<()> {
        let payload = serde_json::to_vec(&Task::new(self.algorithm, NOW).claims)?;
        repeat(|| match self.what {
            What::Make => _ = black_box(raw.make(black_box(&payload))),
            What::Authenticate | What::Read | What::ReadBytes => {
                let mut buffer = [0; BUFFER];
                black_box(raw.read(black_box(token), &mut buffer));
                black_box(&buffer);
            }
        });
        Ok(())
    }
}

/// Once before it is counted too, so that nothing is counted that happens only the first time.
///
/// In a thread, whose stack begins at a page: that of `main` begins where the environment ends, and
/// how memory is aligned is worth some instructions.
fn repeat(run: impl Fn() + Sync) {
    let repeated = || {
        (0..RUNS).for_each(|_| run());
        counted_by_callgrind(&run);
    };
    std::thread::scope(|scope| scope.spawn(repeated).join()).expect("it ran");
}

/// Callgrind counts what happens in here.
#[inline(never)]
fn counted_by_callgrind(run: &dyn Fn()) {
    (0..RUNS).for_each(|_| run());
}

/// The name of the function above, whatever else the linker makes of it.
pub const MEASURED: &str = "counted_by_callgrind";

/// Several batches of initialization vectors.
pub const RUNS: u32 = 256;

/// In seconds since 1970. Whether the tokens are valid today does not matter here.
pub const NOW: u64 = 1_800_000_000;

/// No ES256 signature, which draws random numbers until one fits.
pub const OPERATIONS: &[Operation] = &[
    Operation::new("a256gcm-open-bytes", Algorithm::A256Gcm, What::ReadBytes),
    Operation::new("a256gcm-open-claims", Algorithm::A256Gcm, What::Read),
    Operation::new("a256gcm-authenticate", Algorithm::A256Gcm, What::Authenticate),
    Operation::new("a256gcm-seal-claims", Algorithm::A256Gcm, What::Make),
    Operation::new("a256cbc-hs512-open-claims", Algorithm::A256CbcHs512, What::Read),
    Operation::new("hs256-verify-claims", Algorithm::Hs256, What::Read),
    Operation::new("hs256-sign-claims", Algorithm::Hs256, What::Make),
    Operation::new("eddsa-verify-claims", Algorithm::EdDsa, What::Read),
    Operation::new("eddsa-sign-claims", Algorithm::EdDsa, What::Make),
    Operation::new("es256-verify-claims", Algorithm::Es256, What::Read),
];
