//! `sealpass`: login, forward-auth and a reverse proxy for APIs in any language.
//!
//! Exit codes: 0 done, 1 failed at run time, 2 wrong usage or configuration.

mod backend;
mod cli;
mod config;
mod log;
mod outbound;
mod user;

use std::process::ExitCode;

use clap::Parser as _;

use cli::{Cli, Command, ConfigCommand};

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            cli::complain(&error);
            ExitCode::from(if error.is::<config::Problems>() { 2 } else { 1 })
        }
    }
}

fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Demo(_args) => anyhow::bail!("not here yet"),
        Command::Serve(args) => {
            let config = config::load(args.config.as_deref(), &args.flags)?;
            log::init(config.log)?;
            let _ = backend::Backend::open(&config.backend, &config.login)?;
            anyhow::bail!("not here yet")
        }
        Command::User(command) => user::run(command),
        Command::Config(ConfigCommand::Check(args)) => {
            cli::print(&config::check(args.config.as_deref(), &args.flags)?)
        }
        Command::Config(ConfigCommand::Reference) => cli::print(&config::reference()),
    }
}
