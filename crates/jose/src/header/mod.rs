//! Protected headers (RFC 7515 §4, RFC 7516 §4).

mod encode;
mod error;
mod kind;
mod media_type;
mod parse;

pub(crate) use encode::HeaderTemplate;
pub use error::HeaderError;
pub(crate) use kind::{Expected, Kind};
pub(crate) use media_type::{MediaType, OwnedMediaType};
pub(crate) use parse::{HeaderBuffer, ProtectedHeader};
