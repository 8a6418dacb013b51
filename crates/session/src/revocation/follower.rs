//! Another service's list, kept up to date from the signed feed.

use std::borrow::Cow;
use std::sync::Arc;

use sealpass_jose::{
    KeyRing, NumericDate, Scratch, UnverifiedToken, Verifier, VerifierError, base64url,
};

use super::{Cursor, RevocationList, journal};

/// Keeps the list of a service that only verifies: it says when to fetch what, and takes the bytes.
/// Fetching them is the caller's, as with [`sealpass_jose::JwksCache`].
///
/// The list is not fresh until the first time everything was read, and stale once the feed has not
/// been read for `max_staleness` seconds; [`crate::policy::StaleAnswer`] says what happens then.
///
/// ```
/// use std::sync::Arc;
/// use sealpass::NumericDate;
/// use sealpass::jose::{Key, KeyRing};
/// use sealpass::revocation::{FollowError, RevocationFollower, RevocationList};
///
/// let list = Arc::new(RevocationList::default());
/// let (me, now) = ("https://app.example", NumericDate::from_secs(1_800_000_000));
/// let mut follower = RevocationFollower::new(me, me, Arc::clone(&list), 60)?;
/// assert!(!list.is_fresh(now), "nothing is known yet");
///
/// assert!(follower.is_due(now));
/// // GET /auth/revocations, with `?since=` and what `follower.since()` says
/// let keys = KeyRing::new(Key::generate_a256gcm()?);
/// assert!(matches!(follower.accept(b"no token", &keys, now), Err(FollowError::Token)));
/// assert!(!follower.is_due(now), "not at once again");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct RevocationFollower {
    list: Arc<RevocationList>,
    verifier: Verifier,
    max_staleness: u64,
    since: Option<Cursor>,
    as_of: NumericDate,
    due: NumericDate,
    /// When the last answer came, or failed to.
    asked: NumericDate,
    failures: u32,
}

/// Why bytes are no page of the feed. The list is as it was.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FollowError {
    /// Not what was asked for: it begins where another cursor ends, so facts may be missing.
    #[error("the page does not follow what was read before")]
    Gap,
    /// It is signed, and not as this version writes it.
    #[error("the page is not of this version")]
    Page,
    /// No token, or not signed by the issuer, or not of this feed, or too old.
    #[error("the page is no current token of the issuer's feed")]
    Token,
}

impl RevocationFollower {
    /// Follows the feed of `issuer` into `list`.
    ///
    /// # Errors
    /// [`VerifierError`] for an issuer or an audience that no token could have.
    pub fn new(
        issuer: &str,
        audience: &str,
        list: Arc<RevocationList>,
        max_staleness: u64,
    ) -> Result<Self, VerifierError> {
        let verifier = Verifier::builder()
            .issuer(issuer)
            .audience(audience)
            .typ(TYP)
            .leeway(LEEWAY)
            .max_token_bytes(MAX_PAGE)
            .build()?;
        list.set_fresh_until(RevocationList::NEVER_FRESH);
        Ok(Self {
            list,
            verifier,
            max_staleness,
            since: None,
            as_of: NEVER,
            due: NEVER,
            asked: NEVER,
            failures: 0,
        })
    }

    /// Whether it is time to fetch. It is at once after the clock was set back.
    #[must_use]
    pub fn is_due(&self, now: NumericDate) -> bool {
        now >= self.due || now < self.asked
    }

    /// When to fetch next.
    #[must_use]
    pub const fn due(&self) -> NumericDate {
        self.due
    }

    /// What to ask for; none, for the start.
    #[must_use]
    pub fn since(&self) -> Option<String> {
        self.since.map(|since| since.to_string())
    }

    /// Takes the answer to what [`RevocationFollower::since`] asked for. Whether there is more to be
    /// fetched at once.
    ///
    /// # Errors
    /// [`FollowError`]; then it is fetched again a little later, from the start after a
    /// [`FollowError::Gap`].
    pub fn accept(
        &mut self,
        body: &[u8],
        keys: &KeyRing,
        now: NumericDate,
    ) -> Result<bool, FollowError> {
        let page = self.read(body, keys, now).inspect_err(|error| {
            if *error == FollowError::Gap {
                self.since = None;
            }
            self.failed(now);
        })?;
        for fact in &page.facts {
            self.list.apply(fact, now);
        }
        self.asked = now;
        self.since = Some(page.next);
        self.failures = 0;
        if page.has_more {
            self.due = now;
            return Ok(true);
        }
        // An older answer, which is still a true one, proves nothing new. What is ahead of the clock
        // was true by a clock that was set back since.
        let known = if self.as_of > now { NEVER } else { self.as_of };
        self.as_of = known.max(page.as_of.min(now));
        self.list.set_fresh_until(self.as_of.saturating_add(self.max_staleness));
        self.due = now.saturating_add(INTERVAL.min(self.max_staleness / 4).max(1));
        Ok(false)
    }

    /// Takes note that nothing could be fetched: it is tried again a little later.
    pub fn failed(&mut self, now: NumericDate) {
        if self.as_of > now {
            // The clock was set back, and how old the list is cannot be told by it.
            self.list.set_fresh_until(now.min(self.as_of));
        }
        self.asked = now;
        self.due = now.saturating_add((1 << self.failures.min(5)).min(INTERVAL));
        self.failures = self.failures.saturating_add(1);
    }

    fn read(&self, body: &[u8], keys: &KeyRing, now: NumericDate) -> Result<Read, FollowError> {
        let text = str::from_utf8(body).map_err(|_| FollowError::Token)?;
        let token = UnverifiedToken::parse_with_limit(text, MAX_PAGE);
        let token = token.map_err(|_| FollowError::Token)?;
        let mut scratch = Scratch::new();
        let verified = self.verifier.verify(keys, token, &mut scratch, now);
        let verified = verified.map_err(|_| FollowError::Token)?;
        let claims = verified.claims();
        let since: Option<String> = claims.get("since").map_err(|_| FollowError::Page)?;
        if since != self.since() {
            return Err(FollowError::Gap);
        }
        let text = |name| {
            let text = claims.str(name).ok().flatten();
            text.map(Cow::into_owned).ok_or(FollowError::Page)
        };
        let as_of = claims.date("as_of").ok().flatten().ok_or(FollowError::Page)?;
        let has_more = claims.get("more").ok().flatten().ok_or(FollowError::Page)?;
        let next = Cursor::parse(&text("next")?).ok_or(FollowError::Page)?;
        if has_more && self.since == Some(next) {
            return Err(FollowError::Page); // it would never end
        }
        let frames = base64url::decode(text("facts")?.as_bytes()).map_err(|_| FollowError::Page)?;
        let bytes = [&journal::HEADER, frames.as_slice()].concat();
        let mut facts = Vec::new();
        let whole = journal::read(&bytes, |fact| facts.push(fact));
        if whole != Ok(bytes.len()) {
            return Err(FollowError::Page);
        }
        Ok(Read { facts, next, has_more, as_of })
    }
}

struct Read {
    facts: Vec<super::Revocation>,
    next: Cursor,
    has_more: bool,
    as_of: NumericDate,
}

const NEVER: NumericDate = NumericDate::from_secs(0);

/// The kind of the tokens of the feed.
pub(crate) const TYP: &str = "sealpass-revocations+jwt";

/// By how much the clocks of issuer and follower may differ, in seconds.
const LEEWAY: u64 = 10;

/// Seconds between two looks, if the list may be stale for much longer.
const INTERVAL: u64 = 5;

/// The longest page, in bytes.
const MAX_PAGE: usize = 16 * 1024;
