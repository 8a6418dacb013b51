//! How many instructions we add to the raw primitive, counted by callgrind.
//!
//! ```text
//! instructions check FILE     compares with what FILE records; 1 when one is out of tolerance
//! instructions record FILE    writes FILE anew
//! instructions run ...        what is run under callgrind, for one operation and one side
//! ```
//!
//! A time depends on the machine; this hardly does. Valgrind shows every program the same processor
//! (with AVX2 and without AVX-512 or SHA extensions), so that aws-lc and base64 choose the same code
//! on all machines. And what is recorded is the difference between our side and the raw primitive on
//! the same token, in which the work of the C libraries cancels out. What is left to differ is the
//! compiler, of which a patch release changes next to nothing, and the C library's `memcpy`.

mod record;

use std::cmp::Ordering;
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result, bail, ensure};
use sealpass_bench::operation::{self, NOW, OPERATIONS, Operation, Side};

use crate::record::{Record, TOLERANCE};

fn main() -> Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["check", file] => check(file),
        ["record", file] => Record::of(count_all()?).write(file).map(|()| ExitCode::SUCCESS),
        ["run", operation, side, token] => {
            let operation = Operation::named(operation).context("no such operation")?;
            operation.run(Side::named(side).context("no such side")?, token)?;
            Ok(ExitCode::SUCCESS)
        }
        _ => bail!("check FILE, record FILE, or run OPERATION SIDE TOKEN"),
    }
}

fn check(file: &str) -> Result<ExitCode> {
    let recorded = Record::read(file)?;
    let mut within = true;
    println!("instructions beyond the raw primitive's, tolerance {TOLERANCE}");
    println!("{:<28}{:>10}{:>10}{:>9}", "", "recorded", "counted", "change");
    for (name, counted) in count_all()? {
        let recorded =
            recorded.of_operation(name).with_context(|| format!("{file} lacks {name}"))?;
        let verdict = match TOLERANCE.compare(recorded, counted) {
            Ordering::Greater => "too many",
            Ordering::Less => "fewer: record it, so that it stays so",
            Ordering::Equal => "ok",
        };
        within &= verdict == "ok";
        let change = 100.0 * (counted as f64 / recorded as f64 - 1.0);
        println!("{name:<28}{recorded:>10}{counted:>10}{change:>+8.1}% {verdict}");
    }
    if within {
        return Ok(ExitCode::SUCCESS);
    }
    println!("recorded with {}", recorded.toolchain());
    println!("counted with  {}", record::toolchain()?);
    println!("if this is meant: ci/groups/instructions says how to record");
    Ok(ExitCode::FAILURE)
}

/// What our side adds to each operation, in instructions.
fn count_all() -> Result<Vec<(&'static str, i64)>> {
    OPERATIONS
        .iter()
        .map(|operation| {
            let token = operation.token(NOW)?;
            let ours = count(operation, Side::Ours, &token)?;
            let raw = count(operation, Side::Raw, &token)?;
            Ok((operation.name, ours - raw))
        })
        .collect()
}

/// Instructions of one run of one side, by callgrind: those inside of `counted_by_callgrind`.
fn count(operation: &Operation, side: Side, token: &str) -> Result<i64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(format!("--toggle-collect=*{}*", operation::MEASURED))
        .arg(std::env::current_exe()?)
        .args(["run", operation.name, side.name(), token])
        .env("GLIBC_TUNABLES", NO_STRING_INSTRUCTIONS)
        .output()
        .context("valgrind")?;
    let log = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{} of {}: {log}", side.name(), operation.name);
    let collected = log.lines().find_map(|line| line.split_once("Collected :"));
    let collected = collected.with_context(|| format!("callgrind counted nothing: {log}"))?.1;
    let collected: i64 = collected.trim().parse()?;
    ensure!(collected > 0, "callgrind does not see {}: {log}", operation::MEASURED);
    Ok(collected / i64::from(operation::RUNS))
}

/// Callgrind counts one instruction for every byte that `rep movsb` and `rep stosb` copy or fill, and
/// from which length on glibc takes them depends on the machine's caches.
const NO_STRING_INSTRUCTIONS: &str =
    "glibc.cpu.x86_rep_movsb_threshold=1000000:glibc.cpu.x86_rep_stosb_threshold=1000000";
