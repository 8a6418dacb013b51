//! The command line of `sealpass token`.

use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand};
use sealpass_tower::sealpass::jose::Verifier;

use crate::keys::AcceptedArgs;

#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Print what the token on standard input says, which proves nothing
    Inspect,
    /// Make a token of the claims on standard input, one JSON object
    Seal(SealArgs),
    /// Check the token on standard input and print its claims, or why it is refused
    ///
    /// Exits with 0 when it is accepted, with 1 when it is not, and with 2 when the arguments are
    /// wrong. Nothing is ever fetched.
    Verify(VerifyArgs),
}

#[derive(Clone, Debug, Args)]
pub(crate) struct VerifyArgs {
    /// The key file: JWK, JWK Set or PEM
    #[arg(long, value_name = "FILE")]
    pub(super) keys: PathBuf,
    #[command(flatten)]
    pub(super) accepted: AcceptedArgs,
    /// The issuer that `iss` must be [default: not checked]
    #[arg(long, value_name = "ISSUER", value_parser = NonEmptyStringValueParser::new())]
    pub(super) issuer: Option<String>,
    /// The audience that `aud` must name [default: not checked]
    #[arg(long, value_name = "AUDIENCE", value_parser = NonEmptyStringValueParser::new())]
    pub(super) audience: Option<String>,
    /// The kind of token that `typ` must be [default: not checked]
    #[arg(long, value_name = "TYP")]
    pub(super) typ: Option<String>,
    /// A claim that must be there and not be null; may be repeated
    #[arg(long, value_name = "CLAIM")]
    pub(super) require: Vec<String>,
    /// What time it is, in seconds since 1970 [default: the clock]
    #[arg(long, value_name = "SECONDS")]
    pub(super) now: Option<u64>,
    /// How far the clocks of issuer and reader may be apart
    #[arg(long, value_name = "SECONDS", default_value_t = 0,
          value_parser = clap::value_parser!(u64).range(..=Verifier::MAX_LEEWAY))]
    pub(super) leeway: u64,
    /// Accept a token without `exp`, which is good forever
    #[arg(long)]
    pub(super) insecure_no_exp: bool,
    /// Read one token a line; each has one line of output, claims or code
    #[arg(long)]
    pub(super) lines: bool,
    /// Say after the code what it means
    #[arg(long)]
    pub(super) explain: bool,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct SealArgs {
    /// The key file: JWK, JWK Set or PEM; of several keys the first that can
    #[arg(long, alias = "keys", value_name = "FILE")]
    pub(super) key: PathBuf,
    #[command(flatten)]
    pub(super) accepted: AcceptedArgs,
    /// The kind of token, its `typ`
    #[arg(long, value_name = "TYP")]
    pub(super) typ: String,
    /// How long it is good, which gives it `exp`; needed unless the claims have one
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=TEN_YEARS))]
    pub(super) lifetime: Option<u64>,
    /// What time it is, in seconds since 1970 [default: the clock]
    #[arg(long, value_name = "SECONDS")]
    pub(super) now: Option<u64>,
}

const TEN_YEARS: u64 = 10 * 365 * 86_400;
