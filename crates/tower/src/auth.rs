//! A policy with a clock: what the layer, the extractors and the routes share.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use sealpass::policy::Claims;
use sealpass::{NumericDate, Policy};

use crate::backend::CredentialBackend;
use crate::layer::{SessionLayer, Strangers};
use crate::routes;

/// A [`Policy`] at work: the one value an application makes and hands around. Cloning it is cheap.
pub struct Sealpass<C> {
    policy: Arc<Policy<C>>,
    clock: Arc<dyn Fn() -> NumericDate + Send + Sync>,
    login_body_limit: usize,
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
        Self {
            policy: Arc::new(policy),
            clock: Arc::new(clock),
            login_body_limit: Self::LOGIN_BODY_LIMIT,
        }
    }

    /// The same, reading at most `bytes` of the body of a login.
    #[must_use]
    pub fn with_login_body_limit(self, bytes: usize) -> Self {
        Self { login_body_limit: bytes, ..self }
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
    pub fn routes<B: CredentialBackend<Claims = C>>(&self, backend: B) -> Router {
        routes::router(self.clone(), Arc::new(backend))
    }

    /// The policy.
    #[must_use]
    pub fn policy(&self) -> &Policy<C> {
        &self.policy
    }

    /// The time by this clock.
    #[must_use]
    pub fn now(&self) -> NumericDate {
        (self.clock)()
    }

    pub(crate) const fn login_body_limit(&self) -> usize {
        self.login_body_limit
    }
}

impl<C> Clone for Sealpass<C> {
    fn clone(&self) -> Self {
        Self {
            policy: Arc::clone(&self.policy),
            clock: Arc::clone(&self.clock),
            login_body_limit: self.login_body_limit,
        }
    }
}

impl<C> std::fmt::Debug for Sealpass<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sealpass").field("policy", &self.policy).finish_non_exhaustive()
    }
}

/// A clock before 1970 reads as 1970, where every token is from the future and refused.
fn system_time() -> NumericDate {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    NumericDate::from_secs(since_epoch.as_secs())
}
