//! A claim as the value of a header that it cannot break.

use std::fmt::Write as _;

use serde_json::Value;

/// `text` with every byte percent-encoded that is not visible ASCII, and `%` and `,` too.
///
/// What is left cannot end a line, cannot be trimmed away, and cannot pass for two list members.
/// Decoding every `%XX` as UTF-8 gives the text back.
pub(super) fn text(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    push_text(&mut encoded, text);
    encoded
}

/// The value of a claim:
///
/// | claim | header |
/// |---|---|
/// | absent or `null` | empty |
/// | a string | as [`text`] |
/// | a number, `true`, `false` | its JSON |
/// | an array | its members, each as above, joined by `,` |
/// | an object, or an array within an array | its JSON without white space, as [`text`] |
pub(super) fn claim(claim: Option<&Value>) -> String {
    let mut encoded = String::new();
    match claim {
        None => {}
        Some(Value::Array(members)) => {
            for (index, member) in members.iter().enumerate() {
                if index > 0 {
                    encoded.push(',');
                }
                push_member(&mut encoded, member);
            }
        }
        Some(single) => push_member(&mut encoded, single),
    }
    encoded
}

fn push_member(encoded: &mut String, member: &Value) {
    match member {
        Value::Null => {}
        Value::String(member) => push_text(encoded, member),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            push_text(encoded, &member.to_string());
        }
    }
}

fn push_text(encoded: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_graphic() && byte != b'%' && byte != b',' {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    /// What an API does to read a value.
    fn decode(encoded: &str) -> String {
        let mut bytes = Vec::new();
        let mut rest = encoded.as_bytes();
        while let [first, tail @ ..] = rest {
            rest = tail;
            if *first == b'%' {
                let (digits, tail) = rest.split_at(2);
                rest = tail;
                bytes.push(u8::from_str_radix(std::str::from_utf8(digits).unwrap(), 16).unwrap());
            } else {
                bytes.push(*first);
            }
        }
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn every_kind_of_claim_has_its_form() {
        for (value, expected) in [
            (json!("admin"), "admin"),
            (json!("Ada Lovelace"), "Ada%20Lovelace"),
            (json!("100%,sure"), "100%25%2Csure"),
            (json!("h\u{e9}"), "h%C3%A9"),
            (json!(""), ""),
            (json!(null), ""),
            (json!(true), "true"),
            (json!(-7), "-7"),
            (json!(1.5), "1.5"),
            (json!(18_446_744_073_709_551_615_u64), "18446744073709551615"),
            (json!([]), ""),
            (json!(["a", "b,c", "d e"]), "a,b%2Cc,d%20e"),
            (json!(["a", "", null, 1, false]), "a,,,1,false"),
            (json!({"a": [1, 2]}), "{\"a\":[1%2C2]}"),
            (json!([["a", "b"], {"c": 1}]), "[\"a\"%2C\"b\"],{\"c\":1}"),
        ] {
            assert_eq!(claim(Some(&value)), expected, "{value}");
        }
        assert_eq!(claim(None), "");
    }

    #[test]
    fn header_injection_through_a_claim_is_impossible() {
        assert_eq!(
            text("ada\r\nX-Auth-Claims-Role: admin"),
            "ada%0D%0AX-Auth-Claims-Role:%20admin"
        );
        assert_eq!(text("\0\t\u{7f}\u{2028}"), "%00%09%7F%E2%80%A8");
    }

    proptest! {
        #[test]
        fn any_text_comes_back_and_fits_a_header(original in any::<String>()) {
            let encoded = text(&original);
            prop_assert!(encoded.bytes().all(|byte| byte.is_ascii_graphic() && byte != b','));
            prop_assert!(HeaderValue::try_from(&encoded).is_ok());
            prop_assert_eq!(decode(&encoded), original);
        }

        #[test]
        fn any_list_of_texts_comes_back(original in prop::collection::vec(any::<String>(), 1..8)) {
            let encoded = claim(Some(&json!(original)));
            let members: Vec<String> = encoded.split(',').map(decode).collect();
            prop_assert_eq!(members, original);
        }
    }
}
