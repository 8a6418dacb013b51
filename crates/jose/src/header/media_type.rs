//! The `typ` of a token (RFC 7515 §4.1.9).

/// What kind of token it is: a media type without its optional `application/`.
#[derive(Clone, Copy)]
pub(crate) struct MediaType<'t>(&'t str);

impl<'t> MediaType<'t> {
    /// The longest media type, in bytes.
    pub(crate) const MAX_BYTES: usize = 64;

    /// Reads `JWT`, `at+jwt` or `application/at+jwt`.
    ///
    /// Only the characters of RFC 6838 §4.2 may occur, so none that JSON escapes.
    pub(crate) fn parse(text: &'t str) -> Option<Self> {
        let name = strip_application(text);
        let fits = !name.is_empty() && name.len() <= Self::MAX_BYTES;
        // Without a branch for each character.
        let is_plain = name.bytes().fold(true, |all, byte| all & IS_PLAIN[usize::from(byte)]);
        (fits && is_plain).then_some(Self(name))
    }

    pub(crate) const fn as_str(self) -> &'t str {
        self.0
    }
}

/// A [`MediaType`] to keep.
#[derive(Clone, Debug)]
pub(crate) struct OwnedMediaType(String);

impl OwnedMediaType {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        MediaType::parse(text).map(|typ| Self(typ.0.to_owned()))
    }

    pub(crate) fn as_media_type(&self) -> MediaType<'_> {
        MediaType(&self.0)
    }
}

/// Whether the `typ` of a token, which may be anything, is the media type `expected`.
pub(crate) fn matches(typ: &str, expected: &str) -> bool {
    strip_application(typ).eq_ignore_ascii_case(expected)
}

/// RFC 7515 §4.1.9: a value without a slash stands for itself after `application/`.
fn strip_application(text: &str) -> &str {
    const PREFIX: &str = "application/";
    match text.split_at_checked(PREFIX.len()) {
        Some((prefix, name)) if prefix.eq_ignore_ascii_case(PREFIX) => name,
        _ => text,
    }
}

/// Whether a byte may occur in a media type.
const IS_PLAIN: [bool; 256] = {
    let mut is_plain = [false; 256];
    let mut byte = 0_u8;
    while byte < 0x80 {
        is_plain[byte as usize] = byte.is_ascii_alphanumeric()
            || matches!(byte, b'!' | b'#' | b'$' | b'&' | b'-' | b'^' | b'_' | b'.' | b'+');
        byte += 1;
    }
    is_plain
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_and_the_casing_do_not_matter() {
        for typ in ["at+jwt", "AT+JWT", "application/at+jwt", "APPLICATION/At+Jwt"] {
            assert!(matches(typ, "at+jwt"), "{typ}");
        }
    }

    #[test]
    fn another_kind_of_token_does_not_match() {
        for typ in [
            "",
            "jwt",
            "at+jwt ",
            " at+jwt",
            "text/at+jwt",
            "application/",
            "at+jwt/",
            "/at+jwt",
            "application/application/at+jwt",
            "application/at+jwt; v=1",
            "at+jwt\0",
            "at+ĵwt",
        ] {
            assert!(!matches(typ, "at+jwt"), "{typ}");
        }
    }

    #[test]
    fn a_media_type_that_json_would_escape_is_refused() {
        for typ in ["", "application/", "a\"b", "a\\b", "a b", "text/plain", "é", "a\n"] {
            assert!(MediaType::parse(typ).is_none(), "{typ}");
        }
        assert!(MediaType::parse(&"a".repeat(64)).is_some());
        assert!(MediaType::parse(&"a".repeat(65)).is_none());
    }
}
