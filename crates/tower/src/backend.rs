//! Who checks a password: the one trait between a login and the rest of the world.

use std::future::Future;

use sealpass::credential::{BackendError, Credentials, Identity, Refreshed, Subject};

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

    /// What holds of a user by now, asked whenever a session of theirs is renewed.
    ///
    /// A backend that cannot say answers [`Refreshed::NotOffered`]: then a user who is removed keeps
    /// what sessions they have until these end.
    ///
    /// # Errors
    /// [`BackendError`] when it could not be found out. The session is not renewed then, and goes on
    /// for as long as its token counts.
    fn refresh(
        &self,
        subject: &Subject,
    ) -> impl Future<Output = Result<Refreshed<Self::Claims>, BackendError>> + Send;
}
