//! Tokens against their limit ([`raw`]), and against `jsonwebtoken` on the same primitives.

mod raw;

use std::hint::black_box;
use std::time::SystemTime;

use anyhow::{Context as _, Result, ensure};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use sealpass_bench::{Bar, Contestant, Limit, Timings};
use sealpass_jose::{Key, KeyRing, NumericDate, Scratch, Secret, UnverifiedToken, Verifier};
use serde::{Deserialize, Serialize};

use crate::raw::BUFFER;

/// What an application has in its session token: about 250 bytes of JSON.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: String,
    exp: u64,
    iat: u64,
    nbf: u64,
    jti: String,
    roles: Vec<String>,
}

fn main() -> Result<()> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_secs();
    let claims = Claims {
        iss: ISSUER.to_owned(),
        sub: "5f1d3b52-7a3c-4b0e-9d59-0c1a6f2e8b77".to_owned(),
        aud: AUDIENCE.to_owned(),
        exp: now + 600,
        iat: now,
        nbf: now,
        jti: "Zk3vQ0mS1yXw7nB2cT9uLg".to_owned(),
        roles: vec!["reader".to_owned(), "billing-administrator".to_owned()],
    };
    println!("claims set: {} bytes of JSON", serde_json::to_vec(&claims)?.len());

    let now = NumericDate::from_secs(now);
    let mut bars = encrypted(&claims, now)?;
    bars.extend(signed(&claims, now)?);
    println!();
    for bar in bars {
        println!("{bar}");
    }
    Ok(())
}

fn encrypted(claims: &Claims, now: NumericDate) -> Result<Vec<Bar>> {
    let material = [7; 32];
    let ring = KeyRing::new(Key::a256gcm("2026-01", &Secret::new(material))?);
    let session = Ours { ring, verifier: verifier()?, now };
    let token = session.seal(claims);
    let raw = raw::A256Gcm::like(&token, &material);

    let plaintext = serde_json::to_vec(claims)?;
    let mut buffer = [0; BUFFER];
    let opened = raw.open(&token, &mut buffer);
    ensure!(buffer[..opened] == plaintext[..], "the raw primitive opens our token");
    session.verify(&raw.seal(&plaintext)).context("we open the raw primitive's token")?;

    let open = Timings::measure(vec![
        Contestant::new("raw", || {
            let mut buffer = [0; BUFFER];
            black_box(raw.open(black_box(&token), &mut buffer));
            black_box(&buffer);
        }),
        Contestant::new("sealpass-jose", || {
            session.verify(black_box(&token)).expect("verified");
        }),
    ]);
    open.print(&format!("open, dir + A256GCM, a token of {} bytes", token.len()));

    let seal = Timings::measure(vec![
        Contestant::new("raw", || {
            black_box(raw.seal(black_box(&plaintext)));
        }),
        Contestant::new("sealpass-jose", || {
            black_box(session.seal(black_box(claims)));
        }),
    ]);
    seal.print("seal, dir + A256GCM");

    Ok(vec![
        Bar::new(
            "jose-a256gcm-open-vs-raw",
            open.ratio("sealpass-jose", "raw"),
            Limit::AtMost(2.6),
        ),
        Bar::new(
            "jose-a256gcm-seal-vs-raw",
            seal.ratio("sealpass-jose", "raw"),
            Limit::AtMost(2.2),
        ),
    ])
}

fn signed(claims: &Claims, now: NumericDate) -> Result<Vec<Bar>> {
    let material = vec![7; 32];
    let ring = KeyRing::new(Key::hs256("2026-01", &Secret::new(material.clone()))?);
    let session = Ours { ring, verifier: verifier()?, now };
    let peer = Peer::new(&material);
    let token = session.seal(claims);
    let raw = raw::Hs256::like(&token, &material);

    let payload = serde_json::to_vec(claims)?;
    let mut buffer = [0; BUFFER];
    let verified = raw.verify(&token, &mut buffer);
    ensure!(buffer[..verified] == payload[..], "the raw primitive verifies our token");
    ensure!(raw.sign(&payload) == token, "and signs the same one");
    ensure!(peer.verify(&token)? == *claims, "jsonwebtoken verifies our token");
    session.verify(&peer.sign(claims)?).context("we verify jsonwebtoken's token")?;

    let verify = Timings::measure(vec![
        Contestant::new("raw", || {
            let mut buffer = [0; BUFFER];
            black_box(raw.verify(black_box(&token), &mut buffer));
            black_box(&buffer);
        }),
        Contestant::new("sealpass-jose", || {
            session.verify(black_box(&token)).expect("verified");
        }),
        Contestant::new("jsonwebtoken", || {
            black_box(peer.verify(black_box(&token)).expect("verified"));
        }),
    ]);
    verify.print(&format!("verify, HS256, a token of {} bytes", token.len()));

    let sign = Timings::measure(vec![
        Contestant::new("raw", || {
            black_box(raw.sign(black_box(&payload)));
        }),
        Contestant::new("sealpass-jose", || {
            black_box(session.seal(black_box(claims)));
        }),
        Contestant::new("jsonwebtoken", || {
            black_box(peer.sign(black_box(claims)).expect("signed"));
        }),
    ]);
    sign.print("sign, HS256");

    Ok(vec![
        Bar::new(
            "jose-hs256-verify-vs-raw",
            verify.ratio("sealpass-jose", "raw"),
            Limit::AtMost(1.4),
        ),
        Bar::new(
            "jose-hs256-verify-vs-jsonwebtoken",
            verify.ratio("jsonwebtoken", "sealpass-jose"),
            Limit::AtLeast(2.2),
        ),
        Bar::new("jose-hs256-sign-vs-raw", sign.ratio("sealpass-jose", "raw"), Limit::AtMost(1.3)),
        Bar::new(
            "jose-hs256-sign-vs-jsonwebtoken",
            sign.ratio("jsonwebtoken", "sealpass-jose"),
            Limit::AtLeast(1.4),
        ),
    ])
}

/// Seals and verifies as a service does: one key, one policy, every check.
struct Ours {
    ring: KeyRing,
    verifier: Verifier,
    now: NumericDate,
}

impl Ours {
    fn seal(&self, claims: &Claims) -> String {
        self.ring.seal(TYPE, claims).expect("sealed")
    }

    /// Reads what the application reads: who it is, and the roles.
    fn verify(&self, token: &str) -> Result<()> {
        let mut scratch = Scratch::new();
        let token = UnverifiedToken::parse(token)?;
        let verified = self.verifier.verify(&self.ring, token, &mut scratch, self.now)?;
        let claims = verified.claims();
        black_box(claims.subject());
        black_box(claims.jwt_id());
        black_box(claims.get::<Vec<&str>>("roles")?);
        Ok(())
    }
}

/// `jsonwebtoken` told to check the same: type of signature, issuer, audience, both ends of time.
struct Peer {
    encoding: EncodingKey,
    decoding: DecodingKey,
    header: Header,
    validation: Validation,
}

impl Peer {
    fn new(material: &[u8]) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub", "nbf"]);
        validation.validate_nbf = true;
        let header = Header {
            typ: Some(TYPE.to_owned()),
            kid: Some("2026-01".to_owned()),
            ..Header::new(Algorithm::HS256)
        };
        Self {
            encoding: EncodingKey::from_secret(material),
            decoding: DecodingKey::from_secret(material),
            header,
            validation,
        }
    }

    fn sign(&self, claims: &Claims) -> Result<String> {
        Ok(jsonwebtoken::encode(&self.header, claims, &self.encoding)?)
    }

    fn verify(&self, token: &str) -> Result<Claims> {
        Ok(jsonwebtoken::decode(token, &self.decoding, &self.validation)?.claims)
    }
}

fn verifier() -> Result<Verifier> {
    Ok(Verifier::builder().issuer(ISSUER).audience(AUDIENCE).typ(TYPE).build()?)
}

const ISSUER: &str = "https://accounts.example.com";
const AUDIENCE: &str = "https://api.example.com";
const TYPE: &str = "sealpass-session+jwt";
