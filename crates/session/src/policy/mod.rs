//! The product: one pure decision about a request, and what it takes to make and end a session.

mod authenticate;
mod builder;
mod feed;
mod grant;
mod logout;
mod open;
mod renew;

use std::marker::PhantomData;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use sealpass_jose::{KeyRing, NumericDate, Verifier};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use self::builder::{
    BuildError, PolicyBuilder, Ready, WantsAudience, WantsIssuer, WantsKeys, WantsOrigin,
};
pub use self::grant::{BearerGrant, CookieGrant, GrantError};
pub use self::logout::{LoggedOut, PendingLogout, Target};
pub use self::renew::Renewed;
use crate::cache::TokenCache;
use crate::cookie::{CookieProfile, CookieProfiles};
use crate::csrf::CsrfMode;
use crate::lifetimes::Lifetimes;
use crate::origin::Origin;
use crate::request::Channel;
use crate::revocation::{Revocation, RevocationList};

/// Decides who is calling.
///
/// `C` is the application's own claims: whatever the credential backend says of a user, sealed in
/// the token and handed back by [`Policy::authenticate`].
///
/// There is no default policy: [`Policy::builder`] asks for the issuer, the audience, the keys and
/// the origin, in this order, and a policy without one of them does not compile:
///
/// ```compile_fail
/// let policy: sealpass::Policy<sealpass::NoClaims> =
///     sealpass::Policy::builder().issuer("https://app.example").build()?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub struct Policy<C> {
    issuer: String,
    audience: String,
    keys: ArcSwap<Keys>,
    /// Held while they are replaced.
    replacing_keys: Mutex<()>,
    /// Remembers what has been opened, with keys of the current epoch only.
    cache: Option<TokenCache<C>>,
    cookie_verifier: Verifier,
    bearer_verifier: Option<Verifier>,
    lifetimes: Lifetimes,
    cookies: CookieProfiles,
    csrf: CsrfMode,
    /// Whether the body of an answer has the anti-CSRF token masked.
    masks_csrf: bool,
    /// Our own origin, then the trusted ones.
    origins: Vec<Origin>,
    revocations: Arc<RevocationList>,
    /// What is answered while the list cannot be trusted to be whole.
    stale_answer: StaleAnswer,
    /// Seconds for which another instance may renew a session that was logged out.
    revocation_delay: u64,
    /// Whether the list began empty with this policy, whatever was logged out before.
    forgets_revocations: bool,
    claims: PhantomData<fn() -> C>,
}

/// The keys of an epoch.
#[derive(Debug)]
struct Keys {
    ring: KeyRing,
    /// One more with every change of the keys.
    epoch: u64,
}

/// What is answered while the list of revocations cannot be trusted to be whole; see
/// [`RevocationList::set_fresh_until`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "there is no third way")]
pub enum StaleAnswer {
    /// Go on by what is known: who was logged out elsewhere meanwhile is let in. Where nothing is
    /// known yet, that is [`StaleAnswer::Refuse`] too.
    Allow,
    /// [`crate::Rejection::RevocationsStale`].
    Refuse,
}

/// What an application's own claims must be able to do; anything that does it is `Claims`.
pub trait Claims: Serialize + DeserializeOwned + Send + Sync + 'static {}

impl<C: Serialize + DeserializeOwned + Send + Sync + 'static> Claims for C {}

impl<C> Policy<C> {
    /// The names and the scope of the cookies that are set.
    #[must_use]
    pub const fn cookies(&self) -> &CookieProfile {
        self.cookies.current()
    }

    /// The names of all cookies that are ours: the session cookie and the anti-CSRF cookie of the
    /// profile in use and of the previous ones. Whoever passes requests on keeps them back.
    pub fn cookie_names(&self) -> impl Iterator<Item = &str> {
        self.cookies.all().iter().flat_map(|profile| [profile.session_name(), profile.csrf_name()])
    }

    /// How long things last.
    #[must_use]
    pub const fn lifetimes(&self) -> Lifetimes {
        self.lifetimes
    }

    /// Whether native clients may carry bearer tokens.
    #[must_use]
    pub const fn accepts_bearer(&self) -> bool {
        self.bearer_verifier.is_some()
    }

    /// What is answered while the list of revocations cannot be trusted to be whole.
    #[must_use]
    pub const fn stale_answer(&self) -> StaleAnswer {
        self.stale_answer
    }

    /// What is revoked.
    #[must_use]
    pub fn revocations(&self) -> &RevocationList {
        &self.revocations
    }

    /// Puts the policy to work at `now`, once, before its first request.
    ///
    /// Unless it was given a list of revocations, every session of a login up to `now` is refused, and
    /// every token issued before: its keys may have come from before, and what was logged out then is
    /// not known any more.
    pub fn begin(&self, now: NumericDate) {
        // The clock may have been set back a little while nobody looked: a logout-everywhere must
        // not miss the logins of the seconds that come again.
        self.revocations.observe(now.saturating_add(UNSEEN_SECONDS));
        if self.forgets_revocations {
            for fact in Revocation::unknown_before(now) {
                self.revocations.apply(&fact, now);
            }
        }
    }

    /// Swaps the keys: `keys.active` seals from now on, every key in it opens. A request that is
    /// being decided keeps the keys it began with. What was opened with the old ones is forgotten.
    pub fn replace_keys(&self, keys: KeyRing) {
        let _turn = self.replacing_keys.lock().unwrap_or_else(PoisonError::into_inner);
        let epoch = self.keys.load().epoch + 1;
        // First, so that nothing is found that was opened with older keys than those in use.
        if let Some(cache) = &self.cache {
            cache.begin_epoch(epoch);
        }
        self.keys.store(Arc::new(Keys { ring: keys, epoch }));
    }
}

impl<C> std::fmt::Debug for Policy<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Policy")
            .field("issuer", &self.issuer)
            .field("audience", &self.audience)
            .field("lifetimes", &self.lifetimes)
            .field("cookies", &self.cookies)
            .field("origins", &self.origins)
            .finish_non_exhaustive()
    }
}

/// Seconds by which the clock may be set back while no process looks.
const UNSEEN_SECONDS: u64 = 30;

/// The `typ` of a session token. The channel is part of it, so a bearer token planted in a cookie,
/// or a cookie's token sent as a bearer to get around the CSRF decision, is refused.
const fn token_type(channel: Channel) -> &'static str {
    match channel {
        Channel::Bearer => "sealpass-bearer+jwt",
        Channel::Cookie => "sealpass-session+jwt",
    }
}
