//! A token becomes a younger one of the same session.

use sealpass_jose::NumericDate;

use super::grant::{BearerGrant, CookieGrant, GrantError};
use super::{Claims, Policy};
use crate::authenticated::Authenticated;
use crate::claims::SessionClaims;
use crate::rejection::Rejection;
use crate::request::Channel;

/// A renewed session, in the channel it came in.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "there are as many as there are channels")]
pub enum Renewed {
    /// A younger bearer token.
    Bearer(BearerGrant),
    /// Younger cookies.
    Cookie(CookieGrant),
}

impl<C: Claims> Policy<C> {
    /// A younger token of the same session: the same `sid`, `auth_time`, anti-CSRF token and
    /// absolute end.
    ///
    /// Nothing is stored, so any number of tabs may renew at once and all of them succeed. A session
    /// that was logged out since it was authenticated is not renewed; whoever renewed it a moment
    /// earlier holds a token that is just as revoked.
    ///
    /// # Errors
    /// [`GrantError::SessionEnded`] past the idle or the absolute end or after a logout; otherwise as
    /// [`Policy::grant`]. A renewal that fails must never clear the cookies of the session.
    pub fn renew(
        &self,
        caller: &Authenticated<C>,
        now: NumericDate,
    ) -> Result<Renewed, GrantError> {
        self.renew_with(caller, caller.claims(), now)
    }

    /// As [`Policy::renew`], with the claims that the credential backend gives the user by now.
    ///
    /// # Errors
    /// As [`Policy::renew`].
    pub fn renew_with(
        &self,
        caller: &Authenticated<C>,
        claims: &C,
        now: NumericDate,
    ) -> Result<Renewed, GrantError> {
        let session = self.younger(&caller.opened.session, now)?;
        match caller.channel {
            Channel::Bearer => self.grant_bearer_token(&session, claims).map(Renewed::Bearer),
            Channel::Cookie => {
                let grant = self.grant_cookies(&session, claims)?;
                let leaves_previous = caller.leaves_previous;
                let grant = if leaves_previous { grant } else { grant.without_removals() };
                Ok(Renewed::Cookie(grant))
            }
        }
    }

    fn younger(
        &self,
        session: &SessionClaims,
        now: NumericDate,
    ) -> Result<SessionClaims, GrantError> {
        let end = session.session_expires_at;
        if now >= end {
            return Err(GrantError::SessionEnded(Rejection::SessionExpired));
        }
        // A request may take longer than a logout is remembered.
        if now >= session.idle_expires_at {
            return Err(GrantError::SessionEnded(Rejection::TokenExpired));
        }
        self.require_not_revoked(session).map_err(GrantError::SessionEnded)?;
        self.revocations.observe(now);
        Ok(SessionClaims {
            subject: session.subject.clone(),
            sid: session.sid,
            issued_at: now.max(self.revocations.known_since()),
            auth_time: session.auth_time,
            amr: session.amr.clone(),
            expires_at: now.saturating_add(self.lifetimes.access()).min(end),
            idle_expires_at: now.saturating_add(self.lifetimes.idle()).min(end),
            session_expires_at: end,
            csrf: session.csrf.clone(),
        })
    }
}
