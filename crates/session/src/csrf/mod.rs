//! Cross-site request forgery: the signed double submit, Fetch Metadata and `Origin`, one verdict.

mod decide;
mod mode;
mod token;

pub use decide::HEADER;
pub(crate) use decide::{Rules, same_site};
pub use mode::CsrfMode;
pub use token::CsrfToken;
