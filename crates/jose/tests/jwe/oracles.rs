//! Bleichenbacher's attack and its kin: nothing tells why a token was not authentic.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::key_wrap::{AES_256, AesKek, KeyWrap as _};
use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey};
use sealpass_jose::{ContentEncryption, Curve, JweAlgorithm, VerifyError, base64url};

use crate::keys::{Kind, RSA};
use crate::{open, parts, refusal, seal};

const ENC: ContentEncryption = ContentEncryption::A256Gcm;

/// Algorithms that have an encrypted key.
fn with_encrypted_key() -> Vec<Kind> {
    let none = [JweAlgorithm::Dir, JweAlgorithm::EcdhEs];
    Kind::all().into_iter().filter(|kind| !none.contains(&kind.alg)).collect()
}

/// The token with other bytes as its part `index`.
fn with_part(token: &str, index: usize, bytes: &[u8]) -> String {
    let mut parts = parts(token);
    parts[index] = base64url::encode(bytes);
    parts.join(".")
}

fn flipped(token: &str, index: usize) -> String {
    let mut bytes = base64url::decode(parts(token)[index].as_bytes()).unwrap();
    bytes[0] ^= 1;
    with_part(token, index, &bytes)
}

#[test]
fn a_wrong_encrypted_key_and_a_wrong_tag_are_the_same_error() {
    for kind in with_encrypted_key() {
        for enc in ContentEncryption::ALL {
            let key = kind.key(enc);
            let token = seal(&key, b"content");
            let (wrong_key, wrong_tag) =
                (refusal(&key, &flipped(&token, 1)), refusal(&key, &flipped(&token, 4)));
            assert_eq!(wrong_key, VerifyError::NotAuthentic, "{kind} with {enc}");
            assert_eq!(wrong_key, wrong_tag, "{kind} with {enc}");
            assert_eq!(wrong_key.to_string(), wrong_tag.to_string());
        }
    }
}

#[test]
fn an_encrypted_key_of_any_other_length_is_the_same_error() {
    for kind in with_encrypted_key() {
        let key = kind.key(ENC);
        let token = seal(&key, b"content");
        for length in [1, 7, 8, 15, 16, 24, 31, 32, 33, 39, 41, 48, 72, 80, 255, 256, 257, 1024] {
            let other = with_part(&token, 1, &vec![0xa6; length]);
            assert_eq!(refusal(&key, &other), VerifyError::NotAuthentic, "{kind}: {length}");
        }
    }
}

#[test]
fn an_encrypted_key_longer_than_any_is_refused_unread() {
    for kind in with_encrypted_key() {
        let key = kind.key(ENC);
        let other = with_part(&seal(&key, b"content"), 1, &[0; 1025]);
        assert_eq!(refusal(&key, &other).code(), "token_encoding", "{kind}");
    }
}

/// A token whose content is sealed with the first bytes of `cek`, whatever its length.
fn token_of(header: &str, encrypted_key: &[u8], cek: &[u8]) -> String {
    let header = base64url::encode(header.as_bytes());
    let mut key = [0; 32];
    for (to, from) in key.iter_mut().zip(cek) {
        *to = *from;
    }
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key).unwrap());
    let nonce = Nonce::assume_unique_for_key([0; 12]);
    let mut content = *b"content";
    let tag =
        key.seal_in_place_separate_tag(nonce, Aad::from(header.as_bytes()), &mut content).unwrap();
    let rest = [encrypted_key, &[0; 12], &content, tag.as_ref()].map(base64url::encode);
    format!("{header}.{}", rest.join("."))
}

#[test]
fn a_content_key_of_the_wrong_length_under_rsa_is_the_same_error() {
    let key = Kind::new(JweAlgorithm::RsaOaep256).key(ENC);
    let public = PublicEncryptingKey::from_der(&RSA.public).unwrap();
    let public = OaepPublicEncryptingKey::new(public).unwrap();
    let header = r#"{"alg":"RSA-OAEP-256","enc":"A256GCM","kid":"a"}"#;
    for length in [0, 1, 16, 24, 31, 32, 33, 48, 64, 65, 128, 190] {
        let cek = vec![9; length];
        let mut encrypted = [0; 256];
        public.encrypt(&OAEP_SHA256_MGF1SHA256, &cek, &mut encrypted, None).unwrap();
        let opened = open(&key, &token_of(header, &encrypted, &cek));
        match length {
            32 => assert_eq!(opened.unwrap(), b"content"),
            _ => assert_eq!(opened.unwrap_err(), VerifyError::NotAuthentic, "{length}"),
        }
    }
}

#[test]
fn a_content_key_of_the_wrong_length_under_key_wrap_is_the_same_error() {
    let key = Kind::new(JweAlgorithm::A256Kw).key(ENC);
    let header = r#"{"alg":"A256KW","enc":"A256GCM","kid":"a"}"#;
    for length in [16, 24, 32, 40, 48, 64, 128] {
        let cek = vec![9; length];
        let mut wrapped = vec![0; length + 8];
        AesKek::new(&AES_256, &[7; 32]).unwrap().wrap(&cek, &mut wrapped).unwrap();
        let opened = open(&key, &token_of(header, &wrapped, &cek));
        match length {
            32 => assert_eq!(opened.unwrap(), b"content"),
            _ => assert_eq!(opened.unwrap_err(), VerifyError::NotAuthentic, "{length}"),
        }
    }
}

/// A zero key in place of a refused one would let anybody seal.
#[test]
fn what_stands_in_for_a_refused_key_is_not_known_to_anybody() {
    for (alg, length) in [("A256KW", 40), ("A192KW", 40), ("RSA-OAEP-256", 256)] {
        let kind = Kind::new(JweAlgorithm::from_name(alg).unwrap());
        let header = format!(r#"{{"alg":"{alg}","enc":"A256GCM","kid":"a"}}"#);
        let forged = token_of(&header, &vec![0; length], &[0; 32]);
        assert_eq!(refusal(&kind.key(ENC), &forged), VerifyError::NotAuthentic, "{alg}");
    }
}

/// What is wrong with the parts is said before any key is used, so it tells nothing about keys.
#[test]
fn a_malformed_part_is_the_same_error_beside_a_right_and_a_wrong_encrypted_key() {
    let kinds = [
        Kind::new(JweAlgorithm::RsaOaep),
        Kind::new(JweAlgorithm::A128Kw),
        Kind::over(JweAlgorithm::EcdhEsA256Kw, Curve::P521),
    ];
    for kind in kinds {
        let key = kind.key(ContentEncryption::A128CbcHs256);
        let token = seal(&key, b"content");
        for index in [2, 3, 4] {
            let break_part = |token: &str| {
                let mut parts = parts(token);
                parts[index].push('=');
                parts.join(".")
            };
            let beside_right = refusal(&key, &break_part(&token));
            let beside_wrong = refusal(&key, &break_part(&flipped(&token, 1)));
            assert_eq!(beside_right.code(), "token_encoding");
            assert_eq!(beside_right, beside_wrong, "{kind}");
        }
    }
}
