//! The examples of the RFCs, through the program.

use crate::support::{Folder, rfc};

/// The claims of RFC 7515 A.1, A.2 and A.3, on one line.
const CLAIMS: &str = r#"{"iss":"joe","exp":1300819380,"http://example.com/is_root":true}"#;

/// The second before their `exp`.
const LAST_SECOND: [&str; 2] = ["--now", "1300819379"];

#[test]
fn rfc7515_a1_hs256() {
    let folder = Folder::new();
    folder.write(
        "a1.jwk",
        r#"{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}"#,
    );
    let token = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.\
        eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0\
        cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let all = ["--keys", "a1.jwk", "--alg", "HS256", "--typ", "JWT", "--issuer", "joe"];
    verdicts(&folder, &all, token);
}

#[test]
fn rfc7515_a2_rs256() {
    let folder = Folder::new();
    folder.write("a2.jwk", &rfc("rfc7515_a2.jwk"));
    verdicts(&folder, &["--keys", "a2.jwk", "--alg", "RS256"], &rfc("rfc7515_a2.jws"));
    // The key has no `alg`, so what it is for must be said, and to what else it is said to be for
    // the token is none.
    folder.verify(&["--keys", "a2.jwk", "--alg", "PS256"], &rfc("rfc7515_a2.jws")).unwrap_err();
}

#[test]
fn rfc7515_a3_es256() {
    let folder = Folder::new();
    folder.write("a3.jwk", &rfc("rfc7515_a3.jwk"));
    verdicts(&folder, &["--keys", "a3.jwk", "--alg", "ES256"], &rfc("rfc7515_a3.jws"));
}

/// Accepted until the last second, expired from the next on, not authentic when changed.
fn verdicts(folder: &Folder, arguments: &[&str], token: &str) {
    let at = |now: [&str; 2], token: &str| {
        let ended = folder.run(&[&["token", "verify"], arguments, &now].concat(), token);
        (ended.code, ended.stdout, ended.stderr)
    };
    let accepted = (Some(0), format!("{CLAIMS}\n"), String::new());
    assert_eq!(at(LAST_SECOND, token), accepted);
    let refused = |code: &str| (Some(1), String::new(), format!("{code}\n"));
    assert_eq!(at(["--now", "1300819380"], token), refused("token_expired"));
    let changed = token.replacen("pc3MiOiJqb2Ui", "pc3MiOiJldmUi", 1);
    assert_ne!(changed, token);
    assert_eq!(at(LAST_SECOND, &changed), refused("token_not_authentic"));
}

/// What is signed is a sentence and no claims: it is found authentic first.
#[test]
fn rfc8037_a4_eddsa_is_authentic_and_has_no_claims() {
    let folder = Folder::new();
    let key = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    folder.write("a4.jwk", key);
    let token = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PP\
        Ot7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    // An Ed25519 key is for one algorithm only, which need not be said.
    for arguments in [&["--keys", "a4.jwk"][..], &["--keys", "a4.jwk", "--alg", "EdDSA"]] {
        assert_eq!(folder.verify(arguments, token), Err("claims_malformed".to_owned()));
        let changed = token.replacen("RXhh", "RXhi", 1);
        assert_eq!(folder.verify(arguments, &changed), Err("token_not_authentic".to_owned()));
    }
    assert_eq!(
        folder.done(&["keys", "thumbprint", "a4.jwk"], ""),
        "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k\n",
        "RFC 8037 A.3"
    );
}

#[test]
fn rfc7516_a3_a128kw_is_authentic_and_has_no_claims() {
    let folder = Folder::new();
    folder.write("a3.jwk", r#"{"kty":"oct","k":"GawgguFyGrWKav7AX4VKUg"}"#);
    let token = "eyJhbGciOiJBMTI4S1ciLCJlbmMiOiJBMTI4Q0JDLUhTMjU2In0.\
        6KB707dM9YTIgHtLvtgWQ8mKwboJW3of9locizkDTHzBC2IlrT1oOQ.AxY8DCtDaGlsbGljb3RoZQ.\
        KDlTtXchhZTGufMYmOYGS4HffxPSUrfmqCHXaI9wOGY.U0m_YmjN04DJvceFICbCVQ";
    let a128kw = ["--keys", "a3.jwk", "--alg", "A128KW"];
    let with = |more: &[&str], token: &str| folder.verify(&[&a128kw, more].concat(), token);
    let code = |code: &str| Err(code.to_owned());
    assert_eq!(with(&[], token), code("claims_malformed"));
    assert_eq!(with(&["--enc", "A128CBC-HS256"], token), code("claims_malformed"));
    assert_eq!(with(&["--enc", "A128GCM"], token), code("key_unknown"), "not on the closed list");
    let changed = token.replacen("KDlT", "KDlU", 1);
    assert_eq!(with(&[], &changed), code("token_not_authentic"));
}

#[test]
fn rfc7638_thumbprint() {
    let folder = Folder::new();
    folder.write("rfc7638.jwk", &rfc("rfc7638.jwk"));
    let thumbprint = folder.done(&["keys", "thumbprint", "rfc7638.jwk"], "");
    assert_eq!(thumbprint, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs\n");
}
