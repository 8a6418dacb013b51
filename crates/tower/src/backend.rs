//! Who checks a password: the one trait between a login and the rest of the world.

use std::future::Future;

use sealpass::credential::{BackendError, Credentials, Identity};

/// Checks a username and a password against wherever the accounts are.
///
/// An implementation takes the same time for an unknown user as for a wrong password, and never
/// logs the password.
pub trait CredentialBackend: Send + Sync + 'static {
    /// The application's own claims, sealed beside the registered ones.
    type Claims;

    /// Who these credentials belong to.
    ///
    /// # Errors
    /// [`BackendError::BadCredentials`] when they prove nobody; the other variants when that could
    /// not be found out.
    fn verify(
        &self,
        credentials: Credentials,
    ) -> impl Future<Output = Result<Identity<Self::Claims>, BackendError>> + Send;
}
