//! Keys that know their one algorithm, and the ring of those that are in use.

mod error;
mod generate;
#[expect(clippy::module_inception, reason = "a key is the noun of this folder")]
mod key;
mod ring;
mod select;

pub use error::KeyError;
pub use key::Key;
pub(crate) use key::Material;
pub use ring::KeyRing;
