//! Which of the commands.

use super::args::KeysCommand;
use super::{compromise, export, import, list, rotate, secret};

/// Runs `sealpass keys ...`.
///
/// # Errors
/// [`Usage`](super::Usage) for arguments, [`Refusal`](super::Refusal) for keys; then nothing was
/// written.
pub(crate) fn run(command: &KeysCommand) -> anyhow::Result<()> {
    match command {
        KeysCommand::Compromise(args) => compromise::compromise(args),
        KeysCommand::Export(args) => export::export(args),
        KeysCommand::Generate(args) => import::generate(args),
        KeysCommand::Import(args) => import::import(args),
        KeysCommand::List { file } => list::list(file),
        KeysCommand::Rotate(args) => rotate::rotate(args),
        KeysCommand::Secret { out } => secret::make(out),
        KeysCommand::Thumbprint { file } => list::thumbprint(file),
    }
}
