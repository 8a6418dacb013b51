//! From a token's text to what it says, proven.

use std::sync::Arc;

use sealpass_jose::{Algorithm, JweAlgorithm, JwsAlgorithm, NumericDate, Scratch, UnverifiedToken};

use super::{Claims, Policy};
use crate::claims::{Opened, SessionClaims};
use crate::rejection::Rejection;
use crate::request::{Channel, Presented};

impl<C: Claims> Policy<C> {
    /// Proof that the token is ours and of this channel, however old it is.
    pub(super) fn open(
        &self,
        presented: &Presented<'_>,
        now: NumericDate,
    ) -> Result<Arc<Opened<C>>, Rejection> {
        let &Presented { channel, token } = presented;
        let verifier = match channel {
            Channel::Bearer => self.bearer_verifier.as_ref().ok_or(Rejection::BearerDisabled)?,
            Channel::Cookie => &self.cookie_verifier,
        };
        if let Some(cache) = &self.cache
            && let Some(known) = cache.find(channel, token)
        {
            // A clock that was set back finds a remembered token in its future again.
            let begun = known.begins_at <= now.saturating_add(self.lifetimes.leeway());
            return if begun { Ok(known) } else { Err(Rejection::TokenInvalid) };
        }
        // Once: what is remembered was opened with the keys of the epoch that it is remembered for.
        let keys = self.keys.load();
        let unverified = UnverifiedToken::parse(token).map_err(|_| Rejection::TokenInvalid)?;
        let mut scratch = Scratch::new();
        let proven = verifier
            .verify(&keys.ring, unverified, &mut scratch, now)
            .map_err(|_| Rejection::TokenInvalid)?;
        let (session, claims) = SessionClaims::read(proven.claims())?;
        // Only a cookie's token has the nonce that its CSRF decision needs.
        if session.csrf.is_some() != (channel == Channel::Cookie) {
            return Err(Rejection::TokenInvalid);
        }
        let not_before = proven.claims().not_before();
        let begins_at = not_before.map_or(session.issued_at, |date| date.max(session.issued_at));
        let subject_hash = self.revocations.hash_subject(session.subject.as_str());
        let opened = Arc::new(Opened { session, claims, begins_at, subject_hash });
        if let Some(cache) = &self.cache
            && is_worth_remembering(proven.algorithm())
        {
            cache.insert(keys.epoch, channel, token, &opened, now);
        }
        Ok(opened)
    }
}

/// Whether checking a token of this algorithm takes many times as long as finding it again.
const fn is_worth_remembering(algorithm: Algorithm) -> bool {
    match algorithm {
        Algorithm::Jwe(alg, _) => !matches!(
            alg,
            JweAlgorithm::Dir
                | JweAlgorithm::A128Kw
                | JweAlgorithm::A192Kw
                | JweAlgorithm::A256Kw
                | JweAlgorithm::A128GcmKw
                | JweAlgorithm::A192GcmKw
                | JweAlgorithm::A256GcmKw
        ),
        Algorithm::Jws(alg) => {
            !matches!(alg, JwsAlgorithm::Hs256 | JwsAlgorithm::Hs384 | JwsAlgorithm::Hs512)
        }
        // An algorithm of a later version is checked every time until it is known here.
        _ => false,
    }
}
