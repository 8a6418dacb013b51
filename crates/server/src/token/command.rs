//! Which of the commands, and how it ends.

use std::process::ExitCode;

use super::args::TokenCommand;
use super::{input, inspect, seal, verify};
use crate::cli::complain;
use crate::keys::Refusal;

/// Runs `sealpass token ...`: done, or refused with a stable code on standard error.
///
/// # Errors
/// [`Usage`](crate::keys::Usage) for arguments, and whatever the system says.
pub(crate) fn run(command: &TokenCommand) -> anyhow::Result<ExitCode> {
    let ended = match command {
        TokenCommand::Inspect => inspect::inspect(),
        TokenCommand::Seal(args) => seal::seal(args),
        TokenCommand::Verify(args) => verify::verify(args),
    };
    match ended {
        Err(error) => match error.downcast_ref::<Refusal>() {
            Some(refusal) => {
                input::refuse(refusal, false);
                complain(&error);
                Ok(ExitCode::FAILURE)
            }
            None => Err(error),
        },
        ended => ended,
    }
}
