//! AES Key Wrap with a key of 192 bits, the one length that aws-lc-rs does not wrap with.
//!
//! The block cipher is that of aws-lc-rs, in constant time. What is added are the steps of RFC 3394
//! §2.2, which depend on nothing secret.

use aws_lc_rs::cipher::{
    AES_192, DecryptingKey, DecryptionContext, EncryptingKey, UnboundCipherKey,
};
use zeroize::Zeroizing;

use super::aes_kw::INTEGRITY_BYTES;
use crate::constant_time_eq;

/// Half a block of AES, in bytes.
const HALF: usize = 8;

/// The value that comes back when a key is unwrapped unharmed (RFC 3394 §2.2.3.1).
const INTEGRITY_CHECK: [u8; INTEGRITY_BYTES] = [0xa6; INTEGRITY_BYTES];

/// How often every half is encrypted.
const ROUNDS: u64 = 6;

/// A prepared key.
pub(super) struct Aes192KwKey {
    encrypting: EncryptingKey,
    decrypting: DecryptingKey,
}

impl Aes192KwKey {
    /// Prepares a key; `None` unless it has 192 bits.
    pub(super) fn new(key: &[u8]) -> Option<Self> {
        let unbound = || UnboundCipherKey::new(&AES_192, key).ok();
        Some(Self {
            encrypting: EncryptingKey::ecb(unbound()?).ok()?,
            decrypting: DecryptingKey::ecb(unbound()?).ok()?,
        })
    }

    /// Writes the wrapped `key` to `wrapped`, which must be [`INTEGRITY_BYTES`] longer
    /// (RFC 3394 §2.2.1).
    pub(super) fn wrap(&self, key: &[u8], wrapped: &mut [u8]) -> Option<()> {
        let (register, halves) = wrapped.split_first_chunk_mut::<HALF>()?;
        if !is_wrappable(key) || key.len() != halves.len() {
            return None;
        }
        *register = INTEGRITY_CHECK;
        halves.copy_from_slice(key);
        let mut step = 0_u64;
        for _ in 0..ROUNDS {
            for half in halves.as_chunks_mut::<HALF>().0 {
                step += 1;
                let mut block = join(*register, *half);
                self.encrypting.encrypt(&mut *block).ok()?;
                *register = xor(*block.first_chunk()?, step.to_be_bytes());
                *half = *block.last_chunk()?;
            }
        }
        Some(())
    }

    /// The key in `wrapped`, at the front of `buffer`; `None` unless it is whole (RFC 3394 §2.2.2).
    pub(super) fn unwrap<'b>(&self, wrapped: &[u8], buffer: &'b mut [u8]) -> Option<&'b [u8]> {
        let (register, halves) = wrapped.split_first_chunk::<HALF>()?;
        if !is_wrappable(halves) {
            return None;
        }
        let mut register = Zeroizing::new(*register);
        let key = buffer.get_mut(..halves.len())?;
        key.copy_from_slice(halves);
        let mut step = ROUNDS * u64::try_from(halves.len() / HALF).ok()?;
        for _ in 0..ROUNDS {
            for half in key.as_chunks_mut::<HALF>().0.iter_mut().rev() {
                let mut block = join(xor(*register, step.to_be_bytes()), *half);
                self.decrypting.decrypt(&mut *block, DecryptionContext::None).ok()?;
                *register = *block.first_chunk()?;
                *half = *block.last_chunk()?;
                step -= 1;
            }
        }
        constant_time_eq(&*register, &INTEGRITY_CHECK).then_some(key)
    }
}

/// Two halves or more.
const fn is_wrappable(key: &[u8]) -> bool {
    key.len() >= 2 * HALF && key.len().is_multiple_of(HALF)
}

fn join(first: [u8; HALF], second: [u8; HALF]) -> Zeroizing<[u8; 2 * HALF]> {
    let mut block = Zeroizing::new([0; 2 * HALF]);
    for (to, from) in block.iter_mut().zip(first.into_iter().chain(second)) {
        *to = from;
    }
    block
}

fn xor(a: [u8; HALF], b: [u8; HALF]) -> [u8; HALF] {
    (u64::from_be_bytes(a) ^ u64::from_be_bytes(b)).to_be_bytes()
}
