//! Keys that are the same in every run, so that the corpus has tokens of them.

use std::sync::LazyLock;

use sealpass_jose::{
    Algorithm, ContentEncryption, Curve, JweAlgorithm, Jwk, JwsAlgorithm, Key, KeyRing, Scratch,
    Secret, UnverifiedToken,
};

/// One key of every kind that costs little; the active one is for `dir`.
pub(crate) static RING: LazyLock<KeyRing> = LazyLock::new(|| {
    retired()
        .into_iter()
        .fold(KeyRing::new(gcm()), |ring, key| ring.with_retired(key).expect("another kid"))
});

/// A ring for every key of [`RING`], so that each of them seals.
pub(crate) static RINGS: LazyLock<Vec<KeyRing>> =
    LazyLock::new(|| std::iter::once(gcm()).chain(retired()).map(KeyRing::new).collect());

fn gcm() -> Key {
    Key::a256gcm("gcm", &Secret::new([7; 32])).expect("a key")
}

fn retired() -> [Key; 7] {
    let all = ContentEncryption::ALL;
    let shared = |bytes| Secret::new(vec![7; bytes]);
    [
        Key::hs256("hmac", &shared(32)),
        Key::ed25519_from_seed("ed25519", &Secret::new([7; 32])),
        Key::symmetric_jwe(
            "cbc",
            JweAlgorithm::Dir,
            &[ContentEncryption::A256CbcHs512],
            &shared(64),
        ),
        Key::symmetric_jwe("kw", JweAlgorithm::A128Kw, &all, &shared(16)),
        Key::symmetric_jwe("gcmkw", JweAlgorithm::A256GcmKw, &all, &shared(32)),
        Ok(pair("ecdh", Curve::P256, JweAlgorithm::EcdhEsA256Kw)),
        Ok(pair("x25519", Curve::X25519, JweAlgorithm::EcdhEs)),
    ]
    .map(|key| key.expect("a key"))
}

fn pair(kid: &str, curve: Curve, alg: JweAlgorithm) -> Key {
    let json = match curve {
        Curve::P256 => {
            r#"{"kty":"EC","crv":"P-256",
            "x":"weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",
            "y":"e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck",
            "d":"VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw"}"#
        }
        _ => {
            r#"{"kty":"OKP","crv":"X25519",
            "x":"3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08",
            "d":"XasIfmJKikt54X-Lg4AO5m87sSkmGLb9HC-LJ_-I4Os"}"#
        }
    };
    let accepted = ContentEncryption::ALL.map(|enc| Algorithm::Jwe(alg, enc));
    let jwk = Jwk::parse(json.as_bytes()).and_then(|jwk| jwk.with_kid(kid)).expect("a JWK");
    jwk.to_key(&accepted).expect("a key")
}

/// Every algorithm, one at a time a caller may name.
pub(crate) fn algorithms() -> impl Iterator<Item = Algorithm> {
    let signatures = JwsAlgorithm::ALL.into_iter().map(Algorithm::Jws);
    let pairs = JweAlgorithm::ALL
        .into_iter()
        .flat_map(|alg| ContentEncryption::ALL.map(|enc| Algorithm::Jwe(alg, enc)));
    signatures.chain(pairs)
}

/// The payload of a token of any kind, or the code of its refusal.
pub(crate) fn open(keys: &KeyRing, token: &str) -> Result<Vec<u8>, &'static str> {
    let token = UnverifiedToken::parse(token).map_err(|error| error.code())?;
    let mut scratch = Scratch::new();
    keys.open_bytes(None, token, &mut scratch)
        .map(|opened| opened.claims().to_vec())
        .map_err(|error| error.code())
}
