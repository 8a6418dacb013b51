//! Input that was made to hurt.

use crate::support::{Folder, NOW};

const ARGUMENTS: [&str; 6] = ["token", "verify", "--keys", "key.jwk", "--now", NOW];

fn folder() -> (Folder, String) {
    let folder = Folder::new();
    folder.generate("HS256", "key.jwk");
    let token = folder.seal("key.jwk", r#"{"sub":"ada","exp":1700000600}"#);
    (folder, token)
}

/// One line of standard input: its code, alone and between two good tokens.
fn code(folder: &Folder, token: &str, hostile: &[u8]) -> String {
    let alone = folder.run(&ARGUMENTS, hostile);
    assert_eq!((alone.code, alone.stdout.as_str()), (Some(1), ""), "{}", alone.stderr);

    let lines = [token.as_bytes(), hostile, token.as_bytes()].join(&b'\n');
    let between = folder.run(&[&ARGUMENTS[..], &["--lines"]].concat(), lines);
    assert_eq!(between.code, Some(1));
    assert_eq!(between.stdout.lines().count(), 2, "the good ones are not affected");
    assert_eq!(between.stderr, alone.stderr);
    alone.stderr.trim_end().to_owned()
}

#[test]
fn a_line_longer_than_any_token() {
    let (folder, token) = folder();
    for length in [8 * 1024 + 1, 8 * 1024 + 2, 8 * 1024 + 3, 8 * 1024 + 4, 9000, 5_000_000] {
        let hostile = "a".repeat(length);
        assert_eq!(code(&folder, &token, hostile.as_bytes()), "token_too_long", "{length}");
    }
    assert_eq!(code(&folder, &token, "a".repeat(8 * 1024).as_bytes()), "token_part_count");
}

#[test]
fn bytes_that_are_no_text() {
    let (folder, token) = folder();
    let nul = token.replacen('.', ".\0", 1);
    assert_eq!(code(&folder, &token, nul.as_bytes()), "token_not_authentic");
    assert_eq!(code(&folder, &token, &[token.as_bytes(), b"\0"].concat()), "token_encoding");
    assert_eq!(code(&folder, &token, b"\0"), "token_part_count");
    assert_eq!(code(&folder, &token, b"\xff.\xfe.\xfd"), "token_part_count");
    assert_eq!(code(&folder, &token, b"\x1b[2J.a.b"), "header_encoding");
}

#[test]
fn white_space_around_a_token() {
    let (folder, token) = folder();
    for (hostile, expected) in [
        (format!(" {token}"), "header_encoding"),
        (format!("{token} "), "token_encoding"),
        (format!("{token}\t"), "token_encoding"),
        (format!("{token}\r\r"), "token_encoding"),
    ] {
        assert_eq!(code(&folder, &token, hostile.as_bytes()), expected, "{hostile:?}");
    }
    // Two tokens where one was asked for.
    let two = folder.run(&ARGUMENTS, format!("{token}\n{token}\n"));
    assert_eq!((two.code, two.stderr.as_str()), (Some(1), "token_encoding\n"));
}

#[test]
fn tokens_that_ask_to_be_checked_in_their_own_way() {
    let (folder, token) = folder();
    // Headers in base64url, each with an `alg` that the key does not have, or with a key.
    for (header, expected) in [
        ("eyJhbGciOiJub25lIn0", "alg_none_refused"),
        ("eyJhbGciOiJSUzI1NiJ9", "key_unknown"),
        ("eyJhbGciOiJIUzM4NCJ9", "key_unknown"),
        ("eyJhbGciOiJIUzI1NiIsImp3ayI6e319", "jwk_refused"),
        ("eyJhbGciOiJIUzI1NiIsImNyaXQiOlsieCJdfQ", "crit_refused"),
        ("eyJhbGciOiJIUzI1NiIsImFsZyI6Im5vbmUifQ", "header_duplicate_member"),
    ] {
        let hostile = format!("{header}.e30.AAAA");
        assert_eq!(code(&folder, &token, hostile.as_bytes()), expected, "{header}");
    }
    let unsigned = "eyJhbGciOiJub25lIn0.e30.";
    assert_eq!(code(&folder, &token, unsigned.as_bytes()), "token_part_empty");
    assert_eq!(code(&folder, &token, br#"{"payload":"e30"}"#), "json_serialization_refused");
}

#[test]
fn claims_that_would_move_the_cursor_of_a_terminal() {
    let folder = Folder::new();
    folder.generate("HS256", "key.jwk");
    let claims = "{\"sub\":\"\u{9b}2J\u{202e}\",\"exp\":1700000600}";
    let token = folder.seal("key.jwk", claims);
    let shown = folder.verify(&["--keys", "key.jwk"], &token).unwrap();
    assert!(shown.contains(r#""sub":"\u009b2J\u202e""#), "{shown}");
    let inspected = folder.done(&["token", "inspect"], token);
    assert!(inspected.contains(r#""sub":"\u009b2J\u202e""#), "{inspected}");
}
