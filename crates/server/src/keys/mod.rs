//! Keys: `sealpass keys` makes, reads, publishes and names them in files; the server takes them
//! from a folder of such files, from a secret or from nowhere, and changes them in time.

mod algorithms;
mod args;
mod command;
mod compromise;
mod current;
mod directory;
mod edit;
mod export;
mod file;
mod import;
pub(crate) mod jwks;
mod list;
mod purpose;
mod refusal;
mod rotate;
mod secret;
mod session_key;
mod source;
mod view;

pub(crate) use algorithms::{Accepted, AcceptedArgs};
pub(crate) use args::KeysCommand;
pub(crate) use command::run;
pub(crate) use current::{CurrentKeys, keep};
pub(crate) use file::{load, to_ring};
pub(crate) use purpose::Purpose;
pub(crate) use refusal::{Refusal, Usage};
pub(crate) use view::KeyView;
