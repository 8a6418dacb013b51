//! Sealpass as a tower layer, axum extractors and the `/auth` routes.

pub mod backend;

pub use backend::CredentialBackend;
pub use sealpass;
