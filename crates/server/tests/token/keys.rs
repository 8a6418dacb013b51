//! Keys in files.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, symlink};

use crate::support::{Folder, rfc};

#[test]
fn a_new_key_is_for_its_owner_alone_and_is_never_printed() {
    let folder = Folder::new();
    let printed = folder
        .done(&["keys", "generate", "--alg", "ES256", "--kid", "2026-11", "--out", "key.jwk"], "");
    assert_eq!(printed, "wrote the key 2026-11 for ES256 to key.jwk\n");
    assert_eq!(fs::metadata(folder.path("key.jwk")).unwrap().mode() & 0o777, 0o600);
    let secret = member(&folder.read("key.jwk"), "d");
    for arguments in [
        &["keys", "list", "key.jwk"][..],
        &["keys", "export", "key.jwk"],
        &["keys", "export", "key.jwk", "--pem"],
        &["keys", "thumbprint", "key.jwk"],
    ] {
        let shown = folder.done(arguments, "");
        assert!(!shown.contains(&secret) && !shown.contains("PRIVATE"), "{arguments:?}: {shown}");
    }
    let private = folder.done(&["keys", "export", "key.jwk", "--private"], "");
    assert_eq!(private, folder.read("key.jwk"));
    // Nothing else is left in the folder.
    assert_eq!(fs::read_dir(folder.path("")).unwrap().count(), 1);
}

#[test]
fn a_new_key_has_the_curve_and_the_length_that_are_asked_for() {
    let folder = Folder::new();
    let make = |alg: &str, more: &[&str], out: &str| {
        folder.done(&[&["keys", "generate", "--alg", alg, "--out", out], more].concat(), "");
        folder.read(out)
    };
    assert_eq!(member(&make("ECDH-ES", &[], "a"), "crv"), "X25519");
    assert_eq!(member(&make("ECDH-ES+A256KW", &["--curve", "P-521"], "b"), "crv"), "P-521");
    assert_eq!(member(&make("ES384", &["--curve", "P-384"], "c"), "crv"), "P-384");
    // 256 bytes in base64url.
    assert_eq!(member(&make("PS256", &["--bits", "2048"], "d"), "n").len(), 342);
}

#[test]
fn no_key_is_overwritten() {
    let folder = Folder::new();
    folder.generate("HS256", "key.jwk");
    let before = folder.read("key.jwk");
    symlink(folder.path("nowhere"), folder.path("link.jwk")).unwrap();
    for out in ["key.jwk", "link.jwk"] {
        for arguments in [
            &["keys", "generate", "--alg", "HS256", "--out", out][..],
            &["keys", "import", "key.jwk", "--out", out],
        ] {
            let ended = folder.run(arguments, "");
            assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{arguments:?}");
            assert!(ended.stderr.contains("is already there"), "{}", ended.stderr);
        }
    }
    assert_eq!(folder.read("key.jwk"), before);
    assert_eq!(fs::read_dir(folder.path("")).unwrap().count(), 2);
}

#[test]
fn a_list_says_what_each_key_is() {
    let folder = Folder::new();
    let key = |alg: &str, kid: &str| {
        let file = format!("{kid}.jwk");
        folder.done(&["keys", "generate", "--alg", alg, "--kid", kid, "--out", &file], "");
        folder.read(&file)
    };
    let (signing, shared, agreed) = (key("EdDSA", "a"), key("A256KW", "b"), key("ECDH-ES", "c"));
    let public = rfc("rfc7638.jwk").replace("\"kid\"", "\"name\"");
    let unread = r#"{"kty":"OKP","crv":"Ed448","x":"AA"}"#;
    folder.write("set", &format!("{{\"keys\":[{signing},{shared},{agreed},{public},{unread}]}}"));
    let ended = folder.run(&["keys", "list", "set"], "");
    assert_eq!(ended.code, Some(0));
    let thumbprints = folder.done(&["keys", "thumbprint", "set"], "");
    let thumbprints: Vec<&str> = thumbprints.lines().collect();
    let expected = [
        format!("a\tEdDSA\tsig\tprivate\t{}\n", thumbprints[0]),
        "b\tA256KW\tenc\tshared\t-\n".to_owned(),
        format!("c\tECDH-ES\tenc\tprivate\t{}\n", thumbprints[2]),
        "-\tRS256\t-\tpublic\tNzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs\n".to_owned(),
    ];
    assert_eq!(ended.stdout, expected.concat());
    assert_eq!(
        ended.stderr,
        "sealpass: the key at index 4 is skipped: jwk_crv_refused: `crv` is not an accepted curve \
         of this `kty`\n"
    );
}

#[test]
fn pem_becomes_a_jwk_and_a_jwk_pem() {
    let folder = Folder::new();
    folder.generate("ES256", "key.jwk");
    let pem = folder.done(&["keys", "export", "key.jwk", "--private", "--pem"], "");
    assert!(pem.starts_with("-----BEGIN PRIVATE KEY-----\n"));
    folder.write("key.pem", &pem);
    let thumbprint = folder.done(&["keys", "thumbprint", "key.pem"], "");
    assert_eq!(thumbprint, folder.done(&["keys", "thumbprint", "key.jwk"], ""));

    let import = ["keys", "import", "key.pem", "--alg", "ES256", "--out", "imported.jwk"];
    let printed = folder.done(&import, "");
    assert_eq!(printed, format!("wrote the key {} to imported.jwk\n", thumbprint.trim_end()));
    let (made, imported) = (folder.read("key.jwk"), folder.read("imported.jwk"));
    let renamed = made.replace(&member(&made, "kid"), thumbprint.trim_end());
    assert_eq!(imported, renamed);
    assert_eq!(fs::metadata(folder.path("imported.jwk")).unwrap().mode() & 0o777, 0o600);

    let named = ["keys", "import", "-", "--kid", "mine", "--out", "named.jwk"];
    folder.done(&named, pem);
    let named = folder.read("named.jwk");
    assert_eq!(member(&named, "kid"), "mine");
    assert!(!named.contains("\"alg\""), "what was not said is not guessed: {named}");
}

#[test]
fn nothing_of_a_shared_key_is_exported_by_accident() {
    let folder = Folder::new();
    folder.generate("HS256", "key.jwk");
    for (arguments, code) in [
        (&["keys", "export", "key.jwk"][..], "jwk_shared_key"),
        (&["keys", "export", "key.jwk", "--pem"], "pem_shared_key"),
        (&["keys", "export", "key.jwk", "--pem", "--private"], "pem_shared_key"),
    ] {
        let ended = folder.run(arguments, "");
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{arguments:?}");
        assert!(ended.stderr.contains(code), "{arguments:?}: {}", ended.stderr);
    }
}

#[test]
fn one_key_of_a_set_is_named() {
    let folder = Folder::new();
    for kid in ["a", "b"] {
        let file = format!("{kid}.jwk");
        folder.done(&["keys", "generate", "--alg", "EdDSA", "--kid", kid, "--out", &file], "");
    }
    folder
        .write("set", &format!("{{\"keys\":[{},{}]}}", folder.read("a.jwk"), folder.read("b.jwk")));
    let all = folder.done(&["keys", "export", "set"], "");
    assert!(all.starts_with("{\"keys\":[{") && !all.contains("\"d\""), "{all}");
    let one = folder.done(&["keys", "export", "set", "--kid", "b"], "");
    assert_eq!(member(&one, "kid"), "b");
    let none = folder.run(&["keys", "export", "set", "--kid", "c"], "");
    assert_eq!((none.code, none.stdout.as_str()), (Some(2), ""));
}

#[test]
fn wrong_usage_exits_with_2() {
    let folder = Folder::new();
    folder.generate("HS256", "key.jwk");
    for arguments in [
        &["keys"][..],
        &["keys", "generate", "--out", "new"],
        &["keys", "generate", "--alg", "none", "--out", "new"],
        &["keys", "generate", "--alg", "HS256", "--enc", "A256GCM", "--out", "new"],
        &["keys", "generate", "--alg", "HS256"],
        &["keys", "generate", "--alg", "HS256", "--bits", "2048", "--out", "new"],
        &["keys", "generate", "--alg", "RS256", "--bits", "1024", "--out", "new"],
        &["keys", "generate", "--alg", "RS256", "--curve", "P-256", "--out", "new"],
        &["keys", "generate", "--alg", "ES256", "--curve", "P-384", "--out", "new"],
        &["keys", "import", "missing", "--out", "new"],
        &["keys", "import", "key.jwk", "--alg", "HS256", "--alg", "HS384", "--out", "new"],
        &["keys", "list", "missing"],
    ] {
        let ended = folder.run(arguments, "");
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(!folder.path("new").exists(), "{arguments:?}");
    }
    // What is refused about a key itself is no matter of usage.
    for arguments in [
        &["keys", "generate", "--alg", "HS256", "--kid", "", "--out", "new"][..],
        &["keys", "import", "key.jwk", "--alg", "ES256", "--out", "new"],
    ] {
        let ended = folder.run(arguments, "");
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{arguments:?}");
        assert!(!folder.path("new").exists(), "{arguments:?}");
    }
}

/// The text of a member of a JWK.
fn member(jwk: &str, name: &str) -> String {
    let jwk: serde_json::Value = serde_json::from_str(jwk).unwrap();
    jwk[name].as_str().unwrap().to_owned()
}
