//! A login becomes a token.

use std::borrow::Cow;

use sealpass_jose::{NumericDate, Secret, base64url, random};
use serde_json::{Map, Value};

use super::{Claims, Policy, token_type};
use crate::authenticated::{Authenticated, SessionSummary};
use crate::claims::{Methods, RESERVED_CLAIMS, SessionClaims};
use crate::cookie::{CookieError, CookieProfile, SetCookie};
use crate::credential::Identity;
use crate::csrf::CsrfToken;
use crate::rejection::Rejection;
use crate::request::Channel;
use crate::session_id::SessionId;

/// A session in cookies. The token is in [`CookieGrant::set_cookies`] and nowhere else: there is no
/// way to put it into a body.
#[derive(Debug)]
#[must_use = "the cookies do nothing until they are in an answer"]
pub struct CookieGrant {
    session_id: SessionId,
    cookies: [SetCookie; 2],
    removals: Vec<SetCookie>,
    summary: SessionSummary,
}

impl CookieGrant {
    /// The id of the session, for the log.
    #[must_use]
    pub const fn session_id(&self) -> SessionId {
        self.session_id
    }

    /// The session cookie and the anti-CSRF cookie. The answer that sets them is `no-store`.
    #[must_use]
    pub const fn set_cookies(&self) -> &[SetCookie; 2] {
        &self.cookies
    }

    /// The orders to forget the cookies of previous profiles, for the same answer; empty when there
    /// is nothing to forget.
    #[must_use]
    pub fn removals(&self) -> &[SetCookie] {
        &self.removals
    }

    pub(super) fn without_removals(self) -> Self {
        Self { removals: Vec::new(), ..self }
    }

    /// Everything but the token: the body.
    #[must_use]
    pub const fn summary(&self) -> &SessionSummary {
        &self.summary
    }
}

/// A session in a bearer token, for a native client with secure storage.
#[derive(Debug)]
#[must_use = "the token does nothing until it is in an answer"]
pub struct BearerGrant {
    session_id: SessionId,
    token: Secret<String>,
    summary: SessionSummary,
}

impl BearerGrant {
    /// The id of the session, for the log.
    #[must_use]
    pub const fn session_id(&self) -> SessionId {
        self.session_id
    }

    /// The token. Whoever has it is the user.
    #[must_use]
    pub const fn access_token(&self) -> &Secret<String> {
        &self.token
    }

    /// Everything but the token.
    #[must_use]
    pub const fn summary(&self) -> &SessionSummary {
        &self.summary
    }
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GrantError {
    /// The policy has no bearer tokens.
    #[error("bearer tokens are not enabled")]
    BearerDisabled,
    /// The application's claims do not serialize to an object.
    #[error("the claims must serialize to a JSON object")]
    ClaimsNotObject,
    /// The token does not fit into a cookie.
    #[error(transparent)]
    Cookie(#[from] CookieError),
    /// No randomness for an id.
    #[error(transparent)]
    Random(#[from] random::RandomError),
    /// The application has a claim whose name is taken.
    #[error("the claim `{0}` is the session's own: give yours another name")]
    ReservedClaim(String),
    /// The session has reached its end, or was logged out in the meantime.
    #[error(transparent)]
    SessionEnded(Rejection),
    /// The token could not be sealed.
    #[error(transparent)]
    Seal(#[from] sealpass_jose::SealError),
    /// The user logged in and out everywhere more often than there were seconds, or the clock is
    /// behind the time before which nothing is known.
    #[error(
        "this user logs in and out too often, or the clock was set back: try again in a minute"
    )]
    TooManyLogins,
}

/// How far a login may be dated ahead, in seconds: enough for a person, and for a clock that was set
/// back a little; not enough to get around a step-up.
pub(super) const MAX_SECONDS_AHEAD: u64 = 60;

impl<C: Claims> Policy<C> {
    /// A new session in cookies. Its `sid` and its anti-CSRF token are new at every login.
    ///
    /// # Errors
    /// [`GrantError`] when the claims cannot be sealed or do not fit into a cookie.
    pub fn grant(
        &self,
        identity: &Identity<C>,
        now: NumericDate,
    ) -> Result<CookieGrant, GrantError> {
        let session = self.new_session(identity, Channel::Cookie, now)?;
        self.grant_cookies(&session, identity.claims())
    }

    /// A new session in a bearer token.
    ///
    /// # Errors
    /// [`GrantError::BearerDisabled`] unless the policy was built with `bearer_tokens`; otherwise
    /// as [`Policy::grant`].
    pub fn grant_bearer(
        &self,
        identity: &Identity<C>,
        now: NumericDate,
    ) -> Result<BearerGrant, GrantError> {
        let session = self.new_session(identity, Channel::Bearer, now)?;
        self.grant_bearer_token(&session, identity.claims())
    }

    pub(super) fn grant_cookies(
        &self,
        session: &SessionClaims,
        claims: &C,
    ) -> Result<CookieGrant, GrantError> {
        let csrf = session.csrf.as_ref().map(|token| token.expose().to_owned()).unwrap_or_default();
        let token = self.seal(session, claims, Channel::Cookie)?;
        let cookies = cookies(self.cookies(), token, csrf)?;
        Ok(CookieGrant {
            session_id: session.sid,
            cookies,
            removals: self.cookies.previous_removals(),
            summary: self.summary(session)?,
        })
    }

    pub(super) fn grant_bearer_token(
        &self,
        session: &SessionClaims,
        claims: &C,
    ) -> Result<BearerGrant, GrantError> {
        if !self.accepts_bearer() {
            return Err(GrantError::BearerDisabled);
        }
        let token = Secret::new(self.seal(session, claims, Channel::Bearer)?);
        Ok(BearerGrant { session_id: session.sid, token, summary: SessionSummary::of(session) })
    }

    /// The body of an answer about `session`, its anti-CSRF token masked when the policy says so.
    pub(super) fn summary(
        &self,
        session: &SessionClaims,
    ) -> Result<SessionSummary, random::RandomError> {
        let summary = SessionSummary::of(session);
        if self.masks_csrf { summary.masked() } else { Ok(summary) }
    }

    /// The body of `GET /auth/session`: as [`Authenticated::summary`], its anti-CSRF token masked
    /// when the policy says so.
    ///
    /// # Errors
    /// [`GrantError::Random`] when there is no randomness for the mask.
    pub fn summarize(&self, caller: &Authenticated<C>) -> Result<SessionSummary, GrantError> {
        Ok(self.summary(&caller.opened.session)?)
    }

    fn new_session(
        &self,
        identity: &Identity<C>,
        channel: Channel,
        now: NumericDate,
    ) -> Result<SessionClaims, GrantError> {
        let subject = identity.subject().clone();
        let issued_at = now.max(self.revocations.known_since());
        if issued_at.seconds_since(now) > self.lifetimes.leeway() {
            return Err(GrantError::TooManyLogins);
        }
        let absolute_end = now.saturating_add(self.lifetimes.absolute());
        Ok(SessionClaims {
            sid: SessionId::generate()?,
            issued_at,
            auth_time: self.login_time(subject.as_str(), now)?,
            amr: Methods::new(identity.amr().iter().map(Cow::from)),
            expires_at: now.saturating_add(self.lifetimes.access()).min(absolute_end),
            idle_expires_at: now.saturating_add(self.lifetimes.idle()).min(absolute_end),
            session_expires_at: absolute_end,
            csrf: match channel {
                Channel::Bearer => None,
                Channel::Cookie => Some(CsrfToken::generate()?),
            },
            subject,
        })
    }

    /// When this login counts as made: now, or just after what was revoked for its user.
    fn login_time(&self, subject: &str, now: NumericDate) -> Result<NumericDate, GrantError> {
        let login_time = self.revocations.login_time(subject, now);
        if login_time.seconds_since(now) > MAX_SECONDS_AHEAD + self.lifetimes.leeway() {
            return Err(GrantError::TooManyLogins);
        }
        Ok(login_time)
    }

    fn seal(
        &self,
        session: &SessionClaims,
        claims: &C,
        channel: Channel,
    ) -> Result<String, GrantError> {
        let jwt_id = base64url::encode(&random::bytes::<16>()?);
        let json =
            session.to_json(&self.issuer, &self.audience, &jwt_id, application_claims(claims)?);
        Ok(self.keys.load().ring.seal(token_type(channel), &json)?)
    }
}

fn cookies(
    profile: &CookieProfile,
    token: String,
    csrf: String,
) -> Result<[SetCookie; 2], CookieError> {
    Ok([profile.session_cookie(token)?, profile.csrf_cookie(csrf)?])
}

/// The application's claims as members beside ours, none of them under a name of ours.
fn application_claims<C: Claims>(claims: &C) -> Result<Map<String, Value>, GrantError> {
    let Ok(Value::Object(members)) = serde_json::to_value(claims) else {
        return Err(GrantError::ClaimsNotObject);
    };
    match RESERVED_CLAIMS.iter().find(|name| members.contains_key(**name)) {
        Some(name) => Err(GrantError::ReservedClaim((*name).to_owned())),
        None => Ok(members),
    }
}
