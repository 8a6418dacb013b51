//! Wycheproof: what others agree on, wrap, or encrypt must come out as a content key.
//!
//! Every case is a token that somebody made with the result that the case states. So what is tested
//! is all of the way from the header to the content.

use aws_lc_rs::aead::{AES_128_GCM, AES_192_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey};
use aws_lc_rs::digest::{SHA256, digest};
use sealpass_jose::{Algorithm, ContentEncryption, JweAlgorithm, base64url};
use serde_json::{Value, json};

use crate::folder::{find, read_json};
use crate::open::{hex, open, ring};
use crate::tally::{Label, Tally};

const CONTENT: &[u8] = b"content";

#[test]
fn x25519_jwk() {
    judge_file("x25519_jwk_test.json", |_, case, tally| {
        let verdict = agree(&case["private"], &case["public"], &hex(text(&case["shared"])));
        // RFC 7748 §6.1: everybody agrees on zero with a point of small order.
        if text(&case["shared"]).bytes().all(|digit| digit == b'0') && verdict.is_ok() {
            tally.judge(&number(case), Label::Invalid, verdict);
        } else {
            tally.judge(&number(case), label(case), verdict);
        }
    });
}

/// A curve that is refused by design: aws-lc has none of it.
#[test]
fn x448_jwk() {
    judge_file("x448_jwk_test.json", |_, case, tally| {
        let verdict = agree(&case["private"], &case["public"], &hex(text(&case["shared"])));
        tally.unsupported(&number(case), "X448", verdict);
    });
}

#[test]
fn ecdh_p256() {
    judge_file("primitives/ecdh_secp256r1_ecpoint_test.json", |_, case, tally| {
        let private = p256_key(&hex(text(&case["private"])));
        let (public, shared) = (hex(text(&case["public"])), hex(text(&case["shared"])));
        match public.split_first() {
            Some((4, xy)) if xy.len() == 64 => {
                tally.judge(&number(case), label(case), agree(&private, &p256_point(xy), &shared));
            }
            // A JWK has both coordinates, so a point cannot be written in any other way.
            _ => {
                let point = json!({"kty": "EC", "crv": "P-256", "x": base64url::encode(&public)});
                let refusal = agree(&private, &point, &shared);
                tally.unsupported(&number(case), "form of point", refusal);
            }
        }
    });
}

#[test]
fn aes_key_wrap() {
    judge_file("primitives/aes_wrap_test.json", |_, case, tally| {
        let (key, cek) = (hex(text(&case["key"])), hex(text(&case["msg"])));
        let alg = match key.len() {
            16 => JweAlgorithm::A128Kw,
            24 => JweAlgorithm::A192Kw,
            _ => JweAlgorithm::A256Kw,
        };
        let jwk = json!({"kty": "oct", "k": base64url::encode(&key)});
        judge_encrypted_key(alg, &jwk, &cek, case, tally);
    });
}

#[test]
fn rsa_oaep() {
    judge_file("primitives/rsa_oaep_2048_sha1_mgf1sha1_test.json", |group, case, tally| {
        judge_oaep(JweAlgorithm::RsaOaep, group, case, tally);
    });
}

#[test]
fn rsa_oaep_256() {
    judge_file("primitives/rsa_oaep_2048_sha256_mgf1sha256_test.json", |group, case, tally| {
        judge_oaep(JweAlgorithm::RsaOaep256, group, case, tally);
    });
}

fn judge_oaep(alg: JweAlgorithm, group: &Value, case: &Value, tally: &mut Tally) {
    let mut jwk = group["privateKeyJwk"].clone();
    jwk.as_object_mut().unwrap().remove("alg");
    judge_encrypted_key(alg, &jwk, &hex(text(&case["msg"])), case, tally);
}

/// A case whose `ct` holds the key that the content is encrypted with.
fn judge_encrypted_key(
    alg: JweAlgorithm,
    jwk: &Value,
    cek: &[u8],
    case: &Value,
    tally: &mut Tally,
) {
    let encrypted_key = hex(text(&case["ct"]));
    let header = |enc| format!(r#"{{"alg":"{alg}","enc":"{enc}"}}"#);
    let read =
        |(enc, token): (ContentEncryption, String)| decrypt(jwk, Algorithm::Jwe(alg, enc), &token);
    let token = token_of(cek, header, &encrypted_key);
    let is_labelled = case["label"].as_str().is_some_and(|label| !label.is_empty());
    match token {
        Some(token) if !is_labelled => tally.judge(&number(case), label(case), read(token)),
        // RFC 7518 §4.3 has no label, and no content encryption has such a key.
        _ => {
            let what = if is_labelled { "label" } else { "length of a content key" };
            let token = token.or_else(|| token_of(&[0; 16], header, &encrypted_key)).unwrap();
            tally.unsupported(&number(case), what, read(token));
        }
    }
}

/// `ECDH-ES` with the key that the case says is agreed on.
fn agree(private: &Value, public: &Value, shared: &[u8]) -> Result<(), &'static str> {
    let enc = ContentEncryption::A128Gcm;
    let header = json!({"alg": "ECDH-ES", "enc": enc.name(), "epk": public}).to_string();
    let cek = concat_kdf(shared, enc.name(), 16);
    let (_, token) = token_of(&cek, |_| header.clone(), b"").unwrap();
    decrypt(private, Algorithm::Jwe(JweAlgorithm::EcdhEs, enc), &token)
}

/// RFC 7518 §4.6.2, for up to 32 bytes and without `apu` and `apv`.
fn concat_kdf(shared: &[u8], algorithm: &str, bytes: u32) -> Vec<u8> {
    let length = |bytes: usize| u32::try_from(bytes).unwrap().to_be_bytes();
    let input = [
        &1_u32.to_be_bytes()[..],
        shared,
        &length(algorithm.len()),
        algorithm.as_bytes(),
        &length(0),
        &length(0),
        &(bytes * 8).to_be_bytes(),
    ];
    digest(&SHA256, &input.concat()).as_ref()[..bytes as usize].to_vec()
}

/// A token around [`CONTENT`] under this content key, if one has such a length.
fn token_of(
    cek: &[u8],
    header: impl Fn(ContentEncryption) -> String,
    encrypted_key: &[u8],
) -> Option<(ContentEncryption, String)> {
    let (enc, aead) = match cek.len() {
        16 => (ContentEncryption::A128Gcm, &AES_128_GCM),
        24 => (ContentEncryption::A192Gcm, &AES_192_GCM),
        32 => (ContentEncryption::A256Gcm, &AES_256_GCM),
        _ => return None,
    };
    let header = base64url::encode(header(enc).as_bytes());
    let key = LessSafeKey::new(UnboundKey::new(aead, cek).unwrap());
    let mut content = CONTENT.to_vec();
    let nonce = Nonce::assume_unique_for_key([3; 12]);
    let tag =
        key.seal_in_place_separate_tag(nonce, Aad::from(header.as_bytes()), &mut content).unwrap();
    let rest = [encrypted_key, &[3; 12], &content, tag.as_ref()].map(base64url::encode);
    Some((enc, format!("{header}.{}", rest.join("."))))
}

fn decrypt(key: &Value, algorithm: Algorithm, token: &str) -> Result<(), &'static str> {
    let opened = open(&ring(key, &[algorithm])?, token)?;
    assert_eq!(opened, CONTENT);
    Ok(())
}

/// The JWK of a private key that is written as a number of any length.
fn p256_key(scalar: &[u8]) -> Value {
    let mut d = [0; 32];
    let scalar = &scalar[scalar.len().saturating_sub(32)..];
    d[32 - scalar.len()..].copy_from_slice(scalar);
    let key = PrivateKey::from_private_key(&ECDH_P256, &d).unwrap();
    let mut jwk = p256_point(&key.compute_public_key().unwrap().as_ref()[1..]);
    jwk["d"] = base64url::encode(&d).into();
    jwk
}

fn p256_point(xy: &[u8]) -> Value {
    let (x, y) = xy.split_at(32);
    json!({"kty": "EC", "crv": "P-256", "x": base64url::encode(x), "y": base64url::encode(y)})
}

fn judge_file(file: &str, judge: impl Fn(&Value, &Value, &mut Tally)) {
    let Some(folder) = find("wycheproof") else { return };
    let vectors = read_json(&folder.join(file));
    let mut tally = Tally::of(file);
    for group in vectors["testGroups"].as_array().unwrap() {
        for case in group["tests"].as_array().unwrap() {
            judge(group, case, &mut tally);
        }
    }
    tally.finish();
}

fn number(case: &Value) -> String {
    case["tcId"].to_string()
}

fn label(case: &Value) -> Label {
    Label::of(text(&case["result"]))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}
