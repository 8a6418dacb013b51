//! What clients see of an error: its code, which never changes, and its sentence.

use std::fmt::Display;

use sealpass_jose::{
    Base64UrlError, ClaimError, HeaderError, JsonError, KeyError, Part, SealError, TokenError,
    VerifierError, VerifyError,
};

const DUPLICATE: JsonError = JsonError::DuplicateMember { position: 7 };
const BASE64URL: Base64UrlError = Base64UrlError::Byte { position: 7 };

fn token_errors() -> [(TokenError, &'static str); 4] {
    [
        (TokenError::EmptyPart { part: Part::Signature }, "token_part_empty"),
        (TokenError::JsonSerialization, "json_serialization_refused"),
        (TokenError::PartCount, "token_part_count"),
        (TokenError::TooLong { bytes: 2, max_bytes: 1 }, "token_too_long"),
    ]
}

fn header_errors() -> [(HeaderError, &'static str); 22] {
    let embedded = |member| HeaderError::EmbeddedKeyRefused { member };
    [
        (HeaderError::AlgorithmMissing, "alg_missing"),
        (HeaderError::AlgorithmNone, "alg_none_refused"),
        (HeaderError::AlgorithmPbes2, "alg_pbes2_refused"),
        (HeaderError::AlgorithmRsa15, "alg_rsa1_5_refused"),
        (HeaderError::AlgorithmUnsupported, "alg_refused"),
        (HeaderError::CompressionRefused, "zip_refused"),
        (HeaderError::CriticalRefused, "crit_refused"),
        (embedded("jku"), "jku_refused"),
        (embedded("jwk"), "jwk_refused"),
        (embedded("x5c"), "x5c_refused"),
        (embedded("x5u"), "x5u_refused"),
        (HeaderError::Encoding(BASE64URL), "header_encoding"),
        (HeaderError::EncryptionMissing, "enc_missing"),
        (HeaderError::EncryptionUnexpected, "enc_unexpected"),
        (HeaderError::EphemeralKeyRefused { reason: "it is not an object" }, "epk_refused"),
        (HeaderError::Json(DUPLICATE), "header_duplicate_member"),
        (HeaderError::Json(JsonError::TooDeep), "header_malformed"),
        (HeaderError::MemberEncoding { member: "iv", reason: BASE64URL }, "header_member_encoding"),
        (HeaderError::MemberMissing { member: "iv" }, "header_member_missing"),
        (HeaderError::MemberType { member: "kid" }, "header_member_type"),
        (HeaderError::TooLong, "header_too_long"),
        (HeaderError::UnencodedPayloadRefused, "b64_refused"),
    ]
}

fn verify_errors() -> [(VerifyError, &'static str); 25] {
    let encoding = VerifyError::Encoding { part: Part::Ciphertext, reason: BASE64URL };
    [
        (VerifyError::AlgorithmMismatch, "alg_mismatch"),
        (VerifyError::AudienceMismatch, "aud_mismatch"),
        (VerifyError::ClaimDateRange { claim: "exp" }, "claim_date_range"),
        (VerifyError::ClaimMissing { claim: "exp" }, "claim_missing"),
        (VerifyError::ClaimType { claim: "exp", expected: "a number" }, "claim_type"),
        (VerifyError::Claims(DUPLICATE), "claims_duplicate_member"),
        (VerifyError::Claims(JsonError::Utf8), "claims_malformed"),
        (encoding, "token_encoding"),
        (VerifyError::EncryptedKeyMissing, "encrypted_key_missing"),
        (VerifyError::EncryptedKeyUnexpected, "encrypted_key_unexpected"),
        (VerifyError::Expired, "token_expired"),
        (VerifyError::Header(HeaderError::AlgorithmNone), "alg_none_refused"),
        (VerifyError::IssuedInFuture, "iat_in_future"),
        (VerifyError::IssuerMismatch, "iss_mismatch"),
        (VerifyError::KeyAmbiguous, "kid_missing"),
        (VerifyError::KeyUnknown, "key_unknown"),
        (VerifyError::NestedMalformed(TokenError::PartCount), "nested_malformed"),
        (VerifyError::NestedMissing, "nested_missing"),
        (VerifyError::NestedUnexpected, "nested_unexpected"),
        (VerifyError::NotAuthentic, "token_not_authentic"),
        (VerifyError::NotYetValid, "token_not_yet_valid"),
        (VerifyError::SealOnlyKey, "key_cannot_open"),
        (VerifyError::TooLong { max_bytes: 1 }, "token_too_long"),
        (VerifyError::TypeMismatch, "typ_mismatch"),
        (VerifyError::Header(HeaderError::TooLong), "header_too_long"),
    ]
}

fn seal_errors() -> [(SealError, &'static str); 10] {
    [
        (SealError::Claims(DUPLICATE), "claims_duplicate_member"),
        (SealError::Claims(JsonError::NotAnObject), "claims_malformed"),
        (SealError::Crypto, "crypto_failed"),
        (SealError::EncryptionKeyRequired, "key_not_for_encryption"),
        (SealError::KeyExhausted, "key_exhausted"),
        (SealError::Serialize, "claims_not_serializable"),
        (SealError::SigningKeyRequired, "key_not_for_signatures"),
        (SealError::TooLong { max_bytes: 1 }, "token_too_long"),
        (SealError::Typ, "typ_refused"),
        (SealError::VerifyOnlyKey, "key_cannot_sign"),
    ]
}

#[test]
fn codes_are_stable() {
    for (error, code) in token_errors() {
        assert_eq!(error.code(), code);
    }
    for (error, code) in header_errors() {
        assert_eq!(error.code(), code);
    }
    for (error, code) in verify_errors() {
        assert_eq!(error.code(), code);
    }
    for (error, code) in seal_errors() {
        assert_eq!(error.code(), code);
    }
}

#[test]
fn every_error_is_one_sentence_without_its_end() {
    let mut sentences: Vec<String> = Vec::new();
    let mut say = |error: &dyn Display| sentences.push(error.to_string());
    for (error, _) in token_errors() {
        say(&error);
    }
    for (error, _) in header_errors() {
        say(&error);
    }
    for (error, _) in verify_errors() {
        say(&error);
    }
    for (error, _) in seal_errors() {
        say(&error);
    }
    let claim = || "plan".to_owned();
    for error in [
        ClaimError::DateRange { claim: claim() },
        ClaimError::Missing { claim: "plan" },
        ClaimError::Refused,
        ClaimError::Type { claim: claim(), expected: "a string" },
        ClaimError::Unknown { claim: claim() },
    ] {
        say(&error);
    }
    for error in [
        KeyError::ContentEncryption,
        KeyError::DuplicateKid,
        KeyError::Kid,
        KeyError::Length { bytes: 8, required_bytes: 16 },
        KeyError::Material,
        KeyError::TooShort { bytes: 8, min_bytes: 32 },
    ] {
        say(&error);
    }
    for error in [
        VerifierError::Audience,
        VerifierError::Issuer,
        VerifierError::Leeway { seconds: 61 },
        VerifierError::MaxTokenBytes,
        VerifierError::Typ,
    ] {
        say(&error);
    }
    for sentence in sentences {
        let first = sentence.chars().next().unwrap();
        assert!(first.is_lowercase() || first == '`', "{sentence}");
        assert!(!sentence.ends_with('.') && !sentence.contains('\n'), "{sentence}");
        assert!(!sentence.contains(" { "), "a `Debug` text: {sentence}");
    }
}
