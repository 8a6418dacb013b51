//! Keys of every kind.

use std::fmt;
use std::sync::LazyLock;

use aws_lc_rs::agreement::{ECDH_P256, ECDH_P384, ECDH_P521, PrivateKey, X25519};
use aws_lc_rs::encoding::{
    AsBigEndian as _, AsDer as _, Curve25519SeedBin, EcPrivateKeyBin, Pkcs8V1Der, PublicKeyX509Der,
};
use aws_lc_rs::rsa::{KeySize, PrivateDecryptingKey};
use sealpass_jose::{ContentEncryption, Curve, JweAlgorithm, Key, Secret};

/// The curves of key agreement.
pub(crate) const CURVES: [Curve; 4] = [Curve::P256, Curve::P384, Curve::P521, Curve::X25519];

/// An algorithm, and what it is over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    pub(crate) alg: JweAlgorithm,
    pub(crate) curve: Option<Curve>,
}

/// A key pair as bytes.
pub(crate) struct Pair {
    pub(crate) private: Vec<u8>,
    pub(crate) public: Vec<u8>,
}

impl Kind {
    pub(crate) const fn new(alg: JweAlgorithm) -> Self {
        Self { alg, curve: None }
    }

    pub(crate) const fn over(alg: JweAlgorithm, curve: Curve) -> Self {
        Self { alg, curve: Some(curve) }
    }

    /// Every algorithm, over every curve that it can be over.
    pub(crate) fn all() -> Vec<Self> {
        let kinds = |alg| match alg {
            JweAlgorithm::EcdhEs
            | JweAlgorithm::EcdhEsA128Kw
            | JweAlgorithm::EcdhEsA192Kw
            | JweAlgorithm::EcdhEsA256Kw => CURVES.map(|curve| Self::over(alg, curve)).to_vec(),
            _ => vec![Self::new(alg)],
        };
        JweAlgorithm::ALL.into_iter().flat_map(kinds).collect()
    }

    /// A key that seals and opens; the same one every time.
    pub(crate) fn key(self, enc: ContentEncryption) -> Key {
        let Self { alg, curve } = self;
        if let Some(curve) = curve {
            let Pair { private, public } = ecdh_pair(curve);
            let private = Secret::new(private.clone());
            return Key::ecdh_private("a", alg, &[enc], curve, &private, public).expect("a pair");
        }
        if matches!(alg, JweAlgorithm::RsaOaep | JweAlgorithm::RsaOaep256) {
            let pkcs8 = Secret::new(RSA.private.clone());
            return Key::rsa_jwe_private("a", alg, &[enc], &pkcs8).expect("a pair");
        }
        let key = Secret::new(vec![7; symmetric_bytes(alg, enc)]);
        Key::symmetric_jwe("a", alg, &[enc], &key).expect("a key")
    }

    /// The public half of the same key, if it has one.
    pub(crate) fn public_key(self, enc: ContentEncryption) -> Option<Key> {
        let Self { alg, curve } = self;
        if let Some(curve) = curve {
            let public = &ecdh_pair(curve).public;
            return Some(Key::ecdh_public("a", alg, &[enc], curve, public).expect("a public key"));
        }
        matches!(alg, JweAlgorithm::RsaOaep | JweAlgorithm::RsaOaep256)
            .then(|| Key::rsa_jwe_public("a", alg, &[enc], &RSA.public).expect("a public key"))
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.curve {
            Some(curve) => write!(f, "{} over {}", self.alg, curve.name()),
            None => write!(f, "{}", self.alg),
        }
    }
}

/// How long a shared key must be, in bytes.
pub(crate) fn symmetric_bytes(alg: JweAlgorithm, enc: ContentEncryption) -> usize {
    match alg {
        JweAlgorithm::A128GcmKw | JweAlgorithm::A128Kw => 16,
        JweAlgorithm::A192GcmKw | JweAlgorithm::A192Kw => 24,
        JweAlgorithm::A256GcmKw | JweAlgorithm::A256Kw => 32,
        JweAlgorithm::Dir => enc.key_bytes(),
        _ => panic!("{alg} has no shared key"),
    }
}

/// PKCS #8 and `SubjectPublicKeyInfo`.
pub(crate) static RSA: LazyLock<Pair> = LazyLock::new(|| {
    let key = PrivateDecryptingKey::generate(KeySize::Rsa2048).expect("a key");
    let private: Pkcs8V1Der<'_> = key.as_der().expect("its DER");
    let public: PublicKeyX509Der<'_> = key.public_key().as_der().expect("its DER");
    Pair { private: private.as_ref().to_vec(), public: public.as_ref().to_vec() }
});

pub(crate) fn ecdh_pair(curve: Curve) -> &'static Pair {
    static PAIRS: LazyLock<[Pair; 4]> = LazyLock::new(|| CURVES.map(new_ecdh_pair));
    let index = CURVES.iter().position(|found| *found == curve);
    &PAIRS[index.expect("a curve of key agreement")]
}

fn new_ecdh_pair(curve: Curve) -> Pair {
    let algorithm = match curve {
        Curve::P256 => &ECDH_P256,
        Curve::P384 => &ECDH_P384,
        Curve::P521 => &ECDH_P521,
        _ => &X25519,
    };
    let key = PrivateKey::generate(algorithm).expect("a key");
    let private = if curve == Curve::X25519 {
        let seed: Curve25519SeedBin<'_> = key.as_be_bytes().expect("its bytes");
        seed.as_ref().to_vec()
    } else {
        let scalar: EcPrivateKeyBin<'_> = key.as_be_bytes().expect("its bytes");
        scalar.as_ref().to_vec()
    };
    let public = key.compute_public_key().expect("its public half").as_ref().to_vec();
    Pair { private, public }
}
