//! The `Cookie` header, byte by byte.
//!
//! RFC 6265 §5.4 says what browsers send; anything else says what attackers do. Three rules keep
//! the two apart:
//! - names are compared as bytes and never percent-decoded, so `%5F%5FHost-session` is another
//!   cookie than `__Host-session`;
//! - a pair that is broken is skipped alone, so a sibling subdomain cannot log anyone out with a
//!   cookie that spoils the header;
//! - duplicates are seen, so nobody can rely on which one another parser picks.

use http::{HeaderMap, header};

/// What a search for one cookie finds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "whoever reads a cookie decides about all three")]
pub enum Lookup<'h> {
    /// No cookie has that name.
    Absent,
    /// Several have that name, and not all the same value.
    Conflicting,
    /// The value, quotes and all: RFC 6265 makes them part of it.
    Found(&'h [u8]),
}

/// The value of the cookie called `name`, a token as RFC 6265 §4.1.1 has it.
///
/// ```
/// use http::{HeaderMap, HeaderValue};
/// use sealpass::cookie::{Lookup, find};
///
/// let mut headers = HeaderMap::new();
/// headers.insert("cookie", HeaderValue::from_static("theme=dark; __Host-session=abc"));
/// assert_eq!(find(&headers, "__Host-session"), Lookup::Found(b"abc"));
///
/// headers.append("cookie", HeaderValue::from_static("__Host-session=evil"));
/// assert_eq!(find(&headers, "__Host-session"), Lookup::Conflicting);
/// ```
#[must_use]
pub fn find<'h>(headers: &'h HeaderMap, name: &str) -> Lookup<'h> {
    let mut found = Lookup::Absent;
    for header in headers.get_all(&header::COOKIE) {
        for value in split(header.as_bytes()).filter_map(|pair| value_of(name.as_bytes(), pair)) {
            found = match found {
                Lookup::Absent => Lookup::Found(value),
                Lookup::Found(first) if first == value => found,
                Lookup::Found(_) | Lookup::Conflicting => Lookup::Conflicting,
            };
        }
    }
    found
}

/// The name and value of each well-formed pair of one `Cookie` header, in order.
pub fn pairs(header: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    split(header).filter_map(|pair| {
        let (name, value) = pair.split_at(memchr::memchr(b'=', pair)?);
        let name = name.trim_ascii();
        let value = value.get(1..)?.trim_ascii();
        (!name.is_empty()).then_some((name, value))
    })
}

/// The value of `pair` when its name is `name`, as [`pairs`] has it.
fn value_of<'h>(name: &[u8], pair: &'h [u8]) -> Option<&'h [u8]> {
    let value = pair.trim_ascii_start().strip_prefix(name)?.trim_ascii_start();
    Some(value.strip_prefix(b"=")?.trim_ascii())
}

/// What is between the semicolons of a `Cookie` header.
fn split(header: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(header);
    std::iter::from_fn(move || {
        let header = rest?;
        // A session cookie is hundreds of bytes long, and none of them is of interest.
        let (pair, next) = match memchr::memchr(b';', header) {
            Some(end) => (header.get(..end)?, header.get(end + 1..)),
            None => (header, None),
        };
        rest = next;
        Some(pair)
    })
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const NAME: &str = "__Host-session";

    fn lookup(header: &[u8]) -> Option<Vec<u8>> {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_bytes(header).unwrap());
        match find(&headers, NAME) {
            Lookup::Absent => None,
            Lookup::Conflicting => Some(b"conflict".to_vec()),
            Lookup::Found(value) => Some(value.to_vec()),
        }
    }

    #[test]
    fn a_percent_encoded_name_does_not_shadow_ours() {
        assert_eq!(lookup(b"%5F%5FHost-session=EVIL"), None);
        assert_eq!(lookup(b"%5F%5FHost-session=EVIL; __Host-session=t"), Some(b"t".to_vec()));
        assert_eq!(lookup(b"__Host-session=t; %5F%5FHost-session=EVIL"), Some(b"t".to_vec()));
    }

    #[test]
    fn a_sibling_cookie_cannot_spoil_the_header() {
        for sibling in
            [&b"caf\xc3\xa9=1"[..], b"\xff\xfe", b"x", b"=x", b"", b"a=\"b", b"a=b=c", b"\t "]
        {
            for header in [
                [sibling, b"; __Host-session=t"].concat(),
                [b"__Host-session=t; ", sibling].concat(),
                [b"__Host-session=t;", sibling, b";;"].concat(),
            ] {
                assert_eq!(lookup(&header), Some(b"t".to_vec()), "{header:?}");
            }
        }
    }

    #[test]
    fn only_ascii_white_space_is_trimmed() {
        assert_eq!(lookup(b"a=b;\t __Host-session =\t t "), Some(b"t".to_vec()));
        // U+00A0 and U+0085 are white space to `str::trim`, and part of the name to a browser.
        assert_eq!(lookup("\u{a0}__Host-session=t".as_bytes()), None);
        assert_eq!(
            lookup("__Host-session=t\u{85}".as_bytes()),
            Some("t\u{85}".as_bytes().to_vec())
        );
    }

    #[test]
    fn quotes_belong_to_the_value_and_case_to_the_name() {
        assert_eq!(lookup(b"__Host-session=\"t\""), Some(b"\"t\"".to_vec()));
        assert_eq!(lookup(b"__HOST-session=t"), None);
        assert_eq!(lookup(b"x__Host-session=t"), None);
        assert_eq!(lookup(b"a=\"; __Host-session=t; b=\""), Some(b"t".to_vec()));
    }

    proptest::proptest! {
        #[test]
        fn a_name_has_the_value_that_its_pair_has(header in "[ab=; \t\"]{0,24}", name in "[ab]{1,3}") {
            let of_name = |pair: &(&[u8], &[u8])| pair.0 == name.as_bytes();
            let of_pairs: Vec<_> = pairs(header.as_bytes()).filter(of_name).map(|pair| pair.1).collect();
            let found: Vec<_> = split(header.as_bytes())
                .filter_map(|pair| value_of(name.as_bytes(), pair))
                .collect();
            proptest::prop_assert_eq!(found, of_pairs);
        }
    }

    #[test]
    fn duplicates_are_seen_in_either_order() {
        assert_eq!(lookup(b"__Host-session=a; __Host-session=b"), Some(b"conflict".to_vec()));
        assert_eq!(lookup(b"__Host-session=b; __Host-session=a"), Some(b"conflict".to_vec()));
        assert_eq!(lookup(b"__Host-session=; __Host-session=a"), Some(b"conflict".to_vec()));
        assert_eq!(lookup(b"__Host-session=a; x=y; __Host-session=a"), Some(b"a".to_vec()));
    }
}
