//! What revocations cost: a verification beside many of them, their memory, a reader beside a
//! writer, a restart, and how many a journal takes in a second.

mod lists;
mod program;

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use sealpass_bench::{Bar, Limit};

use crate::lists::Lists;

fn main() -> Result<()> {
    let program = std::env::var_os("SEALPASS").map(PathBuf::from);
    let program = program.context("SEALPASS names no program: run ./ci/bench revocation")?;

    // First, so that no memory of anything else is in the figure.
    let (million, bytes) = lists::million()?;
    println!("memory: {bytes:.1} bytes for each of 1 M sessions");
    let lists = Lists::beside(million)?;
    let verify = lists.verify();
    drop(lists);
    let pause = lists::worst_pause()?;

    let restart = program::restart(&program)?;
    program::sustained(&program)?;

    println!();
    println!("{}", Bar::new("revocation-verify-10k-vs-empty", verify[1], Limit::AtMost(1.1)));
    println!("{}", Bar::new("revocation-verify-1m-vs-empty", verify[2], Limit::AtMost(1.5)));
    println!("{}", Bar::new("revocation-bytes-each-of-1m", bytes, Limit::AtMost(48.0)));
    println!("{}", Bar::new("revocation-reader-pause-ms", pause, Limit::AtMost(1.0)));
    println!("{}", Bar::new("revocation-restart-1m-seconds", restart, Limit::AtMost(1.0)));
    Ok(())
}
