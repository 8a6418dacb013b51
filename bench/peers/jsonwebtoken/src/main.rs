//! `jsonwebtoken` told to check what we check. It reads the clock itself.

use anyhow::Result;
use jsonwebtoken::{
    Algorithm as Alg, DecodingKey, EncodingKey, Header, Validation, decode, encode,
};
use sealpass_bench_protocol::{Algorithm, Claims, Peer, Task, answer};

struct Jsonwebtoken {
    encoding: EncodingKey,
    decoding: DecodingKey,
    header: Header,
    validation: Validation,
    claims: Claims,
}

impl Peer for Jsonwebtoken {
    type Read = Claims;

    fn begin(task: &Task) -> Result<Option<Self>> {
        let key = &task.key;
        let (alg, encoding, decoding) = match task.algorithm {
            Algorithm::Hs256 => (
                Alg::HS256,
                EncodingKey::from_secret(&key.secret),
                DecodingKey::from_secret(&key.secret),
            ),
            Algorithm::EdDsa => (
                Alg::EdDSA,
                EncodingKey::from_ed_der(&key.pkcs8),
                DecodingKey::from_ed_der(&key.public),
            ),
            Algorithm::Es256 => (
                Alg::ES256,
                EncodingKey::from_ec_der(&key.pkcs8),
                DecodingKey::from_ec_der(&key.public),
            ),
            Algorithm::A256Gcm | Algorithm::A256CbcHs512 => return Ok(None),
        };
        let mut validation = Validation::new(alg);
        validation.set_issuer(&[&task.issuer]);
        validation.set_audience(&[&task.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub", "nbf"]);
        validation.validate_nbf = true;
        validation.leeway = 0;
        let header =
            Header { typ: Some(task.typ.clone()), kid: Some(task.kid.clone()), ..Header::new(alg) };
        Ok(Some(Self { encoding, decoding, header, validation, claims: task.claims.clone() }))
    }

    fn make(&self) -> Result<String> {
        Ok(encode(&self.header, &self.claims, &self.encoding)?)
    }

    fn read(&self, token: &str) -> Result<Claims> {
        Ok(decode(token, &self.decoding, &self.validation)?.claims)
    }

    fn claims(read: Claims) -> Result<Claims> {
        Ok(read)
    }
}

fn main() -> Result<()> {
    answer::<Jsonwebtoken>()
}
