//! A secret that instances share.

use std::fmt;

use sealpass_jose::{Secret, base64url};

/// At least 256 random bits, from which keys are derived.
///
/// It is no password, and no key: nothing is ever encrypted with it.
///
/// ```
/// use sealpass::schedule::{SharedSecret, SharedSecretError};
///
/// let secret = SharedSecret::parse("q1vUnfyLBMbqe5xBvXXP4sHCmEKA2wSsWSDQ-A6J9nU")?;
/// assert_eq!(format!("{secret:?}"), "SharedSecret([redacted])");
///
/// let refused = SharedSecret::parse("correct horse battery staple").err();
/// assert_eq!(refused, Some(SharedSecretError::Encoding));
/// # Ok::<_, SharedSecretError>(())
/// ```
#[derive(Clone)]
pub struct SharedSecret(Secret<Vec<u8>>);

/// Why a secret is refused. Holds nothing of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SharedSecretError {
    /// The text is neither hexadecimal nor base64.
    #[error("the secret is neither base64url, base64 nor hexadecimal")]
    Encoding,
    /// It repeats itself, or is made of words: random bytes do not look like this.
    #[error("the secret does not look random: it must be 256 random bits, and not a password")]
    NotRandom,
    /// It is longer than [`SharedSecret::MAX_BYTES`].
    #[error("the secret is longer than {} bytes", SharedSecret::MAX_BYTES)]
    TooLong,
    /// It is shorter than [`SharedSecret::MIN_BYTES`].
    #[error(
        "the secret has {} bits, and must have {}", bytes * 8, SharedSecret::MIN_BYTES * 8
    )]
    TooShort {
        /// Its length.
        bytes: usize,
    },
}

impl SharedSecret {
    /// The shortest secret, in bytes.
    pub const MIN_BYTES: usize = 32;
    /// The longest secret, in bytes.
    pub const MAX_BYTES: usize = 1_024;

    /// A secret of random bytes.
    ///
    /// # Errors
    /// [`SharedSecretError::TooShort`], [`SharedSecretError::TooLong`];
    /// [`SharedSecretError::NotRandom`] for what random bytes are never like.
    pub fn new(bytes: Secret<Vec<u8>>) -> Result<Self, SharedSecretError> {
        let length = bytes.expose().len();
        if length < Self::MIN_BYTES {
            return Err(SharedSecretError::TooShort { bytes: length });
        }
        if length > Self::MAX_BYTES {
            return Err(SharedSecretError::TooLong);
        }
        if distinct(bytes.expose()) < MIN_DISTINCT_BYTES {
            return Err(SharedSecretError::NotRandom);
        }
        Ok(Self(bytes))
    }

    /// A secret in text: hexadecimal if it has nothing but hexadecimal digits, otherwise base64url
    /// or base64, padded or not.
    ///
    /// # Errors
    /// [`SharedSecretError::Encoding`] for any other text, [`SharedSecretError::NotRandom`] for
    /// words that happen to be base64; otherwise as [`SharedSecret::new`].
    pub fn parse(text: &str) -> Result<Self, SharedSecretError> {
        if text.len() > 2 * Self::MAX_BYTES {
            return Err(SharedSecretError::TooLong);
        }
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Self::new(hexadecimal(text).ok_or(SharedSecretError::Encoding)?);
        }
        let url = text.trim_end_matches('=').bytes().map(|byte| match byte {
            b'+' => b'-',
            b'/' => b'_',
            _ => byte,
        });
        let url: Secret<Vec<u8>> = Secret::new(url.collect());
        let bytes = base64url::decode(url.expose()).map_err(|_| SharedSecretError::Encoding)?;
        let secret = Self::new(Secret::new(bytes))?;
        if looks_like_words(text) { Err(SharedSecretError::NotRandom) } else { Ok(secret) }
    }

    pub(super) const fn bytes(&self) -> &Secret<Vec<u8>> {
        &self.0
    }
}

impl fmt::Debug for SharedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SharedSecret").field(&self.0).finish()
    }
}

/// Of 32 random bytes, fewer than this many different ones are less likely than 2^-50.
const MIN_DISTINCT_BYTES: usize = 16;

fn distinct(bytes: &[u8]) -> usize {
    let mut seen = [false; 256];
    for byte in bytes {
        if let Some(seen) = seen.get_mut(usize::from(*byte)) {
            *seen = true;
        }
    }
    seen.iter().filter(|seen| **seen).count()
}

/// Whether base64 has letters of one case only, but for a capital: of 43 random characters fewer than
/// two are in upper or in lower case less than once in ten million secrets.
fn looks_like_words(base64: &str) -> bool {
    let count = |is: fn(&u8) -> bool| base64.bytes().filter(is).count();
    count(u8::is_ascii_uppercase) < MIN_OF_A_CASE || count(u8::is_ascii_lowercase) < MIN_OF_A_CASE
}

const MIN_OF_A_CASE: usize = 2;

fn hexadecimal(text: &str) -> Option<Secret<Vec<u8>>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    // Room for all of it: a buffer that grows leaves copies behind.
    let mut bytes = Vec::with_capacity(pairs.len());
    for [high, low] in pairs {
        let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|n| u8::try_from(n).ok());
        bytes.push(digit(*high)? << 4 | digit(*low)?);
    }
    Some(Secret::new(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes() -> Vec<u8> {
        (0..32_u8).map(|n| n.wrapping_mul(113).wrapping_add(7)).collect()
    }

    fn parsed(text: &str) -> Result<Vec<u8>, SharedSecretError> {
        SharedSecret::parse(text).map(|secret| secret.bytes().expose().clone())
    }

    #[test]
    fn every_accepted_form_is_the_same_secret() {
        let digit = |n: u8| char::from_digit(u32::from(n), 16).unwrap();
        let url = base64url::encode(&bytes());
        let standard = url.replace('-', "+").replace('_', "/") + "=";
        let hex: String =
            bytes().iter().flat_map(|byte| [byte >> 4, byte & 15]).map(digit).collect();
        for text in [url.clone(), format!("{url}="), standard, hex.to_uppercase(), hex] {
            assert_eq!(parsed(&text), Ok(bytes()), "{text}");
        }
    }

    #[test]
    fn a_password_is_no_secret_however_long_it_is() {
        for text in [
            "hunter2",
            "correct horse battery staple correct horse battery staple",
            "correct-horse-battery-staple-correct-horse-battery-staple",
            "CORRECT-HORSE-BATTERY-STAPLE-CORRECT-HORSE-BATTERY-STAPLE",
            "Correct-horse-battery-staple-correct-horse-battery-staple",
            "passw\u{f6}rter-passw\u{f6}rter-passw\u{f6}rter-passw\u{f6}rter-passw\u{f6}rter",
        ] {
            assert!(SharedSecret::parse(text).is_err(), "{text}");
        }
        assert_eq!(parsed(&"a".repeat(64)), Err(SharedSecretError::NotRandom));
        assert_eq!(parsed(&"00".repeat(32)), Err(SharedSecretError::NotRandom));
        assert_eq!(parsed(&"Abz".repeat(20)), Err(SharedSecretError::NotRandom));
    }

    #[test]
    fn less_than_256_bits_are_refused_and_so_is_a_text_without_end() {
        assert_eq!(parsed(""), Err(SharedSecretError::TooShort { bytes: 0 }));
        let short = base64url::encode(&bytes()[1..]);
        assert_eq!(parsed(&short), Err(SharedSecretError::TooShort { bytes: 31 }));
        assert_eq!(parsed(&"0".repeat(63)), Err(SharedSecretError::Encoding));
        assert_eq!(parsed(&"x".repeat(1 << 20)), Err(SharedSecretError::TooLong));
        let long = Secret::new(bytes().repeat(33));
        assert_eq!(SharedSecret::new(long).err(), Some(SharedSecretError::TooLong));
    }

    #[test]
    fn text_around_it_is_refused() {
        let url = base64url::encode(&bytes());
        for text in [format!(" {url}"), format!("{url}\n"), format!("\"{url}\""), format!("={url}")]
        {
            assert_eq!(parsed(&text), Err(SharedSecretError::Encoding), "{text:?}");
        }
    }

    #[test]
    fn secrets_that_are_made_at_random_are_accepted() {
        for _ in 0..200 {
            let bytes = sealpass_jose::random::bytes::<32>().unwrap();
            assert!(parsed(&base64url::encode(&bytes)).is_ok());
        }
    }
}
