//! base64url without padding (RFC 7515 §2), read strictly.
//!
//! Every octet sequence has exactly one accepted text: no padding, no white space, no characters
//! outside the alphabet, and the bits of the last character that encode nothing are zero. So two
//! different accepted texts never mean the same bytes.

use std::sync::LazyLock;

use base64::engine::{DecodePaddingMode, Engine as _, general_purpose::GeneralPurposeConfig};
use base64::{DecodeError, DecodeSliceError};

/// Why a text is not base64url.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Base64UrlError {
    /// A byte outside `A-Z a-z 0-9 - _`; padding and white space are such bytes.
    #[error("byte {position} is not in the base64url alphabet")]
    Byte {
        /// Its index, from 0.
        position: usize,
    },
    /// No octet sequence has an encoding of this length, or not the required one.
    #[error("{length} characters do not encode the required number of bytes")]
    Length {
        /// The length of the text, in characters.
        length: usize,
    },
    /// The last character has bits that encode nothing and are not zero.
    #[error("the unused bits of the last character are not zero")]
    TrailingBits,
}

/// The text of `bytes`.
///
/// ```
/// use sealpass_jose::base64url;
///
/// assert_eq!(base64url::encode(b"\xff\xfe\xfd"), "__79");
/// ```
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    ENGINE.encode(bytes)
}

/// The text of `bytes` in `buffer`, without allocating; `None` when it does not fit.
///
/// ```
/// use sealpass_jose::base64url;
///
/// let mut buffer = [0; 4];
/// assert_eq!(base64url::encode_in(b"\xff\xfe\xfd", &mut buffer), Some("__79"));
/// assert_eq!(base64url::encode_in(b"\xff\xfe\xfd\xfc", &mut buffer), None);
/// ```
#[must_use]
pub fn encode_in<'b>(bytes: &[u8], buffer: &'b mut [u8]) -> Option<&'b str> {
    let length = ENGINE.encode_slice(bytes, buffer).ok()?;
    str::from_utf8(buffer.get(..length)?).ok()
}

/// The bytes of `text`.
///
/// Whoever decodes what a stranger sent bounds its length first: the result takes three bytes for
/// every four of `text`.
///
/// # Errors
/// [`Base64UrlError`] unless `text` is the one canonical encoding of some bytes.
///
/// ```
/// use sealpass_jose::base64url;
///
/// assert_eq!(base64url::decode(b"AQ")?, [1]);
/// assert!(base64url::decode(b"AQ==").is_err(), "padded");
/// assert!(base64url::decode(b"AR").is_err(), "trailing bits");
/// # Ok::<_, base64url::Base64UrlError>(())
/// ```
pub fn decode(text: &[u8]) -> Result<Vec<u8>, Base64UrlError> {
    let mut bytes = vec![0; decoded_len(text.len())];
    decode_exact(text, &mut bytes)?;
    Ok(bytes)
}

/// The `N` bytes of `text`, without allocating.
///
/// # Errors
/// [`Base64UrlError::Length`] when `text` does not encode exactly `N` bytes; otherwise as
/// [`decode`].
///
/// ```
/// use sealpass_jose::base64url;
///
/// assert_eq!(base64url::decode_array(b"AQID")?, [1, 2, 3]);
/// assert!(base64url::decode_array::<4>(b"AQID").is_err());
/// # Ok::<_, base64url::Base64UrlError>(())
/// ```
pub fn decode_array<const N: usize>(text: &[u8]) -> Result<[u8; N], Base64UrlError> {
    let mut bytes = [0; N];
    decode_exact(text, &mut bytes)?;
    Ok(bytes)
}

/// How many bytes `length` characters encode; for an impossible length, no more than that.
pub(crate) const fn decoded_len(length: usize) -> usize {
    length / 4 * 3 + (length % 4) * 3 / 4
}

/// How many characters encode `length` bytes.
pub(crate) const fn encoded_len(length: usize) -> usize {
    length / 3 * 4 + (length % 3 * 4).div_ceil(3)
}

/// Fills `bytes`, which must be as long as what `text` encodes.
#[inline]
pub(crate) fn decode_exact(text: &[u8], bytes: &mut [u8]) -> Result<(), Base64UrlError> {
    if text.len() % 4 == 1 || decoded_len(text.len()) != bytes.len() {
        return Err(Base64UrlError::Length { length: text.len() });
    }
    if text.len() < SHORT && decode_short(text, bytes) {
        return Ok(());
    }
    // What is wrong with a short one, the engine says.
    match ENGINE.decode_slice(text, bytes) {
        Ok(_) => Ok(()),
        Err(DecodeSliceError::DecodeError(DecodeError::InvalidByte(position, _))) => {
            Err(Base64UrlError::Byte { position })
        }
        Err(DecodeSliceError::DecodeError(DecodeError::InvalidLastSymbol { .. })) => {
            Err(Base64UrlError::TrailingBits)
        }
        Err(DecodeSliceError::DecodeError(DecodeError::InvalidPadding)) => {
            let position = text.iter().position(|byte| *byte == b'=').unwrap_or(text.len());
            Err(Base64UrlError::Byte { position })
        }
        Err(_) => Err(Base64UrlError::Length { length: text.len() }),
    }
}

/// As long as a text must be for the engine to use SIMD, in characters.
const SHORT: usize = 64;

/// Fills `bytes`, which is as long as what `text` encodes; whether it is the canonical text of that.
///
/// Initialization vectors, tags and most signatures are short. The engine takes twice as long.
#[inline]
fn decode_short(text: &[u8], bytes: &mut [u8]) -> bool {
    let (groups, rest) = text.as_chunks();
    let (threes, partial) = bytes.as_chunks_mut::<3>();
    let mut all = 0;
    for (three, group) in threes.iter_mut().zip(groups) {
        let value = group_value(*group);
        let [_, bytes @ ..] = value.to_be_bytes();
        *three = bytes;
        all |= value;
    }
    let last = match *rest {
        [a, b] => group_value([a, b, ZERO, ZERO]),
        [a, b, c] => group_value([a, b, c, ZERO]),
        _ => 0,
    };
    let [_, first, second, third] = last.to_be_bytes();
    let unused = match partial {
        [one] => {
            *one = first;
            second | third
        }
        [one, two] => {
            [*one, *two] = [first, second];
            third
        }
        _ => 0,
    };
    (all | last) <= MAX_GROUP && unused == 0
}

/// The 24 bits of four characters; more than [`MAX_GROUP`] when one is not in the alphabet.
#[inline]
fn group_value([a, b, c, d]: [u8; 4]) -> u32 {
    let value = |character| VALUES[usize::from(character)];
    value(a) << 18 | value(b) << 12 | value(c) << 6 | value(d)
}

const MAX_GROUP: u32 = 0xff_ffff;

/// The character of six bits that are zero.
const ZERO: u8 = b'A';

/// The value of every character; all bits set for a byte that is none.
static VALUES: [u32; 256] = {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (mut values, mut value) = ([u32::MAX; 256], 0);
    while value < 64 {
        values[alphabet[value as usize] as usize] = value;
        value += 1;
    }
    values
};

/// Appends the text of `bytes` to other text, allocating only what it has no capacity for.
pub(crate) fn encode_to_string(bytes: &[u8], text: &mut String) {
    ENGINE.encode_string(bytes, text);
}

/// Appends the text of `bytes`, allocating only what `text` has no capacity for.
pub(crate) fn encode_to(bytes: &[u8], text: &mut Vec<u8>) {
    let start = text.len();
    text.resize(start + encoded_len(bytes.len()), 0);
    // It fits: that is what was made room for.
    let _ = ENGINE.encode_slice(bytes, text.get_mut(start..).unwrap_or_default());
}

/// Writes the text of `bytes` to the front of `text`; `None` when it is too short.
pub(crate) fn encode_to_slice<'t>(bytes: &[u8], text: &'t mut [u8]) -> Option<&'t [u8]> {
    let length = ENGINE.encode_slice(bytes, text).ok()?;
    text.get(..length)
}

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
type Engine = base64::engine::simd::Simd;
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
type Engine = base64::engine::general_purpose::GeneralPurpose;

/// The instruction set is detected once. Which characters are accepted does not depend on it.
static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let strict = GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(false);
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    return Engine::url_safe(strict);
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    return Engine::new(&base64::alphabet::URL_SAFE, strict);
});
