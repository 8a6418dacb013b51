//! `jose-rs`: its own claims set, in which what is not registered is a JSON value.

use anyhow::Result;
use jose_rs::jwe::{JweDecryptOptions, compact};
use jose_rs::jwt::{self, NumericDate, Validation};
use jose_rs::{JoseHeader, JweAlgorithm, JweEncryption, JwsAlgorithm};
use kryptering::{EcCurve, KeyAlgorithm, SoftwareKey, SoftwareSigner, SoftwareVerifier};
use sealpass_bench_protocol::{Algorithm, Claims, Peer, Task, answer};

struct JoseRs {
    kind: Kind,
    header: JoseHeader,
    validation: Validation,
    now: NumericDate,
    claims: jwt::Claims,
}

enum Kind {
    Encryption { secret: Vec<u8>, enc: JweEncryption, options: JweDecryptOptions },
    Signature { signer: Box<SoftwareSigner>, verifier: Box<SoftwareVerifier> },
}

impl Peer for JoseRs {
    type Read = jwt::Claims;

    fn begin(task: &Task) -> Result<Option<Self>> {
        let (kind, header) = match task.algorithm {
            Algorithm::A256CbcHs512 => encryption(task, JweEncryption::A256CbcHs512),
            Algorithm::A256Gcm => encryption(task, JweEncryption::A256GCM),
            Algorithm::EdDsa => {
                let key = SoftwareKey::from_pkcs8_der(KeyAlgorithm::Ed25519, &task.key.pkcs8)?;
                signature(JwsAlgorithm::EdDSA, &key)?
            }
            Algorithm::Es256 => {
                let algorithm = KeyAlgorithm::Ec(EcCurve::P256);
                let key = SoftwareKey::from_pkcs8_der(algorithm, &task.key.pkcs8)?;
                signature(JwsAlgorithm::ES256, &key)?
            }
            Algorithm::Hs256 => {
                let key = SoftwareKey::from_symmetric_bytes(KeyAlgorithm::Hmac, &task.key.secret)?;
                signature(JwsAlgorithm::HS256, &key)?
            }
        };
        let header =
            JoseHeader { typ: Some(task.typ.clone()), kid: Some(task.kid.clone()), ..header };
        let validation = Validation::new()
            .with_issuer(&task.issuer)
            .with_audience(&task.audience)
            .with_typ(&task.typ)
            .with_leeway(0)
            .require_exp()
            .require_nbf();
        let claims = serde_json::from_slice(&serde_json::to_vec(&task.claims)?)?;
        Ok(Some(Self { kind, header, validation, now: task.now.into(), claims }))
    }

    fn make(&self) -> Result<String> {
        Ok(match &self.kind {
            Kind::Encryption { secret, enc, .. } => compact::encrypt_with_header(
                self.header.clone(),
                secret,
                &self.claims.to_json_vec()?,
                JweAlgorithm::Dir,
                *enc,
            )?,
            Kind::Signature { signer, .. } => {
                jwt::encode(signer.as_ref(), &self.header, &self.claims)?
            }
        })
    }

    /// Of an encrypted token, claims and header are put together as its `jwt::decode` does it for
    /// a signed one.
    fn read(&self, token: &str) -> Result<jwt::Claims> {
        match &self.kind {
            Kind::Encryption { secret, options, .. } => {
                let payload = compact::decrypt_with_options(secret, token, options)?;
                let header = compact::decode_header(token)?;
                let claims = jwt::Claims::from_json_bytes(&payload)?;
                self.validation.validate_at(&claims, Some(&header), self.now)?;
                Ok(claims)
            }
            Kind::Signature { verifier, .. } => {
                Ok(jwt::decode(verifier.as_ref(), token, &self.validation)?)
            }
        }
    }

    fn claims(read: jwt::Claims) -> Result<Claims> {
        Ok(serde_json::from_slice(&read.to_json_vec()?)?)
    }
}

fn encryption(task: &Task, enc: JweEncryption) -> (Kind, JoseHeader) {
    let options = JweDecryptOptions::new(vec![JweAlgorithm::Dir], vec![enc]);
    let secret = task.key.secret.clone();
    (Kind::Encryption { secret, enc, options }, JoseHeader::for_jwe(JweAlgorithm::Dir, enc))
}

fn signature(alg: JwsAlgorithm, key: &SoftwareKey) -> Result<(Kind, JoseHeader)> {
    let signer = Box::new(SoftwareSigner::new(alg.to_crypto()?, key.clone())?);
    let verifier = Box::new(SoftwareVerifier::new(alg.to_crypto()?, key.clone())?);
    Ok((Kind::Signature { signer, verifier }, JoseHeader::for_alg(alg)))
}

fn main() -> Result<()> {
    answer::<JoseRs>()
}
