//! The Concat KDF with SHA-256 (RFC 7518 §4.6.2, NIST SP 800-56A §5.8.1).

use aws_lc_rs::kdf::{SskdfDigestAlgorithmId, get_sskdf_digest_algorithm, sskdf_digest};

/// Fills `key` from a shared secret; `None` when the library refuses, as it does an empty one.
pub(super) fn derive(
    shared_secret: &[u8],
    algorithm_id: &str,
    party_u: &[u8],
    party_v: &[u8],
    key: &mut [u8],
) -> Option<()> {
    let mut info = Vec::new();
    for field in [algorithm_id.as_bytes(), party_u, party_v] {
        info.extend(u32::try_from(field.len()).ok()?.to_be_bytes());
        info.extend(field);
    }
    let key_bits = u32::try_from(key.len()).ok()?.checked_mul(8)?;
    info.extend(key_bits.to_be_bytes());
    let algorithm = get_sskdf_digest_algorithm(SskdfDigestAlgorithmId::Sha256)?;
    sskdf_digest(algorithm, shared_secret, &info, key).ok()
}
