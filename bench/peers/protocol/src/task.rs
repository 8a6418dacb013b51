//! What every contestant does: one algorithm, one key, one claims set.

use serde::{Deserialize, Serialize};

use crate::keys::KeyMaterial;

/// The algorithms that are compared, by their names in RFC 7518 and RFC 8037; encryption is `dir`.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum Algorithm {
    #[serde(rename = "A256CBC-HS512")]
    A256CbcHs512,
    #[serde(rename = "A256GCM")]
    A256Gcm,
    #[serde(rename = "EdDSA")]
    EdDsa,
    #[serde(rename = "ES256")]
    Es256,
    #[serde(rename = "HS256")]
    Hs256,
}

/// What an application has in its session token: about 250 bytes of JSON.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Claims {
    pub iss: String,
    pub sub: String,
    pub aud: String,
    pub exp: u64,
    pub iat: u64,
    pub nbf: u64,
    pub jti: String,
    pub roles: Vec<String>,
}

impl Claims {
    /// Valid for half a day from `now`, in seconds since 1970.
    #[must_use]
    pub fn at(now: u64) -> Self {
        Self {
            iss: ISSUER.to_owned(),
            sub: "5f1d3b52-7a3c-4b0e-9d59-0c1a6f2e8b77".to_owned(),
            aud: AUDIENCE.to_owned(),
            exp: now + 12 * 60 * 60,
            iat: now,
            nbf: now,
            jti: "Zk3vQ0mS1yXw7nB2cT9uLg".to_owned(),
            roles: vec!["reader".to_owned(), "billing-administrator".to_owned()],
        }
    }
}

/// All that a contestant is told.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Task {
    pub algorithm: Algorithm,
    pub key: KeyMaterial,
    pub claims: Claims,
    /// Seconds since 1970, for those who take it as an argument.
    pub now: u64,
    pub issuer: String,
    pub audience: String,
    pub typ: String,
    pub kid: String,
}

impl Task {
    #[must_use]
    pub fn new(algorithm: Algorithm, now: u64) -> Self {
        Self {
            algorithm,
            key: KeyMaterial::of(algorithm),
            claims: Claims::at(now),
            now,
            issuer: ISSUER.to_owned(),
            audience: AUDIENCE.to_owned(),
            typ: TYPE.to_owned(),
            kid: KID.to_owned(),
        }
    }
}

pub const ISSUER: &str = "https://accounts.example.com";
pub const AUDIENCE: &str = "https://api.example.com";
pub const TYPE: &str = "sealpass-session+jwt";
pub const KID: &str = "2026-01";
