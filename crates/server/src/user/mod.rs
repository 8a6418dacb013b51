//! Accounts in a file: what `sealpass user` writes and the file backend reads.

mod claims;
mod command;
mod file;
mod name;
mod password;
mod set;

pub(crate) use claims::{Claims, is_reserved as is_reserved_claim, reserved as reserved_claim};
pub(crate) use command::{read_password_line, run};
pub(crate) use file::load;
pub(crate) use name::UserName;
pub(crate) use password::{PasswordHash, PasswordHashError};
pub(crate) use set::{User, Users};
