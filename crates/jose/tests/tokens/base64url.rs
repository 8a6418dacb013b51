//! Strict base64url, checked against a decoder written from RFC 4648 §5.

use proptest::prelude::*;
use sealpass_jose::Base64UrlError;
use sealpass_jose::base64url::{decode, decode_array, encode};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Slow and plain: `None` unless `text` is the canonical encoding of something.
fn reference(text: &[u8]) -> Option<Vec<u8>> {
    let mut bits = 0_u32;
    let mut count = 0;
    let mut bytes = Vec::new();
    for character in text {
        let value = ALPHABET.iter().position(|letter| letter == character)?;
        bits = bits << 6 | u32::try_from(value).unwrap();
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).unwrap());
        }
    }
    let is_canonical = count < 6 && bits & ((1 << count) - 1) == 0;
    is_canonical.then_some(bytes)
}

#[test]
fn rfc4648_examples() {
    for (bytes, text) in [
        (&b""[..], ""),
        (b"f", "Zg"),
        (b"fo", "Zm8"),
        (b"foo", "Zm9v"),
        (b"foob", "Zm9vYg"),
        (b"fooba", "Zm9vYmE"),
        (b"foobar", "Zm9vYmFy"),
        (&[3, 236, 255, 224, 193], "A-z_4ME"),
    ] {
        assert_eq!(encode(bytes), text);
        assert_eq!(decode(text.as_bytes()).unwrap(), bytes);
    }
}

/// Every byte at every place of texts that are decoded by table and, when long, by SIMD.
#[test]
fn every_byte_outside_the_alphabet_is_refused_wherever_it_is() {
    for length in (0..=66).chain([96, 131, 200]) {
        for position in 0..length {
            for byte in 0..=255 {
                let mut text = vec![b'A'; length];
                text[position] = byte;
                assert_eq!(decode(&text).ok(), reference(&text), "{byte} at {position}/{length}");
            }
        }
    }
}

#[test]
fn a_length_that_encodes_nothing_is_refused() {
    for length in [1, 5, 9, 65, 129] {
        let verdict = decode(&vec![b'A'; length]);
        assert_eq!(verdict, Err(Base64UrlError::Length { length }));
    }
}

#[test]
fn only_zero_is_accepted_in_bits_that_encode_nothing() {
    let accepted = |prefix: &str| {
        let spelled =
            |last: &&u8| decode(format!("{prefix}{}", char::from(**last)).as_bytes()).is_ok();
        ALPHABET.iter().filter(spelled).count()
    };
    assert_eq!(accepted("A"), 4, "two of six bits count");
    assert_eq!(accepted("AA"), 16, "four of six bits count");
    assert_eq!(accepted("AAA"), 64);
    assert_eq!(decode(b"AB"), Err(Base64UrlError::TrailingBits));
}

#[test]
fn an_array_has_exactly_its_length() {
    assert_eq!(decode_array::<3>(b"AAAA"), Ok([0; 3]));
    assert_eq!(decode_array::<2>(b"AAAA"), Err(Base64UrlError::Length { length: 4 }));
    assert_eq!(decode_array::<4>(b"AAAA"), Err(Base64UrlError::Length { length: 4 }));
    assert_eq!(decode_array::<0>(b""), Ok([]));
    assert_eq!(decode_array::<0>(b"A"), Err(Base64UrlError::Length { length: 1 }));
    assert_eq!(decode_array::<2>(b"AA="), Err(Base64UrlError::Byte { position: 2 }));
}

proptest! {
    #[test]
    fn what_is_encoded_is_decoded(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let text = encode(&bytes);
        prop_assert_eq!(reference(text.as_bytes()), Some(bytes.clone()));
        prop_assert_eq!(decode(text.as_bytes()), Ok(bytes));
    }

    #[test]
    fn what_is_decoded_is_encoded_again(text in "[A-Za-z0-9_=+/ .-]{0,100}") {
        let bytes = decode(text.as_bytes()).ok();
        prop_assert_eq!(&bytes, &reference(text.as_bytes()));
        if let Some(bytes) = bytes {
            prop_assert_eq!(encode(&bytes), text);
        }
    }
}
