//! `sealpass token`: tokens looked at, checked and made.

mod args;
mod check;
mod command;
mod input;
mod inspect;
mod json;
mod seal;
mod verify;

pub(crate) use args::TokenCommand;
pub(crate) use command::run;
