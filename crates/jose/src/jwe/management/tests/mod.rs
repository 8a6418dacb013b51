//! The examples of the RFCs, opened, and reproduced where they fix what is random.

mod cookbook;
mod key_agreement;
mod rfc7516;
mod rfc7520;
mod rsa_keys;

use crate::base64url;
use crate::buffer::Buffer;
use crate::compact::UnverifiedToken;
use crate::jwe::cek::Cek;
use crate::jwe::content::MAX_IV_BYTES;
use crate::jwe::seal::SealingKey;
use crate::jwe::{ContentEncryption, JweKey};
use crate::jwt::{Scratch, VerifyError};
use crate::key::{Key, KeyRing, Material};

fn bytes(text: &str) -> Vec<u8> {
    base64url::decode(text.as_bytes()).unwrap()
}

fn cek(enc: ContentEncryption, text: &str) -> Cek {
    Cek::new(enc, &bytes(text)).unwrap()
}

fn material(key: &Key) -> &JweKey {
    match key.material() {
        Material::Jwe(key) => key,
        Material::Jws(_) => panic!("a key for signatures"),
    }
}

fn open(key: Key, token: &str) -> Result<Vec<u8>, VerifyError> {
    let token = UnverifiedToken::parse(token).unwrap();
    let mut scratch = Scratch::new();
    let keys = KeyRing::new(key);
    let opened = keys.open_bytes(None, token, &mut scratch)?;
    Ok(opened.claims().to_vec())
}

/// Seals again what `token` holds, under its header and its initialization vector.
fn reproduce(key: &SealingKey<'_>, plaintext: &str, token: &str) {
    let parts: Vec<&str> = token.split('.').collect();
    let mut iv = [0; MAX_IV_BYTES];
    let found = bytes(parts[2]);
    iv[..found.len()].copy_from_slice(&found);
    let mut made = parts[0].as_bytes().to_vec();
    let mut buffer = Buffer::new();
    let mut content = buffer.copy(plaintext.as_bytes());
    let sealed = key.content_key().seal_with(iv, &made, &mut content).unwrap();
    key.append(&sealed, content.bytes(), &mut made);
    assert_eq!(String::from_utf8(made).unwrap(), token);
}
