//! A caller who is known.

use std::sync::Arc;

use sealpass_jose::random::RandomError;
use sealpass_jose::{NumericDate, Secret};
use serde::Serialize;

use crate::claims::{Opened, SessionClaims};
use crate::credential::Subject;
use crate::csrf::CsrfToken;
use crate::rejection::Rejection;
use crate::request::Channel;
use crate::session_id::SessionId;

/// Proof that a request was authenticated: only [`crate::Policy::authenticate`] makes one.
///
/// ```compile_fail
/// let forged = sealpass::Authenticated { claims: () };
/// ```
pub struct Authenticated<C> {
    pub(crate) opened: Arc<Opened<C>>,
    pub(crate) channel: Channel,
    pub(crate) renewal_due: bool,
    /// The request carries cookies of a previous profile.
    pub(crate) leaves_previous: bool,
    pub(crate) csrf_report: Option<Rejection>,
}

impl<C> Authenticated<C> {
    /// The user id.
    #[must_use]
    pub fn subject(&self) -> &Subject {
        &self.opened.session.subject
    }

    /// The session id, constant from login to logout.
    #[must_use]
    pub fn session_id(&self) -> SessionId {
        self.opened.session.sid
    }

    /// The application's own claims, as the credential backend gave them.
    #[must_use]
    pub fn claims(&self) -> &C {
        &self.opened.claims
    }

    /// How the credential came.
    #[must_use]
    pub const fn channel(&self) -> Channel {
        self.channel
    }

    /// When the user last proved who they are.
    #[must_use]
    pub fn auth_time(&self) -> NumericDate {
        self.opened.session.auth_time
    }

    /// How the user proved it (RFC 8176).
    #[must_use]
    pub fn amr(&self) -> &[String] {
        self.opened.session.amr.as_slice()
    }

    /// Whether the token should be renewed with the answer to this request: it came in a cookie, and
    /// more than half of its access lifetime is over or the cookie is one of a previous profile.
    #[must_use]
    pub const fn renewal_due(&self) -> bool {
        self.renewal_due
    }

    /// Why [`CsrfMode::Strict`](crate::csrf::CsrfMode::Strict) would have refused this request, which
    /// [`CsrfMode::DangerReportOnly`](crate::csrf::CsrfMode::DangerReportOnly) let pass. It is to be
    /// logged.
    #[must_use]
    pub const fn csrf_report(&self) -> Option<Rejection> {
        self.csrf_report
    }

    /// That the user logged in less than `max_age` seconds ago.
    ///
    /// # Errors
    /// [`Rejection::ReauthRequired`] when it was longer ago (RFC 9470).
    pub fn require_fresh(&self, max_age: u64, now: NumericDate) -> Result<(), Rejection> {
        if now.seconds_since(self.opened.session.auth_time) < max_age {
            Ok(())
        } else {
            Err(Rejection::ReauthRequired { max_age })
        }
    }

    /// Who this is and when it ends: the body of `GET /auth/session`.
    #[must_use]
    pub fn summary(&self) -> SessionSummary {
        SessionSummary::of(&self.opened.session)
    }
}

impl<C> std::fmt::Debug for Authenticated<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authenticated")
            .field("subject", self.subject())
            .field("session_id", &self.session_id())
            .field("channel", &self.channel)
            .finish_non_exhaustive()
    }
}

/// The body of `/auth/login`, `/auth/refresh` and `/auth/session`: everything but the token.
///
/// Times are `NumericDate`s, in seconds.
#[derive(Clone, Debug, Serialize)]
pub struct SessionSummary {
    subject: String,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "expose")]
    csrf_token: Option<BodyToken>,
    expires_at: NumericDate,
    idle_expires_at: NumericDate,
    session_expires_at: NumericDate,
}

impl SessionSummary {
    pub(crate) fn of(session: &SessionClaims) -> Self {
        Self {
            subject: session.subject.as_str().to_owned(),
            csrf_token: session.csrf.clone().map(|plain| BodyToken { plain, masked: None }),
            expires_at: session.expires_at,
            idle_expires_at: session.idle_expires_at,
            session_expires_at: session.session_expires_at,
        }
    }

    /// The same, with the anti-CSRF token masked where it is serialized.
    pub(crate) fn masked(mut self) -> Result<Self, RandomError> {
        if let Some(token) = &mut self.csrf_token {
            token.masked = Some(token.plain.masked()?);
        }
        Ok(self)
    }

    /// When the token expires.
    #[must_use]
    pub const fn expires_at(&self) -> NumericDate {
        self.expires_at
    }

    /// After when the session can no longer be renewed.
    #[must_use]
    pub const fn idle_expires_at(&self) -> NumericDate {
        self.idle_expires_at
    }

    /// When the session ends whatever happens.
    #[must_use]
    pub const fn session_expires_at(&self) -> NumericDate {
        self.session_expires_at
    }

    /// The anti-CSRF token that page script echoes; a bearer session has none.
    #[must_use]
    pub fn csrf_token(&self) -> Option<&CsrfToken> {
        self.csrf_token.as_ref().map(|token| &token.plain)
    }
}

/// The anti-CSRF token, and how it is written into a body.
#[derive(Clone, Debug)]
struct BodyToken {
    plain: CsrfToken,
    masked: Option<Secret<String>>,
}

impl BodyToken {
    fn text(&self) -> &str {
        self.masked.as_ref().map_or(self.plain.expose(), |masked| masked.expose())
    }
}

#[expect(clippy::ref_option, reason = "the signature is serde's")]
fn expose<S: serde::Serializer>(
    token: &Option<BodyToken>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    token.as_ref().map(BodyToken::text).serialize(serializer)
}
