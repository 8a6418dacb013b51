//! The questions a policy must not guess the answer to.

use std::marker::PhantomData;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};

use arc_swap::ArcSwap;
use sealpass_jose::{KeyRing, Verifier};

use super::{Keys, Policy, StaleAnswer, token_type};
use crate::cache::TokenCache;
use crate::cookie::{CookieProfile, CookieProfiles, MAX_PREVIOUS};
use crate::csrf::CsrfMode;
use crate::lifetimes::Lifetimes;
use crate::origin::Origin;
use crate::request::Channel;
use crate::revocation::RevocationList;

/// Builds a [`Policy`]; `State` is the next question.
#[derive(Debug)]
#[must_use = "a builder does nothing until `build`"]
pub struct PolicyBuilder<C, State> {
    state: State,
    claims: PhantomData<fn() -> C>,
}

/// Who issues the tokens?
#[derive(Debug)]
pub struct WantsIssuer(());

/// Whom are they for?
#[derive(Debug)]
pub struct WantsAudience {
    issuer: String,
}

/// Which keys seal and open them?
#[derive(Debug)]
pub struct WantsKeys {
    issuer: String,
    audience: String,
}

/// Where do browsers find us?
#[derive(Debug)]
pub struct WantsOrigin {
    issuer: String,
    audience: String,
    keys: KeyRing,
}

/// Everything that must be answered is; the rest has a default.
#[derive(Debug)]
pub struct Ready {
    issuer: String,
    audience: String,
    keys: KeyRing,
    origins: Vec<Origin>,
    lifetimes: Lifetimes,
    cookies: CookieProfile,
    previous_cookies: Vec<CookieProfile>,
    csrf: CsrfMode,
    masks_csrf: bool,
    bearer: bool,
    cached_tokens: Option<NonZeroUsize>,
    revocations: Option<Arc<RevocationList>>,
    max_revocations: usize,
    stale_answer: StaleAnswer,
    revocation_delay: Option<u64>,
}

/// Why a policy is refused as a whole.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// Two profiles have a cookie name in common, or too many are being left.
    #[error(
        "the current and the previous cookie profiles, {} of those at most, need names of their own each",
        MAX_PREVIOUS
    )]
    AmbiguousCookies,
    /// Browsers would take no cookie for `domain` from `origin`.
    #[error("the origin {origin} is outside the cookie domain {domain}")]
    CookieDomain {
        /// The domain.
        domain: String,
        /// The origin.
        origin: Origin,
    },
    /// The dev cookies go over plain HTTP, and `origin` is not this machine.
    #[error("the dev cookie profile is for loopback origins only, and {origin} is not one")]
    InsecureCookies {
        /// The origin.
        origin: Origin,
    },
    /// `origin` is plain HTTP and not this machine: its cookies would travel in the clear.
    #[error("the origin {origin} must be https")]
    InsecureOrigin {
        /// The origin.
        origin: Origin,
    },
    /// The issuer or the audience cannot be checked in a token.
    #[error(transparent)]
    Verifier(#[from] sealpass_jose::VerifierError),
}

impl<C> Policy<C> {
    /// Starts with the first question: `issuer`, `audience`, `keys`, `origin`, then `build`.
    pub const fn builder() -> PolicyBuilder<C, WantsIssuer> {
        PolicyBuilder { state: WantsIssuer(()), claims: PhantomData }
    }
}

impl<C> PolicyBuilder<C, WantsIssuer> {
    /// The `iss` of every token, usually the server's own origin.
    pub fn issuer(self, issuer: impl Into<String>) -> PolicyBuilder<C, WantsAudience> {
        PolicyBuilder { state: WantsAudience { issuer: issuer.into() }, claims: PhantomData }
    }
}

impl<C> PolicyBuilder<C, WantsAudience> {
    /// The `aud` of every token: the API it is for. A token for another one is refused.
    pub fn audience(self, audience: impl Into<String>) -> PolicyBuilder<C, WantsKeys> {
        let state = WantsKeys { issuer: self.state.issuer, audience: audience.into() };
        PolicyBuilder { state, claims: PhantomData }
    }
}

impl<C> PolicyBuilder<C, WantsKeys> {
    /// The keys: the active one seals, all of them open. [`schedule`](crate::schedule) has the rings
    /// of every moment for keys that change, for [`Policy::replace_keys`].
    ///
    /// Keys must not outlive revocations. With keys that survive a restart and a list that does not,
    /// [`Policy::begin`] refuses every session from before it.
    pub fn keys(self, keys: KeyRing) -> PolicyBuilder<C, WantsOrigin> {
        let WantsKeys { issuer, audience } = self.state;
        PolicyBuilder { state: WantsOrigin { issuer, audience, keys }, claims: PhantomData }
    }
}

impl<C> PolicyBuilder<C, WantsOrigin> {
    /// The origin of the pages that log in here: unsafe requests from any other are refused.
    pub fn origin(self, origin: Origin) -> PolicyBuilder<C, Ready> {
        let WantsOrigin { issuer, audience, keys } = self.state;
        let state = Ready {
            issuer,
            audience,
            keys,
            origins: vec![origin],
            lifetimes: Lifetimes::DEFAULT,
            cookies: CookieProfile::host(),
            previous_cookies: Vec::new(),
            csrf: CsrfMode::Strict,
            masks_csrf: false,
            bearer: false,
            cached_tokens: None,
            revocations: None,
            max_revocations: RevocationList::MAX_ENTRIES,
            stale_answer: StaleAnswer::Refuse,
            revocation_delay: None,
        };
        PolicyBuilder { state, claims: PhantomData }
    }
}

impl<C> PolicyBuilder<C, Ready> {
    /// Another origin whose pages may call across sites.
    pub fn trusted_origin(mut self, origin: Origin) -> Self {
        self.state.origins.push(origin);
        self
    }

    /// How long tokens and sessions last, instead of [`Lifetimes::DEFAULT`].
    pub fn lifetimes(mut self, lifetimes: Lifetimes) -> Self {
        self.state.lifetimes = lifetimes;
        self
    }

    /// The cookies' names and scope, instead of [`CookieProfile::host`].
    pub fn cookies(mut self, cookies: CookieProfile) -> Self {
        self.state.cookies = cookies;
        self
    }

    /// Cookies of another profile or of other names, from which sessions are being moved: they are
    /// still read, the next answer sets those of [`PolicyBuilder::cookies`] in their place, and
    /// logins and logouts clear them too. At most two.
    ///
    /// Of several session cookies the one that browsers guard best counts (`__Host-`, then
    /// `__Secure-`), and among equals the one in use. While a domain-wide profile is among the
    /// previous ones, a sibling subdomain can still plant a session where there is none: name it no
    /// longer than sessions last.
    pub fn previous_cookies(mut self, cookies: CookieProfile) -> Self {
        self.state.previous_cookies.push(cookies);
        self
    }

    /// What an unsafe request with a session cookie must bring, instead of [`CsrfMode::Strict`].
    pub fn csrf_mode(mut self, mode: CsrfMode) -> Self {
        self.state.csrf = mode;
        self
    }

    /// Masks the anti-CSRF token in the body of each answer anew, for servers that compress those
    /// bodies together with text that others choose (BREACH). Requests may always send either form.
    pub fn mask_csrf_tokens(mut self) -> Self {
        self.state.masks_csrf = true;
        self
    }

    /// Lets native clients with secure storage carry their token themselves. Browsers are refused.
    pub fn bearer_tokens(mut self) -> Self {
        self.state.bearer = true;
        self
    }

    /// Remembers up to `tokens` tokens whose signature, or whose encryption by a public key, was found
    /// right, so that the next request with one of them costs a look-up. Tokens of symmetric keys are
    /// checked in little more than that and are not remembered.
    ///
    /// Only that check is saved: times, revocation and CSRF are decided for every request. A token is
    /// forgotten with its key ([`Policy::replace_keys`]), and wiped when it is. At most 4 KiB of token
    /// are kept for each, and its claims.
    pub fn cache_verified_tokens(mut self, tokens: NonZeroUsize) -> Self {
        self.state.cached_tokens = Some(tokens);
        self
    }

    /// A list of revocations that is shared with something else, such as a store that fills it. It
    /// is taken to know of every logout so far, also of those before this process began.
    ///
    /// A logout is then remembered until the absolute end of what it revokes, unless
    /// [`PolicyBuilder::revocation_delay`] says for how long others may not know of it.
    pub fn revocations(mut self, revocations: Arc<RevocationList>) -> Self {
        self.state.revocations = Some(revocations);
        self
    }

    /// For how many seconds at most another instance may renew a session that was logged out here,
    /// since it does not know yet. What it renewed lasts for another idle lifetime, so an entry is
    /// kept for that much longer, and never past the absolute end of the session.
    ///
    /// 0 where no other instance has these keys. An instance that goes on by itself for as long as it
    /// is cut off has no such bound.
    pub fn revocation_delay(mut self, seconds: u64) -> Self {
        self.state.revocation_delay = Some(seconds);
        self
    }

    /// How many entries a list of the policy's own keeps, instead of [`RevocationList::MAX_ENTRIES`].
    pub fn max_revocations(mut self, entries: usize) -> Self {
        self.state.max_revocations = entries;
        self
    }

    /// What is answered while that list cannot be trusted to be whole, instead of
    /// [`StaleAnswer::Refuse`].
    pub fn stale_answer(mut self, answer: StaleAnswer) -> Self {
        self.state.stale_answer = answer;
        self
    }

    /// The policy.
    ///
    /// # Errors
    /// [`BuildError::InsecureOrigin`] and [`BuildError::InsecureCookies`] for what would travel in
    /// the clear beyond this machine; [`BuildError::AmbiguousCookies`] and
    /// [`BuildError::CookieDomain`] for cookies that could not be told apart or would not be kept;
    /// [`BuildError::Verifier`] for an issuer or an audience that no
    /// token could have.
    pub fn build(self) -> Result<Policy<C>, BuildError> {
        let Ready {
            issuer,
            audience,
            keys,
            origins,
            lifetimes,
            cookies,
            previous_cookies,
            csrf,
            masks_csrf,
            bearer,
            cached_tokens,
            revocations,
            max_revocations,
            stale_answer,
            revocation_delay,
        } = self.state;
        let cookies =
            CookieProfiles::new(cookies, previous_cookies).ok_or(BuildError::AmbiguousCookies)?;
        let insecure_cookies = cookies.all().iter().any(CookieProfile::is_insecure);
        if let Some(origin) = origins.first()
            && let Some(profile) = cookies.all().iter().find(|profile| !profile.covers(origin))
        {
            let domain = profile.domain().unwrap_or_default().to_owned();
            return Err(BuildError::CookieDomain { domain, origin: origin.clone() });
        }
        for origin in &origins {
            if insecure_cookies && !origin.is_loopback() {
                return Err(BuildError::InsecureCookies { origin: origin.clone() });
            }
            if !origin.is_secure() && !origin.is_loopback() {
                return Err(BuildError::InsecureOrigin { origin: origin.clone() });
            }
        }
        let verifier = |channel| {
            Verifier::builder()
                .issuer(&issuer)
                .audience(&audience)
                .typ(token_type(channel))
                .leeway(lifetimes.leeway())
                // An expired token may still be renewed or logged out: `authenticate` decides that,
                // with `idle` and `max` in sight, and lets no other purpose past it.
                .danger_accept_expired()
                .build()
        };
        Ok(Policy {
            cookie_verifier: verifier(Channel::Cookie)?,
            bearer_verifier: if bearer { Some(verifier(Channel::Bearer)?) } else { None },
            issuer,
            audience,
            keys: ArcSwap::from_pointee(Keys { ring: keys, epoch: 0 }),
            replacing_keys: Mutex::default(),
            cache: cached_tokens.map(TokenCache::new),
            lifetimes,
            cookies,
            csrf,
            masks_csrf,
            origins,
            forgets_revocations: revocations.is_none(),
            revocation_delay: revocation_delay.unwrap_or(if revocations.is_some() {
                u64::MAX
            } else {
                0
            }),
            revocations: revocations
                .unwrap_or_else(|| Arc::new(RevocationList::with_max_entries(max_revocations))),
            stale_answer,
            claims: PhantomData,
        })
    }
}
