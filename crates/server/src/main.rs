//! The sealpass server.

mod cli;
mod config;

use clap::Parser as _;

fn main() {
    let _ = cli::Cli::parse();
}
