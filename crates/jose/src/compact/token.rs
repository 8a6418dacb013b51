//! A text that looks like a token.

use std::fmt;

use super::{DEFAULT_MAX_TOKEN_BYTES, MAX_TOKEN_BYTES, Part, TokenError};

/// A text with the shape of a compact token. Nothing about it is verified.
///
/// The text may be bytes that are not even UTF-8, as the value of a header may be: in a token that
/// verifies every character is of base64url. It gives away nothing of what the token says: the way to
/// that is [`Verifier::verify`](crate::Verifier::verify).
///
/// ```
/// use sealpass_jose::{TokenError, UnverifiedToken};
///
/// assert!(UnverifiedToken::parse("eyJhbGciOiJIUzI1NiJ9.e30.c2ln").is_ok());
/// assert_eq!(UnverifiedToken::parse("not a token").err(), Some(TokenError::PartCount));
/// ```
#[derive(Clone, Copy)]
pub struct UnverifiedToken<'t> {
    text: &'t [u8],
    /// Where its dots are: two in a JWS, four in a JWE.
    dots: [u16; 4],
    is_jwe: bool,
}

/// Which of the two compact serializations, and its parts after the header.
#[derive(Clone, Copy)]
pub(crate) enum Form<'t> {
    Jwe(JweParts<'t>),
    Jws(JwsParts<'t>),
}

/// The parts of RFC 7516 §7.1 after the header, still encoded.
#[derive(Clone, Copy)]
pub(crate) struct JweParts<'t> {
    pub(crate) encrypted_key: &'t [u8],
    pub(crate) initialization_vector: &'t [u8],
    pub(crate) ciphertext: &'t [u8],
    pub(crate) authentication_tag: &'t [u8],
}

/// The parts of RFC 7515 §7.1 after the header, still encoded.
#[derive(Clone, Copy)]
pub(crate) struct JwsParts<'t> {
    /// `header.payload`, the octets that are signed (RFC 7515 §5.1).
    pub(crate) signing_input: &'t [u8],
    pub(crate) payload: &'t [u8],
    pub(crate) signature: &'t [u8],
}

impl<'t> UnverifiedToken<'t> {
    /// Reads the shape of a token of at most [`DEFAULT_MAX_TOKEN_BYTES`].
    ///
    /// # Errors
    /// As [`UnverifiedToken::parse_with_limit`].
    #[inline]
    pub fn parse(text: &'t (impl AsRef<[u8]> + ?Sized)) -> Result<Self, TokenError> {
        Self::of(text.as_ref(), DEFAULT_MAX_TOKEN_BYTES)
    }

    /// Reads the shape of a token of at most `max_bytes`, and never more than [`MAX_TOKEN_BYTES`].
    ///
    /// # Errors
    /// [`TokenError::TooLong`] before anything else is looked at;
    /// [`TokenError::JsonSerialization`] and [`TokenError::PartCount`] unless the text has three or
    /// five parts; [`TokenError::EmptyPart`] when one is empty that may not be.
    #[inline]
    pub fn parse_with_limit(
        text: &'t (impl AsRef<[u8]> + ?Sized),
        max_bytes: usize,
    ) -> Result<Self, TokenError> {
        Self::of(text.as_ref(), max_bytes)
    }

    #[inline]
    fn of(text: &'t [u8], max_bytes: usize) -> Result<Self, TokenError> {
        let max_bytes = max_bytes.min(MAX_TOKEN_BYTES);
        if text.len() > max_bytes {
            return Err(TokenError::TooLong { bytes: text.len(), max_bytes });
        }
        if text.starts_with(b"{") {
            return Err(TokenError::JsonSerialization);
        }
        let token = Self::split(text).ok_or(TokenError::PartCount)?;
        match token.first_empty_part() {
            Some(part) => Err(TokenError::EmptyPart { part }),
            None => Ok(token),
        }
    }

    #[inline]
    fn split(text: &'t [u8]) -> Option<Self> {
        let mut dots = [0; 4];
        let mut count = 0;
        for dot in memchr::memchr_iter(b'.', text) {
            // No token is longer than 64 KiB.
            *dots.get_mut(count)? = u16::try_from(dot).ok()?;
            count += 1;
        }
        matches!(count, 2 | 4).then_some(Self { text, dots, is_jwe: count == 4 })
    }

    /// The length of the whole token, in bytes.
    pub(crate) const fn len(&self) -> usize {
        self.text.len()
    }

    /// The encoded protected header.
    #[inline]
    pub(crate) fn header(&self) -> &'t [u8] {
        let [first, ..] = self.dots;
        self.text.get(..usize::from(first)).unwrap_or_default()
    }

    #[inline]
    pub(crate) fn form(&self) -> Form<'t> {
        let text = self.text;
        let [first, second, third, fourth] = self.dots.map(usize::from);
        let part = |after: usize, end: usize| text.get(after + 1..end).unwrap_or_default();
        if self.is_jwe {
            Form::Jwe(JweParts {
                encrypted_key: part(first, second),
                initialization_vector: part(second, third),
                ciphertext: part(third, fourth),
                authentication_tag: part(fourth, text.len()),
            })
        } else {
            Form::Jws(JwsParts {
                signing_input: text.get(..second).unwrap_or_default(),
                payload: part(first, second),
                signature: part(second, text.len()),
            })
        }
    }

    fn first_empty_part(&self) -> Option<Part> {
        let empty = |parts: &[(Part, &[u8])]| {
            parts.iter().find_map(|(part, text)| text.is_empty().then_some(*part))
        };
        match self.form() {
            // Nothing at all can be signed, and can be encrypted.
            Form::Jws(jws) => {
                empty(&[(Part::Header, self.header()), (Part::Signature, jws.signature)])
            }
            // Whether the encrypted key must be empty is for the algorithm to say.
            Form::Jwe(jwe) => empty(&[
                (Part::Header, self.header()),
                (Part::InitializationVector, jwe.initialization_vector),
                (Part::AuthenticationTag, jwe.authentication_tag),
            ]),
        }
    }
}

impl fmt::Debug for UnverifiedToken<'_> {
    /// Without the text: whoever reads a log could present it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnverifiedToken").field("bytes", &self.text.len()).finish_non_exhaustive()
    }
}
