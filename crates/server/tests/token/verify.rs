//! One token: each question that may be asked, and each way to exit.

use crate::support::{Folder, NOW};

const CLAIMS: &str = r#"{"iss":"https://auth.example","aud":["https://api.example"],"sub":"ada",
    "iat":1700000000,"nbf":1700000000,"exp":1700000600,"note":null}"#;

fn signed() -> (Folder, String) {
    let folder = Folder::new();
    folder.generate("EdDSA", "key.jwk");
    folder.write("public.jwk", &folder.done(&["keys", "export", "key.jwk"], ""));
    let token = folder.seal("key.jwk", CLAIMS);
    (folder, token)
}

#[test]
fn what_is_asked_is_required_and_what_is_not_is_not() {
    let (folder, token) = signed();
    for (arguments, expected) in [
        (&[][..], None),
        (&["--issuer", "https://auth.example"], None),
        (&["--issuer", "https://auth.example/"], Some("iss_mismatch")),
        (&["--audience", "https://api.example"], None),
        (&["--audience", "https://www.example"], Some("aud_mismatch")),
        (&["--typ", "JWT"], None),
        (&["--typ", "application/jwt"], None),
        (&["--typ", "at+jwt"], Some("typ_mismatch")),
        (&["--require", "sub", "--require", "iss"], None),
        (&["--require", "sub", "--require", "jti"], Some("claim_missing")),
        (&["--require", "note"], Some("claim_missing")),
        (&["--alg", "EdDSA"], None),
        (&["--alg", "EdDSA", "--alg", "RS256"], None),
        (&["--insecure-no-exp"], None),
    ] {
        let arguments = [&["--keys", "public.jwk"], arguments].concat();
        let verdict = folder.verify(&arguments, &token);
        assert_eq!(verdict.err().as_deref(), expected, "{arguments:?}");
    }
}

#[test]
fn claims_come_out_as_one_line_of_json() {
    let (folder, token) = signed();
    let claims = folder.verify(&["--keys", "public.jwk"], &token).unwrap();
    assert_eq!(claims, CLAIMS.replace("\n    ", ""));
}

#[test]
fn time_is_what_now_and_leeway_say() {
    let (folder, token) = signed();
    for (now, leeway, expected) in [
        ("1699999999", "0", Some("iat_in_future")),
        ("1699999999", "1", None),
        ("1700000000", "0", None),
        ("1700000599", "0", None),
        ("1700000600", "0", Some("token_expired")),
        ("1700000659", "60", None),
        ("1700000660", "60", Some("token_expired")),
    ] {
        let arguments = ["--keys", "public.jwk", "--leeway", leeway, "--now", now];
        let ended = folder.run(&[&["token", "verify"], &arguments[..]].concat(), token.as_str());
        let (code, stderr) = match expected {
            None => (0, String::new()),
            Some(code) => (1, format!("{code}\n")),
        };
        assert_eq!((ended.code, ended.stderr), (Some(code), stderr), "{now} {leeway}");
    }
    // Without `--now` the clock says it, and by the clock this token is long gone.
    let ended = folder.run(&["token", "verify", "--keys", "public.jwk"], token);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(1), "token_expired\n"));
}

#[test]
fn a_token_without_exp_is_refused_unless_that_is_typed_out() {
    let folder = Folder::new();
    folder.write("key.jwk", r#"{"kty":"oct","k":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}"#);
    // {"alg":"HS256"} . {"sub":"ada"}
    let token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.\
                 MaccIhK6T-vrQSuu5-y8kKp26FYfQjI220tNmXnzy08";
    let keys = ["--keys", "key.jwk", "--alg", "HS256"];
    assert_eq!(folder.verify(&keys, token), Err("claim_missing".to_owned()));
    let danger = [&keys[..], &["--insecure-no-exp"]].concat();
    assert_eq!(folder.verify(&danger, token).as_deref(), Ok(r#"{"sub":"ada"}"#));
    let required = [&danger[..], &["--require", "exp"]].concat();
    assert_eq!(folder.verify(&required, token), Err("claim_missing".to_owned()));
    let issuer = [&danger[..], &["--issuer", "joe"]].concat();
    assert_eq!(folder.verify(&issuer, token), Err("claim_missing".to_owned()));
    let audience = [&danger[..], &["--audience", "api"]].concat();
    assert_eq!(folder.verify(&audience, token), Err("claim_missing".to_owned()));
    let kind = [&danger[..], &["--typ", "JWT"]].concat();
    assert_eq!(folder.verify(&kind, token), Err("typ_mismatch".to_owned()));
}

#[test]
fn keys_are_a_jwk_a_set_or_pem() {
    let (folder, token) = signed();
    let jwk = folder.read("public.jwk");
    let kid = jwk.split('"').skip_while(|text| *text != "kid").nth(2).unwrap().to_owned();
    folder.generate("ES256", "other.jwk");
    let other = folder.done(&["keys", "export", "other.jwk"], "");
    folder.write("set.jwks", &format!("\n {{\"keys\":[{other},{jwk}]}}"));
    folder.write("public.pem", &folder.done(&["keys", "export", "--pem", "public.jwk"], ""));
    let other_pem = folder.done(&["keys", "export", "--pem", "other.jwk"], "");
    folder.write("both.pem", &(other_pem + &folder.read("public.pem")));
    folder.write("other_name.jwk", &jwk.replace(&kid, "other"));

    for file in ["public.jwk", "key.jwk", "set.jwks", "public.pem"] {
        assert_eq!(folder.verify(&["--keys", file], &token).err(), None, "{file}");
    }
    // The kind of an EC key is not known from PEM: it is never guessed.
    let ended = folder.run(&["token", "verify", "--keys", "both.pem"], token.as_str());
    assert!(ended.stderr.starts_with("jwk_alg_ambiguous\n"), "{}", ended.stderr);
    assert_eq!(ended.code, Some(1));
    let both = ["--keys", "both.pem", "--alg", "EdDSA", "--alg", "ES256"];
    assert_eq!(folder.verify(&both, &token).err(), None);
    // A key that says its name is for tokens of that name.
    let verdict = folder.verify(&["--keys", "other_name.jwk"], &token);
    assert_eq!(verdict, Err("key_unknown".to_owned()));
}

#[test]
fn a_key_of_another_algorithm_is_not_used() {
    let (folder, token) = signed();
    folder.generate("HS256", "shared.jwk");
    folder.write(
        "set.jwks",
        &format!("{{\"keys\":[{},{}]}}", folder.read("public.jwk"), folder.read("shared.jwk")),
    );
    let verdict = folder.verify(&["--keys", "set.jwks", "--alg", "HS256"], &token);
    assert_eq!(verdict, Err("key_unknown".to_owned()));
    let ended =
        folder.run(&["token", "verify", "--keys", "public.jwk", "--alg", "HS256"], token.as_str());
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.starts_with("jwks_no_usable_key\n"), "{}", ended.stderr);
}

#[test]
fn a_sentence_comes_after_the_code_when_asked_for() {
    let (folder, token) = signed();
    let arguments = ["--keys", "public.jwk", "--issuer", "joe", "--explain"];
    let expected = "iss_mismatch: `iss` is not the required issuer".to_owned();
    assert_eq!(folder.verify(&arguments, &token), Err(expected));
}

#[test]
fn wrong_usage_exits_with_2_before_a_token_is_read() {
    let (folder, token) = signed();
    for (arguments, expected) in [
        (&[][..], "--keys"),
        (&["--keys", "missing.jwk"], "cannot read the key file missing.jwk"),
        (&["--keys", "public.jwk", "--alg", "none"], "invalid value 'none'"),
        (&["--keys", "public.jwk", "--alg", "RSA1_5"], "invalid value 'RSA1_5'"),
        (&["--keys", "public.jwk", "--alg", "eddsa"], "EdDSA"),
        (&["--keys", "public.jwk", "--enc", "A256"], "A256GCM"),
        (&["--keys", "public.jwk", "--alg", "EdDSA", "--enc", "A256GCM"], "--enc is for encrypted"),
        (&["--keys", "public.jwk", "--leeway", "61"], "61"),
        (&["--keys", "public.jwk", "--now", "yesterday"], "yesterday"),
        (&["--keys", "public.jwk", "--now", "-1"], "-1"),
        (&["--keys", "public.jwk", "--issuer", ""], "--issuer"),
        (&["--keys", "public.jwk", "--audience", ""], "--audience"),
        (&["--keys", "public.jwk", "--typ", "no media type"], "`typ` must be a media type"),
        (&["--keys", "public.jwk", "--key", "k"], "--key"),
        (&["--keys", "public.jwk", &token], "unexpected argument"),
    ] {
        let ended = folder.run(&[&["token", "verify"], arguments].concat(), token.as_str());
        assert_eq!(ended.code, Some(2), "{arguments:?}: {}", ended.stderr);
        assert_eq!(ended.stdout, "", "{arguments:?}");
        assert!(ended.stderr.contains(expected), "{arguments:?}: {}", ended.stderr);
    }
}

#[test]
fn a_key_file_that_is_none_is_refused_with_its_code() {
    let folder = Folder::new();
    for (text, code) in [
        ("", "pem_no_block"),
        ("{}", "jwk_member_missing"),
        ("{\"keys\":1}", "jwks_keys"),
        ("{\"keys\":[]}", "jwks_no_usable_key"),
        ("{\"kty\":\"oct\",\"k\":\"AA\",\"k\":\"AA\"}", "jwk_duplicate_member"),
        ("{\"kty\":\"oct\",\"alg\":\"HS256\",\"k\":\"AAAA\"}", "key_too_short"),
        ("{\"kty\":\"oct\",\"alg\":\"none\",\"k\":\"AAAA\"}", "alg_none_refused"),
        ("-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n", "pem_certificate"),
        ("ssh-ed25519 AAAA", "pem_text_outside"),
    ] {
        folder.write("key", text);
        let ended = folder.run(&["token", "verify", "--keys", "key", "--now", NOW], "a.b.c");
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{text}: {}", ended.stderr);
        assert_eq!(ended.stderr.lines().next(), Some(code), "{text}: {}", ended.stderr);
        assert!(ended.stderr.contains("key file key"), "{text}: {}", ended.stderr);
    }
    folder.write("key", &" ".repeat(100_000));
    let ended = folder.run(&["token", "verify", "--keys", "key"], "a.b.c");
    assert_eq!(ended.stderr.lines().next(), Some("pem_too_long"));
}
