//! Our side, as a service has it: one ring, one policy, every check, typed claims that borrow.

use anyhow::Result;
use sealpass_bench_protocol::{AUDIENCE, Algorithm, Claims, ISSUER, TYPE, Task};
use sealpass_jose::{
    Algorithm as Alg, ContentEncryption, JweAlgorithm, Jwk, JwsAlgorithm, KeyRing, NumericDate,
    Scratch, Strings, UnverifiedToken, Verifier, VerifyError,
};

/// What a service reads of a token, borrowed from where it was decrypted or decoded.
#[derive(Clone, Copy, Debug)]
pub struct Session<'a> {
    pub iss: &'a str,
    pub sub: &'a str,
    pub exp: u64,
    pub jti: &'a str,
    pub roles: Strings<'a>,
}

/// A service that makes and reads tokens.
pub struct Ours {
    pub ring: KeyRing,
    pub verifier: Verifier,
    pub now: NumericDate,
}

impl Ours {
    /// With the key of a task.
    ///
    /// # Errors
    /// When the key or the policy is refused.
    pub fn new(task: &Task) -> Result<Self> {
        let algorithm = match task.algorithm {
            Algorithm::A256CbcHs512 => Alg::Jwe(JweAlgorithm::Dir, ContentEncryption::A256CbcHs512),
            Algorithm::A256Gcm => Alg::Jwe(JweAlgorithm::Dir, ContentEncryption::A256Gcm),
            Algorithm::EdDsa => Alg::Jws(JwsAlgorithm::EdDsa),
            Algorithm::Es256 => Alg::Jws(JwsAlgorithm::Es256),
            Algorithm::Hs256 => Alg::Jws(JwsAlgorithm::Hs256),
        };
        let jwk = Jwk::parse(&serde_json::to_vec(&task.key.jwk)?)?;
        let key = jwk.to_key(&[algorithm])?;
        Ok(Self {
            ring: KeyRing::new(key),
            verifier: Verifier::builder().issuer(ISSUER).audience(AUDIENCE).typ(TYPE).build()?,
            now: NumericDate::from_secs(task.now),
        })
    }

    /// A token of these claims.
    ///
    /// # Panics
    /// When none can be made.
    #[must_use]
    pub fn make(&self, claims: &Claims) -> String {
        self.ring.seal(TYPE, claims).expect("sealed")
    }

    /// Gives `with` the claims, all of them checked.
    ///
    /// # Errors
    /// As [`Verifier::verify`].
    pub fn read<R>(
        &self,
        token: &str,
        with: impl FnOnce(Session<'_>) -> R,
    ) -> Result<R, VerifyError> {
        let mut scratch = Scratch::new();
        let token = UnverifiedToken::parse(token).map_err(|_| VerifyError::NotAuthentic)?;
        let verified = self.verifier.verify(&self.ring, token, &mut scratch, self.now)?;
        let claims = verified.claims();
        let roles = claims.strings("roles").map_err(|_| VerifyError::NotAuthentic)?;
        Ok(with(Session {
            iss: claims.issuer(),
            sub: claims.subject().unwrap_or_default(),
            exp: claims.expires_at().as_secs(),
            jti: claims.jwt_id().unwrap_or_default(),
            roles: roles.ok_or(VerifyError::NotAuthentic)?,
        }))
    }

    /// Gives `with` the payload, of which nothing is checked but that it is authentic.
    ///
    /// # Errors
    /// As [`KeyRing::open_bytes`].
    pub fn read_bytes<R>(
        &self,
        token: &str,
        with: impl FnOnce(&[u8]) -> R,
    ) -> Result<R, VerifyError> {
        let mut scratch = Scratch::new();
        let token = UnverifiedToken::parse(token).map_err(|_| VerifyError::NotAuthentic)?;
        Ok(with(self.ring.open_bytes(Some(TYPE), token, &mut scratch)?.claims()))
    }
}
