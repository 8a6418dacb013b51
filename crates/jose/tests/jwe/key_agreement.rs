//! Attacks on `ECDH-ES` through its header parameters.

use sealpass_jose::{ContentEncryption, Curve, JweAlgorithm, Key, KeyError, Secret, base64url};

use crate::keys::{CURVES, Kind, Pair, ecdh_pair};
use crate::{open, parts, refusal, seal};

const ALGS: [JweAlgorithm; 2] = [JweAlgorithm::EcdhEs, JweAlgorithm::EcdhEsA256Kw];
const ENC: ContentEncryption = ContentEncryption::A256Gcm;

/// A token for the key of `kind` with another `epk`, or further members.
fn with_header(
    kind: Kind,
    edit: impl Fn(&mut serde_json::Map<String, serde_json::Value>),
) -> String {
    let mut parts = parts(&seal(&kind.key(ENC), b"content"));
    let header = base64url::decode(parts[0].as_bytes()).unwrap();
    let mut header = serde_json::from_slice(&header).unwrap();
    edit(&mut header);
    parts[0] = base64url::encode(&serde_json::to_vec(&header).unwrap());
    parts.join(".")
}

fn with_epk(kind: Kind, epk: &serde_json::Value) -> String {
    with_header(kind, |header| {
        header.insert("epk".to_owned(), epk.clone());
    })
}

fn epk(curve: Curve, x: &[u8], y: &[u8]) -> serde_json::Value {
    serde_json::json!({
        "kty": "EC",
        "crv": curve.name(),
        "x": base64url::encode(x),
        "y": base64url::encode(y),
    })
}

#[track_caller]
fn assert_epk_refused(kind: Kind, epk: &serde_json::Value) {
    let refused = refusal(&kind.key(ENC), &with_epk(kind, epk));
    assert_eq!(refused.code(), "epk_refused", "{kind}: {epk}");
}

fn kinds() -> impl Iterator<Item = Kind> {
    CURVES.into_iter().flat_map(|curve| ALGS.map(|alg| Kind::over(alg, curve)))
}

fn coordinates(curve: Curve) -> (&'static [u8], &'static [u8]) {
    ecdh_pair(curve).public[1..].split_at(curve.coordinate_bytes())
}

#[test]
fn an_invalid_curve_point_is_refused() {
    for kind in kinds().filter(|kind| kind.curve != Some(Curve::X25519)) {
        let curve = kind.curve.unwrap();
        let (x, y) = coordinates(curve);
        for index in 0..y.len() {
            let mut off_curve = y.to_vec();
            off_curve[index] ^= 1;
            assert_epk_refused(kind, &epk(curve, x, &off_curve));
        }
        let length = curve.coordinate_bytes();
        assert_epk_refused(kind, &epk(curve, &vec![0; length], &vec![0; length]));
        assert_epk_refused(kind, &epk(curve, &vec![0xff; length], &vec![0xff; length]));
        assert_epk_refused(kind, &epk(curve, y, x));
    }
}

/// The points of RFC 7748 whose multiples are few: everybody agrees with them on zero.
#[test]
fn an_x25519_key_of_small_order_is_refused() {
    let small_order = [
        [0; 32],
        {
            let mut one = [0; 32];
            one[0] = 1;
            one
        },
        [
            0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f,
            0xc4, 0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16,
            0x5f, 0x49, 0xb8, 0x00,
        ],
        [
            0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83,
            0xef, 0x5b, 0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd,
            0xd0, 0x9f, 0x11, 0x57,
        ],
        near_prime(0xec),
        near_prime(0xed),
        near_prime(0xee),
    ];
    for mut point in small_order {
        for high_bit in [0, 0x80] {
            point[31] = point[31] & 0x7f | high_bit;
            let x = base64url::encode(&point);
            for alg in ALGS {
                let kind = Kind::over(alg, Curve::X25519);
                let epk = serde_json::json!({"kty": "OKP", "crv": "X25519", "x": x});
                assert_epk_refused(kind, &epk);
                let public = Key::ecdh_public("a", alg, &[ENC], Curve::X25519, &point);
                assert_eq!(public.err(), Some(KeyError::Material), "{x}");
            }
        }
    }
}

fn near_prime(first: u8) -> [u8; 32] {
    let mut point = [0xff; 32];
    point[0] = first;
    point[31] = 0x7f;
    point
}

#[test]
fn an_ephemeral_key_on_another_curve_is_refused() {
    for kind in kinds() {
        for other in CURVES.into_iter().filter(|curve| kind.curve != Some(*curve)) {
            let theirs = Kind::over(kind.alg, other);
            let header =
                base64url::decode(parts(&seal(&theirs.key(ENC), b"content"))[0].as_bytes());
            let header: serde_json::Value = serde_json::from_slice(&header.unwrap()).unwrap();
            assert_epk_refused(kind, &header["epk"]);
        }
    }
}

#[test]
fn an_ephemeral_key_that_is_not_a_public_key_is_refused() {
    let kind = Kind::over(JweAlgorithm::EcdhEs, Curve::P256);
    let (x, y) = coordinates(Curve::P256);
    let (x, y) = (base64url::encode(x), base64url::encode(y));
    let right = || serde_json::json!({"kty": "EC", "crv": "P-256", "x": x, "y": y});
    assert_eq!(
        refusal(&kind.key(ENC), &with_epk(kind, &right())).code(),
        "token_not_authentic",
        "this one is a public key"
    );
    for not_an_object in ["null", "true", "1", "\"x\"", "[]", "{}"] {
        assert_epk_refused(kind, &serde_json::from_str(not_an_object).unwrap());
    }
    for (member, value) in [
        ("kty", "ec"),
        ("kty", "OKP"),
        ("crv", "p-256"),
        ("crv", "secp256k1"),
        ("crv", "P-521"),
        ("x", ""),
        ("y", ""),
        ("x", &format!("{x}=")),
        ("y", &format!("{y}A")),
        ("y", &y[1..]),
        ("x", &base64url::encode(&[0; 33])),
        ("x", &base64url::encode(&[0; 31])),
        ("d", &x),
        ("d", ""),
    ] {
        let mut epk = right();
        epk[member] = value.into();
        assert_epk_refused(kind, &epk);
    }
    for member in ["kty", "crv", "x", "y"] {
        let mut epk = right();
        epk[member] = serde_json::json!(1);
        assert_epk_refused(kind, &epk);
        epk.as_object_mut().unwrap().remove(member);
        assert_epk_refused(kind, &epk);
    }
}

#[test]
fn a_header_without_an_ephemeral_key_is_refused() {
    for kind in kinds() {
        let token = with_header(kind, |header| {
            header.remove("epk");
        });
        assert_eq!(refusal(&kind.key(ENC), &token).code(), "header_member_missing", "{kind}");
    }
}

/// The header that a key of another algorithm would write is, to the byte, not enough here.
#[test]
fn a_header_as_of_a_template_without_an_ephemeral_key_is_refused() {
    for kind in kinds() {
        let mut parts = parts(&seal(&kind.key(ENC), b"content"));
        let header = format!(r#"{{"alg":"{}","enc":"A256GCM","kid":"a","typ":"test"}}"#, kind.alg);
        parts[0] = base64url::encode(header.as_bytes());
        let token = parts.join(".");
        let keys = sealpass_jose::KeyRing::new(kind.key(ENC));
        let mut scratch = sealpass_jose::Scratch::new();
        let token = sealpass_jose::UnverifiedToken::parse(&token).unwrap();
        let refused = keys.open_bytes(Some("test"), token, &mut scratch).unwrap_err();
        assert_eq!(refused.code(), "header_member_missing", "{kind}");
    }
}

#[test]
fn the_parties_are_part_of_the_key() {
    for kind in kinds() {
        let key = kind.key(ENC);
        for member in ["apu", "apv"] {
            let insert = |value: serde_json::Value| {
                with_header(kind, move |header| {
                    header.insert(member.to_owned(), value.clone());
                })
            };
            assert_eq!(refusal(&key, &insert("QWxpY2U".into())).code(), "token_not_authentic");
            assert_eq!(refusal(&key, &insert("=".into())).code(), "header_member_encoding");
            assert_eq!(refusal(&key, &insert(1.into())).code(), "header_member_type");
        }
    }
}

#[test]
fn an_encrypted_key_beside_direct_agreement_is_refused() {
    for curve in CURVES {
        let key = Kind::over(JweAlgorithm::EcdhEs, curve).key(ENC);
        let mut parts = parts(&seal(&key, b"content"));
        parts[1] = base64url::encode(&[0; 40]);
        assert_eq!(refusal(&key, &parts.join(".")).code(), "encrypted_key_unexpected");
    }
}

#[test]
fn another_key_of_the_same_curve_does_not_open() {
    for kind in kinds() {
        let curve = kind.curve.unwrap();
        let Pair { public, .. } = ecdh_pair(curve);
        let sealing = Key::ecdh_public("a", kind.alg, &[ENC], curve, public).unwrap();
        let token = seal(&sealing, b"content");
        assert!(open(&kind.key(ENC), &token).is_ok());
        let other = other_pair(kind);
        assert_eq!(refusal(&other, &token).code(), "token_not_authentic", "{kind}");
    }
}

/// The key pair of the private key 2: its public half is found by asking for it.
fn other_pair(kind: Kind) -> Key {
    use aws_lc_rs::agreement::{ECDH_P256, ECDH_P384, ECDH_P521, PrivateKey, X25519};
    let curve = kind.curve.unwrap();
    let mut private = vec![0; curve.coordinate_bytes()];
    *private.last_mut().unwrap() = 2;
    let algorithm = match curve {
        Curve::P256 => &ECDH_P256,
        Curve::P384 => &ECDH_P384,
        Curve::P521 => &ECDH_P521,
        _ => &X25519,
    };
    let public =
        PrivateKey::from_private_key(algorithm, &private).unwrap().compute_public_key().unwrap();
    Key::ecdh_private("a", kind.alg, &[ENC], curve, &Secret::new(private), public.as_ref()).unwrap()
}
