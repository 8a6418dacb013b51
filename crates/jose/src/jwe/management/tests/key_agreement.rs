//! RFC 7518 §C and RFC 8037 §A.6: both sides agree on the same key, and on that of the RFC.

use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, X25519};

use super::super::concat_kdf;
use super::super::ecdh_es::{EcdhKey, EcdhParameters, Purpose};
use super::super::ephemeral_key::EphemeralKey;
use super::bytes;
use crate::base64url;
use crate::jwe::{ContentEncryption, JweAlgorithm};
use crate::key::Curve;

fn point(x: &str, y: &str) -> Vec<u8> {
    [&[4][..], &bytes(x), &bytes(y)].concat()
}

/// What the party with `key` agrees on under a header with these parameters.
fn receive(
    key: &EcdhKey,
    curve: Curve,
    ephemeral: &[u8],
    purpose: Purpose,
    [apu, apv]: [&[u8]; 2],
) -> String {
    let parameters = EcdhParameters {
        ephemeral: EphemeralKey::new(curve, ephemeral).unwrap(),
        party_u: apu.to_vec(),
        party_v: apv.to_vec(),
    };
    base64url::encode(key.agree(purpose, &parameters).unwrap().bytes())
}

#[test]
fn rfc_7518_c_agrees_on_the_key_of_the_rfc() {
    let ephemeral = point(
        "gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0",
        "SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps",
    );
    let bob = point(
        "weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",
        "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck",
    );
    let bob_private = bytes("VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw");
    let bob = EcdhKey::from_private(Curve::P256, &bob_private, &bob).unwrap();
    let purpose = Purpose::Content(ContentEncryption::A128Gcm);
    let agreed = receive(&bob, Curve::P256, &ephemeral, purpose, [b"Alice", b"Bob"]);
    assert_eq!(agreed, "VqqN6vgjbSBcIijNcacQGg");

    // Alice, who made the ephemeral key, gets what Bob gets.
    let alice = bytes("0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo");
    let alice = PrivateKey::from_private_key(&ECDH_P256, &alice).unwrap();
    let (sent, made) = bob.agree_with(&alice, purpose).unwrap();
    assert_eq!(made.bytes(), ephemeral);
    assert_eq!(
        base64url::encode(sent.bytes()),
        receive(&bob, Curve::P256, &ephemeral, purpose, [b"", b""])
    );
}

#[test]
fn rfc_7518_c_derives_its_key_from_its_shared_secret() {
    let shared_secret = [
        158, 86, 217, 29, 129, 113, 53, 211, 114, 131, 66, 131, 191, 132, 38, 156, 251, 49, 110,
        163, 218, 128, 106, 72, 246, 218, 167, 121, 140, 254, 144, 196,
    ];
    let mut key = [0; 16];
    concat_kdf::derive(&shared_secret, "A128GCM", b"Alice", b"Bob", &mut key).unwrap();
    assert_eq!(base64url::encode(&key), "VqqN6vgjbSBcIijNcacQGg");
}

#[test]
fn rfc_8037_a_6_agrees_on_the_shared_secret_of_the_rfc() {
    let bob = bytes("3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08");
    let ephemeral = bytes("hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo");
    let shared_secret = bytes("Sl2dW6TOLeFyjjv0gDUPJeB-IclH0Z4zdvCbPB4WF0I");
    let bob = EcdhKey::from_public(Curve::X25519, &bob).unwrap();
    let alice = bytes("dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo");
    let alice = PrivateKey::from_private_key(&X25519, &alice).unwrap();

    let alg = JweAlgorithm::EcdhEsA128Kw;
    let purpose = Purpose::Wrapping { alg, enc: ContentEncryption::A256Gcm, key_bytes: 16 };
    let (agreed, made) = bob.agree_with(&alice, purpose).unwrap();
    assert_eq!(made.bytes(), ephemeral);
    let mut expected = [0; 16];
    concat_kdf::derive(&shared_secret, "ECDH-ES+A128KW", b"", b"", &mut expected).unwrap();
    assert_eq!(agreed.bytes(), expected);
}

#[test]
fn another_party_or_purpose_agrees_on_another_key() {
    let secret = [7; 32];
    let derive = |algorithm, apu: &[u8], apv: &[u8]| {
        let mut key = [0; 16];
        concat_kdf::derive(&secret, algorithm, apu, apv, &mut key).unwrap();
        key
    };
    let key = derive("A128GCM", b"Alice", b"Bob");
    assert_ne!(key, derive("ECDH-ES+A128KW", b"Alice", b"Bob"));
    assert_ne!(key, derive("A128GCM", b"Bob", b"Alice"));
    assert_ne!(key, derive("A128GCM", b"AliceB", b"ob"), "the lengths are part of it");
    assert_ne!(key, derive("A128GCM", b"Alice", b""));
}
