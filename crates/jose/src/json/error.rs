//! Why a text is not an object that can be read in one way only.

use super::{MAX_DEPTH, MAX_MEMBERS};

/// Why a JSON text is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum JsonError {
    /// A name occurs twice in one object (RFC 7515 §4, RFC 7519 §4).
    #[error("the member name that ends at byte {position} occurs twice in its object")]
    DuplicateMember {
        /// The byte after the name, from 0.
        position: usize,
    },
    /// The text is not one object.
    #[error("the text is not a JSON object")]
    NotAnObject,
    /// The text does not follow the grammar of RFC 8259.
    #[error("byte {position} does not continue a JSON text")]
    Syntax {
        /// The index of the first byte that does not fit, from 0.
        position: usize,
    },
    /// Objects and arrays are nested more than 32 deep.
    #[error("objects and arrays are nested more than {MAX_DEPTH} deep")]
    TooDeep,
    /// The text is too long to be scanned.
    #[error("the text is too long")]
    TooLong,
    /// An object and those around it have more than 128 members.
    #[error("an object and those around it have more than {MAX_MEMBERS} members")]
    TooManyMembers,
    /// The text is not UTF-8 (RFC 8259 §8.1).
    #[error("the text is not UTF-8")]
    Utf8,
}
