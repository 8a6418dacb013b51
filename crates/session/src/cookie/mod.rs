//! Cookies: how they are read, what they are called, how they are set.

mod parse;
mod profile;
mod profiles;
mod set;

pub use parse::{Lookup, find, pairs};
pub use profile::{CookieNameError, CookieProfile};
pub(crate) use profiles::{CookieProfiles, MAX_PREVIOUS};
pub use set::{CookieError, SameSite, SetCookie};
