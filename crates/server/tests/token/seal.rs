//! Tokens made, and refused to be made.

use crate::support::{Folder, NOW};

/// Every algorithm: that of the key, and that of its public half, if it has one.
const ALGORITHMS: [&str; 26] = [
    "EdDSA",
    "ES256",
    "ES384",
    "ES512",
    "HS256",
    "HS384",
    "HS512",
    "PS256",
    "PS384",
    "PS512",
    "RS256",
    "RS384",
    "RS512",
    "A128GCMKW",
    "A128KW",
    "A192GCMKW",
    "A192KW",
    "A256GCMKW",
    "A256KW",
    "dir",
    "ECDH-ES",
    "ECDH-ES+A128KW",
    "ECDH-ES+A192KW",
    "ECDH-ES+A256KW",
    "RSA-OAEP",
    "RSA-OAEP-256",
];

fn seal(folder: &Folder, key: &str, more: &[&str], claims: &str) -> (Option<i32>, String, String) {
    let arguments = ["token", "seal", "--key", key, "--now", NOW];
    let ended = folder.run(&[&arguments[..], more].concat(), claims);
    (ended.code, ended.stdout, ended.stderr)
}

#[test]
fn a_token_of_every_algorithm_is_made_and_read() {
    let folder = Folder::new();
    // The slow search for primes is only needed once.
    folder.generate("RS256", "RS256.jwk");
    let pem = folder.done(&["keys", "export", "RS256.jwk", "--private", "--pem"], "");
    for alg in ALGORITHMS {
        let file = format!("{alg}.jwk");
        if alg.starts_with("RSA") || alg.starts_with("PS") || ["RS384", "RS512"].contains(&alg) {
            let import = ["keys", "import", "-", "--alg", alg, "--out", &file];
            folder.done(&import, pem.as_str());
        } else if alg != "RS256" {
            folder.generate(alg, &file);
        }
        let token = folder.seal(&file, r#"{"sub":"ada","exp":1700000600}"#);
        let accept = ["--keys", file.as_str(), "--alg", alg];
        let claims = folder.verify(&accept, &token);
        let expected = r#"{"iat":1700000000,"sub":"ada","exp":1700000600}"#;
        assert_eq!(claims.as_deref(), Ok(expected), "{alg}");
    }
}

#[test]
fn a_lifetime_gives_times_to_claims_that_lack_them() {
    let folder = Folder::new();
    folder.generate("HS256", "key.jwk");
    for (claims, expected) in [
        (r#"{"sub":"ada"}"#, r#"{"iat":1700000000,"exp":1700000060,"sub":"ada"}"#),
        ("{}", r#"{"iat":1700000000,"exp":1700000060}"#),
        (" { }\n", r#"{"iat":1700000000,"exp":1700000060}"#),
        (r#"{"iat":1699999999}"#, r#"{"exp":1700000060,"iat":1699999999}"#),
        // Numbers stay as they were written.
        (r#"{"n":1e400}"#, r#"{"iat":1700000000,"exp":1700000060,"n":1e400}"#),
    ] {
        let (code, token, stderr) =
            seal(&folder, "key.jwk", &["--typ", "at+jwt", "--lifetime", "60"], claims);
        assert_eq!((code, stderr.as_str()), (Some(0), ""), "{claims}");
        let verdict = folder.verify(&["--keys", "key.jwk", "--typ", "at+jwt"], &token);
        assert_eq!(verdict.as_deref(), Ok(expected), "{claims}");
    }
}

#[test]
fn claims_that_are_ambiguous_or_none_are_refused() {
    let folder = Folder::new();
    folder.generate("HS256", "key.jwk");
    let long = format!(r#"{{"a":"{}"}}"#, "a".repeat(8 * 1024));
    for (claims, expected) in [
        ("", "claims_malformed"),
        ("[]", "claims_malformed"),
        ("\"exp\"", "claims_malformed"),
        ("{\"a\":1}{}", "claims_malformed"),
        (r#"{"a":1,"a":2}"#, "claims_duplicate_member"),
        (r#"{"a":{"b":1,"b":2}}"#, "claims_duplicate_member"),
        (r#"{"\u0069at":null}"#, "claims_duplicate_member"),
        (&long, "token_too_long"),
    ] {
        let (code, stdout, stderr) =
            seal(&folder, "key.jwk", &["--typ", "JWT", "--lifetime", "60"], claims);
        assert_eq!((code, stdout.as_str()), (Some(1), ""), "{claims}");
        assert_eq!(stderr.lines().next(), Some(expected), "{claims}: {stderr}");
    }
}

#[test]
fn wrong_usage_exits_with_2() {
    let folder = Folder::new();
    folder.generate("HS256", "key.jwk");
    for (more, claims, expected) in [
        (&["--lifetime", "60"][..], "{}", "--typ"),
        (&["--typ", "JWT"], "{}", "--lifetime"),
        (&["--typ", "JWT", "--lifetime", "60"], r#"{"exp":1700000600}"#, "--lifetime"),
        (&["--typ", "JWT", "--lifetime", "0"], "{}", "0 is not in"),
        (&["--typ", "JWT", "--lifetime", "99999999999"], "{}", "is not in"),
    ] {
        let (code, stdout, stderr) = seal(&folder, "key.jwk", more, claims);
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{more:?}: {stderr}");
        assert!(stderr.contains(expected), "{more:?}: {stderr}");
    }
    let missing = seal(&folder, "missing.jwk", &["--typ", "JWT", "--lifetime", "60"], "{}");
    assert_eq!(missing.0, Some(2));
}

#[test]
fn a_public_key_signs_nothing() {
    let folder = Folder::new();
    folder.generate("ES256", "key.jwk");
    folder.write("public.jwk", &folder.done(&["keys", "export", "key.jwk"], ""));
    let (code, stdout, stderr) =
        seal(&folder, "public.jwk", &["--typ", "JWT", "--lifetime", "60"], "{}");
    assert_eq!((code, stdout.as_str()), (Some(1), ""));
    assert_eq!(stderr.lines().next(), Some("key_cannot_sign"));
}
