//! The programs of a journey, each a process of its own: Sealpass, curl, an API, a credential
//! backend.

mod child;
mod curl;
mod front;
mod peer;
mod raw;
mod report;
mod sealpass;
mod users;

pub(crate) use child::Child;
pub(crate) use curl::{Answer, Call, Client};
pub(crate) use front::{Flaw, Front};
pub(crate) use peer::{PASSWORD, Peer, SUBJECT, USERNAME};
pub(crate) use raw::exchange;
pub(crate) use report::Report;
pub(crate) use sealpass::{ORIGIN, Sealpass};
pub(crate) use users::{SPELLINGS, Users};
