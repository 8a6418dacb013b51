//! Protected headers of strangers, on tokens that are otherwise authentic.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use sealpass_jose::base64url;

use crate::support::{KID, TYP, a256gcm, claims, claims_json, hs256, judge, jws_hs256, makers};

fn named() -> String {
    format!(r#""kid":"{KID}","typ":"{TYP}""#)
}

#[test]
fn any_order_white_space_and_escapes_are_read() {
    for maker in makers() {
        let algorithm = maker.algorithm;
        for header in [
            format!("{{{algorithm},{}}}", named()),
            format!("{{{},{algorithm}}}", named()),
            format!("\r\n {{ {algorithm} ,\t{} }} \n", named()),
            format!(r#"{{{algorithm},"k\u0069d":"2026\u002d11","typ":"session\u002bjwt"}}"#),
        ] {
            let token = maker.token_with_header(&header);
            assert_eq!(judge(&maker.keys, &token).as_deref(), Ok("ada"), "{header}");
        }
    }
}

#[test]
fn unknown_members_are_ignored() {
    for maker in makers() {
        let token =
            maker.token(&format!(r#"{},"cty":"x","apu":[1,{{"a":null}}],"é":1.5e3"#, named()));
        assert_eq!(judge(&maker.keys, &token).as_deref(), Ok("ada"));
    }
}

/// RFC 7515 §4.1.11: who does not understand an extension must refuse the token, and none is
/// understood, whatever it is named.
#[test]
fn a_critical_extension_is_refused() {
    refused_each_with_its_code(&[
        (r#""crit":["exp"]"#, "crit_refused"),
        (r#""crit":[]"#, "crit_refused"),
        (r#""crit":["kid"]"#, "crit_refused"),
        (r#""crit":null"#, "crit_refused"),
        (r#""crit":["b64"]"#, "crit_refused"),
        (r#""cr\u0069t":["exp"]"#, "crit_refused"),
    ]);
}

#[test]
fn an_embedded_key_or_the_address_of_one_is_refused() {
    refused_each_with_its_code(&[
        (r#""jku":"https://evil.example/jwks.json""#, "jku_refused"),
        (r#""jwk":{"kty":"oct","k":"AAAA"}"#, "jwk_refused"),
        (r#""j\u0077k":{"kty":"oct","k":"AAAA"}"#, "jwk_refused"),
        (r#""x5c":["AAAA"]"#, "x5c_refused"),
        (r#""x5u":"https://evil.example/cert.pem""#, "x5u_refused"),
    ]);
}

#[test]
fn a_compressed_or_an_unencoded_payload_is_refused() {
    refused_each_with_its_code(&[
        (r#""b64":true"#, "b64_refused"),
        (r#""b64":false"#, "b64_refused"),
        (r#""zip":"DEF""#, "zip_refused"),
    ]);
}

/// CVE-2018-0114: a token that is authentic under the key in its own header.
#[test]
fn a_token_signed_with_the_key_it_brings_along_is_refused() {
    let attacker = Ed25519KeyPair::from_seed_unchecked(&[66; 32]).unwrap();
    let x = base64url::encode(attacker.public_key().as_ref());
    let public = format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}"}}"#);
    let [.., ours] = makers();
    for (member, code) in [
        (format!(r#","jwk":{public}"#), "jwk_refused"),
        // Without it, the key that verifies is ours, and the signature is not of that.
        (String::new(), "token_not_authentic"),
    ] {
        let header = format!(r#"{{"alg":"EdDSA",{}{member}}}"#, named());
        let input = [header.as_bytes(), &claims_json()].map(base64url::encode).join(".");
        let signature = base64url::encode(attacker.sign(input.as_bytes()).as_ref());
        let token = format!("{input}.{signature}");
        assert_eq!(judge(&ours.keys, &token), Err(code));
    }
}

fn refused_each_with_its_code(members: &[(&str, &str)]) {
    for (member, code) in members {
        for maker in makers() {
            let token = maker.token(&format!("{},{member}", named()));
            assert_eq!(judge(&maker.keys, &token), Err(*code), "{member}");
        }
    }
}

#[test]
fn duplicate_members_are_refused_however_they_are_spelled() {
    for members in [
        format!(r#"{},"kid":"{KID}""#, named()),
        format!(r#"{},"typ":"{TYP}""#, named()),
        format!(r#"{},"k\u0069d":"{KID}""#, named()),
        format!(r#"{},"x":1,"x":1"#, named()),
        format!(r#"{},"x":{{"y":1,"y":1}}"#, named()),
        format!(r#"{},"x":[{{"y":1,"\u0079":1}}]"#, named()),
    ] {
        for maker in makers() {
            let token = maker.token(&members);
            assert_eq!(judge(&maker.keys, &token), Err("header_duplicate_member"), "{members}");
        }
    }
}

#[test]
fn two_algs_are_refused_in_either_order() {
    let [_, hmac, _] = makers();
    for algs in [r#""alg":"HS256","alg":"none""#, r#""alg":"none","alg":"HS256""#] {
        let token = hmac.token_with_header(&format!("{{{algs},{}}}", named()));
        assert_eq!(judge(&hmac.keys, &token), Err("header_duplicate_member"));
    }
}

#[test]
fn headers_that_are_not_one_json_object_are_refused() {
    let [_, hmac, _] = makers();
    for header in [
        "",
        " ",
        "{",
        "}",
        "[]",
        "null",
        "1",
        "\"alg\"",
        "{}{}",
        "{} x",
        "{\"alg\"}",
        "{\"alg\":}",
        "{\"alg\":\"HS256\",}",
        "{,}",
        "{'alg':'HS256'}",
        "{alg:\"HS256\"}",
        "{\"alg\":\"HS256\"",
        "\u{feff}{\"alg\":\"HS256\"}",
        "{\"alg\":\"HS256\"}\0",
        "{\"alg\":\"HS256\"/**/}",
    ] {
        let verdict = judge(&hmac.keys, &hmac.token_with_header(header)).unwrap_err();
        let expected = if header.is_empty() { "token_part_empty" } else { "header_malformed" };
        assert_eq!(verdict, expected, "{header}");
    }
}

#[test]
fn a_header_that_is_not_utf8_is_refused() {
    let token = jws_hs256("X", &claims_json());
    let (_, rest) = token.split_once('.').unwrap();
    for header in
        [&b"{\"alg\":\"HS256\",\"x\":\"\xff\"}"[..], b"\xc0\x80", b"{\"x\":\"\xed\xa0\x80\"}"]
    {
        let token = format!("{}.{rest}", base64url::encode(header));
        let [_, hmac, _] = makers();
        assert_eq!(judge(&hmac.keys, &token), Err("header_malformed"));
    }
}

#[test]
fn members_of_the_wrong_type_are_refused() {
    let [gcm, hmac, _] = makers();
    for members in [
        r#""alg":1,"kid":"2026-11","typ":"session+jwt""#,
        r#""alg":["HS256"],"kid":"2026-11","typ":"session+jwt""#,
        r#""alg":null,"kid":"2026-11","typ":"session+jwt""#,
        r#""alg":"HS256","kid":7,"typ":"session+jwt""#,
        r#""alg":"HS256","kid":null,"typ":"session+jwt""#,
        r#""alg":"HS256","kid":"2026-11","typ":["session+jwt"]"#,
        r#""alg":"HS256","kid":"2026-11","typ":null"#,
        r#""alg":"HS256","enc":true,"kid":"2026-11","typ":"session+jwt""#,
    ] {
        let token = hmac.token_with_header(&format!("{{{members}}}"));
        assert_eq!(judge(&hmac.keys, &token), Err("header_member_type"), "{members}");
    }
    let token = gcm.token_with_header(r#"{"alg":"dir","enc":{},"kid":"2026-11"}"#);
    assert_eq!(judge(&gcm.keys, &token), Err("header_member_type"));
}

#[test]
fn missing_algorithms_are_refused() {
    let [gcm, hmac, _] = makers();
    let header = format!("{{{}}}", named());
    for maker in [&gcm, &hmac] {
        assert_eq!(judge(&maker.keys, &maker.token_with_header(&header)), Err("alg_missing"));
    }
    let without_enc = gcm.token_with_header(&format!(r#"{{"alg":"dir",{}}}"#, named()));
    assert_eq!(judge(&gcm.keys, &without_enc), Err("enc_missing"));
    let with_enc =
        hmac.token_with_header(&format!(r#"{{"alg":"HS256","enc":"A256GCM",{}}}"#, named()));
    assert_eq!(judge(&hmac.keys, &with_enc), Err("enc_unexpected"));
}

#[test]
fn typ_is_compared_as_a_media_type() {
    for maker in makers() {
        for typ in
            ["session+jwt", "SESSION+JWT", "application/session+jwt", "Application/Session+JWT"]
        {
            let token = maker.token(&format!(r#""kid":"{KID}","typ":"{typ}""#));
            assert_eq!(judge(&maker.keys, &token).as_deref(), Ok("ada"), "{typ}");
        }
    }
}

/// One kind of token is never accepted in place of another (RFC 8725 §3.11).
#[test]
fn a_token_of_another_kind_is_refused() {
    for maker in makers() {
        for typ in
            ["at+jwt", "JWT", "", "session+jwt;v=1", "text/session+jwt", "session+jwt\\u0000"]
        {
            let token = maker.token(&format!(r#""kid":"{KID}","typ":"{typ}""#));
            assert_eq!(judge(&maker.keys, &token), Err("typ_mismatch"), "{typ}");
        }
        let token = maker.token(&format!(r#""kid":"{KID}""#));
        assert_eq!(judge(&maker.keys, &token), Err("typ_mismatch"), "no typ");
    }
    for keys in makers().map(|maker| maker.keys) {
        let token = keys.seal("at+jwt", &claims()).unwrap();
        assert_eq!(judge(&keys, &token), Err("typ_mismatch"), "sealed by us");
    }
}

#[test]
fn without_a_kid_a_key_is_taken_only_when_no_other_could_be_meant() {
    let [gcm, hmac, _] = makers();
    let token = hmac.token(&format!(r#""typ":"{TYP}""#));
    assert_eq!(judge(&hmac.keys, &token).as_deref(), Ok("ada"));
    assert_eq!(judge(&gcm.keys, &token), Err("key_unknown"));

    let beside_another_kind = hmac.keys.clone().with_retired(a256gcm("gcm")).unwrap();
    assert_eq!(judge(&beside_another_kind, &token).as_deref(), Ok("ada"));
    let beside_its_kind = hmac.keys.with_retired(hs256("second")).unwrap();
    assert_eq!(judge(&beside_its_kind, &token), Err("kid_missing"));
}

#[test]
fn an_encrypted_key_beside_dir_is_refused() {
    let [gcm, ..] = makers();
    let token = gcm.token(&named());
    let with_key = token.replacen("..", ".AAAA.", 1);
    assert_eq!(judge(&gcm.keys, &with_key), Err("encrypted_key_unexpected"));
}
