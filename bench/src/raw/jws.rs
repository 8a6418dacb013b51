//! Signed tokens.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ED25519, EcdsaKeyPair,
    Ed25519KeyPair, ParsedPublicKey,
};
use aws_lc_rs::{hmac, signature};
use sealpass_bench_protocol::{Algorithm, KeyMaterial};

use super::{Format, Raw};

/// HS256 (RFC 7518 §3.2).
pub struct Hs256 {
    key: hmac::Key,
    format: Format,
}

impl Raw for Hs256 {
    fn like(token: &str) -> Self {
        let key = KeyMaterial::of(Algorithm::Hs256).secret;
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, &key), format: Format::like(token) }
    }

    fn read(&self, token: &str, buffer: &mut [u8]) -> usize {
        read(&self.format, token, buffer, |message, tag| {
            hmac::verify(&self.key, message, tag).expect("authentic");
        })
    }

    fn make(&self, payload: &[u8]) -> String {
        make(&self.format, payload, 32, |message| hmac::sign(&self.key, message))
    }
}

/// `EdDSA` with Ed25519 (RFC 8037 §3.1).
pub struct Ed25519 {
    pair: Ed25519KeyPair,
    public: ParsedPublicKey,
    format: Format,
}

impl Raw for Ed25519 {
    fn like(token: &str) -> Self {
        let key = KeyMaterial::of(Algorithm::EdDsa);
        Self {
            pair: Ed25519KeyPair::from_pkcs8_maybe_unchecked(&key.pkcs8).expect("a key"),
            public: ParsedPublicKey::new(&ED25519, &key.public).expect("a key"),
            format: Format::like(token),
        }
    }

    fn read(&self, token: &str, buffer: &mut [u8]) -> usize {
        read(&self.format, token, buffer, |message, signature| {
            self.public.verify_sig(message, signature).expect("authentic");
        })
    }

    fn make(&self, payload: &[u8]) -> String {
        make(&self.format, payload, 64, |message| self.pair.sign(message))
    }
}

/// ES256 (RFC 7518 §3.4).
pub struct P256 {
    pair: EcdsaKeyPair,
    public: ParsedPublicKey,
    random: SystemRandom,
    format: Format,
}

impl Raw for P256 {
    fn like(token: &str) -> Self {
        let key = KeyMaterial::of(Algorithm::Es256);
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        Self {
            pair: EcdsaKeyPair::from_pkcs8(algorithm, &key.pkcs8).expect("a key"),
            public: ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &key.public).expect("a key"),
            random: SystemRandom::new(),
            format: Format::like(token),
        }
    }

    fn read(&self, token: &str, buffer: &mut [u8]) -> usize {
        read(&self.format, token, buffer, |message, signature| {
            self.public.verify_sig(message, signature).expect("authentic");
        })
    }

    fn make(&self, payload: &[u8]) -> String {
        let sign = |message: &[u8]| -> signature::Signature {
            self.pair.sign(&self.random, message).expect("signed")
        };
        make(&self.format, payload, 64, sign)
    }
}

fn read(format: &Format, token: &str, buffer: &mut [u8], verify: impl Fn(&[u8], &[u8])) -> usize {
    let (signing_input, signature) = token.rsplit_once('.').expect("three parts");
    let (_, payload) = signing_input.split_once('.').expect("three parts");
    let mut decoded = [0; 66];
    let length = format.decode(signature, &mut decoded);
    verify(signing_input.as_bytes(), &decoded[..length]);
    format.decode(payload, buffer)
}

fn make<S: AsRef<[u8]>>(
    format: &Format,
    payload: &[u8],
    signature_bytes: usize,
    sign: impl Fn(&[u8]) -> S,
) -> String {
    let mut token = format.start([payload.len(), signature_bytes]);
    token.push(payload);
    let signature = sign(token.written());
    token.push(signature.as_ref());
    token.finish()
}
