//! The elements of an array.

/// The text of every element of the JSON value `raw`; `None` when it is not an array.
///
/// `raw` was scanned.
pub(crate) fn elements(raw: &str) -> Option<impl Iterator<Item = &str>> {
    let inner = raw.strip_prefix('[')?.strip_suffix(']')?;
    Some(Elements { rest: (!inner.trim_matches(WHITE_SPACE).is_empty()).then_some(inner) })
}

/// What is after the elements that were given out; `None` after the last.
struct Elements<'t> {
    rest: Option<&'t str>,
}

impl<'t> Iterator for Elements<'t> {
    type Item = &'t str;

    fn next(&mut self) -> Option<&'t str> {
        let rest = self.rest?;
        let (element, after) = match end_of_element(rest.as_bytes()) {
            Some(comma) => (rest.get(..comma)?, rest.get(comma + 1..)),
            None => (rest, None),
        };
        self.rest = after;
        Some(element.trim_matches(WHITE_SPACE))
    }
}

/// The index of the first comma that is neither in a string nor in a nested value.
fn end_of_element(text: &[u8]) -> Option<usize> {
    let (mut depth, mut in_string, mut is_escaped) = (0_usize, false, false);
    text.iter().position(|byte| {
        if in_string {
            in_string = is_escaped || *byte != b'"';
            is_escaped = !is_escaped && *byte == b'\\';
            return false;
        }
        match byte {
            b'"' => in_string = true,
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            b',' => return depth == 0,
            _ => {}
        }
        false
    })
}

const WHITE_SPACE: [char; 4] = [' ', '\t', '\n', '\r'];

#[cfg(test)]
mod tests {
    use super::*;

    fn all(raw: &str) -> Vec<&str> {
        elements(raw).unwrap().collect()
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
