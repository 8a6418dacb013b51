//! The keys of the comparison, which everybody knows: those of RFC 8037 §A.1 and RFC 7515 §A.3.1, and
//! bytes that are all the same.

use serde::{Deserialize, Serialize};

use crate::task::{Algorithm, KID};

/// One key in every form that an implementation may want.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct KeyMaterial {
    pub jwk: Jwk,
    /// Of a symmetric key: its bytes.
    pub secret: Vec<u8>,
    /// Of a key pair: PKCS #8.
    pub pkcs8: Vec<u8>,
    /// Of a key pair: the 32 bytes of Ed25519, or the uncompressed point of P-256.
    pub public: Vec<u8>,
}

/// The key as a JWK (RFC 7517), the private members included.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Jwk {
    pub kty: String,
    pub kid: String,
    pub alg: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crv: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub k: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub d: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub x: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub y: Option<String>,
}

impl KeyMaterial {
    #[must_use]
    pub fn of(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::A256Gcm => Self::symmetric("dir", 32),
            Algorithm::A256CbcHs512 => Self::symmetric("dir", 64),
            Algorithm::Hs256 => Self::symmetric("HS256", 32),
            Algorithm::EdDsa => Self {
                jwk: Jwk::pair("OKP", "EdDSA", "Ed25519", ED25519_D, ED25519_X, None),
                secret: Vec::new(),
                pkcs8: bytes(ED25519_PKCS8),
                public: bytes(ED25519_PUBLIC),
            },
            Algorithm::Es256 => Self {
                jwk: Jwk::pair("EC", "ES256", "P-256", P256_D, P256_X, Some(P256_Y)),
                secret: Vec::new(),
                pkcs8: bytes(&[P256_PKCS8, P256_POINT].concat()),
                public: bytes(P256_POINT),
            },
        }
    }

    /// Bytes of 7, which in base64url are `BwcH` over and over.
    fn symmetric(alg: &str, length: usize) -> Self {
        let rest = ["", "Bw", "Bwc"][length % 3];
        let k = "BwcH".repeat(length / 3) + rest;
        Self {
            jwk: Jwk { k: Some(k), ..Jwk::start("oct", alg) },
            secret: vec![7; length],
            pkcs8: Vec::new(),
            public: Vec::new(),
        }
    }
}

impl Jwk {
    fn start(kty: &str, alg: &str) -> Self {
        let (kty, kid, alg) = (kty.to_owned(), KID.to_owned(), alg.to_owned());
        Self { kty, kid, alg, crv: None, k: None, d: None, x: None, y: None }
    }

    fn pair(kty: &str, alg: &str, crv: &str, d: &str, x: &str, y: Option<&str>) -> Self {
        Self {
            crv: Some(crv.to_owned()),
            d: Some(d.to_owned()),
            x: Some(x.to_owned()),
            y: y.map(str::to_owned),
            ..Self::start(kty, alg)
        }
    }
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits = hex.as_bytes().chunks_exact(2);
    let digit = |byte: u8| char::from(byte).to_digit(16).expect("a hexadecimal digit");
    let byte = |pair: &[u8]| u8::try_from(digit(pair[0]) * 16 + digit(pair[1])).expect("a byte");
    digits.map(byte).collect()
}

const ED25519_D: &str = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
const ED25519_X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
const ED25519_PKCS8: &str = "302e020100300506032b657004220420\
    9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
const ED25519_PUBLIC: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

const P256_D: &str = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI";
const P256_X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
const P256_Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
/// Up to the point, which comes last.
const P256_PKCS8: &str = "308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420\
    8e9b109e719098bf980487df1f5d77e9cb29606ebed2263b5f57c213df84f4b2a144034200";
const P256_POINT: &str = "04\
    7fcdce2770f6c45d4183cbee6fdb4b7b580733357be9ef13bacf6e3c7bd15445\
    c7f144cd1bbd9b7e872cdfedb9eeb9f4b3695d6ea90b24ad8a4623288588e5ad";
