//! Keys that know their one algorithm, and the ring of those that are in use.

mod curve;
mod error;
mod generate;
mod jwe;
#[expect(clippy::module_inception, reason = "a key is the noun of this folder")]
mod key;
mod ring;
mod rsa;
mod select;

pub use curve::Curve;
pub use error::KeyError;
pub(crate) use generate::random_kid;
pub use key::Key;
pub(crate) use key::{Material, is_kid};
pub use ring::KeyRing;
pub(crate) use rsa::require_safe as require_safe_rsa;
