//! The `epk` of a header (RFC 7518 §4.6.1.1).

use std::borrow::Cow;

use crate::base64url;
use crate::header::{HeaderError, ProtectedHeader};
use crate::json::{Members, scan_object, string};
use crate::key::Curve;

/// The longest public key, an uncompressed point of P-521, in bytes.
const MAX_BYTES: usize = Curve::P521.point_bytes();

/// The mark of an uncompressed point (SEC 1 §2.3.3).
const UNCOMPRESSED: u8 = 4;

/// A public key that was made for one token. Whether it is on its curve is for the agreement to
/// find out.
pub(super) struct EphemeralKey {
    curve: Curve,
    bytes: [u8; MAX_BYTES],
}

impl EphemeralKey {
    /// The key of an uncompressed point, or of the coordinate of X25519.
    pub(super) fn new(curve: Curve, public_key: &[u8]) -> Option<Self> {
        let mut key = Self { curve, bytes: [0; MAX_BYTES] };
        let room = key.bytes.get_mut(..curve.point_bytes())?;
        if room.len() != public_key.len() {
            return None;
        }
        room.copy_from_slice(public_key);
        let is_point = key_type(curve) == "OKP" || public_key.first() == Some(&UNCOMPRESSED);
        is_point.then_some(key)
    }

    /// Reads the JWK of a public key on `curve`: every coordinate as long as the curve makes it,
    /// and no private part.
    pub(super) fn read(
        header: Option<&ProtectedHeader<'_>>,
        curve: Curve,
    ) -> Result<Self, HeaderError> {
        let missing = HeaderError::MemberMissing { member: "epk" };
        let raw = header.and_then(|header| header.raw("epk")).ok_or(missing)?;
        let mut members = Members::new();
        scan_object(raw, &mut members).map_err(|_| refused("it is not an object"))?;
        let is_string = |name, expected: &str| {
            members.find(raw, name).and_then(string).is_some_and(|found| found == expected)
        };
        if !is_string("kty", key_type(curve)) || !is_string("crv", curve.name()) {
            return Err(refused("it is not on the curve of the key"));
        }
        if members.find(raw, "d").is_some() {
            return Err(refused("it has a private part"));
        }
        let mut key = Self { curve, bytes: [0; MAX_BYTES] };
        key.read_coordinates(|name| members.find(raw, name).and_then(string))
            .ok_or(refused("a coordinate is missing or not of the length of the curve"))?;
        Ok(key)
    }

    fn read_coordinates<'r>(&mut self, find: impl Fn(&str) -> Option<Cow<'r, str>>) -> Option<()> {
        for (name, coordinate) in self.coordinates_mut()? {
            base64url::decode_exact(find(name)?.as_bytes(), coordinate).ok()?;
        }
        Some(())
    }

    /// The names of the coordinates, and where they are.
    fn coordinates_mut(&mut self) -> Option<impl Iterator<Item = (&'static str, &mut [u8])>> {
        let coordinate_bytes = self.curve.coordinate_bytes();
        let mut bytes = self.bytes.get_mut(..self.curve.point_bytes())?;
        if key_type(self.curve) == "EC" {
            let (mark, coordinates) = bytes.split_first_mut()?;
            *mark = UNCOMPRESSED;
            bytes = coordinates;
        }
        Some(["x", "y"].into_iter().zip(bytes.chunks_exact_mut(coordinate_bytes)))
    }

    /// The uncompressed point, or the coordinate of X25519.
    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.curve.point_bytes()).unwrap_or_default()
    }

    /// As a member of a header, with a comma before it.
    pub(super) fn to_member(&self) -> String {
        let bytes = self.bytes();
        let (kty, crv) = (key_type(self.curve), self.curve.name());
        let coordinates = if kty == "EC" { bytes.get(1..).unwrap_or_default() } else { bytes };
        let mut member = format!(r#","epk":{{"kty":"{kty}","crv":"{crv}""#);
        for (name, bytes) in
            ["x", "y"].into_iter().zip(coordinates.chunks_exact(self.curve.coordinate_bytes()))
        {
            member.extend([",\"", name, "\":\""]);
            base64url::encode_to_string(bytes, &mut member);
            member.push('"');
        }
        member.push('}');
        member
    }
}

const fn key_type(curve: Curve) -> &'static str {
    match curve {
        Curve::Ed25519 | Curve::X25519 => "OKP",
        Curve::P256 | Curve::P384 | Curve::P521 => "EC",
    }
}

const fn refused(reason: &'static str) -> HeaderError {
    HeaderError::EphemeralKeyRefused { reason }
}
