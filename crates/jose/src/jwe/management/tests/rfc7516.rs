//! RFC 7516 §A.

use super::super::{KeyManagement, Outgoing};
use super::{bytes, cek, material, open, reproduce, rsa_keys};
use crate::header::HeaderError;
use crate::jwe::seal::SealingKey;
use crate::jwe::{ContentEncryption, JweAlgorithm};
use crate::jwt::VerifyError;
use crate::key::Key;
use crate::secret::Secret;

const A_1: &str = "\
    eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.\
    OKOawDo13gRp2ojaHV7LFpZcgV7T6DVZKTyKOMTYUmKoTCVJRgckCL9kiMT03JGe\
    ipsEdY3mx_etLbbWSrFr05kLzcSr4qKAq7YN7e9jwQRb23nfa6c9d-StnImGyFDb\
    Sv04uVuxIp5Zms1gNxKKK2Da14B8S4rzVRltdYwam_lDp5XnZAYpQdb76FdIKLaV\
    mqgfwX7XWRxv2322i-vDxRfqNzo_tETKzpVLzfiwQyeyPGLBIO56YJ7eObdv0je8\
    1860ppamavo35UgoRdbYaBcoh9QcfylQr66oc6vFWXRcZ_ZT2LawVCWTIy3brGPi\
    6UklfCpIMfIjf7iGdXKHzg.\
    48V1_ALb6US04U3b.\
    5eym8TW_c8SuK0ltJ3rpYIzOeDQz7TALvtu6UG9oMo4vpzs9tX_EFShS8iB7j6ji\
    SdiwkIr3ajwQzaBtQD_A.\
    XFBoMYUZodetZdvTiFvSkQ";
const A_1_PLAINTEXT: &str = "The true sign of intelligence is not knowledge but imagination.";

const A_3: &str = "\
    eyJhbGciOiJBMTI4S1ciLCJlbmMiOiJBMTI4Q0JDLUhTMjU2In0.\
    6KB707dM9YTIgHtLvtgWQ8mKwboJW3of9locizkDTHzBC2IlrT1oOQ.\
    AxY8DCtDaGlsbGljb3RoZQ.\
    KDlTtXchhZTGufMYmOYGS4HffxPSUrfmqCHXaI9wOGY.\
    U0m_YmjN04DJvceFICbCVQ";
const A_3_PLAINTEXT: &str = "Live long and prosper.";

fn a_1_key() -> Key {
    let pkcs8 = rsa_keys::RFC_7516_A_1.to_pkcs8();
    let enc = [ContentEncryption::A256Gcm];
    Key::rsa_jwe_private("A.1", JweAlgorithm::RsaOaep, &enc, &pkcs8).unwrap()
}

fn a_3_key() -> Key {
    let key = Secret::new(bytes("GawgguFyGrWKav7AX4VKUg"));
    let enc = [ContentEncryption::A128CbcHs256];
    Key::symmetric_jwe("A.3", JweAlgorithm::A128Kw, &enc, &key).unwrap()
}

#[test]
fn a_1_rsa_oaep_is_opened_and_its_content_reproduced() {
    assert_eq!(open(a_1_key(), A_1).unwrap(), A_1_PLAINTEXT.as_bytes());
    // The padding of RSA is random: only the rest can be the same.
    let key = [
        177, 161, 244, 128, 84, 143, 225, 115, 63, 180, 3, 255, 107, 154, 212, 246, 138, 7, 110,
        91, 112, 46, 34, 105, 47, 130, 203, 46, 122, 234, 64, 252,
    ];
    let cek = crate::jwe::cek::Cek::new(ContentEncryption::A256Gcm, &key).unwrap();
    let encrypted_key = bytes(A_1.split('.').nth(1).unwrap());
    let outgoing = Outgoing { cek, encrypted_key, members: String::new() };
    reproduce(&SealingKey::fresh(outgoing).unwrap(), A_1_PLAINTEXT, A_1);
}

/// The padding of `RSA1_5` cannot be checked without telling something, so it is never checked.
#[test]
fn a_2_rsa1_5_is_refused_by_design() {
    let header = "eyJhbGciOiJSU0ExXzUiLCJlbmMiOiJBMTI4Q0JDLUhTMjU2In0";
    let (_, rest) = A_3.split_once('.').unwrap();
    let refused = open(a_1_key(), &format!("{header}.{rest}"));
    assert_eq!(refused, Err(VerifyError::Header(HeaderError::AlgorithmRsa15)));
}

#[test]
fn a_3_a128kw_is_opened_and_reproduced() {
    assert_eq!(open(a_3_key(), A_3).unwrap(), A_3_PLAINTEXT.as_bytes());
    let key = a_3_key();
    let KeyManagement::AesKw(kek) = &material(&key).management else { panic!() };
    let cek = cek(ContentEncryption::A128CbcHs256, "BNMfxVSd_P4LZJ36P6pqzmt81C1vawnbyLEA8I-cLM8");
    let encrypted_key = kek.wrap(&cek).unwrap();
    let outgoing = Outgoing { cek, encrypted_key, members: String::new() };
    reproduce(&SealingKey::fresh(outgoing).unwrap(), A_3_PLAINTEXT, A_3);
}
