//! What was revoked, for services that only verify.

use sealpass_jose::{NumericDate, SealError, base64url};
use serde_json::{Value, json};

use super::{Claims, Policy};
use crate::revocation::{Cursor, Page, journal};

impl<C: Claims> Policy<C> {
    /// The answer to a [`crate::revocation::RevocationFollower`] that asked for what follows `since`:
    /// `page` as a token of the active key, signed by a key that signs, sealed by one that seals.
    /// `as_of` is when the list was last known to be whole.
    ///
    /// # Errors
    /// [`SealError`] when the key cannot.
    pub fn seal_revocations(
        &self,
        since: Option<Cursor>,
        page: &Page,
        as_of: NumericDate,
        now: NumericDate,
    ) -> Result<String, SealError> {
        let mut frames = Vec::new();
        journal::append(page.facts(), &mut frames);
        let mut claims = json!({
            "iss": self.issuer,
            "aud": self.audience,
            "iat": now,
            "exp": now.saturating_add(LIFETIME),
            "as_of": as_of,
            "next": page.next().to_string(),
            "more": page.has_more(),
            "facts": base64url::encode(&frames),
        });
        if let Some(since) = since {
            claims["since"] = Value::from(since.to_string());
        }
        self.keys.load().ring.seal(crate::revocation::FEED_TYP, &claims)
    }
}

/// Seconds for which a page may be accepted: a cache holds it for less.
const LIFETIME: u64 = 60;
