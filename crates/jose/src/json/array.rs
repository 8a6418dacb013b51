//! The elements of an array.

use super::string::{escape_len, plain_len};

/// The elements of the JSON value `raw`; `None` when it is not an array.
///
/// `raw` was scanned.
pub(crate) fn elements(raw: &str) -> Option<Elements<'_>> {
    raw.starts_with('[').then_some(Elements { raw, at: 1 })
}

/// The elements that were not given out yet.
#[derive(Default)]
pub(crate) struct Elements<'t> {
    raw: &'t str,
    at: usize,
}

/// One of them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Element<'t> {
    pub(crate) raw: &'t str,
    /// Whether it is a string that means what it is, without an escape.
    pub(crate) is_plain: bool,
}

impl<'t> Element<'t> {
    /// What it says, if it is a string without an escape.
    #[inline]
    pub(crate) fn plain(self) -> Option<&'t str> {
        if self.is_plain { self.raw.get(1..self.raw.len() - 1) } else { None }
    }
}

impl<'t> Iterator for Elements<'t> {
    type Item = Element<'t>;

    #[inline]
    fn next(&mut self) -> Option<Element<'t>> {
        let text = self.raw.as_bytes();
        let start = skip_separators(text, self.at);
        if *text.get(start)? == b']' {
            return None;
        }
        let (end, is_plain) = value_end(text, start);
        self.at = end;
        Some(Element { raw: self.raw.get(start..end)?, is_plain })
    }
}

/// Where the value that begins at `at` ends, and whether it is a string without escapes.
#[inline]
fn value_end(text: &[u8], at: usize) -> (usize, bool) {
    match text.get(at) {
        Some(b'"') => string_end(text, at),
        Some(b'[' | b'{') => (nested_end(text, at), false),
        _ => {
            let ends =
                |byte: &u8| matches!(byte, b',' | b']' | b'}' | b' ' | b'\t' | b'\n' | b'\r');
            let rest = text.get(at..).unwrap_or_default();
            (at + rest.iter().position(ends).unwrap_or(rest.len()), false)
        }
    }
}

/// Where the object or array that begins at `at` ends.
fn nested_end(text: &[u8], at: usize) -> usize {
    let (mut depth, mut at) = (0_usize, at);
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => {
                at = string_end(text, at).0;
                continue;
            }
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
        if depth == 0 {
            break;
        }
    }
    at
}

/// Where the string that begins at `at` ends, and whether it has no escapes.
#[inline]
fn string_end(text: &[u8], at: usize) -> (usize, bool) {
    let mut end = at + 1;
    let mut is_plain = true;
    loop {
        end += plain_len(text.get(end..).unwrap_or_default());
        match text.get(end) {
            Some(b'\\') => {
                is_plain = false;
                end += 1 + escape_len(text.get(end + 1..).unwrap_or_default()).unwrap_or(1);
            }
            _ => return (end + 1, is_plain),
        }
    }
}

#[inline]
fn skip_separators(text: &[u8], at: usize) -> usize {
    let mut at = at;
    while let Some(b',' | b' ' | b'\t' | b'\n' | b'\r') = text.get(at) {
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(raw: &str) -> Vec<&str> {
        elements(raw).unwrap().map(|element| element.raw).collect()
    }

    #[test]
    fn elements_are_what_is_between_outer_commas() {
        assert_eq!(all("[]"), [""; 0]);
        assert_eq!(all("[ \n]"), [""; 0]);
        assert_eq!(all("[1]"), ["1"]);
        assert_eq!(all("[ 1 ,\t\"a\" , null ]"), ["1", "\"a\"", "null"]);
        assert_eq!(all(r#"[[1,2],{"a":[3,4],"b":5},[]]"#), ["[1,2]", r#"{"a":[3,4],"b":5}"#, "[]"]);
    }

    #[test]
    fn brackets_commas_and_quotes_in_strings_are_text() {
        assert_eq!(
            all(r#"["a,b","]","\"",{"\\":","}]"#),
            [r#""a,b""#, r#""]""#, r#""\"""#, r#"{"\\":","}"#]
        );
        assert_eq!(all(r#"["\\","x"]"#), [r#""\\""#, r#""x""#]);
    }

    #[test]
    fn other_types_have_no_elements() {
        for raw in ["{}", "\"[]\"", "null", "1", ""] {
            assert!(elements(raw).is_none(), "{raw}");
        }
    }
}
