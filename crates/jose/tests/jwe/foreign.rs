//! Tokens whose headers others wrote.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use sealpass_jose::base64url;

/// The key of every `dir` token here.
pub(crate) const DIR_KEY: [u8; 32] = [7; 32];

/// A token with `dir` and `A256GCM` under any header.
pub(crate) fn dir_token(header: &str, content: &[u8]) -> String {
    let header = base64url::encode(header.as_bytes());
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &DIR_KEY).unwrap());
    let nonce = Nonce::assume_unique_for_key([0; 12]);
    let mut content = content.to_vec();
    let tag =
        key.seal_in_place_separate_tag(nonce, Aad::from(header.as_bytes()), &mut content).unwrap();
    let rest = [&[][..], &[0; 12], &content, tag.as_ref()].map(base64url::encode);
    format!("{header}.{}", rest.join("."))
}
