//! `biscuit`: its own claims set with one private claim beside the registered ones.

use anyhow::{Context as _, Result, anyhow};
use biscuit::jwa::{
    ContentEncryptionAlgorithm, EncryptionOptions, KeyManagementAlgorithm, SignatureAlgorithm,
};
use biscuit::jwk::{AlgorithmParameters, JWK, OctetKeyParameters};
use biscuit::jws::{self, Secret};
use biscuit::{
    ClaimPresenceOptions, ClaimsSet, Empty, Presence, RegisteredClaims, SingleOrMultiple,
    TemporalOptions, Timestamp, Validation, ValidationOptions, jwe,
};
use chrono::{DateTime, Duration};
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use sealpass_bench_protocol::{Algorithm, Claims, Peer, Task, answer};
use serde::{Deserialize, Serialize};

struct Biscuit {
    kind: Kind,
    policy: ValidationOptions,
}

enum Kind {
    Encryption { key: JWK<Empty>, template: Encrypted, random: SystemRandom },
    Signature { alg: SignatureAlgorithm, private: Secret, public: Secret, template: Signed },
}

type Encrypted = jwe::Compact<ClaimsSet<Private>, Empty>;
type Signed = jws::Compact<ClaimsSet<Private>, Empty>;

#[derive(Clone, Debug, Deserialize, Serialize)]
struct Private {
    roles: Vec<String>,
}

impl Peer for Biscuit {
    type Read = ClaimsSet<Private>;

    fn begin(task: &Task) -> Result<Option<Self>> {
        let kind = match task.algorithm {
            Algorithm::A256Gcm => encryption(task)?,
            Algorithm::Hs256 => {
                let secret = || Secret::Bytes(task.key.secret.clone());
                signature(task, SignatureAlgorithm::HS256, secret(), secret())?
            }
            Algorithm::Es256 => {
                let pair = EcdsaKeyPair::from_pkcs8(
                    &ECDSA_P256_SHA256_FIXED_SIGNING,
                    &task.key.pkcs8,
                    &SystemRandom::new(),
                )
                .map_err(|error| anyhow!("{error}"))?;
                let private = Secret::EcdsaKeyPair(pair.into());
                let public = Secret::PublicKey(task.key.public.clone());
                signature(task, SignatureAlgorithm::ES256, private, public)?
            }
            Algorithm::A256CbcHs512 | Algorithm::EdDsa => return Ok(None),
        };
        let now = i64::try_from(task.now)?;
        let policy = ValidationOptions {
            claim_presence_options: ClaimPresenceOptions {
                expiry: Presence::Required,
                not_before: Presence::Required,
                issuer: Presence::Required,
                audience: Presence::Required,
                ..ClaimPresenceOptions::default()
            },
            temporal_options: TemporalOptions {
                epsilon: Duration::zero(),
                now: Some(DateTime::from_timestamp(now, 0).context("a date")?),
            },
            issuer: Validation::Validate(task.issuer.clone()),
            audience: Validation::Validate(task.audience.clone()),
            ..ValidationOptions::default()
        };
        Ok(Some(Self { kind, policy }))
    }

    fn make(&self) -> Result<String> {
        Ok(match &self.kind {
            Kind::Encryption { key, template, random } => {
                let mut nonce = vec![0; 12];
                random.fill(&mut nonce).map_err(|_| anyhow!("no randomness"))?;
                let options = EncryptionOptions::AES_GCM { nonce };
                template.encrypt(key, &options)?.unwrap_encrypted().to_string()
            }
            Kind::Signature { private, template, .. } => {
                template.encode(private)?.unwrap_encoded().to_string()
            }
        })
    }

    fn read(&self, token: &str) -> Result<ClaimsSet<Private>> {
        Ok(match &self.kind {
            Kind::Encryption { key, .. } => {
                let token = Encrypted::new_encrypted(token).into_decrypted(
                    key,
                    KeyManagementAlgorithm::DirectSymmetricKey,
                    ContentEncryptionAlgorithm::A256GCM,
                )?;
                token.validate(self.policy.clone())?;
                token.unwrap_decrypted().1
            }
            Kind::Signature { alg, public, .. } => {
                let token = Signed::new_encoded(token).into_decoded(public, *alg)?;
                token.validate(self.policy.clone())?;
                token.unwrap_decoded().1
            }
        })
    }

    fn claims(read: ClaimsSet<Private>) -> Result<Claims> {
        Ok(serde_json::from_value(serde_json::to_value(read)?)?)
    }
}

fn encryption(task: &Task) -> Result<Kind> {
    let key = JWK {
        common: biscuit::jwk::CommonParameters::default(),
        additional: Empty::default(),
        algorithm: AlgorithmParameters::OctetKey(OctetKeyParameters {
            key_type: biscuit::jwk::OctetKeyType::default(),
            value: task.key.secret.clone(),
        }),
    };
    let header = jwe::Header::from_registered_header(jwe::RegisteredHeader {
        cek_algorithm: KeyManagementAlgorithm::DirectSymmetricKey,
        enc_algorithm: ContentEncryptionAlgorithm::A256GCM,
        media_type: Some(task.typ.clone()),
        key_id: Some(task.kid.clone()),
        ..jwe::RegisteredHeader::default()
    });
    let template = Encrypted::new_decrypted(header, claims_set(&task.claims)?);
    Ok(Kind::Encryption { key, template, random: SystemRandom::new() })
}

fn signature(
    task: &Task,
    alg: SignatureAlgorithm,
    private: Secret,
    public: Secret,
) -> Result<Kind> {
    let header = jws::Header::from_registered_header(jws::RegisteredHeader {
        algorithm: alg,
        media_type: Some(task.typ.clone()),
        key_id: Some(task.kid.clone()),
        ..jws::RegisteredHeader::default()
    });
    let template = Signed::new_decoded(header, claims_set(&task.claims)?);
    Ok(Kind::Signature { alg, private, public, template })
}

fn claims_set(claims: &Claims) -> Result<ClaimsSet<Private>> {
    let time = |seconds: u64| -> Result<Timestamp> { Ok(i64::try_from(seconds)?.into()) };
    Ok(ClaimsSet {
        registered: RegisteredClaims {
            issuer: Some(claims.iss.clone()),
            subject: Some(claims.sub.clone()),
            audience: Some(SingleOrMultiple::Single(claims.aud.clone())),
            expiry: Some(time(claims.exp)?),
            not_before: Some(time(claims.nbf)?),
            issued_at: Some(time(claims.iat)?),
            id: Some(claims.jti.clone()),
        },
        private: Private { roles: claims.roles.clone() },
    })
}

fn main() -> Result<()> {
    answer::<Biscuit>()
}
