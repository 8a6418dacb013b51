//! Who keeps a logout when this process ends: the one trait between it and the rest of the world.

use std::future::Future;
use std::pin::Pin;

use sealpass::revocation::Revocation;

/// Keeps what is revoked, on disk or for other instances.
///
/// A logout is answered after [`RevocationStore::record`], and takes effect after it: what was
/// acknowledged is never lost, what could not be kept is said not to have happened.
pub trait RevocationStore: Send + Sync + 'static {
    /// Keeps `revocations`, all or none of them, so that they outlive this process.
    ///
    /// # Errors
    /// [`StoreError`] when they may be lost. They may then be kept nevertheless: a revocation too many
    /// lets nobody in.
    fn record<'a>(&'a self, revocations: &'a [Revocation]) -> Recording<'a>;
}

/// The answer of [`RevocationStore::record`] to come.
pub type Recording<'a> = Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send + 'a>>;

/// A revocation that may be lost: the user must not be told that they are logged out.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a logout was not recorded: {reason}")]
pub struct StoreError {
    reason: String,
}

impl StoreError {
    /// The error. `reason` is for the log, never for the client.
    #[must_use]
    pub fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into() }
    }
}
