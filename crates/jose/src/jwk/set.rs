//! JWK Sets (RFC 7517 §5).

use super::{Jwk, JwkError, JwkSetError};
use crate::algorithm::Algorithm;
use crate::json::{JsonError, Members, elements, scan_object};
use crate::key::KeyRing;
use crate::secret::Secret;

/// Keys that belong together, each with its own `kid`, or with none.
///
/// ```
/// use sealpass_jose::{Algorithm, JwkSet, JwkSetError, JwsAlgorithm};
///
/// let set = JwkSet::parse(br#"{"keys":[
///     {"kty":"OKP","crv":"Ed25519","kid":"a","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
///     {"kty":"OKP","crv":"Ed448","kid":"b","x":"AA"}
/// ]}"#)?;
/// assert_eq!(set.keys().len(), 1);
/// assert_eq!(set.skipped()[0].error().code(), "jwk_crv_refused");
///
/// let keys = set.to_ring(&[Algorithm::Jws(JwsAlgorithm::EdDsa)])?;
/// assert!(keys.get("a").is_some());
/// let refused = set.to_ring(&[Algorithm::Jws(JwsAlgorithm::Rs256)]);
/// assert_eq!(refused.err(), Some(JwkSetError::NoUsableKey));
/// # Ok::<_, JwkSetError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct JwkSet {
    keys: Vec<Jwk>,
    skipped: Vec<SkippedKey>,
}

/// A key of a set that was not read: of an unknown `kty`, `crv` or `alg`, or a weak one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SkippedKey {
    index: usize,
    error: JwkError,
}

impl SkippedKey {
    /// Where it is in `keys`, from 0.
    #[must_use]
    pub const fn index(&self) -> usize {
        self.index
    }

    /// Why it was not read.
    #[must_use]
    pub const fn error(&self) -> JwkError {
        self.error
    }
}

impl JwkSet {
    /// The longest set that is read, in bytes.
    pub const MAX_BYTES: usize = 64 * 1024 - 1;

    /// How many keys are read at most, those that are skipped included.
    pub const MAX_KEYS: usize = 128;

    /// A set of these keys.
    ///
    /// # Errors
    /// [`JwkSetError::DuplicateKid`], [`JwkSetError::TooManyKeys`].
    pub fn new(keys: impl IntoIterator<Item = Jwk>) -> Result<Self, JwkSetError> {
        let mut set = Self::default();
        for (index, key) in keys.into_iter().enumerate() {
            set.require_room()?;
            set.push(index, key)?;
        }
        Ok(set)
    }

    /// Reads a set.
    ///
    /// A key of an unknown `kty`, `crv` or `alg`, and an RSA key of an unsafe size or exponent, is
    /// skipped (RFC 7517 §5). A malformed one refuses the whole set: who publishes it is broken or
    /// under attack.
    ///
    /// # Errors
    /// [`JwkSetError`] for what is not an object with an array of `keys` within the limits, for a
    /// malformed key, and for a `kid` that occurs twice.
    pub fn parse(json: &[u8]) -> Result<Self, JwkSetError> {
        if json.len() > Self::MAX_BYTES {
            return Err(JwkSetError::TooLong { bytes: json.len(), max_bytes: Self::MAX_BYTES });
        }
        let text = str::from_utf8(json).map_err(|_| JwkSetError::Json(JsonError::Utf8))?;
        let mut members = Members::new();
        scan_object(text, &mut members).map_err(JwkSetError::Json)?;
        let keys = members.find(text, "keys").and_then(elements).ok_or(JwkSetError::Keys)?;
        let mut set = Self::default();
        for (index, key) in keys.enumerate() {
            set.require_room()?;
            if !key.raw.starts_with('{') {
                return Err(JwkSetError::Keys);
            }
            match Jwk::parse(key.raw.as_bytes()) {
                Ok(key) => set.push(index, key)?,
                Err(error) if error.is_of_unread_kind() => {
                    set.skipped.push(SkippedKey { index, error });
                }
                Err(reason) => return Err(JwkSetError::Key { index, reason }),
            }
        }
        Ok(set)
    }

    /// The keys, in their order.
    #[must_use]
    pub fn keys(&self) -> &[Jwk] {
        &self.keys
    }

    /// The key of that `kid`.
    #[must_use]
    pub fn get(&self, kid: &str) -> Option<&Jwk> {
        self.keys.iter().find(|key| key.kid() == Some(kid))
    }

    /// What was not read, for a log.
    #[must_use]
    pub fn skipped(&self) -> &[SkippedKey] {
        &self.skipped
    }

    /// Every key that is one of the `accepted` algorithms, as [`Jwk::to_key`] decides.
    ///
    /// The active key is the first that can sign or encrypt; if none can, the ring only verifies.
    /// Keys for something else are left out.
    ///
    /// # Errors
    /// [`JwkSetError::NoUsableKey`]; [`JwkSetError::Key`] for a key whose `alg` nothing fits
    /// unambiguously, or that is too short.
    pub fn to_ring(&self, accepted: &[Algorithm]) -> Result<KeyRing, JwkSetError> {
        let mut keys = Vec::with_capacity(self.keys.len());
        for (index, jwk) in self.keys.iter().enumerate() {
            match jwk.to_key(accepted) {
                Ok(key) => keys.push((index, key)),
                Err(
                    JwkError::AlgorithmMismatch
                    | JwkError::OperationMismatch
                    | JwkError::UseMismatch,
                ) => {}
                Err(reason) => return Err(JwkSetError::Key { index, reason }),
            }
        }
        let active = keys.iter().position(|(_, key)| key.can_make()).unwrap_or(0);
        if active >= keys.len() {
            return Err(JwkSetError::NoUsableKey);
        }
        let mut ring = KeyRing::new(keys.remove(active).1);
        for (index, key) in keys {
            // Two keys without `kid` are named alike when they are the same key.
            ring = ring.with_retired(key).map_err(|_| JwkSetError::DuplicateKid { index })?;
        }
        Ok(ring)
    }

    /// The public halves as a JSON object, for `/.well-known/jwks.json`.
    ///
    /// # Errors
    /// [`JwkSetError::Key`] with [`JwkError::SharedKey`]: nothing of a shared key may be published.
    pub fn to_public_json(&self) -> Result<String, JwkSetError> {
        let mut json = String::from(r#"{"keys":["#);
        for (index, key) in self.keys.iter().enumerate() {
            let key = key.to_public_json().map_err(|reason| JwkSetError::Key { index, reason })?;
            json.push_str(if index == 0 { "" } else { "," });
            json.push_str(&key);
        }
        json.push_str("]}");
        Ok(json)
    }

    /// The whole keys as a JSON object, with what must stay secret.
    #[must_use]
    pub fn to_private_json(&self) -> Secret<String> {
        let keys: Vec<Secret<String>> = self.keys.iter().map(Jwk::to_private_json).collect();
        let length: usize = keys.iter().map(|key| key.expose().len() + 1).sum();
        let mut json = String::with_capacity(length + 16);
        json.push_str(r#"{"keys":["#);
        for (index, key) in keys.iter().enumerate() {
            json.push_str(if index == 0 { "" } else { "," });
            json.push_str(key.expose());
        }
        json.push_str("]}");
        Secret::new(json)
    }

    fn push(&mut self, index: usize, key: Jwk) -> Result<(), JwkSetError> {
        if key.kid().is_some_and(|kid| self.get(kid).is_some()) {
            return Err(JwkSetError::DuplicateKid { index });
        }
        self.keys.push(key);
        Ok(())
    }

    fn require_room(&self) -> Result<(), JwkSetError> {
        let count = self.keys.len() + self.skipped.len();
        if count < Self::MAX_KEYS { Ok(()) } else { Err(JwkSetError::TooManyKeys) }
    }
}
