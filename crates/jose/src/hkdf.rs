//! Keys from a secret: HKDF with SHA-256 (RFC 5869), the one seam through which they are derived.

use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};

use crate::secret::Secret;

/// There is no key: it would be longer than 255 hashes, or the cryptographic library failed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("no key could be derived")]
pub struct HkdfError(());

/// `N` bytes that nobody can tell from random ones without `secret`, at most 8,160.
///
/// `salt` and `info` need not be secret. `info` says what the bytes are for: another text, other
/// bytes. Whatever varies in it must be of a fixed length or last, so that no two purposes are
/// written alike (RFC 5869 §3.2).
///
/// ```
/// use sealpass_jose::{Secret, hkdf};
///
/// let secret = Secret::new(vec![7; 32]);
/// let key = hkdf::sha256::<32>(&secret, b"example", b"sessions")?;
/// assert_ne!(key.expose(), hkdf::sha256::<32>(&secret, b"example", b"something else")?.expose());
///
/// assert!(hkdf::sha256::<8161>(&secret, b"example", b"sessions").is_err());
/// # Ok::<_, hkdf::HkdfError>(())
/// ```
///
/// # Errors
/// [`HkdfError`].
pub fn sha256<const N: usize>(
    secret: &Secret<Vec<u8>>,
    salt: &[u8],
    info: &[u8],
) -> Result<Secret<[u8; N]>, HkdfError> {
    let mut key = Secret::new([0; N]);
    let pseudorandom = Salt::new(HKDF_SHA256, salt).extract(secret.expose());
    let info = [info];
    let material = pseudorandom.expand(&info, Length(N)).map_err(|_| HkdfError(()))?;
    material.fill(key.expose_mut()).map_err(|_| HkdfError(()))?;
    Ok(key)
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        let digits = text.as_bytes().chunks(2);
        digits.map(|two| u8::from_str_radix(str::from_utf8(two).unwrap(), 16).unwrap()).collect()
    }

    /// RFC 5869, A.1, A.2 and A.3.
    #[test]
    fn the_examples_of_the_rfc_come_out_byte_for_byte() {
        let (from, to) = (|start: u8| move |n: u8| start + n, |n: u8| 0..n);
        let long = |start: u8| to(80).map(from(start)).collect::<Vec<u8>>();
        let secret = Secret::new(vec![0x0b; 22]);
        let salt = to(13).collect::<Vec<u8>>();
        let info = to(10).map(from(0xf0)).collect::<Vec<u8>>();
        let key = sha256::<42>(&secret, &salt, &info).unwrap();
        let expected = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b8\
                        87185865";
        assert_eq!(key.expose().to_vec(), hex(expected));

        let key = sha256::<82>(&Secret::new(long(0)), &long(0x60), &long(0xb0)).unwrap();
        let expected = "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7\
                        827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5\
                        c1f3434f1d87";
        assert_eq!(key.expose().to_vec(), hex(expected));

        let key = sha256::<42>(&secret, b"", b"").unwrap();
        let expected = "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4\
                        b61a96c8";
        assert_eq!(key.expose().to_vec(), hex(expected));
    }
}
