//! From JSON to a JWK (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2).

use std::borrow::Cow;

use super::algorithm::JwkAlgorithm;
use super::parts::{EcParts, OkpParts, RsaParts, RsaPrivateParts};
use super::purpose::{KeyUse, Operations};
use super::{Jwk, JwkError, Parts};
use crate::base64url;
use crate::json::{JsonError, Members, elements, scan_object, string};
use crate::key::{Curve, KeyError, is_kid};
use crate::secret::Secret;

impl Jwk {
    /// The longest JWK that is read, in bytes.
    pub const MAX_BYTES: usize = 32 * 1024;

    /// Reads a JWK, and checks that it is a key: public, private or shared.
    ///
    /// Members that are not known are ignored (RFC 7517 §4), and so are `x5c`, `x5t` and `x5u`: a
    /// certificate neither adds to nor takes from the trust in a key. `oth` is refused.
    ///
    /// ```
    /// use sealpass_jose::{Jwk, JwkError};
    ///
    /// let public = br#"{"kty":"OKP","crv":"Ed25519","kid":"2026-11",
    ///     "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    /// let jwk = Jwk::parse(public)?;
    /// assert_eq!(jwk.kid(), Some("2026-11"));
    /// assert!(!jwk.is_private());
    ///
    /// let twice = br#"{"kty":"oct","k":"c2hvcnQ","k":"bG9uZ2Vy"}"#;
    /// assert_eq!(Jwk::parse(twice).err().map(|error| error.code()), Some("jwk_duplicate_member"));
    /// # Ok::<_, JwkError>(())
    /// ```
    ///
    /// # Errors
    /// [`JwkError`] for what is not one unambiguous object with the members of its `kty`, each of
    /// its exact length; for a point off its curve, an RSA key of less than 2,048 bits or with an
    /// exponent below 65,537, a private part of another key; and when `alg`, `use`, `key_ops` and
    /// the key contradict each other.
    pub fn parse(json: &[u8]) -> Result<Self, JwkError> {
        if json.len() > Self::MAX_BYTES {
            return Err(JwkError::TooLong { bytes: json.len(), max_bytes: Self::MAX_BYTES });
        }
        let text = str::from_utf8(json).map_err(|_| JwkError::Json(JsonError::Utf8))?;
        let mut members = Members::new();
        scan_object(text, &mut members).map_err(JwkError::Json)?;
        let object = Object { text, members };
        // What kind of key it is comes first: of a kind that is not read, nothing else counts.
        let key_type = KeyType::read(&object)?;
        let algorithm = match object.string("alg")? {
            Some(name) => Some(JwkAlgorithm::from_name(&name)?),
            None => None,
        };
        let jwk = Self {
            parts: key_type.read_parts(&object)?,
            kid: object.string("kid")?.map(Cow::into_owned),
            algorithm,
            key_use: object.string("use")?.as_deref().map(KeyUse::from_name),
            operations: read_operations(&object)?,
        };
        jwk.require_consistent()?;
        Ok(jwk)
    }

    /// RFC 7517 §4.3 and §4.4: what the members say about the use of the key must be one thing.
    pub(super) fn require_consistent(&self) -> Result<(), JwkError> {
        if self.kid.as_deref().is_some_and(|kid| !is_kid(kid)) {
            return Err(KeyError::Kid.into());
        }
        if let Some(algorithm) = self.algorithm {
            algorithm.require_fit(&self.parts)?;
            let own_use =
                if algorithm.is_signature() { KeyUse::Signature } else { KeyUse::Encryption };
            let agrees = |operations: Operations| operations.agrees_with(own_use);
            if self.key_use.is_some_and(|key_use| key_use != own_use)
                || !self.operations.is_none_or(agrees)
            {
                return Err(JwkError::UseMismatch);
            }
        }
        match (self.key_use, self.operations) {
            (Some(key_use), Some(operations)) if !operations.agrees_with(key_use) => {
                Err(JwkError::UseMismatch)
            }
            _ => Ok(()),
        }
    }
}

/// A scanned JWK.
struct Object<'t> {
    text: &'t str,
    members: Members,
}

impl<'t> Object<'t> {
    fn raw(&self, member: &str) -> Option<&'t str> {
        self.members.find(self.text, member)
    }

    fn string(&self, member: &'static str) -> Result<Option<Cow<'t, str>>, JwkError> {
        let expected = "a string";
        match self.raw(member) {
            None => Ok(None),
            Some(raw) => string(raw).map(Some).ok_or(JwkError::MemberType { member, expected }),
        }
    }

    /// The bytes of a member. An escape is not base64url, so nothing secret is copied to undo it.
    fn bytes(&self, member: &'static str) -> Result<Option<Secret<Vec<u8>>>, JwkError> {
        let Some(raw) = self.raw(member) else { return Ok(None) };
        let text = raw
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'))
            .ok_or(JwkError::MemberType { member, expected: "a string" })?;
        base64url::decode(text.as_bytes())
            .map(|bytes| Some(Secret::new(bytes)))
            .map_err(|reason| JwkError::Encoding { member, reason })
    }

    /// The bytes of a member that has a fixed length.
    fn exact(
        &self,
        member: &'static str,
        expected_bytes: usize,
    ) -> Result<Option<Secret<Vec<u8>>>, JwkError> {
        match self.bytes(member)? {
            Some(bytes) if bytes.expose().len() != expected_bytes => {
                let bytes = bytes.expose().len();
                Err(JwkError::MemberLength { member, bytes, expected_bytes })
            }
            bytes => Ok(bytes),
        }
    }

    /// A `Base64urlUInt` of RFC 7518 §2, big-endian.
    fn number(&self, member: &'static str) -> Result<Option<Secret<Vec<u8>>>, JwkError> {
        match self.bytes(member)? {
            Some(bytes) if bytes.expose().first() == Some(&0) => {
                Err(JwkError::LeadingZero { member })
            }
            bytes => Ok(bytes),
        }
    }
}

/// The `kty` of RFC 7518 §6.1 and RFC 8037 §2.
enum KeyType {
    Ec,
    Oct,
    Okp,
    Rsa,
}

impl KeyType {
    fn read(object: &Object<'_>) -> Result<Self, JwkError> {
        match &*required("kty", object.string("kty")?)? {
            "EC" => Ok(Self::Ec),
            "OKP" => Ok(Self::Okp),
            "RSA" => Ok(Self::Rsa),
            "oct" => Ok(Self::Oct),
            _ => Err(JwkError::KeyTypeUnsupported),
        }
    }

    fn read_parts(self, object: &Object<'_>) -> Result<Parts, JwkError> {
        match self {
            Self::Ec => read_ec(object).map(Parts::Ec),
            Self::Oct => read_oct(object).map(Parts::Oct),
            Self::Okp => read_okp(object).map(Parts::Okp),
            Self::Rsa => read_rsa(object).map(|rsa| Parts::Rsa(Box::new(rsa))),
        }
    }
}

fn read_oct(object: &Object<'_>) -> Result<Secret<Vec<u8>>, JwkError> {
    let k = required("k", object.bytes("k")?)?;
    if k.expose().is_empty() {
        return Err(KeyError::TooShort { bytes: 0, min_bytes: 16 }.into());
    }
    Ok(k)
}

fn read_curve(object: &Object<'_>, accepted: &[Curve]) -> Result<Curve, JwkError> {
    let name = required("crv", object.string("crv")?)?;
    Curve::from_name(&name)
        .filter(|curve| accepted.contains(curve))
        .ok_or(JwkError::CurveUnsupported)
}

fn read_ec(object: &Object<'_>) -> Result<EcParts, JwkError> {
    let curve = read_curve(object, &[Curve::P256, Curve::P384, Curve::P521])?;
    let length = curve.coordinate_bytes();
    let x = required("x", object.exact("x", length)?)?;
    let y = required("y", object.exact("y", length)?)?;
    let point = [&[4], &x.expose()[..], y.expose()].concat();
    Ok(EcParts::new(curve, point, object.exact("d", length)?)?)
}

fn read_okp(object: &Object<'_>) -> Result<OkpParts, JwkError> {
    let curve = read_curve(object, &[Curve::Ed25519, Curve::X25519])?;
    let public = required("x", object.exact("x", 32)?)?;
    let public = public.expose().as_slice().try_into().map_err(|_| KeyError::Material)?;
    let private = match object.exact("d", 32)? {
        Some(d) => {
            let d = d.expose().as_slice().try_into().map_err(|_| KeyError::Material)?;
            Some(Secret::new(d))
        }
        None => None,
    };
    Ok(OkpParts::new(curve, public, private)?)
}

fn read_rsa(object: &Object<'_>) -> Result<RsaParts, JwkError> {
    if object.raw("oth").is_some() {
        return Err(JwkError::MultiPrime);
    }
    let modulus = required("n", object.number("n")?)?.expose().clone();
    let exponent = required("e", object.number("e")?)?.expose().clone();
    let private = match object.number("d")? {
        // RFC 7518 §6.3.2 lets a producer leave these out; then they would have to be factored.
        Some(d) => Some(RsaPrivateParts {
            d,
            p: required("p", object.number("p")?)?,
            q: required("q", object.number("q")?)?,
            dp: required("dp", object.number("dp")?)?,
            dq: required("dq", object.number("dq")?)?,
            qi: required("qi", object.number("qi")?)?,
        }),
        None => None,
    };
    Ok(RsaParts::new(modulus, exponent, private)?)
}

fn read_operations(object: &Object<'_>) -> Result<Option<Operations>, JwkError> {
    let Some(raw) = object.raw("key_ops") else { return Ok(None) };
    let mistyped = JwkError::MemberType { member: "key_ops", expected: "an array of strings" };
    let mut operations = Operations::none();
    for element in elements(raw).ok_or(mistyped)? {
        operations.add(&string(element.raw).ok_or(mistyped)?)?;
    }
    Ok(Some(operations))
}

fn required<T>(member: &'static str, value: Option<T>) -> Result<T, JwkError> {
    value.ok_or(JwkError::MemberMissing { member })
}
