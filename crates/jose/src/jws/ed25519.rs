//! Ed25519 keys (RFC 8032, RFC 8037).

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, ParsedPublicKey};

/// A key pair, or the public key alone.
pub(crate) struct Ed25519Key {
    pair: Option<Ed25519KeyPair>,
    public: ParsedPublicKey,
    public_bytes: [u8; 32],
}

impl Ed25519Key {
    /// The key pair of a seed; `None` when the library refuses it.
    pub(crate) fn from_seed(seed: &[u8; 32]) -> Option<Self> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).ok()?;
        let public_bytes = pair.public_key().as_ref().try_into().ok()?;
        let public = ParsedPublicKey::new(&ED25519, public_bytes).ok()?;
        Some(Self { pair: Some(pair), public, public_bytes })
    }

    /// A public key; `None` for a point of small order, under which anyone can sign.
    pub(crate) fn from_public(public_bytes: [u8; 32]) -> Option<Self> {
        if has_small_order(public_bytes) {
            return None;
        }
        let public = ParsedPublicKey::new(&ED25519, public_bytes).ok()?;
        Some(Self { pair: None, public, public_bytes })
    }

    /// The private half, if it is here.
    pub(super) const fn pair(&self) -> Option<&Ed25519KeyPair> {
        self.pair.as_ref()
    }

    pub(super) const fn public(&self) -> &ParsedPublicKey {
        &self.public
    }

    pub(crate) const fn public_bytes(&self) -> &[u8; 32] {
        &self.public_bytes
    }
}

/// Whether a public key is one of the points whose multiples are eight or fewer.
fn has_small_order(mut point: [u8; 32]) -> bool {
    // The sign of x does not change the order.
    if let Some(last) = point.last_mut() {
        *last &= 0x7f;
    }
    SMALL_ORDER.contains(&point)
}

/// The y coordinates of the points of order 1, 2, 4 and 8, little-endian, and those spellings of
/// them that exceed the field's prime.
const SMALL_ORDER: [[u8; 32]; 7] = [
    [0; 32],
    edge(0x01, 0x00, 0x00),
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
    edge(0xec, 0xff, 0x7f),
    edge(0xed, 0xff, 0x7f),
    edge(0xee, 0xff, 0x7f),
];

const fn edge(first: u8, middle: u8, last: u8) -> [u8; 32] {
    let mut bytes = [middle; 32];
    bytes[0] = first;
    bytes[31] = last;
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With a public key of order one, the signature of every message is the same known point.
    #[test]
    fn a_small_order_public_key_that_verifies_forgeries_is_refused() {
        let identity = edge(0x01, 0x00, 0x00);
        let mut forgery = [0; 64];
        forgery[0] = 0x01;
        let raw = ParsedPublicKey::new(&ED25519, identity).unwrap();
        assert!(raw.verify_sig(b"anything", &forgery).is_ok(), "the primitive takes it");
        assert!(Ed25519Key::from_public(identity).is_none());
    }

    #[test]
    fn small_order_is_refused_with_either_sign() {
        for mut point in SMALL_ORDER {
            assert!(Ed25519Key::from_public(point).is_none());
            point[31] |= 0x80;
            assert!(Ed25519Key::from_public(point).is_none());
        }
    }
}
