//! From a request to a caller who is known.

use sealpass_jose::NumericDate;

use super::{Claims, Policy, StaleAnswer};
use crate::authenticated::Authenticated;
use crate::claims::SessionClaims;
use crate::csrf::{self, CsrfMode};
use crate::rejection::Rejection;
use crate::request::{Channel, RequestView, find_credential};

/// What a token is presented for, which decides how old it may be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Purpose {
    Call,
    Logout,
    Renewal,
}

impl<C: Claims> Policy<C> {
    /// Who makes this request.
    ///
    /// In this order: exactly one credential; a token that opens, of the right kind, from our
    /// issuer, for our audience; not expired (a cookie's token counts until `idle`, since the answer
    /// renews it, a bearer token until `exp`); not revoked, as far as is known, and enough is known;
    /// and, for a cookie on an unsafe method, the CSRF decision.
    ///
    /// # Errors
    /// The [`Rejection`] of the first check that fails.
    pub fn authenticate(
        &self,
        request: &RequestView<'_>,
        now: NumericDate,
    ) -> Result<Authenticated<C>, Rejection> {
        self.authenticate_for(Purpose::Call, request, now)
    }

    /// As [`Policy::authenticate`], for a request to renew: a bearer token counts until `idle` too.
    ///
    /// # Errors
    /// The [`Rejection`] of the first check that fails.
    pub fn authenticate_for_renewal(
        &self,
        request: &RequestView<'_>,
        now: NumericDate,
    ) -> Result<Authenticated<C>, Rejection> {
        self.authenticate_for(Purpose::Renewal, request, now)
    }

    /// As [`Policy::authenticate`], for a request to end more than its own session: a list that may
    /// lack something is no reason not to add to it.
    pub(super) fn authenticate_for_logout(
        &self,
        request: &RequestView<'_>,
        now: NumericDate,
    ) -> Result<Authenticated<C>, Rejection> {
        self.authenticate_for(Purpose::Logout, request, now)
    }

    /// That a caller of before may still go on: what [`Policy::authenticate`] says of a session, asked
    /// again for what outlives its request, such as a WebSocket.
    ///
    /// The ends are those of the token that was presented. A renewal since then gave the caller a
    /// younger one, and they come back with it.
    ///
    /// # Errors
    /// [`Rejection::SessionExpired`], [`Rejection::TokenExpired`], [`Rejection::TokenRevoked`] or
    /// [`Rejection::RevocationsStale`].
    pub fn recheck(&self, caller: &Authenticated<C>, now: NumericDate) -> Result<(), Rejection> {
        let session = &caller.opened.session;
        self.require_alive(session, caller.channel, Purpose::Call, now)?;
        self.require_not_revoked(session)?;
        self.require_fresh_revocations(now)
    }

    /// That this request was not made by a page of another site, before anyone is logged in. It is
    /// asked of a login in every [`CsrfMode`].
    ///
    /// # Errors
    /// [`Rejection::CrossSite`].
    pub fn require_same_site(&self, request: &RequestView<'_>) -> Result<(), Rejection> {
        csrf::same_site(request, &self.origins)
    }

    fn authenticate_for(
        &self,
        purpose: Purpose,
        request: &RequestView<'_>,
        now: NumericDate,
    ) -> Result<Authenticated<C>, Rejection> {
        let presented = find_credential(request, &self.cookies)?;
        let opened = self.open(&presented, now)?;
        let session = &opened.session;
        self.require_alive(session, presented.channel, purpose, now)?;
        self.require_not_revoked_of(opened.subject_hash, session)?;
        if purpose != Purpose::Logout {
            self.require_fresh_revocations(now)?;
        }
        let csrf_report = self.require_intended(request, presented.channel, session)?;
        let leaves_previous = self.cookies.has_previous(request.headers());
        let moves = leaves_previous && self.cookies.presented(request.headers()) != self.cookies();
        let renewal_due =
            presented.channel == Channel::Cookie && (moves || is_past_half(session, now));
        let channel = presented.channel;
        Ok(Authenticated { opened, channel, renewal_due, leaves_previous, csrf_report })
    }

    fn require_alive(
        &self,
        session: &SessionClaims,
        channel: Channel,
        purpose: Purpose,
        now: NumericDate,
    ) -> Result<(), Rejection> {
        if now >= session.session_expires_at {
            return Err(Rejection::SessionExpired);
        }
        let end = match (channel, purpose) {
            (Channel::Cookie, _) | (Channel::Bearer, Purpose::Renewal) => session.idle_expires_at,
            (Channel::Bearer, Purpose::Call | Purpose::Logout) => {
                // Clocks that differ are no reason to go on past the idle end.
                let end = session.expires_at.saturating_add(self.lifetimes.leeway());
                end.min(session.idle_expires_at)
            }
        };
        if now >= end { Err(Rejection::TokenExpired) } else { Ok(()) }
    }

    pub(super) fn require_not_revoked(&self, session: &SessionClaims) -> Result<(), Rejection> {
        // Not by the hash of whoever opened the token: that may have been another policy.
        let hash = self.revocations.hash_subject(session.subject.as_str());
        self.require_not_revoked_of(hash, session)
    }

    fn require_not_revoked_of(&self, hash: u64, session: &SessionClaims) -> Result<(), Rejection> {
        if self.revocations.is_revoked_of(hash, session.sid, session.auth_time)
            || !self.revocations.knows_since(session.issued_at)
        {
            return Err(Rejection::TokenRevoked);
        }
        Ok(())
    }

    /// That what was logged out elsewhere is known here, or need not be.
    fn require_fresh_revocations(&self, now: NumericDate) -> Result<(), Rejection> {
        let is_enough = match self.stale_answer {
            // What was never read cannot be gone on by.
            StaleAnswer::Allow => self.revocations.was_ever_fresh(),
            StaleAnswer::Refuse => self.revocations.is_fresh(now),
        };
        if is_enough { Ok(()) } else { Err(Rejection::RevocationsStale) }
    }

    /// The CSRF decision, and what a policy that only reports would have refused. A bearer token
    /// needs none: no browser attaches it.
    pub(super) fn require_intended(
        &self,
        request: &RequestView<'_>,
        channel: Channel,
        session: &SessionClaims,
    ) -> Result<Option<Rejection>, Rejection> {
        match (channel, &session.csrf) {
            (Channel::Bearer, _) => Ok(None),
            (Channel::Cookie, Some(sealed)) => {
                let cookie = self.cookies.presented(request.headers()).csrf_name();
                let rules = csrf::Rules { mode: self.csrf, origins: &self.origins, cookie };
                rules.decide(request, sealed)
            }
            (Channel::Cookie, None) => Err(Rejection::TokenInvalid),
        }
    }

    pub(super) fn only_reports(&self) -> bool {
        self.csrf == CsrfMode::DangerReportOnly
    }
}

/// Whether more than half of the access lifetime is over.
fn is_past_half(session: &SessionClaims, now: NumericDate) -> bool {
    let lifetime = session.expires_at.seconds_since(session.issued_at);
    now.seconds_since(session.issued_at) >= lifetime.div_ceil(2)
}
