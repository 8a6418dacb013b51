//! A session is renewed, with what the credential backend says of its user by now.

use std::time::Duration;

use sealpass::credential::{BackendError, Refreshed};
use sealpass::policy::{Claims, GrantError, Renewed};
use sealpass::{Authenticated, Rejection};

use crate::auth::Sealpass;
use crate::refresh::{Answer, Refresher, Refreshing};
use crate::store::StoreError;

/// Why a session was not renewed. Its token still counts for as long as it did, and nobody clears a
/// cookie for this.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RenewError {
    /// The backend could not say what holds of the user.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// There is no token, since the session has ended or the claims do not fit.
    #[error(transparent)]
    Grant(#[from] GrantError),
    /// The user is gone, and that their sessions end could not be recorded.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How long an answer waits for the backend at most, so that it can carry a renewal: what does not
/// come in time comes with a later answer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(1);

impl<C: Claims> Sealpass<C> {
    /// A younger token of the caller's session.
    ///
    /// # Errors
    /// [`RenewError::Grant`] with [`GrantError::SessionEnded`] when the session has ended, was logged
    /// out, or its user is gone; [`RenewError::Backend`] and [`RenewError::Store`] when that could not
    /// be found out or recorded.
    pub async fn renew(&self, caller: &Authenticated<C>) -> Result<Renewed, RenewError> {
        let answer = Refresher::begin(self, caller.subject()).answer().await;
        self.renew_by(caller, answer)
    }

    /// A younger token of the caller's session, when it is due and can be had within a second: for an
    /// answer that would do without.
    pub async fn renew_if_due(&self, caller: &Authenticated<C>) -> Option<Renewed> {
        if !caller.renewal_due() {
            return None;
        }
        // In a box, since every request has room for this wait, and hardly any waits.
        let answer = Box::pin(patiently(Refresher::begin(self, caller.subject()))).await;
        self.renew_or_not(caller, answer)
    }

    /// As [`Sealpass::renew_by`], where it is no matter when that fails.
    pub(crate) fn renew_or_not(
        &self,
        caller: &Authenticated<C>,
        answer: Answer<C>,
    ) -> Option<Renewed> {
        let sid = caller.session_id();
        match self.renew_by(caller, answer) {
            Ok(renewed) => Some(renewed),
            Err(error @ RenewError::Grant(GrantError::SessionEnded(_))) => {
                tracing::debug!(%error, %sid, "session not renewed");
                None
            }
            Err(error) => {
                tracing::warn!(%error, %sid, "session not renewed");
                None
            }
        }
    }

    /// Renews as late as possible, so that a logout while the backend was asked is seen.
    fn renew_by(
        &self,
        caller: &Authenticated<C>,
        answer: Answer<C>,
    ) -> Result<Renewed, RenewError> {
        let (policy, now) = (self.policy(), self.now());
        Ok(match answer? {
            Refreshed::Current(claims) => policy.renew_with(caller, &claims, now)?,
            // Whoever presents the token again is told so too.
            Refreshed::Gone => Err(GrantError::SessionEnded(Rejection::TokenRevoked))?,
            Refreshed::NotOffered => policy.renew(caller, now)?,
        })
    }
}

/// The answer, unless it takes longer than [`PATIENCE`] from now.
pub(crate) async fn patiently<C>(refreshing: Refreshing<C>) -> Answer<C> {
    match refreshing {
        Refreshing::Known(answer) => answer,
        asked @ Refreshing::Asked(_) => {
            tokio::time::timeout(PATIENCE, asked.answer()).await.unwrap_or_else(|_| {
                let reason = format!("it did not say within {PATIENCE:?} what holds of a user");
                Err(BackendError::Unavailable { reason }.into())
            })
        }
    }
}
