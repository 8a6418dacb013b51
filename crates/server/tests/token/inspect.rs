//! What a token says, which proves nothing.

use crate::support::Folder;

#[test]
fn the_first_line_says_that_nothing_is_proven() {
    let folder = Folder::new();
    folder.generate("ES256", "key.jwk");
    let token = folder.seal("key.jwk", "{\"sub\": \"ada\",\n \"exp\": 1.5e9}");
    let shown = folder.done(&["token", "inspect"], token.as_str());
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!(lines[0], "UNVERIFIED");
    assert!(lines[1].starts_with(r#"header: {"alg":"ES256","kid":""#), "{}", lines[1]);
    assert_eq!(lines[2], r#"claims: {"iat":1700000000,"sub":"ada","exp":1.5e9}"#);
    assert_eq!(lines.len(), 3);
    // Whether it is authentic does not matter here.
    let cut = &token[..token.len() - 4];
    assert_eq!(folder.done(&["token", "inspect"], cut), shown);
}

#[test]
fn what_is_encrypted_stays_so() {
    let folder = Folder::new();
    folder.generate("dir", "key.jwk");
    let token = folder.seal("key.jwk", r#"{"sub":"ada","exp":1700000600}"#);
    let shown = folder.done(&["token", "inspect"], token);
    assert!(shown.starts_with("UNVERIFIED\nheader: {\"alg\":\"dir\",\"enc\":\"A256GCM\""));
    assert!(shown.ends_with("\nclaims: encrypted\n"), "{shown}");
}

#[test]
fn tokens_that_nobody_would_accept_are_shown_all_the_same() {
    let folder = Folder::new();
    for (token, expected) in [
        ("eyJhbGciOiJub25lIn0.e30.", "header: {\"alg\":\"none\"}\nclaims: {}\n"),
        ("e30.IhtbMko.x", "header: {}\nclaims: not JSON: \"\\\"\\u001b[2J\"\n"),
        ("e30._w.x", "header: {}\nclaims: not UTF-8: 1 bytes\n"),
        ("e30=.e30.x", "header: not base64url: byte 3 is not in the base64url alphabet\n"),
        ("\u{1b}[2J.e30.x", "header: not base64url: byte 0 is not"),
    ] {
        let shown = folder.done(&["token", "inspect"], token);
        assert!(shown.starts_with(&format!("UNVERIFIED\n{expected}")), "{token:?}: {shown}");
    }
}

#[test]
fn what_is_no_token_exits_with_1() {
    let folder = Folder::new();
    for (text, code) in [
        ("", "token_part_count"),
        ("a.b", "token_part_count"),
        ("a.b.c.d", "token_part_count"),
        ("{}", "json_serialization_refused"),
    ] {
        let ended = folder.run(&["token", "inspect"], text);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{text}");
        assert_eq!(ended.stderr, format!("{code}\n"), "{text}");
    }
    let long = folder.run(&["token", "inspect"], "a".repeat(1_000_000));
    assert_eq!((long.code, long.stderr.as_str()), (Some(1), "token_too_long\n"));
    let usage = folder.run(&["token", "inspect", "eyJhbGciOiJub25lIn0.e30."], "");
    assert_eq!(usage.code, Some(2), "a token is no argument");
}
