//! The questions that a policy must not guess the answer to.

use super::{Verifier, VerifierError};
use crate::compact::{DEFAULT_MAX_TOKEN_BYTES, MAX_TOKEN_BYTES};
use crate::header::OwnedMediaType;

/// Builds a [`Verifier`]; `State` is the next question.
///
/// A question cannot be left out:
///
/// ```compile_fail
/// use sealpass_jose::Verifier;
///
/// let verifier = Verifier::builder().issuer("https://auth.example").typ("JWT").build();
/// ```
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `build`"]
pub struct VerifierBuilder<State>(State);

/// Who must have issued the token?
#[derive(Clone, Debug)]
pub struct WantsIssuer(());

/// Whom must it be for?
#[derive(Clone, Debug)]
pub struct WantsAudience {
    issuer: String,
}

/// What kind of token must it be?
#[derive(Clone, Debug)]
pub struct WantsTyp {
    issuer: String,
    audience: String,
}

/// What must be answered is; the rest has a default.
#[derive(Clone, Debug)]
pub struct Ready {
    issuer: String,
    audience: String,
    typ: String,
    leeway: u64,
    max_token_bytes: usize,
    accepts_expired: bool,
}

impl VerifierBuilder<WantsIssuer> {
    pub(super) const fn start() -> Self {
        Self(WantsIssuer(()))
    }

    /// The issuer that every token must have as its `iss`, compared byte by byte.
    pub fn issuer(self, issuer: &str) -> VerifierBuilder<WantsAudience> {
        VerifierBuilder(WantsAudience { issuer: issuer.to_owned() })
    }
}

impl VerifierBuilder<WantsAudience> {
    /// The audience that every token must have in its `aud`, compared byte by byte.
    pub fn audience(self, audience: &str) -> VerifierBuilder<WantsTyp> {
        let WantsAudience { issuer } = self.0;
        VerifierBuilder(WantsTyp { issuer, audience: audience.to_owned() })
    }
}

impl VerifierBuilder<WantsTyp> {
    /// The kind of token, its `typ`: a media type whose `application/` may be left out, on both
    /// sides, and whose casing does not matter (RFC 7515 §4.1.9).
    pub fn typ(self, typ: &str) -> VerifierBuilder<Ready> {
        let WantsTyp { issuer, audience } = self.0;
        VerifierBuilder(Ready {
            issuer,
            audience,
            typ: typ.to_owned(),
            leeway: 0,
            max_token_bytes: DEFAULT_MAX_TOKEN_BYTES,
            accepts_expired: false,
        })
    }
}

impl VerifierBuilder<Ready> {
    /// How far the clocks of issuer and reader may be apart, in seconds: 0 unless given, and at
    /// most [`Verifier::MAX_LEEWAY`].
    pub fn leeway(mut self, seconds: u64) -> Self {
        self.0.leeway = seconds;
        self
    }

    /// The longest token, in bytes: [`DEFAULT_MAX_TOKEN_BYTES`] unless given, and at most
    /// [`MAX_TOKEN_BYTES`]. To read longer ones than the default, parse them with this limit too:
    /// [`UnverifiedToken::parse_with_limit`](crate::UnverifiedToken::parse_with_limit).
    pub fn max_token_bytes(mut self, max_bytes: usize) -> Self {
        self.0.max_token_bytes = max_bytes;
        self
    }

    /// Accepts tokens of any age. `exp` must be there all the same, and everything else is checked.
    ///
    /// Only for what an expired token may still be good for, as a logout: the caller looks at
    /// [`ClaimsSet::expires_at`](crate::ClaimsSet::expires_at) and decides.
    pub fn danger_accept_expired(mut self) -> Self {
        self.0.accepts_expired = true;
        self
    }

    /// The verifier.
    ///
    /// # Errors
    /// [`VerifierError`] names the answer that no token could meet, or that is out of bounds.
    pub fn build(self) -> Result<Verifier, VerifierError> {
        let Ready { issuer, audience, typ, leeway, max_token_bytes, accepts_expired } = self.0;
        if issuer.is_empty() {
            return Err(VerifierError::Issuer);
        }
        if audience.is_empty() {
            return Err(VerifierError::Audience);
        }
        if leeway > Verifier::MAX_LEEWAY {
            return Err(VerifierError::Leeway { seconds: leeway });
        }
        if !(1..=MAX_TOKEN_BYTES).contains(&max_token_bytes) {
            return Err(VerifierError::MaxTokenBytes);
        }
        let typ = OwnedMediaType::parse(&typ).ok_or(VerifierError::Typ)?;
        Ok(Verifier { issuer, audience, typ, leeway, max_token_bytes, accepts_expired })
    }
}
