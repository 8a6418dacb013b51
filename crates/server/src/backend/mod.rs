//! Credential backends: who checks a password.

mod file;
mod http;
mod pool;
mod share;

use std::num::NonZeroUsize;
use std::path::Path;

use anyhow::Context as _;
use sealpass_tower::CredentialBackend;
use sealpass_tower::sealpass::credential::{
    BackendError, Credentials, Identity, Refreshed, Subject,
};

use crate::config;
use crate::user::Claims;
use file::FileBackend;
use http::HttpBackend;
use pool::HashPool;
pub(crate) use share::LoginShares;

/// The credential backend of the configuration.
#[derive(Debug)]
pub(crate) enum Backend {
    /// A users file on this machine.
    File(FileBackend),
    /// Another service.
    Http(Box<HttpBackend>),
}

impl Backend {
    /// Makes the backend ready: the users file is read, the HTTP client is built.
    ///
    /// # Errors
    /// What is wrong with the users file, or that TLS has no root certificates to trust.
    pub(crate) fn open(backend: &config::Backend, login: &config::Login) -> anyhow::Result<Self> {
        match backend {
            config::Backend::File { users } => {
                let pool = HashPool::new(login.workers);
                FileBackend::open(users, pool).map(Self::File).with_context(|| missing(users))
            }
            config::Backend::Http(backend) => {
                HttpBackend::new(backend).map(Box::new).map(Self::Http)
            }
        }
    }
}

/// What each network of clients may have of the places before `backend`.
pub(crate) fn login_shares(backend: &config::Backend, login: &config::Login) -> LoginShares {
    let at_once: NonZeroUsize = match backend {
        config::Backend::File { .. } => login.workers,
        config::Backend::Http(_) => http::AT_ONCE,
    };
    LoginShares::new(pool::share(at_once))
}

impl CredentialBackend for Backend {
    type Claims = Claims;

    async fn verify(&self, credentials: Credentials) -> Result<Identity<Claims>, BackendError> {
        match self {
            Self::File(backend) => backend.verify(credentials).await,
            Self::Http(backend) => backend.verify(credentials).await,
        }
    }

    async fn refresh(&self, subject: &Subject) -> Result<Refreshed<Claims>, BackendError> {
        match self {
            Self::File(backend) => backend.refresh(subject).await,
            Self::Http(backend) => backend.refresh(subject).await,
        }
    }
}

fn missing(users: &Path) -> String {
    let path = users.display();
    format!("cannot use the users file {path} (`sealpass user add NAME --users {path}` makes one)")
}

fn unavailable(reason: impl Into<String>) -> BackendError {
    BackendError::Unavailable { reason: reason.into() }
}
