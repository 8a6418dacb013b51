//! JOSE compact tokens that fail closed by construction.
//!
//! Signed (JWS, RFC 7515) and encrypted (JWE, RFC 7516) JSON Web Tokens (RFC 7519) over bytes. The
//! crate is pure: it has no clock, no files, no network and no configuration; the primitives are
//! those of aws-lc-rs.
//!
//! # From text to trust
//!
//! ```text
//! &str ──parse──► UnverifiedToken ──Verifier::verify──► Verified<ClaimsSet>
//!       shape: length,             a key of the KeyRing,
//!       parts                      the policy, `now`
//! ```
//!
//! Each step is a type that only the step before can make. An [`UnverifiedToken`] says nothing; a
//! [`Verified`] cannot be forged; a [`Verifier`] cannot be built without an issuer, an audience and
//! a kind of token; a [`Key`] has one algorithm, and what a token's header says only selects among
//! the keys of a [`KeyRing`].
//!
//! ```
//! use sealpass_jose::{Key, KeyRing, NumericDate, Scratch, UnverifiedToken, Verifier, VerifyError};
//! use serde_json::json;
//!
//! let keys = KeyRing::new(Key::generate_a256gcm()?);
//! let token = keys.seal(
//!     "session+jwt",
//!     &json!({
//!         "iss": "https://auth.example", "aud": "https://api.example", "sub": "ada",
//!         "exp": 1_700_000_600, "roles": ["admin"],
//!     }),
//! )?;
//!
//! let verifier = Verifier::builder()
//!     .issuer("https://auth.example")
//!     .audience("https://api.example")
//!     .typ("session+jwt")
//!     .build()?;
//! let token = UnverifiedToken::parse(&token)?;
//! let mut scratch = Scratch::new();
//! let now = NumericDate::from_secs(1_700_000_000);
//! let verified = verifier.verify(&keys, token, &mut scratch, now)?;
//! assert_eq!(verified.claims().subject(), Some("ada"));
//! assert_eq!(verified.claims().get::<Vec<&str>>("roles")?, Some(vec!["admin"]));
//!
//! let others = KeyRing::new(Key::generate_a256gcm()?);
//! let refused = verifier.verify(&others, token, &mut scratch, now);
//! assert_eq!(refused.err(), Some(VerifyError::KeyUnknown));
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is read
//!
//! | | `alg` | `enc` |
//! |---|---|---|
//! | encrypted, 5 parts | `dir`, `A128KW`, `A192KW`, `A256KW`, `A128GCMKW`, `A192GCMKW`, `A256GCMKW`, `RSA-OAEP`, `RSA-OAEP-256`, `ECDH-ES`, `ECDH-ES+A128KW`, `ECDH-ES+A192KW`, `ECDH-ES+A256KW` (P-256, P-384, P-521, X25519) | `A128GCM`, `A192GCM`, `A256GCM`, `A128CBC-HS256`, `A192CBC-HS384`, `A256CBC-HS512` |
//! | signed, 3 parts | `HS256/384/512`, `ES256/384/512`, `EdDSA` (Ed25519), `RS256/384/512`, `PS256/384/512` | |
//!
//! A signed token inside an encrypted one is made by [`KeyRing::seal_nested`] and read by
//! [`Verifier::verify_nested`] only.
//!
//! # Keys
//!
//! A [`Key`] is used, a [`Jwk`] is written down: generated, read from and written to JSON and PEM,
//! named by its thumbprint. [`Jwk::to_key`] takes the closed list of algorithms that the caller
//! accepts. A [`JwkSet`] becomes a [`KeyRing`]; a [`JwksCache`] says when to fetch one.
//!
//! # What is never read
//!
//! `alg: none` in any casing, `RSA1_5`, PBES2, compressed payloads (`zip`), extensions (`crit`,
//! `b64`), keys that a token brings along (`jwk`, `jku`, `x5c`, `x5u`), JSON serializations, HMAC
//! keys shorter than the hash, a member that occurs twice, base64url with a second spelling, a token
//! longer than [`DEFAULT_MAX_TOKEN_BYTES`] unless told otherwise, and one without `exp`. Every
//! refusal has a stable `code()`.

pub mod base64url;
pub mod danger;
pub mod hkdf;

mod algorithm;
mod buffer;
mod claims;
mod compact;
mod constant_time;
mod header;
mod json;
mod jwe;
mod jwk;
mod jwks;
mod jws;
mod jwt;
mod key;
mod numeric_date;
mod pem;
pub mod random;
mod secret;

pub use algorithm::Algorithm;
pub use base64url::Base64UrlError;
pub use claims::{Claim, ClaimError, ClaimNames, ClaimsSet, OtherClaims, Strings};
pub use compact::{DEFAULT_MAX_TOKEN_BYTES, MAX_TOKEN_BYTES, Part, TokenError, UnverifiedToken};
pub use constant_time::constant_time_eq;
pub use header::HeaderError;
pub use json::JsonError;
pub use jwe::{ContentEncryption, JweAlgorithm};
pub use jwk::{Jwk, JwkError, JwkSet, JwkSetError, RsaSize, SkippedKey};
pub use jwks::{Fetch, JwksCache, JwksError, JwksSchedule, JwksScheduleError, UnknownKey};
pub use jws::JwsAlgorithm;
pub use jwt::{
    Ready, Scratch, SealError, Verified, Verifier, VerifierBuilder, VerifierError, VerifyError,
    WantsAudience, WantsIssuer, WantsTyp,
};
pub use key::{Curve, Key, KeyError, KeyRing};
pub use numeric_date::NumericDate;
pub use pem::PemError;
pub use secret::Secret;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/assertion.md")]
struct AssertionPage;
