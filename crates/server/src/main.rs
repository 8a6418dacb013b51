//! `sealpass`: login, forward-auth and a reverse proxy for APIs in any language.
//!
//! Exit codes: 0 done, 1 failed at run time, 2 wrong usage or configuration, or nothing to probe.

mod admin;
mod backend;
mod cli;
mod clock;
mod config;
mod date;
mod demo;
mod doctor;
mod emit;
mod identity;
mod keys;
mod log;
mod outbound;
mod private_file;
mod proxy;
mod revocation;
mod revoke;
mod route;
mod secret;
mod serve;
mod shutdown;
mod token;
mod user;
mod verify;

use std::process::ExitCode;

use clap::Parser as _;

use cli::{Cli, Command, ConfigCommand};

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(code) => code,
        Err(error) => {
            cli::complain(&error);
            ExitCode::from(if is_usage(&error) { 2 } else { 1 })
        }
    }
}

fn is_usage(error: &anyhow::Error) -> bool {
    error.is::<config::Problems>() || error.is::<keys::Usage>() || error.is::<doctor::Unreachable>()
}

fn run(command: Command) -> anyhow::Result<ExitCode> {
    let done = match command {
        Command::Demo(args) => {
            log::init(config::log_from_environment()?)?;
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
            runtime.block_on(demo::run(args.into()))
        }
        Command::Serve(args) => {
            let config = config::load(args.config.as_deref(), &args.flags)?;
            log::init(config.log)?;
            serve::run(&config)
        }
        Command::Doctor(args) => return doctor::run(&args),
        Command::EmitConfig(command) => emit::run(&command),
        Command::Explain(args) => route::explain(&args),
        Command::Keys(command) => keys::run(&command),
        Command::Revoke(args) => revoke::run(&args),
        Command::Token(command) => return token::run(&command),
        Command::User(command) => user::run(command),
        Command::Config(ConfigCommand::Check(args)) => {
            cli::print(&config::check(args.config.as_deref(), &args.flags)?)
        }
        Command::Config(ConfigCommand::Reference) => cli::print(&config::reference()),
    };
    done.map(|()| ExitCode::SUCCESS)
}
