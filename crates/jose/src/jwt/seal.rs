//! Making tokens with the active key of a ring.

use serde::Serialize;

use super::{SealError, payload};
use crate::buffer::{Buffer, Content};
use crate::compact::DEFAULT_MAX_TOKEN_BYTES;
use crate::header::{HeaderTemplate, Kind, MediaType};
use crate::json::{Members, scan_object};
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
        seal(self.active(), plain(typ)?, payload::write(claims, &mut buffer)?)
    }

    /// A token of the kind `typ` whose claims are the JSON text `claims`, as it is.
    ///
    /// # Errors
    /// As [`KeyRing::seal`].
    pub fn seal_json(&self, typ: &str, claims: &str) -> Result<String, SealError> {
        if claims.len() > DEFAULT_MAX_TOKEN_BYTES {
            return Err(SealError::TooLong { max_bytes: DEFAULT_MAX_TOKEN_BYTES });
        }
        scan_object(claims, &mut Members::new()).map_err(SealError::Claims)?;
        self.seal_bytes(typ, claims.as_bytes())
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
        seal(self.active(), plain(typ)?, buffer.copy(payload))
    }
}

fn plain(typ: &str) -> Result<Kind<'_>, SealError> {
    Ok(Kind { typ: MediaType::parse(typ).ok_or(SealError::Typ)?, is_nested: false })
}

/// The payload is encrypted in place when the key is for that.
pub(super) fn seal(
    key: &Key,
    kind: Kind<'_>,
    mut payload: Content<'_>,
) -> Result<String, SealError> {
    match key.material() {
        Material::Jwe(jwe) => {
            let jwe = jwe.sealing_key()?;
            let rest = jwe.sealed_len(payload.len());
            let mut token = start(key.header(), kind, jwe.header_members(), rest)?;
            jwe.seal(&mut payload, &mut token)?;
            text(token)
        }
        Material::Jws(jws) => {
            let mut token = start(key.header(), kind, "", jws.signed_len(payload.len()))?;
            jws.sign(payload.bytes(), &mut token)?;
            text(token)
        }
    }
}

/// The encoded header of a token, with room for the rest of it.
fn start(
    header: &HeaderTemplate,
    kind: Kind<'_>,
    members: &str,
    rest: usize,
) -> Result<Vec<u8>, SealError> {
    let length = header.encoded_len(kind, members) + rest;
    if length > DEFAULT_MAX_TOKEN_BYTES {
        return Err(SealError::TooLong { max_bytes: DEFAULT_MAX_TOKEN_BYTES });
    }
    let mut token = Vec::with_capacity(length);
    header.encode(kind, members, &mut token);
    Ok(token)
}

/// base64url and dots are text.
fn text(token: Vec<u8>) -> Result<String, SealError> {
    String::from_utf8(token).map_err(|_| SealError::Crypto)
}
