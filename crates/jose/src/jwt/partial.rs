//! A policy that leaves out what it was not told.

use super::{Scratch, Verified, Verifier, VerifierError, VerifyError};
use crate::claims::PartialClaims;
use crate::compact::{DEFAULT_MAX_TOKEN_BYTES, UnverifiedToken};
use crate::header::{Expected, OwnedMediaType};
use crate::key::{Key, KeyRing};
use crate::numeric_date::NumericDate;

/// What a token must be to be accepted by a tool that does not know what it is for.
///
/// Until it is told, it accepts the tokens of every issuer, for every audience and of every kind,
/// also those that lack `iss`, `aud` or `typ`. **Whoever lets such a token decide about access
/// accepts what was made for somebody else**: that is what [`Verifier`] is for. Everything else is
/// as strict as there: the header, the key, the tag or signature, JSON, the types of the claims,
/// `iat`, `nbf`, and `exp`, which must be there.
///
/// ```
/// use sealpass_jose::danger::PartialVerifier;
/// use sealpass_jose::{Key, KeyRing, NumericDate, Scratch, UnverifiedToken, VerifyError};
/// use serde_json::json;
///
/// let keys = KeyRing::new(Key::generate_ed25519()?);
/// let token = keys.seal("JWT", &json!({"exp": 1000}))?;
/// let token = UnverifiedToken::parse(&token)?;
/// let (mut scratch, now) = (Scratch::new(), NumericDate::from_secs(999));
///
/// let policy = PartialVerifier::of_any_token();
/// assert_eq!(policy.verify(&keys, token, &mut scratch, now)?.claims().json(), r#"{"exp":1000}"#);
///
/// let policy = policy.issuer("https://auth.example")?;
/// let refused = policy.verify(&keys, token, &mut scratch, now);
/// assert_eq!(refused.err(), Some(VerifyError::ClaimMissing { claim: "iss" }));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct PartialVerifier {
    issuer: Option<String>,
    audience: Option<String>,
    typ: Option<OwnedMediaType>,
    leeway: u64,
    accepts_missing_expiry: bool,
}

impl PartialVerifier {
    /// Of every issuer, for every audience, of every kind; with `exp`, and no leeway.
    #[must_use]
    pub const fn of_any_token() -> Self {
        Self { issuer: None, audience: None, typ: None, leeway: 0, accepts_missing_expiry: false }
    }

    /// Requires this `iss`, as [`VerifierBuilder::issuer`](crate::VerifierBuilder::issuer).
    ///
    /// # Errors
    /// [`VerifierError::Issuer`].
    pub fn issuer(self, issuer: &str) -> Result<Self, VerifierError> {
        if issuer.is_empty() {
            return Err(VerifierError::Issuer);
        }
        Ok(Self { issuer: Some(issuer.to_owned()), ..self })
    }

    /// Requires this audience in `aud`, as
    /// [`VerifierBuilder::audience`](crate::VerifierBuilder::audience).
    ///
    /// # Errors
    /// [`VerifierError::Audience`].
    pub fn audience(self, audience: &str) -> Result<Self, VerifierError> {
        if audience.is_empty() {
            return Err(VerifierError::Audience);
        }
        Ok(Self { audience: Some(audience.to_owned()), ..self })
    }

    /// Requires this kind of token, as [`VerifierBuilder::typ`](crate::VerifierBuilder::typ).
    ///
    /// # Errors
    /// [`VerifierError::Typ`].
    pub fn typ(self, typ: &str) -> Result<Self, VerifierError> {
        let typ = OwnedMediaType::parse(typ).ok_or(VerifierError::Typ)?;
        Ok(Self { typ: Some(typ), ..self })
    }

    /// How far the clocks of issuer and reader may be apart, in seconds.
    ///
    /// # Errors
    /// [`VerifierError::Leeway`] for more than [`Verifier::MAX_LEEWAY`].
    pub fn leeway(mut self, seconds: u64) -> Result<Self, VerifierError> {
        if seconds > Verifier::MAX_LEEWAY {
            return Err(VerifierError::Leeway { seconds });
        }
        self.leeway = seconds;
        Ok(self)
    }

    /// Accepts a token without `exp`, which is good forever. One with `exp` still expires.
    #[must_use]
    pub const fn accept_missing_expiry(mut self) -> Self {
        self.accepts_missing_expiry = true;
        self
    }

    /// The claims of a token, checked in the order of [`Verifier::verify`]; what this policy was
    /// not told is not checked.
    ///
    /// # Errors
    /// As [`Verifier::verify`].
    pub fn verify<'k, 's>(
        &self,
        keys: &'k KeyRing,
        token: UnverifiedToken<'_>,
        scratch: &'s mut Scratch,
        now: NumericDate,
    ) -> Result<Verified<'k, PartialClaims<'s>>, VerifyError> {
        let Scratch { buffer, members } = scratch;
        let (key, payload) = keys.open(&token, self.expected(&token)?, buffer)?;
        let claims = PartialClaims::read(payload, members)?;
        self.require(&claims, now)?;
        Ok(Verified::new(claims, key))
    }

    /// As [`PartialVerifier::verify`], by this one key, whatever `kid` the token names.
    ///
    /// A key in PEM has no name, and its issuer may use any. The header still chooses nothing: a
    /// token of another algorithm than the key's is refused.
    ///
    /// # Errors
    /// As [`Verifier::verify`]; [`VerifyError::AlgorithmMismatch`] for a token of another
    /// algorithm.
    pub fn verify_by<'k, 's>(
        &self,
        key: &'k Key,
        token: UnverifiedToken<'_>,
        scratch: &'s mut Scratch,
        now: NumericDate,
    ) -> Result<Verified<'k, PartialClaims<'s>>, VerifyError> {
        let Scratch { buffer, members } = scratch;
        let payload = key.open_any_kid(&token, self.expected(&token)?, buffer)?;
        let claims = PartialClaims::read(payload, members)?;
        self.require(&claims, now)?;
        Ok(Verified::new(claims, key))
    }

    fn expected(&self, token: &UnverifiedToken<'_>) -> Result<Expected<'_>, VerifyError> {
        if token.len() > DEFAULT_MAX_TOKEN_BYTES {
            return Err(VerifyError::TooLong { max_bytes: DEFAULT_MAX_TOKEN_BYTES });
        }
        Ok(match &self.typ {
            None => Expected::AnyClaims,
            Some(typ) => Expected::Claims(typ.as_media_type()),
        })
    }

    /// In the order of [`Verifier::verify`].
    fn require(&self, claims: &PartialClaims<'_>, now: NumericDate) -> Result<(), VerifyError> {
        let missing = |claim| Err(VerifyError::ClaimMissing { claim });
        match (self.issuer.as_deref(), claims.issuer()) {
            (Some(_), None) => return missing("iss"),
            (Some(required), Some(found)) if found != required => {
                return Err(VerifyError::IssuerMismatch);
            }
            _ => {}
        }
        if let Some(required) = self.audience.as_deref() {
            if !claims.has_audience() {
                return missing("aud");
            }
            if !claims.names_audience(required)? {
                return Err(VerifyError::AudienceMismatch);
            }
        }
        if claims.expires_at().is_none() && !self.accepts_missing_expiry {
            return missing("exp");
        }
        let latest = now.saturating_add(self.leeway);
        if claims.issued_at().is_some_and(|issued_at| issued_at > latest) {
            return Err(VerifyError::IssuedInFuture);
        }
        if claims.not_before().is_some_and(|not_before| not_before > latest) {
            return Err(VerifyError::NotYetValid);
        }
        // RFC 7519 §4.1.4: "on or after which the JWT MUST NOT be accepted".
        match claims.expires_at() {
            Some(end) if now >= end.saturating_add(self.leeway) => Err(VerifyError::Expired),
            _ => Ok(()),
        }
    }
}
