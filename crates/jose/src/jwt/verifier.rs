//! The policy of one kind of token.

use super::{Scratch, Verified, VerifierBuilder, VerifyError, WantsIssuer};
use crate::claims::ClaimsSet;
use crate::compact::UnverifiedToken;
use crate::header::{Expected, MediaType, OwnedMediaType};
use crate::key::KeyRing;
use crate::numeric_date::NumericDate;

/// What a token of one kind must be to be accepted.
///
/// There is no default: the builder asks for issuer, audience and kind, in this order, and what it
/// is told is required of every token.
///
/// ```
/// use sealpass_jose::{Key, KeyRing, NumericDate, Scratch, UnverifiedToken, Verifier, VerifyError};
/// use serde_json::json;
///
/// let verifier = Verifier::builder()
///     .issuer("https://auth.example")
///     .audience("https://api.example")
///     .typ("session+jwt")
///     .build()?;
/// let keys = KeyRing::new(Key::generate_a256gcm()?);
/// let token = keys.seal(
///     "session+jwt",
///     &json!({"iss": "https://auth.example", "aud": "https://api.example", "exp": 1000}),
/// )?;
///
/// let token = UnverifiedToken::parse(&token)?;
/// let mut scratch = Scratch::new();
/// assert!(verifier.verify(&keys, token, &mut scratch, NumericDate::from_secs(999)).is_ok());
/// let late = verifier.verify(&keys, token, &mut scratch, NumericDate::from_secs(1000));
/// assert_eq!(late.err(), Some(VerifyError::Expired));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Verifier {
    pub(super) issuer: String,
    pub(super) audience: String,
    pub(super) typ: OwnedMediaType,
    pub(super) leeway: u64,
    pub(super) max_token_bytes: usize,
    pub(super) accepts_expired: bool,
}

impl Verifier {
    /// The longest leeway, in seconds.
    pub const MAX_LEEWAY: u64 = 60;

    /// Starts with the first question: `issuer`, `audience`, `typ`, then `build`.
    pub const fn builder() -> VerifierBuilder<WantsIssuer> {
        VerifierBuilder::start()
    }

    /// The claims of a token, once all of this was found right, in this order:
    ///
    /// 1. the length;
    /// 2. the protected header: its `typ` is ours, its `cty` is not that of a nested token, nothing
    ///    in it is refused, and the key that its `kid` names has its `alg` and accepts its `enc`;
    /// 3. the tag or signature, by that key;
    /// 4. the claims: one unambiguous JSON object, the registered ones of their types, `iss`,
    ///    `aud` and `exp` present;
    /// 5. `iss` is ours, `aud` names us;
    /// 6. `iat` and `nbf` are not later than `now` plus leeway;
    /// 7. `exp` plus leeway is later than `now`.
    ///
    /// The claims borrow from `scratch`.
    ///
    /// # Errors
    /// The [`VerifyError`] of the first step that fails. [`VerifyError::Expired`] is the last, so
    /// nothing else is wrong with an expired token.
    pub fn verify<'k, 's>(
        &self,
        keys: &'k KeyRing,
        token: UnverifiedToken<'_>,
        scratch: &'s mut Scratch,
        now: NumericDate,
    ) -> Result<Verified<'k, ClaimsSet<'s>>, VerifyError> {
        let typ = self.require_length(&token)?;
        let (key, payload) = keys.open(&token, Expected::Claims(typ), &mut scratch.buffer)?;
        let claims = ClaimsSet::read(payload, &mut scratch.members)?;
        self.require(&claims, now)?;
        Ok(Verified::new(claims, key))
    }

    /// The kind of token that is required, once this one is not too long.
    pub(super) fn require_length(
        &self,
        token: &UnverifiedToken<'_>,
    ) -> Result<MediaType<'_>, VerifyError> {
        if token.len() > self.max_token_bytes {
            return Err(VerifyError::TooLong { max_bytes: self.max_token_bytes });
        }
        Ok(self.typ.as_media_type())
    }

    pub(super) fn require(
        &self,
        claims: &ClaimsSet<'_>,
        now: NumericDate,
    ) -> Result<(), VerifyError> {
        if claims.issuer() != self.issuer {
            return Err(VerifyError::IssuerMismatch);
        }
        if !claims.is_for_audience(&self.audience)? {
            return Err(VerifyError::AudienceMismatch);
        }
        let latest = now.saturating_add(self.leeway);
        if claims.issued_at().is_some_and(|issued_at| issued_at > latest) {
            return Err(VerifyError::IssuedInFuture);
        }
        if claims.not_before().is_some_and(|not_before| not_before > latest) {
            return Err(VerifyError::NotYetValid);
        }
        // RFC 7519 §4.1.4: "on or after which the JWT MUST NOT be accepted".
        let end = claims.expires_at().saturating_add(self.leeway);
        if now >= end && !self.accepts_expired {
            return Err(VerifyError::Expired);
        }
        Ok(())
    }
}
