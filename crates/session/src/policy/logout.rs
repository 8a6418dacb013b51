//! A session ends before its time.

use sealpass_jose::NumericDate;

use super::{Claims, Policy};
use crate::claims::SessionClaims;
use crate::cookie::SetCookie;
use crate::rejection::Rejection;
use crate::request::{Channel, RequestView, find_credential};
use crate::session_id::SessionId;

/// What is left to do after a logout: tell the browser to forget the cookies.
#[derive(Debug)]
#[must_use = "the browser keeps its cookies until it is told to forget them"]
pub struct LoggedOut {
    cookies: Vec<SetCookie>,
    revoked: Option<SessionId>,
}

impl LoggedOut {
    /// The orders to forget both cookies.
    #[must_use]
    pub fn set_cookies(&self) -> &[SetCookie] {
        &self.cookies
    }

    /// The session that ended, when there was one.
    #[must_use]
    pub const fn revoked(&self) -> Option<SessionId> {
        self.revoked
    }
}

/// Seconds by which an entry outlives the last token it revokes: an instance with a slow clock may
/// have renewed that token a little later than we think.
const PROPAGATION: u64 = 60;

impl<C: Claims> Policy<C> {
    /// Ends the session of this request.
    ///
    /// A token that is authentic but expired, or revoked already, counts too; and so does one that
    /// is not ours any more, since all that is left of it is a cookie to forget. So logging out
    /// twice is as good as once.
    ///
    /// # Errors
    /// [`Rejection::CrossSite`], [`Rejection::CsrfMissing`], [`Rejection::CsrfMismatch`] when it was
    /// not the user who asked; [`Rejection::AmbiguousCredentials`] when it is not clear which
    /// session is meant.
    pub fn logout(
        &self,
        request: &RequestView<'_>,
        now: NumericDate,
    ) -> Result<LoggedOut, Rejection> {
        self.require_same_site(request)?;
        let revoked = match self.find_session(request, now) {
            Ok((channel, session)) => {
                self.require_intended(request, channel, &session)?;
                self.revoke(&session, now);
                Some(session.sid)
            }
            Err(rejection) if rejection.is_unauthenticated() => None,
            Err(rejection) => return Err(rejection),
        };
        Ok(LoggedOut { cookies: self.cookies.removals(), revoked })
    }

    /// Ends every session of this request's user.
    ///
    /// # Errors
    /// As [`Policy::authenticate`].
    pub fn logout_everywhere(
        &self,
        request: &RequestView<'_>,
        now: NumericDate,
    ) -> Result<LoggedOut, Rejection> {
        let caller = self.authenticate(request, now)?;
        self.revocations.revoke_subject(caller.subject().as_str(), self.useless_from(now), now);
        Ok(LoggedOut { cookies: self.cookies.removals(), revoked: Some(caller.session_id()) })
    }

    /// Ends the session that a login replaces, when its request still carries one: a session that
    /// someone else planted must not survive the login. No CSRF decision is needed, since the login
    /// has passed its own and proved the password.
    pub fn end_replaced_session(&self, request: &RequestView<'_>, now: NumericDate) {
        if let Ok((_, session)) = self.find_session(request, now) {
            self.revoke(&session, now);
        }
    }

    fn find_session(
        &self,
        request: &RequestView<'_>,
        now: NumericDate,
    ) -> Result<(Channel, SessionClaims), Rejection> {
        let presented = find_credential(request, self.cookies.session_name())?;
        self.open(&presented, now).map(|(session, _)| (presented.channel, session))
    }

    fn revoke(&self, session: &SessionClaims, now: NumericDate) {
        // A session past its absolute end can do nothing any more; keeping it out keeps replays of
        // old tokens from filling the list.
        let until =
            self.useless_from(now).min(session.session_expires_at.saturating_add(PROPAGATION));
        if now < until {
            self.revocations.revoke_session(session.sid, session.subject.as_str(), until, now);
        }
    }

    /// When the youngest token that exists at `now` can no longer be renewed.
    fn useless_from(&self, now: NumericDate) -> NumericDate {
        now.saturating_add(self.lifetimes.idle() + self.lifetimes.leeway() + PROPAGATION)
    }
}
