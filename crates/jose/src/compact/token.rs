//! A text that looks like a token.

use std::fmt;

use super::{DEFAULT_MAX_TOKEN_BYTES, MAX_TOKEN_BYTES, Part, TokenError};

/// A text with the shape of a compact token. Nothing about it is verified.
///
/// It gives away nothing of what the token says: the way to that is
/// [`Verifier::verify`](crate::Verifier::verify).
///
/// ```
/// use sealpass_jose::{TokenError, UnverifiedToken};
///
/// assert!(UnverifiedToken::parse("eyJhbGciOiJIUzI1NiJ9.e30.c2ln").is_ok());
/// assert_eq!(UnverifiedToken::parse("not a token").err(), Some(TokenError::PartCount));
/// ```
#[derive(Clone, Copy)]
pub struct UnverifiedToken<'t> {
    text: &'t str,
    header: &'t str,
    form: Form<'t>,
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
    pub(crate) encrypted_key: &'t str,
    pub(crate) initialization_vector: &'t str,
    pub(crate) ciphertext: &'t str,
    pub(crate) authentication_tag: &'t str,
}

/// The parts of RFC 7515 §7.1 after the header, still encoded.
#[derive(Clone, Copy)]
pub(crate) struct JwsParts<'t> {
    /// `header.payload`, the octets that are signed (RFC 7515 §5.1).
    pub(crate) signing_input: &'t str,
    pub(crate) payload: &'t str,
    pub(crate) signature: &'t str,
}

impl<'t> UnverifiedToken<'t> {
    /// Reads the shape of a token of at most [`DEFAULT_MAX_TOKEN_BYTES`].
    ///
    /// # Errors
    /// As [`UnverifiedToken::parse_with_limit`].
    pub fn parse(text: &'t str) -> Result<Self, TokenError> {
        Self::parse_with_limit(text, DEFAULT_MAX_TOKEN_BYTES)
    }

    /// Reads the shape of a token of at most `max_bytes`, and never more than [`MAX_TOKEN_BYTES`].
    ///
    /// # Errors
    /// [`TokenError::TooLong`] before anything else is looked at;
    /// [`TokenError::JsonSerialization`] and [`TokenError::PartCount`] unless the text has three or
    /// five parts; [`TokenError::EmptyPart`] when one is empty that may not be.
    pub fn parse_with_limit(text: &'t str, max_bytes: usize) -> Result<Self, TokenError> {
        let max_bytes = max_bytes.min(MAX_TOKEN_BYTES);
        if text.len() > max_bytes {
            return Err(TokenError::TooLong { bytes: text.len(), max_bytes });
        }
        if text.starts_with('{') {
            return Err(TokenError::JsonSerialization);
        }
        let (header, form) = split(text).ok_or(TokenError::PartCount)?;
        let token = Self { text, header, form };
        match token.first_empty_part() {
            Some(part) => Err(TokenError::EmptyPart { part }),
            None => Ok(token),
        }
    }

    /// The length of the whole token, in bytes.
    pub(crate) const fn len(&self) -> usize {
        self.text.len()
    }

    /// The encoded protected header.
    pub(crate) const fn header(&self) -> &'t str {
        self.header
    }

    pub(crate) const fn form(&self) -> &Form<'t> {
        &self.form
    }

    fn first_empty_part(&self) -> Option<Part> {
        let empty = |parts: &[(Part, &str)]| {
            parts.iter().find_map(|(part, text)| text.is_empty().then_some(*part))
        };
        match self.form {
            // Nothing at all can be signed, and can be encrypted.
            Form::Jws(jws) => {
                empty(&[(Part::Header, self.header), (Part::Signature, jws.signature)])
            }
            // Whether the encrypted key must be empty is for the algorithm to say.
            Form::Jwe(jwe) => empty(&[
                (Part::Header, self.header),
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

fn split(text: &str) -> Option<(&str, Form<'_>)> {
    let mut dots = [0; 4];
    let mut count = 0;
    for dot in memchr::memchr_iter(b'.', text.as_bytes()) {
        *dots.get_mut(count)? = dot;
        count += 1;
    }
    let [first, second, third, fourth] = dots;
    let header = text.get(..first)?;
    let part = |after: usize, end: usize| text.get(after + 1..end);
    let form = match count {
        2 => Form::Jws(JwsParts {
            signing_input: text.get(..second)?,
            payload: part(first, second)?,
            signature: part(second, text.len())?,
        }),
        4 => Form::Jwe(JweParts {
            encrypted_key: part(first, second)?,
            initialization_vector: part(second, third)?,
            ciphertext: part(third, fourth)?,
            authentication_tag: part(fourth, text.len())?,
        }),
        _ => return None,
    };
    Some((header, form))
}
