//! Mutates the corpus of a target for a time: `mutate TARGET SECONDS [SEED]`.
//!
//! It needs no instrumentation: an input is worth keeping when its outcome is one not seen before.
//! An input that makes a target panic is written to `artifacts/`, and ends the run with status 1.

use std::collections::BTreeMap;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use sealpass_fuzz::{Outcome, TARGETS};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |index: usize| arguments.get(index).and_then(|text: &String| text.parse().ok());
    let target = arguments.first().and_then(|name| TARGETS.iter().find(|(known, _)| known == name));
    let (Some((name, run)), Some(seconds)) = (target, number(1)) else {
        let names = TARGETS.map(|(name, _)| name).join("|");
        eprintln!("usage: mutate {names} SECONDS [SEED]");
        return ExitCode::from(2);
    };
    let seed = number(2).unwrap_or(0x5EA1_9A55);
    match fuzz(*run, corpus(name), Duration::from_secs(seconds), seed) {
        Ok(report) => {
            println!("{name}: {report}");
            ExitCode::SUCCESS
        }
        Err(input) => {
            let path = artifact(name, &input);
            println!("{name}: panicked, seed {seed}; the input is {}", path.display());
            ExitCode::FAILURE
        }
    }
}

fn fuzz(
    run: fn(&[u8]) -> Outcome,
    mut corpus: Vec<Vec<u8>>,
    time: Duration,
    seed: u64,
) -> Result<String, Vec<u8>> {
    let started = Instant::now();
    let mut random = Random(seed.max(1));
    let mut outcomes = BTreeMap::<Outcome, u64>::new();
    let mut runs = 0_u64;
    // The corpus itself comes first, and then what it turns into.
    let mut seeds = corpus.clone().into_iter();
    while started.elapsed() < time || seeds.len() > 0 {
        let input = seeds.next().unwrap_or_else(|| random.mutate(&corpus));
        let outcome = catch_unwind(|| run(&input)).map_err(|_| input.clone())?;
        runs += 1;
        let count = outcomes.entry(outcome).or_default();
        *count += 1;
        if *count <= KEPT_OF_EACH {
            corpus.push(input);
        }
    }
    let rare: Vec<String> =
        outcomes.iter().map(|(outcome, count)| format!("{outcome} {count}")).collect();
    Ok(format!("{runs} runs, {} outcomes: {}", outcomes.len(), rare.join(", ")))
}

/// How many inputs of one outcome are mutated further.
const KEPT_OF_EACH: u64 = 40;

/// The longest input that is made, in bytes.
const MAX_BYTES: usize = 4096;

/// What parsers look for.
const WORDS: [&str; 40] = [
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"",
    "\\u0061",
    "\\ud800",
    "\\",
    "null",
    "true",
    "1e999",
    "-0",
    "0.5",
    "18446744073709551616",
    "253402300800",
    "\"alg\":\"none\"",
    "\"alg\":\"HS256\"",
    "\"alg\":\"dir\"",
    "\"alg\":\"ECDH-ES\"",
    "\"enc\":\"A256GCM\"",
    "\"crit\":[\"b64\"]",
    "\"zip\":\"DEF\"",
    "\"kid\":\"gcm\"",
    "\"kid\":\"ecdh\"",
    "\"kty\":\"oct\"",
    "\"use\":\"enc\"",
    "\"key_ops\":[\"sign\"]",
    "\"d\":\"AQAB\"",
    "\"keys\":[",
    "\"exp\":9e9",
    "\"aud\":[]",
    ".",
    "..",
    "=",
    "\u{feff}",
    "\u{0}",
    "-----BEGIN PRIVATE KEY-----\n",
    "A",
];

/// xorshift64*: the same inputs for the same seed, as far as the time allows.
struct Random(u64);

impl Random {
    fn mutate(&mut self, corpus: &[Vec<u8>]) -> Vec<u8> {
        let mut input = self.pick(corpus).cloned().unwrap_or_default();
        for _ in 0..=self.below(4) {
            self.change(&mut input, corpus);
        }
        input.truncate(MAX_BYTES);
        input
    }

    fn change(&mut self, input: &mut Vec<u8>, corpus: &[Vec<u8>]) {
        let start = self.below(input.len() + 1);
        let end = start + self.below((input.len() - start).min(32) + 1);
        match self.below(8) {
            0 if start < input.len() => input[start] ^= 1 << self.below(8),
            1 if start < input.len() => input[start] = self.next().to_le_bytes()[0],
            2 => drop(input.drain(start..end)),
            3 => input.truncate(start),
            4 => {
                let copy = input[start..end].to_vec();
                let at = self.below(input.len() + 1);
                input.splice(at..at, copy);
            }
            5 => {
                let other = self.pick(corpus).cloned().unwrap_or_default();
                let from = self.below(other.len() + 1);
                input.splice(start..end, other[from..].iter().copied());
            }
            _ => {
                let word = WORDS[self.below(WORDS.len())];
                let end = if self.below(2) == 0 { start } else { end };
                input.splice(start..end, word.bytes());
            }
        }
    }

    fn pick<'i>(&mut self, inputs: &'i [Vec<u8>]) -> Option<&'i Vec<u8>> {
        inputs.get(self.below(inputs.len()))
    }

    /// A number below `bound`, which is close enough to even; 0 when there is none.
    fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).unwrap_or(u64::MAX);
        usize::try_from((self.next() >> 16) % bound.max(1)).unwrap_or_default()
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }
}

fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = package().join("corpus").join(name);
    let files = fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut paths: Vec<PathBuf> = files.filter_map(|file| Some(file.ok()?.path())).collect();
    paths.sort();
    assert!(!paths.is_empty(), "{} is empty", folder.display());
    paths.iter().map(|path| fs::read(path).expect("a file of the corpus")).collect()
}

fn artifact(name: &str, input: &[u8]) -> PathBuf {
    let folder = package().join("artifacts").join(name);
    fs::create_dir_all(&folder).expect("a folder to write to");
    let path = folder.join(format!("panic-{}", std::process::id()));
    fs::write(&path, input).expect("a file to write to");
    path
}

fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
