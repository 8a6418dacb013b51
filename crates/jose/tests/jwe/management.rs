//! Headers and encrypted keys that do not fit the key.

use sealpass_jose::{ContentEncryption, JweAlgorithm, Key, Secret, base64url};

use crate::foreign::{DIR_KEY, dir_token};
use crate::keys::Kind;
use crate::{open, parts, refusal, seal};

const ENC: ContentEncryption = ContentEncryption::A256Gcm;

const GCM_KW: [JweAlgorithm; 3] =
    [JweAlgorithm::A128GcmKw, JweAlgorithm::A192GcmKw, JweAlgorithm::A256GcmKw];

fn dir_key() -> Key {
    let key = Secret::new(DIR_KEY.to_vec());
    Key::symmetric_jwe("a", JweAlgorithm::Dir, &[ENC], &key).unwrap()
}

#[test]
fn a_foreign_header_selects_by_what_it_means() {
    for header in [
        r#"{"alg":"dir","enc":"A256GCM"}"#,
        r#" { "enc" : "A256GCM" , "kid" : "a" , "alg" : "dir" } "#,
        r#"{"alg":"dir","enc":"A256GCM","epk":1,"iv":2,"tag":3,"apu":4,"p2c":5,"unknown":{}}"#,
        r#"{"\u0061lg":"\u0064ir","enc":"A256GCM","cty":"json"}"#,
    ] {
        assert_eq!(open(&dir_key(), &dir_token(header, b"content")).unwrap(), b"content");
    }
}

#[test]
fn what_is_refused_by_design_has_its_own_code() {
    for (header, code) in [
        (r#"{"alg":"none","enc":"A256GCM"}"#, "alg_none_refused"),
        (r#"{"alg":"RSA1_5","enc":"A256GCM"}"#, "alg_rsa1_5_refused"),
        (r#"{"alg":"PBES2-HS256+A128KW","enc":"A256GCM"}"#, "alg_pbes2_refused"),
        (r#"{"alg":"PBES2-HS512+A256KW","enc":"A256GCM"}"#, "alg_pbes2_refused"),
        (r#"{"alg":"dir","enc":"A256GCM","zip":"DEF"}"#, "zip_refused"),
        (r#"{"alg":"dir","enc":"A256GCM","crit":["exp"]}"#, "crit_refused"),
        (r#"{"alg":"dir","enc":"A256GCM","jwk":{}}"#, "jwk_refused"),
        (r#"{"alg":"RSA-OAEP-384","enc":"A256GCM"}"#, "alg_refused"),
        (r#"{"alg":"ECDH-1PU","enc":"A256GCM"}"#, "alg_refused"),
        (r#"{"alg":"DIR","enc":"A256GCM"}"#, "alg_refused"),
        (r#"{"alg":"dir","enc":"a256gcm"}"#, "alg_refused"),
        (r#"{"alg":"dir","enc":"XC20P"}"#, "alg_refused"),
        (r#"{"alg":"dir"}"#, "enc_missing"),
        (r#"{"alg":"A128KW","enc":"A256GCM","kid":"a"}"#, "alg_mismatch"),
        (r#"{"alg":"dir","enc":"A128CBC-HS256","kid":"a"}"#, "alg_mismatch"),
        (r#"{"alg":"dir","enc":"A128GCM","kid":"a"}"#, "alg_mismatch"),
    ] {
        assert_eq!(refusal(&dir_key(), &dir_token(header, b"content")).code(), code, "{header}");
    }
}

/// `A128CBC-HS256` and `A256GCM` have keys of the same length: only the key says which it is.
#[test]
fn content_encryptions_with_keys_of_one_length_are_not_confused() {
    for kind in Kind::all() {
        let (gcm, cbc) = (kind.key(ENC), kind.key(ContentEncryption::A128CbcHs256));
        assert_eq!(refusal(&gcm, &seal(&cbc, b"content")).code(), "alg_mismatch", "{kind}");
        assert_eq!(refusal(&cbc, &seal(&gcm, b"content")).code(), "alg_mismatch", "{kind}");
    }
}

#[test]
fn algorithms_with_keys_of_one_length_are_not_confused() {
    for kind in Kind::all() {
        let token = seal(&kind.key(ENC), b"content");
        for other in Kind::all().into_iter().filter(|other| other.alg != kind.alg) {
            let refused = refusal(&other.key(ENC), &token);
            assert_eq!(refused.code(), "alg_mismatch", "{kind} for {other}");
        }
    }
}

#[test]
fn a_key_opens_every_content_encryption_it_accepts_and_seals_with_the_first() {
    for kind in Kind::all().into_iter().filter(|kind| kind.alg != JweAlgorithm::Dir) {
        if kind.curve.is_some() || kind.public_key(ENC).is_some() {
            continue;
        }
        let length = crate::keys::symmetric_bytes(kind.alg, ENC);
        let material = Secret::new(vec![7; length]);
        let key = Key::symmetric_jwe("a", kind.alg, &ContentEncryption::ALL, &material).unwrap();
        for enc in ContentEncryption::ALL {
            assert_eq!(open(&key, &seal(&kind.key(enc), b"content")).unwrap(), b"content");
        }
        let first = ContentEncryption::ALL[0];
        assert!(open(&kind.key(first), &seal(&key, b"content")).is_ok(), "{kind}");
    }
}

#[test]
fn an_encrypted_key_beside_dir_is_refused() {
    let key = dir_key();
    for bytes in [&[0; 1][..], &[0; 32], &[0; 40], &[0; 2000]] {
        let mut parts = parts(&seal(&key, b"content"));
        parts[1] = base64url::encode(bytes);
        assert_eq!(refusal(&key, &parts.join(".")).code(), "encrypted_key_unexpected");
    }
}

#[test]
fn an_empty_encrypted_key_is_refused_where_one_is_needed() {
    let none = [JweAlgorithm::Dir, JweAlgorithm::EcdhEs];
    for kind in Kind::all().into_iter().filter(|kind| !none.contains(&kind.alg)) {
        let key = kind.key(ENC);
        let mut parts = parts(&seal(&key, b"content"));
        parts[1].clear();
        assert_eq!(refusal(&key, &parts.join(".")).code(), "encrypted_key_missing", "{kind}");
    }
}

/// A token of `alg` whose header has another `iv` or `tag`.
fn with_member(alg: JweAlgorithm, member: &str, value: Option<serde_json::Value>) -> String {
    let mut parts = parts(&seal(&Kind::new(alg).key(ENC), b"content"));
    let header = base64url::decode(parts[0].as_bytes()).unwrap();
    let mut header: serde_json::Map<_, _> = serde_json::from_slice(&header).unwrap();
    assert!(header.remove(member).is_some());
    if let Some(value) = value {
        header.insert(member.to_owned(), value);
    }
    parts[0] = base64url::encode(&serde_json::to_vec(&header).unwrap());
    parts.join(".")
}

#[test]
fn key_encryption_parameters_of_another_length_are_refused() {
    for alg in GCM_KW {
        let key = Kind::new(alg).key(ENC);
        for (member, right) in [("iv", 12), ("tag", 16)] {
            for length in (0..=20).filter(|length| *length != right) {
                let value = base64url::encode(&vec![0; length]).into();
                let refused = refusal(&key, &with_member(alg, member, Some(value)));
                assert_eq!(refused.code(), "header_member_encoding", "{alg}: {member} {length}");
            }
            let wrong = base64url::encode(&vec![0; right]).into();
            let refused = refusal(&key, &with_member(alg, member, Some(wrong)));
            assert_eq!(refused.code(), "token_not_authentic", "{alg}: {member}");
        }
    }
}

#[test]
fn key_encryption_parameters_that_are_missing_or_not_strings_are_refused() {
    for alg in GCM_KW {
        let key = Kind::new(alg).key(ENC);
        for member in ["iv", "tag"] {
            let missing = refusal(&key, &with_member(alg, member, None));
            assert_eq!(missing.code(), "header_member_missing");
            for value in [serde_json::Value::Null, 1.into(), serde_json::json!(["AA"])] {
                let refused = refusal(&key, &with_member(alg, member, Some(value)));
                assert_eq!(refused.code(), "header_member_type");
            }
        }
    }
}

#[test]
fn a_header_member_twice_at_any_depth_is_refused() {
    for header in [
        r#"{"alg":"dir","alg":"dir","enc":"A256GCM"}"#,
        r#"{"alg":"dir","enc":"A256GCM","iv":"","\u0069v":""}"#,
        r#"{"alg":"dir","enc":"A256GCM","epk":{"x":"","x":""}}"#,
    ] {
        let refused = refusal(&dir_key(), &dir_token(header, b"content"));
        assert_eq!(refused.code(), "header_duplicate_member", "{header}");
    }
}
