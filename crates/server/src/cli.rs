//! The command line.

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::config::{DemoCookies, Flags};
use crate::demo::DemoOptions;
use crate::doctor::DoctorArgs;
use crate::emit::EmitCommand;
use crate::keys::KeysCommand;
use crate::revoke::RevokeArgs;
use crate::route::ExplainArgs;
use crate::token::TokenCommand;

/// Login, forward-auth and a reverse proxy for APIs in any language
#[derive(Debug, Parser)]
#[command(name = "sealpass", version, about, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Try it: a sample API behind a login, everything in memory
    Demo(DemoArgs),
    /// Serve logins, sessions and forward-auth, with a reverse proxy if `--upstream` says where to
    Serve(ServeArgs),
    /// Probe a live deployment from outside, and say what to change
    Doctor(DoctorArgs),
    /// Say what the rules for paths decide about a request, and which of them decides
    Explain(ExplainArgs),
    /// Make, list, publish and name keys
    #[command(subcommand)]
    Keys(KeysCommand),
    /// End a session, every session of a user, or all there are, at a running server
    Revoke(RevokeArgs),
    /// Look at, check and make tokens
    #[command(subcommand)]
    Token(TokenCommand),
    /// Add, remove or list the accounts of a users file
    #[command(subcommand)]
    User(UserCommand),
    /// Print the configuration of a front proxy that asks this server about each request
    #[command(subcommand)]
    EmitConfig(EmitCommand),
    /// Check a configuration, or print every setting there is
    #[command(subcommand)]
    Config(ConfigCommand),
}

#[derive(Clone, Debug, Args)]
pub(crate) struct DemoArgs {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,
    /// How to print the address, the user and the password
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: OutputFormat,
    /// Which cookies to set
    #[arg(long, value_name = "PROFILE", default_value = "host")]
    pub(crate) cookies: DemoCookies,
}

impl From<DemoArgs> for DemoOptions {
    fn from(DemoArgs { listen, format, cookies }: DemoArgs) -> Self {
        Self { listen, format, cookies }
    }
}

/// How a command prints what scripts may want.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum OutputFormat {
    /// for people
    Text,
    /// one line of JSON
    Json,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct ServeArgs {
    /// The configuration file (TOML)
    #[arg(long, value_name = "FILE", env = "SEALPASS_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) flags: Flags,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Read the configuration as `serve` would, say what is wrong, and print what results
    Check(ServeArgs),
    /// Print every setting with its default, in Markdown
    Reference,
}

#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Add an account; its password is asked for on a terminal, or read from standard input
    Add(UserAddArgs),
    /// Remove an account
    Remove {
        /// The name the user logs in with
        name: String,
        #[command(flatten)]
        file: UsersFile,
    },
    /// List the accounts, without their hashes
    List(UsersFile),
}

#[derive(Clone, Debug, Args)]
pub(crate) struct UserAddArgs {
    /// The name the user logs in with
    pub(crate) name: String,
    /// The user id in tokens, if it is not the name
    #[arg(long, value_name = "SUBJECT")]
    pub(crate) subject: Option<String>,
    /// A claim for the tokens of this user, in JSON or as text; may be repeated
    #[arg(long = "claim", value_name = "KEY=VALUE")]
    pub(crate) claims: Vec<String>,
    /// Give an account that is there a new password; its subject and its claims stay, unless given
    #[arg(long)]
    pub(crate) replace: bool,
    /// Read the password from standard input even on a terminal
    #[arg(long)]
    pub(crate) password_stdin: bool,
    #[command(flatten)]
    pub(crate) file: UsersFile,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct UsersFile {
    /// The users file
    #[arg(long, value_name = "FILE", env = "SEALPASS_BACKEND_USERS")]
    pub(crate) users: PathBuf,
}

/// Prints to standard output. A reader that has seen enough, such as `head`, is no failure.
///
/// # Errors
/// That standard output cannot be written to.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// Says on standard error why the program stops, with every cause on the same line.
pub(crate) fn complain(error: &anyhow::Error) {
    // Without standard error there is nobody left to tell.
    let _ = writeln!(io::stderr(), "sealpass: {error:#}");
}
