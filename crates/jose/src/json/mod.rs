//! JSON objects (RFC 8259) of strangers: scanned once, bounded, and refused when ambiguous.
//!
//! A scan proves that a text is one object and nothing else, remembers where its members are, and
//! copies nothing. It refuses what two readers could understand differently: a member name that
//! occurs twice in an object at any depth, however it is escaped, and escapes of lone surrogates.

mod array;
mod error;
mod fingerprint;
mod members;
mod number;
mod scan;
mod string;
#[cfg(test)]
mod tests;
mod write;

pub(crate) use array::{Element, Elements, elements};
pub use error::JsonError;
pub(crate) use fingerprint::Fingerprint;
pub(crate) use members::{Found, Member, Members};
pub(crate) use number::{Seconds, plain_digits, seconds};
pub(crate) use scan::{KnownNames, opening, scan_object, scan_object_of};
pub(crate) use string::{string, unescape};
pub(crate) use write::{NotWritten, Written, write_object};

/// How deep objects and arrays may be nested, the outermost object included.
pub(crate) const MAX_DEPTH: usize = 32;

/// How many members the objects on the way to any place may have, taken together.
pub(crate) const MAX_MEMBERS: usize = 128;
