//! JSON of a stranger on one line of a terminal.

use std::fmt::Write as _;

/// The same JSON without white space between its values, and with every character that is not
/// printable escaped: what a token says moves no cursor and hides no text.
///
/// Numbers and the order of members stay as they are. `json` must be JSON.
pub(super) fn one_line(json: &str) -> String {
    let mut line = String::with_capacity(json.len() + 1);
    let (mut in_string, mut escaped) = (false, false);
    for character in json.chars() {
        match character {
            _ if !in_string && character.is_ascii_whitespace() => continue,
            '"' if !escaped => in_string = !in_string,
            _ => {}
        }
        escaped = character == '\\' && !escaped;
        push(&mut line, character);
    }
    line
}

/// A text that is not JSON, as a JSON string.
pub(super) fn quoted(text: &str) -> String {
    let mut line = String::from("\"");
    for character in text.chars() {
        if matches!(character, '"' | '\\') {
            line.push('\\');
        }
        push(&mut line, character);
    }
    line.push('"');
    line
}

fn push(line: &mut String, character: char) {
    // `escape_debug` also escapes these two, which print.
    let printable = matches!(character, '"' | '\'' | '\\') || character.escape_debug().len() == 1;
    if printable {
        line.push(character);
        return;
    }
    for unit in character.encode_utf16(&mut [0; 2]) {
        // Writing to a string does not fail.
        let _ = write!(line, "\\u{unit:04x}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_goes_and_strings_stay() {
        let json = "{\"a\" :\r\n [1.50, \"b c\\\" \\\\\", -0e+1],\t\"é\": {} }";
        assert_eq!(one_line(json), "{\"a\":[1.50,\"b c\\\" \\\\\",-0e+1],\"é\":{}}");
    }

    #[test]
    fn what_moves_a_cursor_or_turns_text_around_is_escaped() {
        let json = "{\"a\":\"\u{9b}31m \u{7f} \u{202e} \u{2028} \u{e0001}\"}";
        let line = one_line(json);
        assert_eq!(line, r#"{"a":"\u009b31m \u007f \u202e \u2028 \udb40\udc01"}"#);
        let value = |json: &str| serde_json::from_str::<serde_json::Value>(json).unwrap();
        assert_eq!(value(&line), value(json));
    }

    #[test]
    fn text_that_is_no_json_becomes_a_string() {
        let text = "a\"b\\c\u{1b}[2J\0'\n";
        assert_eq!(quoted(text), r#""a\"b\\c\u001b[2J\u0000'\u000a""#);
        assert_eq!(serde_json::from_str::<String>(&quoted(text)).unwrap(), text);
    }
}
