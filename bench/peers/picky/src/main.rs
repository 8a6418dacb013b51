//! `picky`: it checks the times, and leaves issuer and audience to its caller.

use anyhow::{Result, ensure};
use picky::jose::jwe::{JweAlg, JweEnc, JweHeader};
use picky::jose::jws::{JwsAlg, JwsHeader};
use picky::jose::jwt::{CheckedJwtEnc, CheckedJwtSig, JwtDate, JwtEnc, JwtSig, JwtValidator};
use picky::key::{PrivateKey, PublicKey};
use sealpass_bench_protocol::{Algorithm, Claims, Peer, Task, answer};

struct Picky {
    key: Keys,
    validator: JwtValidator,
    issuer: String,
    audience: String,
    claims: Claims,
}

#[expect(clippy::large_enum_variant, reason = "there is one of them")]
enum Keys {
    Encryption { secret: Vec<u8>, header: JweHeader },
    Signature { private: PrivateKey, public: PublicKey, header: JwsHeader, alg: JwsAlg },
}

impl Peer for Picky {
    type Read = Claims;

    fn begin(task: &Task) -> Result<Option<Self>> {
        let key = match task.algorithm {
            Algorithm::A256Gcm => {
                let mut header = JweHeader::new(JweAlg::Direct, JweEnc::Aes256Gcm);
                header.typ = Some(task.typ.clone());
                header.kid = Some(task.kid.clone());
                Keys::Encryption { secret: task.key.secret.clone(), header }
            }
            Algorithm::EdDsa => Keys::signature(task, JwsAlg::EdDSA)?,
            Algorithm::Es256 => Keys::signature(task, JwsAlg::ES256)?,
            Algorithm::A256CbcHs512 | Algorithm::Hs256 => return Ok(None),
        };
        Ok(Some(Self {
            key,
            validator: JwtValidator::strict(JwtDate::new(i64::try_from(task.now)?)),
            issuer: task.issuer.clone(),
            audience: task.audience.clone(),
            claims: task.claims.clone(),
        }))
    }

    fn make(&self) -> Result<String> {
        Ok(match &self.key {
            Keys::Encryption { secret, header } => {
                CheckedJwtEnc::new_with_header(header.clone(), &self.claims)
                    .encode_direct(secret)?
            }
            Keys::Signature { private, header, .. } => {
                CheckedJwtSig::new_with_header(header.clone(), &self.claims).encode(private)?
            }
        })
    }

    fn read(&self, token: &str) -> Result<Claims> {
        let claims: Claims = match &self.key {
            Keys::Encryption { secret, .. } => {
                let token = JwtEnc::decode_direct(token, secret)?;
                token.validate(&self.validator)?.state.claims
            }
            Keys::Signature { public, alg, .. } => {
                let token = JwtSig::decode(token, public)?;
                ensure!(token.header.alg == *alg, "another algorithm");
                token.validate(&self.validator)?.state.claims
            }
        };
        ensure!(claims.iss == self.issuer, "another issuer");
        ensure!(claims.aud == self.audience, "another audience");
        Ok(claims)
    }

    fn claims(read: Claims) -> Result<Claims> {
        Ok(read)
    }
}

impl Keys {
    fn signature(task: &Task, alg: JwsAlg) -> Result<Self> {
        let private = PrivateKey::from_pkcs8(&task.key.pkcs8)?;
        let public = private.to_public_key()?;
        let mut header = JwsHeader::new(alg);
        header.typ = Some(task.typ.clone());
        header.kid = Some(task.kid.clone());
        Ok(Self::Signature { private, public, header, alg })
    }
}

fn main() -> Result<()> {
    answer::<Picky>()
}
