//! Cross-site request forgery: the signed double submit, Fetch Metadata and `Origin`, one verdict.

mod decide;
mod token;

pub use decide::HEADER;
pub(crate) use decide::{decide, same_site};
pub use token::CsrfToken;
