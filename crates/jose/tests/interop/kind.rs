//! What kinds of token there are, and the keys of each.

use sealpass_jose::{Algorithm, ContentEncryption, Curve, JweAlgorithm, Jwk, JwsAlgorithm};
use serde_json::{Value, json};

/// An algorithm, and for key agreement a curve.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    pub(crate) algorithm: Algorithm,
    pub(crate) curve: Option<Curve>,
}

impl Kind {
    /// Those that a peer has too.
    pub(crate) fn shared_with(supports: &Value) -> Vec<Self> {
        let has = |what: &str, name: &str| {
            supports[what].as_array().expect("a list").iter().any(|found| found == name)
        };
        let signatures = JwsAlgorithm::ALL.into_iter().filter(|alg| has("jws", alg.name()));
        let mut kinds: Vec<Self> = signatures
            .map(|alg| Self { algorithm: Algorithm::Jws(alg), curve: signing_curve(alg) })
            .collect();
        for alg in JweAlgorithm::ALL.into_iter().filter(|alg| has("jwe", alg.name())) {
            let curves: Vec<Option<Curve>> = if alg.name().starts_with("ECDH-ES") {
                let shared = Curve::ALL.into_iter().filter(|curve| has("crv", curve.name()));
                shared.map(Some).collect()
            } else {
                vec![None]
            };
            for enc in ContentEncryption::ALL {
                let kind = |curve: &Option<Curve>| Self {
                    algorithm: Algorithm::Jwe(alg, enc),
                    curve: *curve,
                };
                kinds.extend(curves.iter().map(kind));
            }
        }
        kinds
    }

    /// A new key of ours.
    pub(crate) fn generate(self) -> Jwk {
        match (self.algorithm, self.curve) {
            (Algorithm::Jwe(..), Some(curve)) => Jwk::generate_on(self.algorithm, curve),
            _ => Jwk::generate(self.algorithm),
        }
        .expect("a key")
    }

    /// What a peer needs to know to make a key.
    pub(crate) fn wanted(self) -> Value {
        json!({
            "op": "generate",
            "alg": self.algorithm.alg(),
            "enc": self.algorithm.enc(),
            "kty": self.key_type(),
            "crv": self.curve.map(Curve::name),
            "bytes": self.shared_bytes(),
        })
    }

    pub(crate) fn is_rsa(self) -> bool {
        self.key_type() == "RSA"
    }

    fn key_type(self) -> &'static str {
        match (self.curve, self.algorithm.alg()) {
            (Some(Curve::Ed25519 | Curve::X25519), _) => "OKP",
            (Some(_), _) => "EC",
            (None, alg) if alg.starts_with("RS") || alg.starts_with("PS") => "RSA",
            _ => "oct",
        }
    }

    fn shared_bytes(self) -> usize {
        match self.algorithm {
            Algorithm::Jwe(JweAlgorithm::Dir, enc) => enc.key_bytes(),
            _ => match self.algorithm.alg() {
                alg if alg.starts_with("A128") => 16,
                alg if alg.starts_with("A192") => 24,
                "HS384" => 48,
                "HS512" => 64,
                _ => 32,
            },
        }
    }
}

fn signing_curve(alg: JwsAlgorithm) -> Option<Curve> {
    match alg {
        JwsAlgorithm::EdDsa => Some(Curve::Ed25519),
        JwsAlgorithm::Es256 => Some(Curve::P256),
        JwsAlgorithm::Es384 => Some(Curve::P384),
        JwsAlgorithm::Es512 => Some(Curve::P521),
        _ => None,
    }
}
