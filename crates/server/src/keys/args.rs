//! The command line of `sealpass keys`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::AcceptedArgs;
use super::algorithms::{alg_names, curve_names, enc_names};
use crate::config::{self, Problems};

#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Take a key of the folder `keys.directory` away at once: all that it sealed is refused
    Compromise(CompromiseArgs),
    /// Print the public half of the keys of a file as JSON or PEM
    Export(ExportArgs),
    /// Make a key and write it to a new file, which only its owner may read
    Generate(GenerateArgs),
    /// Write the keys of a file, such as one in PEM, to a new one as JWK
    Import(ImportArgs),
    /// List the keys of a file or a folder: kid, alg, use, which part it is, thumbprint
    List {
        /// The key file: JWK, JWK Set or PEM; `-` is standard input; or a folder of key files
        file: PathBuf,
    },
    /// Make the next key of the folder `keys.directory` and delete those that are gone, if it is time
    Rotate(RotateArgs),
    /// Make a secret for `keys.secret` and write it to a new file, which only its owner may read
    Secret {
        /// The file to write, which must not be there yet
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Print the SHA-256 thumbprint (RFC 7638) of every key of a file
    Thumbprint {
        /// The key file: JWK, JWK Set or PEM; `-` is standard input
        file: PathBuf,
    },
}

#[derive(Clone, Debug, Args)]
pub(crate) struct CompromiseArgs {
    /// The name of the key
    #[arg(value_name = "KID")]
    pub(super) kid: String,
    #[command(flatten)]
    pub(super) config: ConfigArgs,
}

/// Where the settings of the keys are; variables win over the file.
#[derive(Clone, Debug, Args)]
pub(crate) struct ConfigArgs {
    /// The configuration file (TOML) of the server
    #[arg(long, value_name = "FILE", env = "SEALPASS_CONFIG")]
    config: Option<PathBuf>,
    /// The keys of assertions, in the folder `assertion.keys`, instead of those of sessions
    #[arg(long)]
    assertions: bool,
}

impl ConfigArgs {
    /// The settings of the keys that are meant.
    ///
    /// # Errors
    /// [`Problems`].
    pub(super) fn read(&self) -> Result<config::Keys, Problems> {
        let file = self.config.as_deref();
        if self.assertions { config::assertion_keys(file) } else { config::keys(file) }
    }
}

#[derive(Clone, Debug, Args)]
pub(crate) struct ExportArgs {
    /// The key file: JWK, JWK Set or PEM; `-` is standard input
    pub(super) file: PathBuf,
    /// Print what must stay secret: the private keys, and the shared ones
    #[arg(long)]
    pub(super) private: bool,
    /// As PEM: PKCS#8 or SPKI
    #[arg(long)]
    pub(super) pem: bool,
    /// Only the key of that name
    #[arg(long, value_name = "KID")]
    pub(super) kid: Option<String>,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct GenerateArgs {
    /// What the key is for
    #[arg(long, value_name = "NAME", value_parser = alg_names())]
    pub(super) alg: String,
    /// The content encryption of a key for `dir` [default: A256GCM]
    #[arg(long, value_name = "NAME", value_parser = enc_names())]
    pub(super) enc: Option<String>,
    /// The length of the modulus of an RSA key [default: 3072]
    #[arg(long, value_parser = ["2048", "3072", "4096"], conflicts_with = "curve")]
    pub(super) bits: Option<String>,
    /// The curve of a key for key agreement [default: X25519]
    #[arg(long, value_parser = curve_names())]
    pub(super) curve: Option<String>,
    /// The name of the key [default: a random one]
    #[arg(long, value_name = "KID")]
    pub(super) kid: Option<String>,
    /// The file to write, which must not be there yet
    #[arg(long, value_name = "FILE")]
    pub(super) out: PathBuf,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct ImportArgs {
    /// The key file: PEM, JWK or JWK Set; `-` is standard input
    pub(super) file: PathBuf,
    #[command(flatten)]
    pub(super) algorithm: AcceptedArgs,
    /// The name of the key [default: its own, or its thumbprint]
    #[arg(long, value_name = "KID")]
    pub(super) kid: Option<String>,
    /// The file to write, which must not be there yet
    #[arg(long, value_name = "FILE")]
    pub(super) out: PathBuf,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct RotateArgs {
    #[command(flatten)]
    pub(super) config: ConfigArgs,
    /// What a new key is for [default: what the active key is for, or `dir`; for assertions what
    /// `assertion.algorithm` says]
    #[arg(long, value_name = "NAME", value_parser = alg_names())]
    pub(super) alg: Option<String>,
    /// The content encryption of a new key for `dir` [default: A256GCM]
    #[arg(long, value_name = "NAME", value_parser = enc_names(), requires = "alg")]
    pub(super) enc: Option<String>,
    /// Make the next key even if the active one has not sealed for a period
    #[arg(long)]
    pub(super) early: bool,
    /// The time, in seconds since 1970 [default: the clock]
    #[arg(long, value_name = "SECONDS")]
    pub(super) now: Option<u64>,
}
