//! The anti-CSRF token of a session.

use std::fmt;

use sealpass_jose::{Secret, base64url, constant_time_eq, random};

/// 128 random bits, made at login and sealed in the session token as its `csrf` claim.
///
/// The seal is what signs the double submit: a pair of cookie and header that a sibling subdomain
/// made up, or took from another session, does not match the claim. It needs no key of its own, and
/// it stays the same over renewals and key rotations, so an open tab never meets a 403.
///
/// Page script has it anyway, so a copy that a move leaves on the stack is no reason to ask for memory.
#[derive(Clone)]
pub struct CsrfToken(Secret<[u8; TEXT_LENGTH]>);

/// Bytes of a token.
const LENGTH: usize = 16;

/// Characters of it, in base64url.
const TEXT_LENGTH: usize = 22;

const _: () = assert!(TEXT_LENGTH == (8 * LENGTH).div_ceil(6), "the text of a token fits exactly");

impl CsrfToken {
    pub(crate) fn generate() -> Result<Self, random::RandomError> {
        let mut text = [0; TEXT_LENGTH];
        let _ = base64url::encode_in(&random::bytes::<LENGTH>()?, &mut text);
        Ok(Self(Secret::new(text)))
    }

    /// Reads 22 characters of base64url; anything else is no token.
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        let _bytes: [u8; LENGTH] = base64url::decode_array(text).ok()?;
        // There is one text of some bytes, and this is it.
        text.try_into().ok().map(|text| Self(Secret::new(text)))
    }

    /// The token, for its cookie and for the body of login and session. It never goes to an
    /// upstream.
    #[must_use]
    pub fn expose(&self) -> &str {
        // Base64url is ASCII; no text would match nothing.
        str::from_utf8(self.0.expose()).unwrap_or_default()
    }

    /// The token under a mask of its own: 43 characters that no two calls have in common, for a body
    /// that is compressed together with text of someone else's choice (BREACH). The header of a
    /// request takes it as it takes the plain token; the cookie does not.
    ///
    /// # Errors
    /// [`random::RandomError`] when the system has no randomness for the mask.
    pub fn masked(&self) -> Result<Secret<String>, random::RandomError> {
        let mask = random::bytes::<LENGTH>()?;
        let mut bytes = [0; 2 * LENGTH];
        let (head, tail) = bytes.split_at_mut(LENGTH);
        head.copy_from_slice(&mask);
        // What was generated or parsed decodes; a token of zeros would match nothing.
        tail.copy_from_slice(&xor(&mask, &self.bytes().unwrap_or_default()));
        Ok(Secret::new(base64url::encode(&bytes)))
    }

    /// As [`CsrfToken::matches`], for text that may be masked.
    pub(crate) fn matches_masked(&self, text: &[u8]) -> bool {
        let Ok(bytes) = base64url::decode_array::<{ 2 * LENGTH }>(text) else {
            return self.matches(text);
        };
        let (mask, masked) = bytes.split_at(LENGTH);
        self.bytes().is_some_and(|token| constant_time_eq(&token, &xor(mask, masked)))
    }

    fn bytes(&self) -> Option<[u8; LENGTH]> {
        base64url::decode_array(self.0.expose()).ok()
    }

    /// Whether `text` is this token, in time that does not depend on where they differ.
    pub(crate) fn matches(&self, text: &[u8]) -> bool {
        constant_time_eq(self.0.expose(), text)
    }
}

impl fmt::Debug for CsrfToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CsrfToken([redacted])")
    }
}

fn xor(mask: &[u8], bytes: &[u8]) -> [u8; LENGTH] {
    let mut out = [0; LENGTH];
    for (out, (mask, byte)) in out.iter_mut().zip(mask.iter().zip(bytes)) {
        *out = mask ^ byte;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_masked_tokens_are_alike_and_every_one_matches() {
        let token = CsrfToken::generate().unwrap();
        let [first, second] = [token.masked().unwrap(), token.masked().unwrap()];
        assert_ne!(first.expose(), second.expose());
        for masked in [&first, &second] {
            assert_eq!(masked.expose().len(), 43);
            assert!(token.matches_masked(masked.expose().as_bytes()));
            assert!(!token.matches(masked.expose().as_bytes()), "a cookie is never masked");
        }
        assert!(token.matches_masked(token.expose().as_bytes()));
    }

    #[test]
    fn a_mask_makes_no_token_of_another_one() {
        let [token, other] = [CsrfToken::generate().unwrap(), CsrfToken::generate().unwrap()];
        let masked = other.masked().unwrap();
        assert!(!token.matches_masked(masked.expose().as_bytes()));
        // Mask and masked token are one text: neither half counts alone, nor does a changed bit.
        let own = token.masked().unwrap();
        let (mask, rest) = own.expose().split_at(22);
        for text in [mask, rest, "", &own.expose()[..42], &format!("{}A", own.expose())] {
            assert!(!token.matches_masked(text.as_bytes()), "{text}");
        }
        let mut bytes: [u8; 32] = base64url::decode_array(own.expose().as_bytes()).unwrap();
        for bit in 0..256 {
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(!token.matches_masked(base64url::encode(&bytes).as_bytes()), "bit {bit}");
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
    }
}
