//! Making tokens with the active key of a ring.

use serde::Serialize;

use super::{SealError, payload};
use crate::buffer::Buffer;
use crate::compact::DEFAULT_MAX_TOKEN_BYTES;
use crate::header::MediaType;
use crate::key::{Key, KeyRing, Material};

impl KeyRing {
    /// A token of the kind `typ` that says `claims`: a JWE or a JWS, as the active key is.
    ///
    /// ```
    /// use sealpass_jose::{Key, KeyRing};
    /// use serde_json::json;
    ///
    /// let keys = KeyRing::new(Key::generate_a256gcm()?);
    /// let token = keys.seal("session+jwt", &json!({"iss": "https://auth.example", "sub": "ada"}))?;
    /// assert_eq!(token.split('.').count(), 5);
    ///
    /// let refused = keys.seal("session+jwt", &["not", "an", "object"]);
    /// assert_eq!(refused.err().map(|error| error.code()), Some("claims_malformed"));
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`SealError::Typ`]; [`SealError::Serialize`] and [`SealError::Claims`] for what is not one
    /// object without duplicates; [`SealError::TooLong`] for more than
    /// [`DEFAULT_MAX_TOKEN_BYTES`]; [`SealError::VerifyOnlyKey`], [`SealError::KeyExhausted`] and
    /// [`SealError::Random`] when the key cannot.
    pub fn seal<T: Serialize>(&self, typ: &str, claims: &T) -> Result<String, SealError> {
        let mut buffer = Buffer::new();
        seal(self.active(), typ, payload::write(claims, &mut buffer)?)
    }

    /// A token of the kind `typ` around bytes that need not be claims.
    ///
    /// # Errors
    /// As [`KeyRing::seal`], except for what concerns claims.
    pub fn seal_bytes(&self, typ: &str, payload: &[u8]) -> Result<String, SealError> {
        if payload.len() > DEFAULT_MAX_TOKEN_BYTES {
            return Err(SealError::TooLong { max_bytes: DEFAULT_MAX_TOKEN_BYTES });
        }
        let mut buffer = Buffer::new();
        let copy = buffer.take(payload.len());
        copy.copy_from_slice(payload);
        seal(self.active(), typ, copy)
    }
}

/// The payload is encrypted in place when the key is for that.
fn seal(key: &Key, typ: &str, payload: &mut [u8]) -> Result<String, SealError> {
    let typ = MediaType::parse(typ).ok_or(SealError::Typ)?;
    let rest = match key.material() {
        Material::Jwe(key) => key.sealed_len(payload.len()),
        Material::Jws(key) => key.signed_len(payload.len()),
    };
    let length = key.header().encoded_len(typ) + rest;
    if length > DEFAULT_MAX_TOKEN_BYTES {
        return Err(SealError::TooLong { max_bytes: DEFAULT_MAX_TOKEN_BYTES });
    }
    let mut token = String::with_capacity(length);
    key.header().encode(typ, &mut token);
    match key.material() {
        Material::Jwe(key) => key.seal(payload, &mut token)?,
        Material::Jws(key) => key.sign(payload, &mut token)?,
    }
    Ok(token)
}
