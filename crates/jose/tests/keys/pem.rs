//! PEM files of OpenSSL 3, made for these tests, and what is wrong with others.

use sealpass_jose::{Algorithm, Curve, Jwk, JwsAlgorithm, PemError, base64url};

use crate::support::{ES256, HS256, RS256, agree, member};

const P256_PKCS8: &str = include_str!("pem/p256.pkcs8.pem");
const P256_SEC1: &str = include_str!("pem/p256.sec1.pem");
const P256_SPKI: &str = include_str!("pem/p256.spki.pem");
const RSA_PKCS8: &str = include_str!("pem/rsa.pkcs8.pem");

fn pem(text: &str) -> Jwk {
    Jwk::from_pem(text.as_bytes()).unwrap()
}

fn refused(text: &str) -> &'static str {
    Jwk::from_pem(text.as_bytes()).unwrap_err().code()
}

/// The DER of a block.
fn der(text: &str) -> Vec<u8> {
    let body: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
    let body = body.trim_end_matches('=').replace('+', "-").replace('/', "_");
    base64url::decode(body.as_bytes()).unwrap()
}

fn block(label: &str, der: &[u8]) -> String {
    let body = base64url::encode(der).replace('-', "+").replace('_', "/");
    let padding = "=".repeat((4 - body.len() % 4) % 4);
    format!("-----BEGIN {label}-----\n{body}{padding}\n-----END {label}-----\n")
}

#[test]
fn keys_of_openssl_are_read_in_every_container() {
    for (private, public, kind, curve) in [
        (P256_PKCS8, P256_SPKI, "EC", Some(Curve::P256)),
        (P256_SEC1, P256_SPKI, "EC", Some(Curve::P256)),
        (include_str!("pem/p256.sec1_no_public.pem"), P256_SPKI, "EC", Some(Curve::P256)),
        (
            include_str!("pem/p384.pkcs8.pem"),
            include_str!("pem/p384.spki.pem"),
            "EC",
            Some(Curve::P384),
        ),
        (
            include_str!("pem/p384.sec1.pem"),
            include_str!("pem/p384.spki.pem"),
            "EC",
            Some(Curve::P384),
        ),
        (
            include_str!("pem/p521.pkcs8.pem"),
            include_str!("pem/p521.spki.pem"),
            "EC",
            Some(Curve::P521),
        ),
        (
            include_str!("pem/p521.sec1.pem"),
            include_str!("pem/p521.spki.pem"),
            "EC",
            Some(Curve::P521),
        ),
        (
            include_str!("pem/ed25519.pkcs8.pem"),
            include_str!("pem/ed25519.spki.pem"),
            "OKP",
            Some(Curve::Ed25519),
        ),
        (
            include_str!("pem/x25519.pkcs8.pem"),
            include_str!("pem/x25519.spki.pem"),
            "OKP",
            Some(Curve::X25519),
        ),
        (RSA_PKCS8, include_str!("pem/rsa.spki.pem"), "RSA", None),
        (include_str!("pem/rsa.pkcs1.pem"), include_str!("pem/rsa.pkcs1_public.pem"), "RSA", None),
    ] {
        let (private, public) = (pem(private), pem(public));
        assert!(private.is_private() && !public.is_private());
        assert_eq!((private.key_type(), private.curve()), (kind, curve));
        assert_eq!(private.thumbprint(), public.thumbprint());
        assert_eq!(private.to_public_json(), public.to_public_json());
    }
}

#[test]
fn what_comes_out_is_what_openssl_writes() {
    for (private, public) in [
        (P256_PKCS8, P256_SPKI),
        (include_str!("pem/p384.pkcs8.pem"), include_str!("pem/p384.spki.pem")),
        (include_str!("pem/p521.pkcs8.pem"), include_str!("pem/p521.spki.pem")),
        (include_str!("pem/ed25519.pkcs8.pem"), include_str!("pem/ed25519.spki.pem")),
        (include_str!("pem/x25519.pkcs8.pem"), include_str!("pem/x25519.spki.pem")),
        (RSA_PKCS8, include_str!("pem/rsa.spki.pem")),
    ] {
        assert_eq!(pem(private).to_private_pem().unwrap().expose(), private);
        assert_eq!(pem(private).to_public_pem().unwrap(), public);
        assert_eq!(pem(public).to_public_pem().unwrap(), public);
        assert_eq!(pem(public).to_private_pem().err(), Some(PemError::NoPrivateKey));
    }
}

#[test]
fn a_key_from_pem_signs_under_the_algorithm_it_is_told() {
    for (private, public, algorithm) in [
        (P256_SEC1, P256_SPKI, ES256),
        (include_str!("pem/rsa.pkcs1.pem"), include_str!("pem/rsa.spki.pem"), RS256),
        (
            include_str!("pem/ed25519.pkcs8.pem"),
            include_str!("pem/ed25519.spki.pem"),
            Algorithm::Jws(JwsAlgorithm::EdDsa),
        ),
    ] {
        let key = |text| pem(text).with_kid("a").unwrap().to_key(&[algorithm]).unwrap();
        assert!(agree(&key(private), &key(public)));
        assert_eq!(pem(private).to_key(&[HS256]).unwrap_err().code(), "jwk_alg_mismatch");
    }
}

#[test]
fn a_shared_key_has_no_pem() {
    let shared = Jwk::generate(HS256).unwrap();
    assert_eq!(shared.to_private_pem().err(), Some(PemError::SharedKey));
    assert_eq!(shared.to_public_pem().err(), Some(PemError::SharedKey));
}

#[test]
fn keys_that_are_not_read_are_named() {
    for (text, code) in [
        (include_str!("pem/refused.certificate.pem"), "pem_certificate"),
        (include_str!("pem/refused.compressed.pem"), "pem_point"),
        (include_str!("pem/refused.ec_parameters.pem"), "pem_label_refused"),
        (include_str!("pem/refused.ed448.pem"), "pem_key_type_refused"),
        (include_str!("pem/refused.encrypted_pkcs1.pem"), "pem_encrypted"),
        (include_str!("pem/refused.encrypted_pkcs8.pem"), "pem_encrypted"),
        (include_str!("pem/refused.explicit_parameters.pem"), "pem_der"),
        (include_str!("pem/refused.rsa_1024.pem"), "rsa_modulus"),
        (include_str!("pem/refused.rsa_e3.pem"), "rsa_exponent"),
        (include_str!("pem/refused.rsa_multi_prime.pem"), "pem_multi_prime"),
        (include_str!("pem/refused.rsa_pss.pem"), "pem_key_type_refused"),
        (include_str!("pem/refused.secp256k1.pem"), "pem_curve_refused"),
    ] {
        assert_eq!(refused(text), code);
    }
}

#[test]
fn several_keys_are_read_only_when_asked_for() {
    let two = format!("{P256_PKCS8}\n{RSA_PKCS8}");
    assert_eq!(refused(&two), "pem_several_blocks");
    let keys = Jwk::all_from_pem(two.as_bytes()).unwrap();
    assert_eq!(keys.iter().map(Jwk::key_type).collect::<Vec<_>>(), ["EC", "RSA"]);
    let bad = format!("{P256_PKCS8}{}", include_str!("pem/refused.certificate.pem"));
    assert_eq!(Jwk::all_from_pem(bad.as_bytes()).err(), Some(PemError::Certificate));
    assert_eq!(Jwk::all_from_pem(b"\n \n").err(), Some(PemError::NoBlock));
}

#[test]
fn armour_that_could_be_read_in_two_ways_is_refused() {
    let body = P256_SPKI.lines().nth(1).unwrap();
    for (text, code) in [
        (String::new(), "pem_no_block"),
        (format!("a key:\n{P256_SPKI}"), "pem_text_outside"),
        (format!("{P256_SPKI}thanks\n"), "pem_text_outside"),
        (format!(" {P256_SPKI}"), "pem_text_outside"),
        (P256_SPKI.replace("END PUBLIC", "END PRIVATE"), "pem_boundary"),
        (P256_SPKI.replace("-----END PUBLIC KEY-----", ""), "pem_boundary"),
        (
            P256_SPKI.replace("-----END PUBLIC KEY-----", "-----END PUBLIC KEY----- "),
            "pem_boundary",
        ),
        (
            P256_SPKI.replace("-----BEGIN PUBLIC KEY-----", "-----BEGIN PUBLIC KEY----"),
            "pem_boundary",
        ),
        (P256_SPKI.replace("BEGIN PUBLIC", "BEGIN\u{a0}PUBLIC"), "pem_boundary"),
        (P256_SPKI.replace(body, &format!(" {body}")), "pem_base64"),
        (P256_SPKI.replace(body, &format!("{body}\t")), "pem_base64"),
        (P256_SPKI.replace(body, &format!("Comment: x\n\n{body}")), "pem_base64"),
        (P256_SPKI.replace("==", ""), "pem_base64"),
        (P256_SPKI.replacen('\n', "\r\r\n", 2), "pem_boundary"),
        (P256_SPKI.replace("PUBLIC KEY", "PRIVATE KEY"), "pem_der"),
        (P256_SPKI.replace("PUBLIC KEY", "OPENSSH PRIVATE KEY"), "pem_label_refused"),
        (P256_SPKI.replace("PUBLIC KEY", "public key"), "pem_label_refused"),
        ("x".repeat(Jwk::MAX_PEM_BYTES + 1), "pem_too_long"),
    ] {
        assert_eq!(refused(&text), code, "{text}");
    }
    assert_eq!(Jwk::from_pem(b"\xff").err(), Some(PemError::TextOutside));
}

#[test]
fn line_ends_and_lengths_do_not_matter() {
    let expected = pem(P256_SPKI).thumbprint();
    let one_line = block("PUBLIC KEY", &der(P256_SPKI));
    for text in [P256_SPKI.replace('\n', "\r\n"), one_line, format!("\n\n{P256_SPKI}\n \n")] {
        assert_eq!(pem(&text).thumbprint(), expected);
    }
    assert_eq!(pem(P256_SPKI.trim_end()).thumbprint(), expected, "no end of the last line");
}

#[test]
fn what_comes_after_the_structure_is_refused() {
    for (text, label) in
        [(P256_PKCS8, "PRIVATE KEY"), (P256_SPKI, "PUBLIC KEY"), (P256_SEC1, "EC PRIVATE KEY")]
    {
        let longer = [&der(text)[..], &[0]].concat();
        assert_eq!(refused(&block(label, &longer)), "pem_der");
    }
}

#[test]
fn every_cut_of_a_key_is_refused() {
    for (text, label) in [
        (P256_PKCS8, "PRIVATE KEY"),
        (P256_SPKI, "PUBLIC KEY"),
        (P256_SEC1, "EC PRIVATE KEY"),
        (include_str!("pem/rsa.pkcs1_public.pem"), "RSA PUBLIC KEY"),
    ] {
        let der = der(text);
        for length in 0..der.len() {
            assert!(Jwk::from_pem(block(label, &der[..length]).as_bytes()).is_err(), "{length}");
        }
    }
}

#[test]
fn every_bit_of_a_private_key_counts() {
    let ed25519 = include_str!("pem/ed25519.pkcs8.pem");
    let expected = pem(ed25519).thumbprint();
    let der = der(ed25519);
    for bit in 0..der.len() * 8 {
        let mut changed = der.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        match Jwk::from_pem(block("PRIVATE KEY", &changed).as_bytes()) {
            Ok(key) => assert_ne!(key.thumbprint(), expected, "bit {bit}"),
            Err(error) => assert!(bit < 16 * 8, "bit {bit}: {error}"),
        }
    }
}

#[test]
fn a_private_part_of_another_key_is_refused() {
    let p256 = der(P256_SEC1);
    // The first byte of the scalar, after SEQUENCE, version and the head of the octet string.
    for index in [7, 38, p256.len() - 1] {
        let mut changed = p256.clone();
        changed[index] ^= 1;
        let code = refused(&block("EC PRIVATE KEY", &changed));
        assert!(["key_pair_mismatch", "key_material"].contains(&code), "{index}: {code}");
    }
}

#[test]
fn the_public_key_of_version_2_must_be_that_of_the_private_one() {
    let ed25519 = der(include_str!("pem/ed25519.pkcs8.pem"));
    let public = base64url::decode(
        member(&pem(include_str!("pem/ed25519.spki.pem")).to_public_json().unwrap(), "x")
            .as_bytes(),
    )
    .unwrap();
    let v2 = |public: &[u8]| {
        let mut v2 = ed25519.clone();
        v2[1] += 35;
        v2[4] = 1;
        block("PRIVATE KEY", &[&v2[..], &[0x81, 0x21, 0x00], public].concat())
    };
    assert_eq!(pem(&v2(&public)).to_public_pem().unwrap(), include_str!("pem/ed25519.spki.pem"));
    let mut other = public.clone();
    other[0] ^= 1;
    assert_eq!(refused(&v2(&other)), "key_pair_mismatch");
    let v1 = v2(&public);
    let mut v1 = der(&v1);
    v1[4] = 0;
    assert_eq!(refused(&block("PRIVATE KEY", &v1)), "pem_der", "version 1 has no public key");
}
