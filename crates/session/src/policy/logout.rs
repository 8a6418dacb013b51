//! A session ends before its time.

use std::sync::Arc;

use sealpass_jose::NumericDate;

use super::grant::MAX_SECONDS_AHEAD;
use super::{Claims, Policy};
use crate::claims::{Opened, SessionClaims};
use crate::cookie::SetCookie;
use crate::credential::Subject;
use crate::rejection::Rejection;
use crate::request::{Channel, RequestView, find_all_credentials, find_credential};
use crate::revocation::Revocation;
use crate::session_id::SessionId;

/// A logout that was decided and has not taken effect: [`Policy::complete`] makes it do so, after
/// whatever store there is has accepted its [`PendingLogout::revocations`].
#[derive(Debug)]
#[must_use = "nothing is revoked until `Policy::complete`"]
pub struct PendingLogout {
    session: Option<SessionId>,
    revocations: Vec<Revocation>,
    csrf_report: Option<Rejection>,
}

impl PendingLogout {
    /// What is to be revoked. Nothing, when the session is not ours or was logged out before.
    #[must_use]
    pub fn revocations(&self) -> &[Revocation] {
        &self.revocations
    }
}

/// What is left to do after a logout: tell the browser to forget the cookies.
#[derive(Debug)]
#[must_use = "the browser keeps its cookies until it is told to forget them"]
pub struct LoggedOut {
    cookies: Vec<SetCookie>,
    revoked: Option<SessionId>,
    csrf_report: Option<Rejection>,
}

impl LoggedOut {
    /// The orders to forget the cookies, those of previous profiles among them.
    #[must_use]
    pub fn set_cookies(&self) -> &[SetCookie] {
        &self.cookies
    }

    /// The session that ended, when there was one.
    #[must_use]
    pub const fn revoked(&self) -> Option<SessionId> {
        self.revoked
    }

    /// As [`crate::Authenticated::csrf_report`].
    #[must_use]
    pub const fn csrf_report(&self) -> Option<Rejection> {
        self.csrf_report
    }
}

/// Whom an operator logs out; see [`Policy::revocation_of`].
#[derive(Clone, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "these are all there is to revoke")]
pub enum Target {
    /// Everyone who is logged in.
    Everyone,
    /// One session.
    Session(SessionId),
    /// Every session of one subject.
    Subject(Subject),
}

/// Seconds by which an entry outlives the last token it revokes: an instance with a slow clock may
/// have renewed that token a little later than we think.
const PROPAGATION: u64 = 60;

/// A second logout of a session changes nothing, unless it keeps the entry this much longer (s).
const WORTH_EXTENDING: u64 = 60;

impl<C: Claims> Policy<C> {
    /// Decides to end the session of this request, and those of the other cookies that are forgotten
    /// with it, while sessions move between cookie profiles.
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
    ) -> Result<PendingLogout, Rejection> {
        let same_site = self.require_same_site(request);
        if !self.only_reports() {
            same_site?;
        }
        let (session, csrf_report) = match self.find_session(request, now) {
            Ok((channel, opened)) => {
                let session = &opened.session;
                (Some(session.sid), self.require_intended(request, channel, session)?)
            }
            Err(rejection) if rejection.is_unauthenticated() => {
                // Nobody's session: whatever the mode is, there is no client to be let pass.
                same_site?;
                (None, None)
            }
            Err(rejection) => return Err(rejection),
        };
        let revocations = self.end_sessions(request, now);
        Ok(PendingLogout { session, revocations, csrf_report })
    }

    /// Decides to end every session of this request's user.
    ///
    /// # Errors
    /// As [`Policy::authenticate`], except that a stale list of revocations is no reason not to add
    /// to it.
    pub fn logout_everywhere(
        &self,
        request: &RequestView<'_>,
        now: NumericDate,
    ) -> Result<PendingLogout, Rejection> {
        let caller = self.authenticate_for_logout(request, now)?;
        let everywhere = self.revocation_of(Target::Subject(caller.subject().clone()), now);
        Ok(PendingLogout {
            session: Some(caller.session_id()),
            revocations: vec![everywhere],
            csrf_report: caller.csrf_report(),
        })
    }

    /// Lets a logout take effect: no token of what it revokes is accepted from here on.
    ///
    /// Whoever has a store waits for it first. What no store has accepted is forgotten by a restart.
    pub fn complete(&self, logout: PendingLogout, now: NumericDate) -> LoggedOut {
        let PendingLogout { session, revocations, csrf_report } = logout;
        for fact in revocations {
            self.revocations.apply(&fact, now);
        }
        LoggedOut { cookies: self.cookies.removals(), revoked: session, csrf_report }
    }

    /// What it takes to end the sessions that a request carries, such as those that a login replaces: a
    /// session that someone else planted must not survive the login. No CSRF decision is made here; a
    /// login has passed its own and proved the password.
    pub fn end_sessions(&self, request: &RequestView<'_>, now: NumericDate) -> Vec<Revocation> {
        let mut ended: Vec<SessionId> = Vec::new();
        find_all_credentials(request, &self.cookies)
            .filter_map(|presented| self.open(&presented, now).ok())
            .filter_map(|opened| {
                // While it moves, one session is in several cookies.
                let sid = opened.session.sid;
                let is_first = !ended.contains(&sid);
                ended.push(sid);
                is_first.then(|| self.revocation_of_session(&opened.session, now)).flatten()
            })
            .collect()
    }

    /// What it takes to log `target` out at `now`, for an operator.
    pub fn revocation_of(&self, target: Target, now: NumericDate) -> Revocation {
        let now = self.revocations.observe(now);
        // The login may have been made by a clock that is ahead of ours.
        let latest = now.saturating_add(self.lifetimes.leeway());
        match target {
            Target::Everyone => {
                let not_before = self.revocations.logout_time_of_everyone(latest);
                Revocation::Everyone { not_before }
            }
            Target::Session(sid) => {
                // The login may have been dated ahead.
                let auth_time = latest.saturating_add(MAX_SECONDS_AHEAD);
                Revocation::Session { sid, subject: None, auth_time, until: self.useless_from(now) }
            }
            Target::Subject(subject) => {
                let not_before = self.revocations.logout_time(subject.as_str(), latest);
                // The entry may not go while such a login is still ahead of the clock.
                Revocation::Subject { subject, not_before, until: self.useless_from(not_before) }
            }
        }
    }

    fn find_session(
        &self,
        request: &RequestView<'_>,
        now: NumericDate,
    ) -> Result<(Channel, Arc<Opened<C>>), Rejection> {
        let presented = find_credential(request, &self.cookies)?;
        self.open(&presented, now).map(|opened| (presented.channel, opened))
    }

    fn revocation_of_session(
        &self,
        session: &SessionClaims,
        now: NumericDate,
    ) -> Option<Revocation> {
        let latest = self.revocations.observe(now).max(session.issued_at);
        // A session past its absolute end can do nothing any more; keeping it out keeps replays of
        // old tokens from filling the list.
        let until =
            self.useless_from(latest).min(session.session_expires_at.saturating_add(PROPAGATION));
        let known = self.revocations.revoked_until(session.sid, session.subject.as_str());
        if until <= now || known.is_some_and(|known| until <= known.saturating_add(WORTH_EXTENDING))
        {
            return None;
        }
        Some(Revocation::Session {
            sid: session.sid,
            subject: Some(session.subject.clone()),
            auth_time: session.auth_time,
            until,
        })
    }

    /// When the youngest token that exists at `latest`, the latest time there was, or is made before
    /// everyone knows, can no longer be renewed.
    fn useless_from(&self, latest: NumericDate) -> NumericDate {
        latest.saturating_add(self.lifetimes.revocable(self.revocation_delay) + PROPAGATION)
    }
}
