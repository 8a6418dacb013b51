//! The compact serializations of RFC 7515 §7.1 and RFC 7516 §7.1: shape only.

mod error;
mod part;
mod token;

pub use error::TokenError;
pub use part::Part;
pub use token::UnverifiedToken;
pub(crate) use token::{Form, JweParts, JwsParts};

/// The longest token that is read unless another limit is given, in bytes.
pub const DEFAULT_MAX_TOKEN_BYTES: usize = 8 * 1024;

/// The longest token that is ever read, in bytes, whatever limit is given.
pub const MAX_TOKEN_BYTES: usize = 64 * 1024;
