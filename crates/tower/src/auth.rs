//! A policy with a clock: what the layer, the extractors and the routes share.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use sealpass::policy::{Claims, LoggedOut, PendingLogout};
use sealpass::revocation::Revocation;
use sealpass::{NumericDate, Policy};

use crate::backend::CredentialBackend;
use crate::layer::{SessionLayer, Strangers};
use crate::refresh::Refresher;
use crate::routes;
use crate::store::{RevocationStore, StoreError};

/// A [`Policy`] at work: the one value an application makes and hands around. Cloning it is cheap.
pub struct Sealpass<C>(Arc<Shared<C>>);

struct Shared<C> {
    policy: Arc<Policy<C>>,
    clock: Arc<dyn Fn() -> NumericDate + Send + Sync>,
    login_body_limit: usize,
    store: Option<Arc<dyn RevocationStore>>,
    refresher: Arc<Refresher<C>>,
}

impl<C: Claims> Sealpass<C> {
    /// The longest body of a login, in bytes, unless [`Sealpass::with_login_body_limit`] says
    /// otherwise.
    pub const LOGIN_BODY_LIMIT: usize = 16 * 1024;

    /// Puts `policy` to work, by the system's clock.
    ///
    /// Unless the policy was given a list of revocations, sessions of before this moment are refused
    /// ([`Policy::begin`]).
    #[must_use]
    pub fn new(policy: Policy<C>) -> Self {
        Self::with_clock(policy, system_time)
    }

    /// Puts `policy` to work by a clock of your own, for tests of what time does.
    #[must_use]
    pub fn with_clock(
        policy: Policy<C>,
        clock: impl Fn() -> NumericDate + Send + Sync + 'static,
    ) -> Self {
        policy.begin(clock());
        Self(Arc::new(Shared {
            policy: Arc::new(policy),
            clock: Arc::new(clock),
            login_body_limit: Self::LOGIN_BODY_LIMIT,
            store: None,
            refresher: Arc::default(),
        }))
    }

    /// The same, reading at most `bytes` of the body of a login.
    #[must_use]
    pub fn with_login_body_limit(self, bytes: usize) -> Self {
        Self(Arc::new(Shared { login_body_limit: bytes, ..self.0.copy() }))
    }

    /// The same, with a store that must accept a logout before it takes effect.
    ///
    /// What the store kept before is its own to apply to [`Policy::revocations`]; the policy is built
    /// with that list, or it refuses every session from before.
    #[must_use]
    pub fn with_store(self, store: Arc<dyn RevocationStore>) -> Self {
        Self(Arc::new(Shared { store: Some(store), ..self.0.copy() }))
    }

    /// Lets `logout` take effect, once the store has accepted it.
    ///
    /// # Errors
    /// [`StoreError`]: nothing was revoked, and the cookies stay.
    pub async fn complete(&self, logout: PendingLogout) -> Result<LoggedOut, StoreError> {
        self.record(logout.revocations()).await?;
        Ok(self.policy().complete(logout, self.now()))
    }

    /// Lets `revocations` take effect, once the store has accepted them.
    ///
    /// # Errors
    /// [`StoreError`]: nothing was revoked.
    pub async fn revoke(&self, revocations: &[Revocation]) -> Result<(), StoreError> {
        self.record(revocations).await?;
        for revocation in revocations {
            self.policy().revocations().apply(revocation, self.now());
        }
        Ok(())
    }

    async fn record(&self, revocations: &[Revocation]) -> Result<(), StoreError> {
        match &self.0.store {
            Some(store) if !revocations.is_empty() => store.record(revocations).await,
            Some(_) | None => Ok(()),
        }
    }

    /// The layer that lets only authenticated requests through.
    #[must_use]
    pub fn layer(&self) -> SessionLayer<C> {
        SessionLayer::new(self.clone(), Strangers::Refused)
    }

    /// The layer for routes that serve strangers too. A handler sees by `Option<Session<C>>` who it
    /// serves; a request that is forged, or ambiguous, is refused here all the same.
    #[must_use]
    pub fn layer_with_strangers(&self) -> SessionLayer<C> {
        SessionLayer::new(self.clone(), Strangers::Welcome)
    }

    /// The routes `/auth/login`, `/auth/refresh`, `/auth/logout`, `/auth/logout-everywhere` and
    /// `/auth/session`, and `/auth/token` when the policy accepts bearer tokens.
    ///
    /// From here on `backend` is also asked whenever a session is renewed, here or by a layer
    /// ([`Sealpass::refresh_claims_from`]).
    pub fn routes<B: CredentialBackend<Claims = C>>(&self, backend: B) -> Router {
        let backend = Arc::new(backend);
        self.refresh_claims_from(&backend);
        routes::router(self.clone(), backend)
    }

    /// Asks `backend` about the user whenever a session is renewed, by whatever layer or route of
    /// this `Sealpass` and its clones: the claims of the new token are what it says then, and the
    /// sessions of a user who is gone end.
    ///
    /// The first backend that is given, here or with [`Sealpass::routes`], is the one that is asked.
    /// It is asked on a task of tokio, which needs a runtime with its timer.
    pub fn refresh_claims_from<B: CredentialBackend<Claims = C>>(&self, backend: &Arc<B>) {
        self.0.refresher.ask(Arc::clone(backend));
    }

    /// The policy.
    #[must_use]
    pub fn policy(&self) -> &Policy<C> {
        &self.0.policy
    }

    /// The time by this clock.
    #[must_use]
    pub fn now(&self) -> NumericDate {
        (self.0.clock)()
    }

    pub(crate) fn refresher(&self) -> &Arc<Refresher<C>> {
        &self.0.refresher
    }

    pub(crate) fn login_body_limit(&self) -> usize {
        self.0.login_body_limit
    }
}

impl<C> Clone for Sealpass<C> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<C> Shared<C> {
    fn copy(&self) -> Self {
        Self {
            policy: Arc::clone(&self.policy),
            clock: Arc::clone(&self.clock),
            login_body_limit: self.login_body_limit,
            store: self.store.clone(),
            refresher: Arc::clone(&self.refresher),
        }
    }
}

impl<C> std::fmt::Debug for Sealpass<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sealpass").field("policy", &self.0.policy).finish_non_exhaustive()
    }
}

/// The system's clock. A clock before 1970 reads as 1970, where every token is from the future and refused.
#[must_use]
pub fn system_time() -> NumericDate {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    NumericDate::from_secs(since_epoch.as_secs())
}
