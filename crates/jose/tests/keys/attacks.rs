//! Named attacks on signatures and keys.

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};
use sealpass_jose::{Algorithm, Jwk, JwsAlgorithm, Key, KeyError, KeyRing, Secret, base64url};

use crate::support::{ES256, ES512, HS256, PS256, RS256, jwk, member, open, refused, ring, with};

const P256: &str = include_str!("rfc/rfc7515_a3.jwk");
const P521: &str = include_str!("rfc/rfc7515_a4.jwk");
const RSA: &str = include_str!("rfc/rfc7515_a2.jwk");

fn signing_input(alg: &str) -> String {
    let header = base64url::encode(format!(r#"{{"alg":"{alg}"}}"#).as_bytes());
    format!("{header}.{}", base64url::encode(b"forged"))
}

/// CVE-2022-21449: zeros that verify everything.
#[test]
fn psychic_signatures_are_refused() {
    let order = "_____wAAAAD__________7zm-q2nF56E87nKwvxjJVE";
    let order = base64url::decode(order.as_bytes()).unwrap();
    let (zero, one) = (vec![0; 32], [vec![0; 31], vec![1]].concat());
    let keys = ring(&jwk(P256), ES256);
    for (r, s) in [
        (&zero, &zero),
        (&zero, &one),
        (&one, &zero),
        (&order, &order),
        (&one, &order),
        (&order, &one),
    ] {
        let signature = base64url::encode(&[&r[..], s].concat());
        let token = format!("{}.{signature}", signing_input("ES256"));
        assert_eq!(open(&keys, &token), Err("token_not_authentic"));
    }
    let keys = ring(&jwk(P521), ES512);
    let token = format!("{}.{}", signing_input("ES512"), base64url::encode(&[0; 132]));
    assert_eq!(open(&keys, &token), Err("token_not_authentic"));
}

#[test]
fn an_es256_signature_in_der_is_refused() {
    let decode = |name| base64url::decode(member(P256, name).as_bytes()).unwrap();
    let point = [vec![4], decode("x"), decode("y")].concat();
    let pair = EcdsaKeyPair::from_private_key_and_public_key(
        &ECDSA_P256_SHA256_ASN1_SIGNING,
        &decode("d"),
        &point,
    )
    .unwrap();
    let keys = ring(&jwk(P256), ES256);
    let input = signing_input("ES256");
    for _ in 0..8 {
        let der = pair.sign(&SystemRandom::new(), input.as_bytes()).unwrap();
        let token = format!("{input}.{}", base64url::encode(der.as_ref()));
        assert_eq!(open(&keys, &token), Err("token_encoding"), "{} bytes", der.as_ref().len());
    }
}

#[test]
fn a_signature_of_another_length_is_refused() {
    for (json, algorithm, length) in
        [(P256, ES256, 64), (P521, ES512, 132), (RSA, RS256, 256), (RSA, PS256, 256)]
    {
        let jwk = jwk(json);
        let keys = ring(&jwk, algorithm);
        let token = keys.seal_bytes("JWT", b"x").unwrap();
        let (input, signature) = token.rsplit_once('.').unwrap();
        let signature = base64url::decode(signature.as_bytes()).unwrap();
        assert_eq!(signature.len(), length);
        for cut in 1..length {
            let cut = base64url::encode(&signature[..cut]);
            assert_eq!(open(&keys, &format!("{input}.{cut}")), Err("token_encoding"));
        }
        for longer in [[&[0], &signature[..]].concat(), [&signature[..], &[0]].concat()] {
            let longer = base64url::encode(&longer);
            assert_eq!(open(&keys, &format!("{input}.{longer}")), Err("token_encoding"));
        }
    }
}

#[test]
fn an_invalid_curve_point_is_refused() {
    let y = base64url::decode(member(P256, "y").as_bytes()).unwrap();
    for bit in [0, 1, 7, 100, 255] {
        let mut off = y.clone();
        off[bit / 8] ^= 1 << (bit % 8);
        let off = with(P256, "y", base64url::encode(&off));
        assert_eq!(refused(&off), "key_material");
    }
    let zero = base64url::encode(&[0; 32]);
    assert_eq!(refused(&with(&with(P256, "x", &*zero), "y", &*zero)), "key_material");
    let prime = "_____wAAAAEAAAAAAAAAAAAAAAD_______________8";
    assert_eq!(refused(&with(P256, "x", prime)), "key_material", "not below the field's prime");
}

#[test]
fn a_point_of_one_curve_as_a_point_of_another_is_refused() {
    assert_eq!(refused(&with(P256, "crv", "P-384")), "jwk_member_length");
    assert_eq!(refused(&with(P256, "crv", "secp256k1")), "jwk_crv_refused");
    assert_eq!(refused(&with(P256, "crv", "Ed25519")), "jwk_crv_refused");
    assert_eq!(refused(&with(P256, "crv", "p-256")), "jwk_crv_refused");
}

#[test]
fn a_small_rsa_key_is_refused() {
    for bits in [512, 1024, 2047] {
        let mut modulus = vec![0xff; usize::div_ceil(bits, 8)];
        modulus[0] = if bits % 8 == 0 { 0xff } else { 0x7f };
        let json = format!(r#"{{"kty":"RSA","e":"AQAB","n":"{}"}}"#, base64url::encode(&modulus));
        assert_eq!(refused(&json), "rsa_modulus", "{bits}");
    }
}

#[test]
fn an_rsa_exponent_under_which_anyone_signs_is_refused() {
    for exponent in [&[1][..], &[3], &[17], &[1, 0, 0], &[2]] {
        let json = with(RSA, "e", base64url::encode(exponent));
        assert_eq!(refused(&json), "rsa_exponent", "{exponent:?}");
    }
    assert_eq!(refused(&with(RSA, "e", "")), "rsa_exponent");
}

/// CVE-2017-15361: the key of project Wycheproof whose primes can be found from its modulus.
#[test]
fn an_rsa_key_of_a_smart_card_that_chose_weak_primes_is_refused() {
    let modulus = "AanFpofbj7KjD4Lf-\
        N2hVMKR7yewSyXhhbirIMTGpfYEhZ_lnt5UoK98DnKIgArXGTu3MaW_HhFw16HGaTDUHqPrId7fe4r11CqRw\
        09yBFuW79V8sYIwHdzCaWflUI6auImYbVfoN9_nD5n8N8SY9DwXw7mwZM9wREPXoDPgOoIWl6q_MPsp7n0zs\
        3Z5ZaiQWOOzl1S9OhwAfSiiOwz6efnXEaxuTEtPd7BjSx7NaFka8Dx9U7YqXy2RFj1O9PjyaDGuRh7YXsX3i\
        MUSP_wSyHQg_c_qHRtKUsNSGCT7OZg0hzm2KphtjnayKJvC64vAbROBR4Ubg6Bxg9IQVZ-QYyE";
    assert_eq!(refused(&format!(r#"{{"kty":"RSA","e":"AQAB","n":"{modulus}"}}"#)), "rsa_roca");
}

/// CVE-2015-9235: the attacker signs with the text of the public key as the HMAC secret.
#[test]
fn an_rsa_public_key_in_pem_is_not_an_hmac_secret() {
    let public = jwk(RSA).to_public().unwrap();
    let pem = public.to_public_pem().unwrap();
    let input = signing_input("HS256");
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, pem.as_bytes()), input.as_bytes());
    let forged = format!("{input}.{}", base64url::encode(tag.as_ref()));
    let kid = public.thumbprint();
    let named = KeyRing::new(public.clone().with_kid(&kid).unwrap().to_key(&[RS256]).unwrap());
    // Without a `kid`, there is no key for HS256; with it, the key is for something else.
    assert_eq!(open(&named, &forged), Err("key_unknown"));

    let header = base64url::encode(format!(r#"{{"alg":"HS256","kid":"{kid}"}}"#).as_bytes());
    assert_eq!(open(&named, &format!("{header}.e30.{}", "A".repeat(43))), Err("alg_mismatch"));

    for secret in [pem.clone().into_bytes(), format!("\u{feff}{pem}").into_bytes()] {
        let refused = Key::hs256("a", &Secret::new(secret.clone())).err();
        assert_eq!(refused, Some(KeyError::AsymmetricAsSecret));
        let json = format!(r#"{{"kty":"oct","k":"{}"}}"#, base64url::encode(&secret));
        let refused = jwk(&json).to_key(&[HS256]).unwrap_err();
        assert_eq!(refused.code(), "key_asymmetric_as_secret");
    }
}

#[test]
fn a_shared_key_shorter_than_its_hash_is_refused() {
    for (alg, bytes) in [("HS256", 31), ("HS384", 47), ("HS512", 63)] {
        let k = base64url::encode(&vec![7; bytes]);
        let json = format!(r#"{{"kty":"oct","k":"{k}","alg":"{alg}"}}"#);
        assert_eq!(refused(&json), "key_too_short");
        let unnamed = jwk(&format!(r#"{{"kty":"oct","k":"{k}"}}"#));
        let algorithm = Algorithm::Jws(JwsAlgorithm::from_name(alg).unwrap());
        assert_eq!(unnamed.to_key(&[algorithm]).unwrap_err().code(), "key_too_short");
    }
    assert_eq!(refused(r#"{"kty":"oct","k":""}"#), "key_too_short");
}

#[test]
fn a_private_part_of_another_key_is_refused() {
    let other = Jwk::generate(ES256).unwrap();
    let d = member(other.to_private_json().expose(), "d");
    assert_eq!(refused(&with(P256, "d", d)), "key_pair_mismatch");
    assert_eq!(refused(&with(P256, "d", base64url::encode(&[0; 32]))), "key_pair_mismatch");
    assert_eq!(refused(&with(P256, "d", base64url::encode(&[0xff; 32]))), "key_pair_mismatch");

    for member_name in ["d", "p", "q", "dp", "dq", "qi"] {
        let mut bytes = base64url::decode(member(RSA, member_name).as_bytes()).unwrap();
        let last = bytes.len() - 1;
        bytes[last] ^= 2;
        let json = with(RSA, member_name, base64url::encode(&bytes));
        assert_eq!(refused(&json), "key_pair_mismatch", "{member_name}");
    }
    let mut modulus = base64url::decode(member(RSA, "n").as_bytes()).unwrap();
    modulus[100] ^= 1;
    assert_eq!(refused(&with(RSA, "n", base64url::encode(&modulus))), "key_pair_mismatch");
}

#[test]
fn rsa_signatures_of_one_padding_are_not_of_another() {
    let jwk = jwk(RSA);
    let families = [
        [JwsAlgorithm::Rs256, JwsAlgorithm::Rs384, JwsAlgorithm::Rs512],
        [JwsAlgorithm::Ps256, JwsAlgorithm::Ps384, JwsAlgorithm::Ps512],
    ];
    let all = families.as_flattened();
    for signer in all {
        let made = ring(&jwk, Algorithm::Jws(*signer)).seal_bytes("JWT", b"x").unwrap();
        let (_, rest) = made.split_once('.').unwrap();
        for verifier in all {
            let header =
                base64url::encode(format!(r#"{{"alg":"{}"}}"#, verifier.name()).as_bytes());
            let keys = ring(&jwk, Algorithm::Jws(*verifier));
            assert_eq!(open(&keys, &made).is_ok(), signer == verifier);
            // Another header makes it another signing input, so this never verifies.
            assert_eq!(open(&keys, &format!("{header}.{rest}")), Err("token_not_authentic"));
        }
    }
}

/// RFC 7518 §3.5: the salt is as long as the hash; a shorter one is another algorithm.
#[test]
fn a_pss_signature_with_another_salt_is_refused() {
    use aws_lc_rs::signature::{
        RSA_PSS_SHA256, RsaKeyPair, RsaPssSaltLength, RsaSignatureEncoding,
    };
    static EMPTY_SALT: RsaSignatureEncoding =
        RSA_PSS_SHA256.with_pss_salt_length(RsaPssSaltLength::Custom(0));
    static OWN: RsaSignatureEncoding = RSA_PSS_SHA256;

    let jwk = jwk(RSA);
    let pem = jwk.to_private_pem().unwrap();
    let base64: String = pem.expose().lines().filter(|line| !line.starts_with('-')).collect();
    let base64url = base64.trim_end_matches('=').replace('+', "-").replace('/', "_");
    let pair = RsaKeyPair::from_pkcs8(&base64url::decode(base64url.as_bytes()).unwrap()).unwrap();
    let keys = ring(&jwk, PS256);
    let input = signing_input("PS256");
    let sign = |encoding| {
        let mut signature = [0; 256];
        pair.sign(encoding, &SystemRandom::new(), input.as_bytes(), &mut signature).unwrap();
        format!("{input}.{}", base64url::encode(&signature))
    };
    assert_eq!(open(&keys, &sign(&OWN)).as_deref(), Ok(&b"forged"[..]));
    assert_eq!(open(&keys, &sign(&EMPTY_SALT)), Err("token_not_authentic"));
}

#[test]
fn every_bit_of_a_signature_counts() {
    for (json, algorithm) in [(P256, ES256), (RSA, RS256)] {
        let keys = ring(&jwk(json), algorithm);
        let token = keys.seal_bytes("JWT", b"x").unwrap();
        let (input, signature) = token.rsplit_once('.').unwrap();
        let signature = base64url::decode(signature.as_bytes()).unwrap();
        for bit in 0..signature.len() * 8 {
            let mut changed = signature.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            let token = format!("{input}.{}", base64url::encode(&changed));
            assert_eq!(open(&keys, &token), Err("token_not_authentic"), "bit {bit}");
        }
    }
}
