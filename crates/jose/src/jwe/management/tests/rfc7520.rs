//! RFC 7520 §5.

use aws_lc_rs::agreement::{ECDH_P256, ECDH_P384, PrivateKey};

use super::super::{AesKwKey, KeyManagement, Outgoing, deliver, purpose};
use super::cookbook::{self, PLAINTEXT};
use super::{bytes, cek, material, open, reproduce, rsa_keys};
use crate::base64url;
use crate::header::HeaderError;
use crate::jwe::seal::SealingKey;
use crate::jwe::{ContentEncryption, JweAlgorithm};
use crate::jwt::VerifyError;
use crate::key::{Curve, Key};
use crate::secret::Secret;

fn symmetric(kid: &str, alg: JweAlgorithm, enc: ContentEncryption, key: &str) -> Key {
    Key::symmetric_jwe(kid, alg, &[enc], &Secret::new(bytes(key))).unwrap()
}

fn a128kw() -> Key {
    let kid = "81b20965-8332-43d9-a468-82160ad91ac8";
    symmetric(kid, JweAlgorithm::A128Kw, ContentEncryption::A128Gcm, "GZy6sIZ6wl9NJOKB-jnmVQ")
}

fn ecdh(
    kid: &str,
    alg: JweAlgorithm,
    enc: ContentEncryption,
    curve: Curve,
    [d, x, y]: [&str; 3],
) -> Key {
    let point = [&[4][..], &bytes(x), &bytes(y)].concat();
    let public = if curve == Curve::X25519 { bytes(x) } else { point };
    Key::ecdh_private(kid, alg, &[enc], curve, &Secret::new(bytes(d)), &public).unwrap()
}

fn p_384() -> Key {
    ecdh(
        "peregrin.took@tuckborough.example",
        JweAlgorithm::EcdhEsA128Kw,
        ContentEncryption::A128Gcm,
        Curve::P384,
        [
            "iTx2pk7wW-GqJkHcEkFQb2EFyYcO7RugmaW3mRrQVAOUiPommT0IdnYK2xDlZh-j",
            "YU4rRUzdmVqmRtWOs2OpDE_T5fsNIodcG8G5FWPrTPMyxpzsSOGaQLpe2FpxBmu2",
            "A8-yxCHxkfBz3hKZfI1jUYMjUhsEveZ9THuwFjH2sCNdtksRJU7D5-SkgaFL1ETP",
        ],
    )
}

fn p_256() -> Key {
    ecdh(
        "meriadoc.brandybuck@buckland.example",
        JweAlgorithm::EcdhEs,
        ContentEncryption::A128CbcHs256,
        Curve::P256,
        [
            "r_kHyZ-a06rmxM3yESK84r1otSg-aQcVStkRhA-iCM8",
            "Ze2loSV3wrroKUN_4zhwGhCqo3Xhu1td4QjeQ5wIVR0",
            "HlLtdXARY_f55A3fnzQbPcm6hgr34Mp8p-nuzQCE0Zw",
        ],
    )
}

/// The `epk` that was made must be the one in the header of `token`.
fn assert_header_has(token: &str, member: &str) {
    let header = bytes(token.split('.').next().unwrap());
    let header = str::from_utf8(&header).unwrap();
    let member = member.strip_prefix(',').unwrap();
    assert!(header.contains(member), "{member} is not in {header}");
}

#[test]
fn section_5_1_rsa1_5_is_refused_by_design() {
    let refused = open(a128kw(), cookbook::RSA1_5);
    assert_eq!(refused, Err(VerifyError::Header(HeaderError::AlgorithmRsa15)));
}

#[test]
fn section_5_2_rsa_oaep_is_opened() {
    let key = Key::rsa_jwe_private(
        "samwise.gamgee@hobbiton.example",
        JweAlgorithm::RsaOaep,
        &[ContentEncryption::A256Gcm],
        &rsa_keys::RFC_7520_5_2.to_pkcs8(),
    )
    .unwrap();
    assert_eq!(open(key, cookbook::RSA_OAEP).unwrap(), PLAINTEXT.as_bytes());
}

#[test]
fn section_5_3_pbes2_is_refused_by_design() {
    let refused = open(a128kw(), cookbook::PBES2);
    assert_eq!(refused, Err(VerifyError::Header(HeaderError::AlgorithmPbes2)));
}

#[test]
fn section_5_4_ecdh_es_with_key_wrapping_is_opened_and_reproduced() {
    assert_eq!(open(p_384(), cookbook::ECDH_ES_A128KW).unwrap(), PLAINTEXT.as_bytes());
    let key = p_384();
    let KeyManagement::EcdhEs(ecdh) = &material(&key).management else { panic!() };
    let ephemeral = PrivateKey::from_private_key(
        &ECDH_P384,
        &bytes("D5H4Y_5PSKZvhfVFbcCYJOtcGZygRgfZkpsBr59Icmmhe9sW6nkZ8WfwhinUfWJg"),
    )
    .unwrap();
    let enc = ContentEncryption::A128Gcm;
    let purpose = purpose(JweAlgorithm::EcdhEsA128Kw, enc);
    let (agreed, ephemeral) = ecdh.agree_with(&ephemeral, purpose).unwrap();
    let cek = cek(enc, "Nou2ueKlP70ZXDbq9UrRwg");
    let encrypted_key = AesKwKey::new(agreed.bytes()).unwrap().wrap(&cek).unwrap();
    assert_header_has(cookbook::ECDH_ES_A128KW, &ephemeral.to_member());
    let outgoing = Outgoing { cek, encrypted_key, members: String::new() };
    reproduce(&SealingKey::fresh(outgoing).unwrap(), PLAINTEXT, cookbook::ECDH_ES_A128KW);
}

#[test]
fn section_5_5_ecdh_es_is_opened_and_reproduced() {
    assert_eq!(open(p_256(), cookbook::ECDH_ES).unwrap(), PLAINTEXT.as_bytes());
    let key = p_256();
    let KeyManagement::EcdhEs(ecdh) = &material(&key).management else { panic!() };
    let ephemeral = PrivateKey::from_private_key(
        &ECDH_P256,
        &bytes("AtH35vJsQ9SGjYfOsjUxYXQKrPH3FjZHmEtSKoSN8cM"),
    )
    .unwrap();
    let purpose = purpose(JweAlgorithm::EcdhEs, ContentEncryption::A128CbcHs256);
    let (agreed, ephemeral) = ecdh.agree_with(&ephemeral, purpose).unwrap();
    assert_eq!(base64url::encode(agreed.bytes()), "hzHdlfQIAEehb8Hrd_mFRhKsKLEzPfshfXs9l6areCc");
    assert_header_has(cookbook::ECDH_ES, &ephemeral.to_member());
    let outgoing = deliver(&agreed, &ephemeral, purpose).unwrap();
    reproduce(&SealingKey::fresh(outgoing).unwrap(), PLAINTEXT, cookbook::ECDH_ES);
}

#[test]
fn section_5_6_dir_is_opened_and_reproduced() {
    let kid = "77c7e2b8-6e13-45cf-8672-617b5b45243a";
    let key =
        || symmetric(kid, JweAlgorithm::Dir, ContentEncryption::A128Gcm, "XctOhJAkA-pD9Lh7ZgW_2A");
    assert_eq!(open(key(), cookbook::DIR).unwrap(), PLAINTEXT.as_bytes());
    let key = key();
    reproduce(&material(&key).sealing_key().unwrap(), PLAINTEXT, cookbook::DIR);
}

#[test]
fn section_5_7_a256gcmkw_is_opened_and_reproduced() {
    let key = || {
        symmetric(
            "18ec08e1-bfa9-4d95-b205-2b4dd1d4321d",
            JweAlgorithm::A256GcmKw,
            ContentEncryption::A128CbcHs256,
            "qC57l_uxcm7Nm3K-ct4GFjx8tM1U8CZ0NLBvdQstiS8",
        )
    };
    assert_eq!(open(key(), cookbook::A256GCMKW).unwrap(), PLAINTEXT.as_bytes());
    let key = key();
    let KeyManagement::GcmKw(kek) = &material(&key).management else { panic!() };
    let iv = base64url::decode_array(b"KkYT0GX_2jHlfqN_").unwrap();
    let cek = cek(ContentEncryption::A128CbcHs256, "UWxARpat23nL9ReIj4WG3D1ee9I4r-Mv5QLuFXdy_rE");
    let (encrypted_key, parameters) = kek.wrap_with(iv, &cek).unwrap();
    let members = parameters.to_members();
    assert_eq!(members, r#","iv":"KkYT0GX_2jHlfqN_","tag":"kfPduVQ3T3H6vnewt--ksw""#);
    let outgoing = Outgoing { cek, encrypted_key, members };
    reproduce(&SealingKey::fresh(outgoing).unwrap(), PLAINTEXT, cookbook::A256GCMKW);
}

#[test]
fn section_5_8_a128kw_is_opened_and_reproduced() {
    assert_eq!(open(a128kw(), cookbook::A128KW).unwrap(), PLAINTEXT.as_bytes());
    let key = a128kw();
    let KeyManagement::AesKw(kek) = &material(&key).management else { panic!() };
    let cek = cek(ContentEncryption::A128Gcm, "aY5_Ghmk9KxWPBLu_glx1w");
    let encrypted_key = kek.wrap(&cek).unwrap();
    let outgoing = Outgoing { cek, encrypted_key, members: String::new() };
    reproduce(&SealingKey::fresh(outgoing).unwrap(), PLAINTEXT, cookbook::A128KW);
}

#[test]
fn section_5_9_compression_is_refused_by_design() {
    let refused = open(a128kw(), cookbook::ZIP);
    assert_eq!(refused, Err(VerifyError::Header(HeaderError::CompressionRefused)));
}

#[test]
fn the_x25519_example_beside_the_rfc_is_opened() {
    let bob = ecdh(
        "Bob",
        JweAlgorithm::EcdhEs,
        ContentEncryption::A128Gcm,
        Curve::X25519,
        [
            "XasIfmJKikt54X-Lg4AO5m87sSkmGLb9HC-LJ_-I4Os",
            "3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08",
            "",
        ],
    );
    assert_eq!(open(bob, cookbook::X25519).unwrap(), PLAINTEXT.as_bytes());
}

#[test]
fn a_key_accepts_each_of_its_content_encryptions_and_no_other() {
    let kid = "81b20965-8332-43d9-a468-82160ad91ac8";
    let key = Secret::new(bytes("GZy6sIZ6wl9NJOKB-jnmVQ"));
    let with = |enc: &[ContentEncryption]| {
        let key = Key::symmetric_jwe(kid, JweAlgorithm::A128Kw, enc, &key).unwrap();
        open(key, cookbook::A128KW)
    };
    let (first, second) = (ContentEncryption::A256Gcm, ContentEncryption::A128Gcm);
    assert!(with(&[first, second]).is_ok());
    assert_eq!(with(&[first]), Err(VerifyError::AlgorithmMismatch));
}
