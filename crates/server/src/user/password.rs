//! Argon2id hashes of passwords (RFC 9106), as PHC strings.

use std::fmt;

use argon2::password_hash::phc;
use argon2::password_hash::{Error, PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use sealpass_tower::sealpass::Secret;
use sealpass_tower::sealpass::jose::random;

/// A stored hash: Argon2id, version 19, of bounded cost.
#[derive(Clone)]
pub(crate) struct PasswordHash(phc::PasswordHash);

/// What one verification costs: memory in KiB, passes over it, lanes.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct HashCost {
    memory: u32,
    passes: u32,
    lanes: u32,
}

/// Why a hash cannot be used, or a password not be hashed.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum PasswordHashError {
    /// Another function than Argon2id version 19.
    #[error("it is no Argon2id hash of version 19 (`$argon2id$v=19$...`)")]
    Algorithm,
    /// Weaker than a hash may be, or dearer than a login may be.
    #[error(
        "its cost is out of bounds: memory {}-{} KiB, 1-{} passes, 1-{} lanes",
        HashCost::MIN_MEMORY,
        HashCost::MAX_MEMORY,
        HashCost::MAX_PASSES,
        HashCost::MAX_LANES
    )]
    Cost,
    /// No PHC string, or one without a salt of 8 bytes and an output of 16.
    #[error("it is no PHC string with a salt and a hash")]
    Format,
    /// No memory for the hash, or no randomness for the salt.
    #[error("the password could not be hashed: {0}")]
    Hashing(String),
}

impl PasswordHash {
    /// Hashes a password at today's cost, with a random salt of 16 bytes.
    ///
    /// # Errors
    /// [`PasswordHashError::Hashing`] when the system has no memory or no randomness left.
    pub(crate) fn of(password: &Secret<String>) -> Result<Self, PasswordHashError> {
        let salt = random::bytes::<16>().map_err(hashing)?;
        let argon2 = HashCost::DEFAULT.argon2()?;
        let hash = argon2.hash_password_with_salt(password.expose().as_bytes(), &salt);
        hash.map(Self).map_err(hashing)
    }

    /// Reads a PHC string.
    ///
    /// # Errors
    /// [`PasswordHashError`] says what it is instead of a hash we would verify against.
    pub(crate) fn parse(text: &str) -> Result<Self, PasswordHashError> {
        let hash = phc::PasswordHash::new(text).map_err(|_| PasswordHashError::Format)?;
        let is_argon2id = hash.algorithm.as_str() == Algorithm::Argon2id.as_str();
        if !is_argon2id || hash.version != Some(Version::V0x13.into()) {
            return Err(PasswordHashError::Algorithm);
        }
        let salt_bytes = hash.salt.as_ref().map_or(0, |salt| salt.as_ref().len());
        let output_bytes = hash.hash.as_ref().map_or(0, phc::Output::len);
        if salt_bytes < 8 || output_bytes < 16 {
            return Err(PasswordHashError::Format);
        }
        let params = Params::try_from(&hash).map_err(|_| PasswordHashError::Format)?;
        HashCost::of(&params).ok_or(PasswordHashError::Cost)?;
        Ok(Self(hash))
    }

    /// A hash that no password has: what an unknown name is checked against, at the cost of a
    /// known one.
    ///
    /// # Errors
    /// [`PasswordHashError::Hashing`] when the system has no randomness left.
    pub(crate) fn decoy(cost: HashCost) -> Result<Self, PasswordHashError> {
        let salt = phc::Salt::new(&random::bytes::<16>().map_err(hashing)?).map_err(hashing)?;
        let output = phc::Output::new(&random::bytes::<32>().map_err(hashing)?).map_err(hashing)?;
        let params = phc::ParamsString::try_from(cost.params()?).map_err(hashing)?;
        Ok(Self(phc::PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params,
            salt: Some(salt),
            hash: Some(output),
        }))
    }

    /// Whether this is the hash of `password`. Takes tens of milliseconds of one processor.
    ///
    /// # Errors
    /// [`PasswordHashError::Hashing`] when the system has no memory left.
    pub(crate) fn matches(&self, password: &Secret<String>) -> Result<bool, PasswordHashError> {
        let argon2 = HashCost::DEFAULT.argon2()?;
        match argon2.verify_password(password.expose().as_bytes(), &self.0) {
            Ok(()) => Ok(true),
            Err(Error::PasswordInvalid) => Ok(false),
            Err(error) => Err(hashing(error)),
        }
    }

    /// What [`PasswordHash::matches`] costs.
    pub(crate) fn cost(&self) -> HashCost {
        let params = Params::try_from(&self.0).ok();
        params.as_ref().and_then(HashCost::of).unwrap_or(HashCost::DEFAULT)
    }
}

impl fmt::Display for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl HashCost {
    /// The second choice of OWASP's Password Storage Cheat Sheet: 19 MiB, two passes, one lane.
    pub(crate) const DEFAULT: Self = Self { memory: 19_456, passes: 2, lanes: 1 };

    const MAX_LANES: u32 = 4;
    const MAX_MEMORY: u32 = 256 * 1024;
    const MAX_PASSES: u32 = 10;
    const MIN_MEMORY: u32 = 4096;

    /// The cost of `params`, if it is one we would pay.
    fn of(params: &Params) -> Option<Self> {
        let cost =
            Self { memory: params.m_cost(), passes: params.t_cost(), lanes: params.p_cost() };
        let is_bounded = (Self::MIN_MEMORY..=Self::MAX_MEMORY).contains(&cost.memory)
            && (1..=Self::MAX_PASSES).contains(&cost.passes)
            && (1..=Self::MAX_LANES).contains(&cost.lanes);
        is_bounded.then_some(cost)
    }

    fn params(self) -> Result<Params, PasswordHashError> {
        Params::new(self.memory, self.passes, self.lanes, None).map_err(hashing)
    }

    fn argon2(self) -> Result<Argon2<'static>, PasswordHashError> {
        Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, self.params()?))
    }
}

fn hashing(error: impl fmt::Display) -> PasswordHashError {
    PasswordHashError::Hashing(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret<String> {
        Secret::new(text.to_owned())
    }

    #[test]
    fn the_cost_of_a_new_hash_is_the_documented_one() {
        let hash = PasswordHash::of(&secret("correct horse")).unwrap();
        assert!(hash.to_string().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_eq!(hash.cost(), HashCost::DEFAULT);
    }

    #[test]
    fn only_the_password_itself_matches() {
        let hash = PasswordHash::of(&secret("correct horse")).unwrap();
        let hash = PasswordHash::parse(&hash.to_string()).unwrap();
        assert_eq!(hash.matches(&secret("correct horse")), Ok(true));
        for wrong in ["", "correct hors", "correct horse ", "Correct horse", "correct horse\0"] {
            assert_eq!(hash.matches(&secret(wrong)), Ok(false), "{wrong:?}");
        }
    }

    #[test]
    fn the_same_password_twice_is_two_hashes() {
        let [a, b] = [(); 2].map(|()| PasswordHash::of(&secret("correct horse")).unwrap());
        assert_ne!(a.to_string(), b.to_string());
    }

    #[test]
    fn a_hash_that_another_implementation_made_matches() {
        let hash = PasswordHash::parse(REFERENCE).unwrap();
        assert_eq!(hash.cost(), HashCost { memory: 4096, passes: 3, lanes: 1 });
        assert_eq!(hash.matches(&secret("correct horse")), Ok(true));
        assert_eq!(hash.matches(&secret("correct house")), Ok(false));
    }

    #[test]
    fn a_decoy_costs_the_same_and_matches_nothing() {
        let cost = HashCost { memory: 4096, passes: 3, lanes: 1 };
        let decoy = PasswordHash::decoy(cost).unwrap();
        assert_eq!(decoy.cost(), cost);
        assert_eq!(PasswordHash::parse(&decoy.to_string()).unwrap().cost(), cost);
        assert_eq!(decoy.matches(&secret("")), Ok(false));
    }

    #[test]
    fn weak_or_ruinous_or_foreign_hashes_are_refused() {
        let tail = "$c29tZXNhbHQ$bAxDxlCRYSTMFCxn5YTDKoQRTDfL/kVgOwYFa1WRRW0";
        for (head, refusal) in [
            ("$argon2i$v=19$m=19456,t=2,p=1", PasswordHashError::Algorithm),
            ("$argon2d$v=19$m=19456,t=2,p=1", PasswordHashError::Algorithm),
            ("$argon2id$v=16$m=19456,t=2,p=1", PasswordHashError::Algorithm),
            ("$argon2id$m=19456,t=2,p=1", PasswordHashError::Algorithm),
            ("$scrypt$ln=16,r=8,p=1", PasswordHashError::Algorithm),
            ("$argon2id$v=19$m=64,t=1,p=1", PasswordHashError::Cost),
            ("$argon2id$v=19$m=4194304,t=2,p=1", PasswordHashError::Cost),
            ("$argon2id$v=19$m=19456,t=4000000,p=1", PasswordHashError::Cost),
            ("$argon2id$v=19$m=19456,t=2,p=200", PasswordHashError::Cost),
        ] {
            assert_eq!(
                PasswordHash::parse(&format!("{head}{tail}")).unwrap_err(),
                refusal,
                "{head}"
            );
        }
        for text in [
            "",
            "correct horse",
            "$2b$12$abcdefghijklmnopqrstuv",
            "$argon2id$v=19$m=19456,t=2,p=1",
            "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ",
            "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAA",
        ] {
            assert_eq!(PasswordHash::parse(text).unwrap_err(), PasswordHashError::Format, "{text}");
        }
    }

    #[test]
    fn debug_shows_nothing_of_a_hash() {
        let hash = PasswordHash::parse(REFERENCE).unwrap();
        assert_eq!(format!("{hash:?}"), "[redacted]");
    }

    /// Made with OpenSSL's Argon2id: "correct horse", salt "somesalt".
    const REFERENCE: &str =
        "$argon2id$v=19$m=4096,t=3,p=1$c29tZXNhbHQ$wGv2pDl1z8N+TQOF7O+XVqmPdEGsCI9zk9bP3Uu63iI";
}
