//! What clients see of an error: its code, which never changes, and its sentence.

use sealpass_jose::{
    Base64UrlError, JsonError, JwkError, JwkSetError, JwksError, JwksScheduleError, KeyError,
    PemError,
};

const DUPLICATE: JsonError = JsonError::DuplicateMember { position: 7 };

fn key_errors() -> [(KeyError, &'static str); 12] {
    [
        (KeyError::Algorithm, "key_algorithm"),
        (KeyError::AsymmetricAsSecret, "key_asymmetric_as_secret"),
        (KeyError::ContentEncryption, "key_enc"),
        (KeyError::DuplicateKid, "kid_duplicate"),
        (KeyError::Kid, "kid_refused"),
        (KeyError::Length { bytes: 8, required_bytes: 16 }, "key_length"),
        (KeyError::Material, "key_material"),
        (KeyError::PairMismatch, "key_pair_mismatch"),
        (KeyError::RsaExponent, "rsa_exponent"),
        (KeyError::RsaModulus { bits: 1024 }, "rsa_modulus"),
        (KeyError::RsaRoca, "rsa_roca"),
        (KeyError::TooShort { bytes: 8, min_bytes: 32 }, "key_too_short"),
    ]
}

fn jwk_errors() -> [(JwkError, &'static str); 21] {
    let reason = Base64UrlError::TrailingBits;
    let length = JwkError::MemberLength { member: "x", bytes: 31, expected_bytes: 32 };
    [
        (JwkError::AlgorithmAmbiguous, "jwk_alg_ambiguous"),
        (JwkError::AlgorithmMismatch, "jwk_alg_mismatch"),
        (JwkError::AlgorithmNone, "alg_none_refused"),
        (JwkError::AlgorithmPbes2, "alg_pbes2_refused"),
        (JwkError::AlgorithmRsa15, "alg_rsa1_5_refused"),
        (JwkError::AlgorithmUnsupported, "jwk_alg_refused"),
        (JwkError::CurveUnsupported, "jwk_crv_refused"),
        (JwkError::Encoding { member: "k", reason }, "jwk_encoding"),
        (JwkError::Json(DUPLICATE), "jwk_duplicate_member"),
        (JwkError::Json(JsonError::TooDeep), "jwk_malformed"),
        (JwkError::Key(KeyError::RsaExponent), "rsa_exponent"),
        (JwkError::KeyTypeUnsupported, "jwk_kty_refused"),
        (JwkError::LeadingZero { member: "n" }, "jwk_leading_zero"),
        (length, "jwk_member_length"),
        (JwkError::MemberMissing { member: "x" }, "jwk_member_missing"),
        (JwkError::MemberType { member: "x", expected: "a string" }, "jwk_member_type"),
        (JwkError::MultiPrime, "jwk_oth_refused"),
        (JwkError::OperationDuplicate, "jwk_key_ops_duplicate"),
        (JwkError::OperationMismatch, "jwk_key_ops_mismatch"),
        (JwkError::SharedKey, "jwk_shared_key"),
        (JwkError::UseMismatch, "jwk_use_mismatch"),
    ]
}

fn set_errors() -> [(JwkSetError, &'static str); 8] {
    [
        (JwkSetError::DuplicateKid { index: 1 }, "jwks_kid_duplicate"),
        (JwkSetError::Json(DUPLICATE), "jwks_duplicate_member"),
        (JwkSetError::Json(JsonError::Utf8), "jwks_malformed"),
        (JwkSetError::Key { index: 1, reason: JwkError::SharedKey }, "jwk_shared_key"),
        (JwkSetError::Keys, "jwks_keys"),
        (JwkSetError::NoUsableKey, "jwks_no_usable_key"),
        (JwkSetError::TooLong { bytes: 2, max_bytes: 1 }, "jwks_too_long"),
        (JwkSetError::TooManyKeys, "jwks_too_many_keys"),
    ]
}

fn pem_errors() -> [(PemError, &'static str); 18] {
    [
        (PemError::Base64, "pem_base64"),
        (PemError::Boundary, "pem_boundary"),
        (PemError::Certificate, "pem_certificate"),
        (PemError::CurveUnsupported, "pem_curve_refused"),
        (PemError::Der, "pem_der"),
        (PemError::Encrypted, "pem_encrypted"),
        (PemError::Key(KeyError::RsaRoca), "rsa_roca"),
        (PemError::KeyTypeUnsupported, "pem_key_type_refused"),
        (PemError::LabelUnsupported, "pem_label_refused"),
        (PemError::MultiPrime, "pem_multi_prime"),
        (PemError::NoBlock, "pem_no_block"),
        (PemError::NoPrivateKey, "pem_no_private_key"),
        (PemError::Point, "pem_point"),
        (PemError::SeveralBlocks, "pem_several_blocks"),
        (PemError::SharedKey, "pem_shared_key"),
        (PemError::TextOutside, "pem_text_outside"),
        (PemError::TooLong { bytes: 2 }, "pem_too_long"),
        (PemError::Key(KeyError::Material), "key_material"),
    ]
}

#[test]
fn codes_are_stable() {
    for (error, code) in key_errors() {
        assert_eq!(error.code(), code);
    }
    for (error, code) in jwk_errors() {
        assert_eq!(error.code(), code);
    }
    for (error, code) in set_errors() {
        assert_eq!(error.code(), code);
    }
    for (error, code) in pem_errors() {
        assert_eq!(error.code(), code);
    }
    assert_eq!(JwksError::Late.code(), "jwks_late");
    assert_eq!(JwksError::PrivateKey.code(), "jwks_private_key");
    assert_eq!(JwksError::Set(JwkSetError::Keys).code(), "jwks_keys");
    let long = JwkError::TooLong { bytes: 2, max_bytes: 1 };
    assert_eq!(long.code(), "jwk_too_long");
}

#[test]
fn every_error_is_one_sentence_without_its_end() {
    let sentences = key_errors()
        .map(|(error, _)| error.to_string())
        .into_iter()
        .chain(jwk_errors().map(|(error, _)| error.to_string()))
        .chain(set_errors().map(|(error, _)| error.to_string()))
        .chain(pem_errors().map(|(error, _)| error.to_string()))
        .chain(
            [
                JwksScheduleError::Cooldown,
                JwksScheduleError::FetchTimeout,
                JwksScheduleError::Staleness,
            ]
            .map(|error| error.to_string()),
        )
        .chain([JwksError::Late, JwksError::PrivateKey].map(|error| error.to_string()));
    for sentence in sentences {
        let first = sentence.chars().next().unwrap();
        assert!(first.is_lowercase() || first == '`', "{sentence}");
        assert!(!sentence.ends_with('.') && !sentence.contains(['\n', '{']), "{sentence}");
    }
}
