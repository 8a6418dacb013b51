//! JWK thumbprints (RFC 7638, RFC 8037 §2).

use aws_lc_rs::digest::{SHA256, digest};

use super::write::{Value, write_object};
use super::{Jwk, Parts};
use crate::base64url;

impl Jwk {
    /// The SHA-256 thumbprint, as base64url: a name for the key that everybody finds alike.
    ///
    /// It is the same for the private and the public half of a key. That of a shared key is a hash
    /// of the secret: it must not be published unless the secret is random (RFC 7638 §7).
    ///
    /// ```
    /// use sealpass_jose::Jwk;
    ///
    /// let jwk = Jwk::parse(
    ///     br#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
    /// )?;
    /// assert_eq!(jwk.thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    /// # Ok::<_, sealpass_jose::JwkError>(())
    /// ```
    #[must_use]
    pub fn thumbprint(&self) -> String {
        // RFC 7638 §3.3: the required members, in the order of their names.
        let json = match &self.parts {
            Parts::Ec(ec) => {
                let (x, y) = ec.coordinates();
                write_object(&[
                    ("crv", Value::Text(ec.curve.name())),
                    ("kty", Value::Text("EC")),
                    ("x", Value::Bytes(x)),
                    ("y", Value::Bytes(y)),
                ])
            }
            Parts::Oct(k) => {
                write_object(&[("k", Value::Bytes(k.expose())), ("kty", Value::Text("oct"))])
            }
            Parts::Okp(okp) => write_object(&[
                ("crv", Value::Text(okp.curve.name())),
                ("kty", Value::Text("OKP")),
                ("x", Value::Bytes(&okp.public)),
            ]),
            Parts::Rsa(rsa) => write_object(&[
                ("e", Value::Bytes(&rsa.exponent)),
                ("kty", Value::Text("RSA")),
                ("n", Value::Bytes(&rsa.modulus)),
            ]),
        };
        base64url::encode(digest(&SHA256, json.expose().as_bytes()).as_ref())
    }
}
