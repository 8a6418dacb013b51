//! `josekit`: claims are a JSON map, and are left as that.

use std::time::{Duration, UNIX_EPOCH};

use anyhow::{Result, bail};
use josekit::jwe::{self, JweDecrypter, JweEncrypter, JweHeader};
use josekit::jwk::Jwk;
use josekit::jws::{self, JwsHeader, JwsSigner, JwsVerifier};
use josekit::jwt::{self, JwtPayload, JwtPayloadValidator};
use sealpass_bench_protocol::{Algorithm, Claims, Peer, Task, answer};

struct Josekit {
    kind: Kind,
    validator: JwtPayloadValidator,
    payload: JwtPayload,
}

enum Kind {
    Encryption {
        encrypter: Box<dyn JweEncrypter>,
        decrypter: Box<dyn JweDecrypter>,
        header: JweHeader,
    },
    Signature {
        signer: Box<dyn JwsSigner>,
        verifier: Box<dyn JwsVerifier>,
        header: JwsHeader,
    },
}

impl Peer for Josekit {
    type Read = JwtPayload;

    fn begin(task: &Task) -> Result<Option<Self>> {
        let kind = match task.algorithm {
            Algorithm::A256CbcHs512 => encryption(task, "A256CBC-HS512")?,
            Algorithm::A256Gcm => encryption(task, "A256GCM")?,
            Algorithm::EdDsa | Algorithm::Es256 | Algorithm::Hs256 => signature(task)?,
        };
        let now = UNIX_EPOCH + Duration::from_secs(task.now);
        let mut validator = JwtPayloadValidator::new();
        validator.set_base_time(now);
        validator.set_max_issued_time(now);
        validator.set_issuer(&task.issuer);
        validator.set_audience(&task.audience);
        let payload = match serde_json::to_value(&task.claims)? {
            serde_json::Value::Object(map) => JwtPayload::from_map(map)?,
            _ => bail!("claims are an object"),
        };
        Ok(Some(Self { kind, validator, payload }))
    }

    fn make(&self) -> Result<String> {
        Ok(match &self.kind {
            Kind::Encryption { encrypter, header, .. } => {
                jwt::encode_with_encrypter(&self.payload, header, encrypter.as_ref())?
            }
            Kind::Signature { signer, header, .. } => {
                jwt::encode_with_signer(&self.payload, header, signer.as_ref())?
            }
        })
    }

    fn read(&self, token: &str) -> Result<JwtPayload> {
        let payload = match &self.kind {
            Kind::Encryption { decrypter, .. } => {
                jwt::decode_with_decrypter(token, decrypter.as_ref())?.0
            }
            Kind::Signature { verifier, .. } => {
                jwt::decode_with_verifier(token, verifier.as_ref())?.0
            }
        };
        self.validator.validate(&payload)?;
        Ok(payload)
    }

    fn claims(read: JwtPayload) -> Result<Claims> {
        Ok(serde_json::from_value(serde_json::Value::Object(read.claims_set().clone()))?)
    }
}

fn encryption(task: &Task, enc: &str) -> Result<Kind> {
    let mut encrypter = jwe::Dir.encrypter_from_bytes(&task.key.secret)?;
    encrypter.set_key_id(&task.kid);
    let mut decrypter = jwe::Dir.decrypter_from_bytes(&task.key.secret)?;
    decrypter.set_key_id(&task.kid);
    let mut header = JweHeader::new();
    header.set_token_type(&task.typ);
    header.set_content_encryption(enc);
    Ok(Kind::Encryption { encrypter: Box::new(encrypter), decrypter: Box::new(decrypter), header })
}

fn signature(task: &Task) -> Result<Kind> {
    let jwk = Jwk::from_bytes(serde_json::to_vec(&task.key.jwk)?)?;
    let (signer, verifier): (Box<dyn JwsSigner>, Box<dyn JwsVerifier>) = match task.algorithm {
        Algorithm::EdDsa => (
            Box::new(jws::EdDSA.signer_from_jwk(&jwk)?),
            Box::new(jws::EdDSA.verifier_from_jwk(&jwk)?),
        ),
        Algorithm::Es256 => (
            Box::new(jws::ES256.signer_from_jwk(&jwk)?),
            Box::new(jws::ES256.verifier_from_jwk(&jwk)?),
        ),
        _ => (
            Box::new(jws::HS256.signer_from_jwk(&jwk)?),
            Box::new(jws::HS256.verifier_from_jwk(&jwk)?),
        ),
    };
    let mut header = JwsHeader::new();
    header.set_token_type(&task.typ);
    Ok(Kind::Signature { signer, verifier, header })
}

fn main() -> Result<()> {
    answer::<Josekit>()
}
