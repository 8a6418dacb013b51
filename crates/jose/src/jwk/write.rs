//! From a JWK to JSON.

use super::{Jwk, JwkError, Parts};
use crate::base64url;
use crate::secret::Secret;

impl Jwk {
    /// The public half as a JSON object.
    ///
    /// # Errors
    /// [`JwkError::SharedKey`]: nothing of a shared key may be published.
    ///
    /// ```
    /// use sealpass_jose::{Algorithm, Jwk, JwkError, JwsAlgorithm};
    ///
    /// let pair = Jwk::generate(Algorithm::Jws(JwsAlgorithm::Es256))?;
    /// assert!(pair.to_public_json()?.contains(r#""alg":"ES256""#));
    ///
    /// let shared = Jwk::generate(Algorithm::Jws(JwsAlgorithm::Hs256))?;
    /// assert_eq!(shared.to_public_json().err(), Some(JwkError::SharedKey));
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn to_public_json(&self) -> Result<String, JwkError> {
        let public = self.to_public().ok_or(JwkError::SharedKey)?;
        Ok(public.to_private_json().expose().clone())
    }

    /// The whole key as a JSON object, with what must stay secret.
    ///
    /// ```
    /// use sealpass_jose::{Algorithm, Jwk, JwsAlgorithm};
    ///
    /// let shared = Jwk::generate(Algorithm::Jws(JwsAlgorithm::Hs256))?;
    /// let json = shared.to_private_json();
    /// assert_eq!(format!("{json:?}"), "[redacted]");
    /// assert_eq!(Jwk::parse(json.expose().as_bytes())?.kid(), shared.kid());
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn to_private_json(&self) -> Secret<String> {
        let names: Vec<&str> = self.operations.iter().flat_map(|ops| ops.names()).collect();
        let mut members = Vec::with_capacity(16);
        members.push(("kty", Value::Text(self.key_type())));
        if let Some(kid) = self.kid() {
            members.push(("kid", Value::Text(kid)));
        }
        if let Some(key_use) = self.key_use.and_then(super::purpose::KeyUse::name) {
            members.push(("use", Value::Text(key_use)));
        }
        if self.operations.is_some() {
            members.push(("key_ops", Value::Names(&names)));
        }
        if let Some(alg) = self.alg() {
            members.push(("alg", Value::Text(alg)));
        }
        push_parts(&self.parts, &mut members);
        write_object(&members)
    }
}

fn push_parts<'p>(parts: &'p Parts, members: &mut Vec<(&'static str, Value<'p>)>) {
    match parts {
        Parts::Ec(ec) => {
            let (x, y) = ec.coordinates();
            members.push(("crv", Value::Text(ec.curve.name())));
            members.push(("x", Value::Bytes(x)));
            members.push(("y", Value::Bytes(y)));
            if let Some(d) = &ec.private {
                members.push(("d", Value::Bytes(d.expose())));
            }
        }
        Parts::Oct(k) => members.push(("k", Value::Bytes(k.expose()))),
        Parts::Okp(okp) => {
            members.push(("crv", Value::Text(okp.curve.name())));
            members.push(("x", Value::Bytes(&okp.public)));
            if let Some(d) = &okp.private {
                members.push(("d", Value::Bytes(d.expose())));
            }
        }
        Parts::Rsa(rsa) => {
            members.push(("n", Value::Bytes(&rsa.modulus)));
            members.push(("e", Value::Bytes(&rsa.exponent)));
            if let Some(private) = &rsa.private {
                members.extend([
                    ("d", Value::Bytes(private.d.expose())),
                    ("p", Value::Bytes(private.p.expose())),
                    ("q", Value::Bytes(private.q.expose())),
                    ("dp", Value::Bytes(private.dp.expose())),
                    ("dq", Value::Bytes(private.dq.expose())),
                    ("qi", Value::Bytes(private.qi.expose())),
                ]);
            }
        }
    }
}

/// The value of a member.
#[derive(Clone, Copy)]
pub(super) enum Value<'v> {
    /// A string of base64url.
    Bytes(&'v [u8]),
    /// An array of strings that JSON need not escape.
    Names(&'v [&'static str]),
    /// A string.
    Text(&'v str),
}

/// An object without white space, in memory that is never moved: growing would leave copies.
pub(super) fn write_object(members: &[(&str, Value<'_>)]) -> Secret<String> {
    let capacity = members.iter().map(|(name, value)| name.len() + value.max_len() + 4).sum();
    let mut json = String::with_capacity(capacity);
    for (index, (name, value)) in members.iter().enumerate() {
        json.push(if index == 0 { '{' } else { ',' });
        json.push('"');
        json.push_str(name);
        json.push_str("\":");
        value.write(&mut json);
    }
    json.push('}');
    debug_assert!(json.len() <= capacity + 1, "the object was moved while it was written");
    Secret::new(json)
}

impl Value<'_> {
    fn max_len(self) -> usize {
        match self {
            Self::Bytes(bytes) => 2 + base64url::encoded_len(bytes.len()),
            Self::Names(names) => 2 + names.iter().map(|name| name.len() + 3).sum::<usize>(),
            // A control character, which a `kid` has none of, is the only one that takes six.
            Self::Text(text) => 2 + 6 * text.len(),
        }
    }

    fn write(self, json: &mut String) {
        match self {
            Self::Bytes(bytes) => {
                json.push('"');
                base64url::encode_to_string(bytes, json);
                json.push('"');
            }
            Self::Names(names) => {
                json.push('[');
                for (index, name) in names.iter().enumerate() {
                    json.push_str(if index == 0 { "\"" } else { ",\"" });
                    json.push_str(name);
                    json.push('"');
                }
                json.push(']');
            }
            Self::Text(text) => {
                json.push('"');
                for character in text.chars() {
                    if matches!(character, '"' | '\\') {
                        json.push('\\');
                    }
                    json.push(character);
                }
                json.push('"');
            }
        }
    }
}
