//! `sealpass keys`: keys in files, made, read, published and named.

mod algorithms;
mod args;
mod command;
mod export;
mod file;
mod import;
mod list;
mod refusal;

pub(crate) use algorithms::{Accepted, AcceptedArgs};
pub(crate) use args::KeysCommand;
pub(crate) use command::run;
pub(crate) use file::{load, to_ring};
pub(crate) use refusal::{Refusal, Usage};
