//! One JWK: what is read, what is refused, and what comes out.

use sealpass_jose::{Algorithm, Jwk, JwkError, JwsAlgorithm, KeyError, base64url};

use crate::support::{
    ED25519_D, ED25519_X, EDDSA, ES256, HS256, RS256, any_jws, jwk, key_error, member, refused,
    with, without,
};

const P256: &str = include_str!("rfc/rfc7515_a3.jwk");
const P521: &str = include_str!("rfc/rfc7515_a4.jwk");
const RSA: &str = include_str!("rfc/rfc7515_a2.jwk");

fn ed25519() -> String {
    format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{ED25519_X}","d":"{ED25519_D}"}}"#)
}

fn oct() -> String {
    format!(r#"{{"kty":"oct","k":"{}"}}"#, base64url::encode(&[7; 64]))
}

#[test]
fn what_is_not_one_unambiguous_object_is_refused() {
    for json in ["", "[]", "null", "\"{}\"", "{", "{}x", "{\"kty\":\"oct\",}", "{\"kty\":'oct'}"] {
        assert_eq!(refused(json), "jwk_malformed", "{json}");
    }
    assert_eq!(refused("{}"), "jwk_member_missing");
    assert_eq!(Jwk::parse(b"\xff").unwrap_err().code(), "jwk_malformed");
}

#[test]
fn duplicate_members_are_refused_however_they_are_spelled() {
    let k = base64url::encode(&[7; 64]);
    for json in [
        format!(r#"{{"kty":"oct","k":"{k}","k":"{k}"}}"#),
        format!(r#"{{"kty":"oct","k":"{k}","\u006b":"{k}"}}"#),
        format!(r#"{{"kty":"oct","kty":"EC","k":"{k}"}}"#),
        format!(r#"{{"kty":"oct","k":"{k}","x":{{"a":1,"a":2}}}}"#),
    ] {
        assert_eq!(refused(&json), "jwk_duplicate_member", "{json}");
    }
}

#[test]
fn a_missing_member_is_named() {
    for (json, required) in [
        (P256.to_owned(), &["kty", "crv", "x", "y"][..]),
        (ed25519(), &["kty", "crv", "x"]),
        (RSA.to_owned(), &["kty", "n", "e", "p", "q", "dp", "dq", "qi"]),
        (oct(), &["kty", "k"]),
    ] {
        for name in required {
            let error = Jwk::parse(without(&json, name).as_bytes()).unwrap_err();
            assert_eq!(error, JwkError::MemberMissing { member: name }, "{json}");
        }
    }
}

#[test]
fn a_member_of_another_type_is_refused() {
    for json in [P256.to_owned(), ed25519(), RSA.to_owned(), oct()] {
        let object: serde_json::Value = serde_json::from_str(&json).unwrap();
        for name in object.as_object().unwrap().keys() {
            assert_eq!(refused(&with(&json, name, 1)), "jwk_member_type", "{name}");
            assert_eq!(refused(&with(&json, name, serde_json::Value::Null)), "jwk_member_type");
        }
        for name in ["alg", "kid", "use", "key_ops"] {
            assert_eq!(refused(&with(&json, name, 1)), "jwk_member_type", "{name}");
        }
        assert_eq!(refused(&with(&json, "key_ops", "sign")), "jwk_member_type");
        assert_eq!(refused(&with(&json, "key_ops", vec![1])), "jwk_member_type");
    }
}

#[test]
fn a_coordinate_that_is_not_of_the_curves_length_is_refused() {
    for (json, members) in [
        (P256.to_owned(), &["x", "y", "d"][..]),
        (P521.to_owned(), &["x", "y", "d"]),
        (ed25519(), &["x", "d"]),
    ] {
        for name in members {
            let bytes = base64url::decode(member(&json, name).as_bytes()).unwrap();
            let longer = [&[0], &bytes[..]].concat();
            for changed in [&bytes[1..], &bytes[..bytes.len() - 1], &longer, &[]] {
                let json = with(&json, name, base64url::encode(changed));
                assert_eq!(refused(&json), "jwk_member_length", "{name}");
            }
        }
    }
}

#[test]
fn key_material_that_is_not_canonical_base64url_is_refused() {
    for json in [P256.to_owned(), ed25519(), RSA.to_owned(), oct()] {
        let object: serde_json::Value = serde_json::from_str(&json).unwrap();
        for (name, value) in object.as_object().unwrap() {
            if name == "kty" || name == "crv" {
                continue;
            }
            let text = value.as_str().unwrap();
            for changed in [format!("{text}="), format!(" {text}"), text.replacen('A', "+", 1)] {
                if changed != text {
                    let json = with(&json, name, changed);
                    assert_eq!(refused(&json), "jwk_encoding", "{name}");
                }
            }
        }
    }
    // The same string to JSON, but nothing secret is copied to find that out.
    assert_eq!(refused(r#"{"kty":"oct","k":"\u0041AAA"}"#), "jwk_encoding");
}

#[test]
fn a_number_with_a_leading_zero_is_refused() {
    for name in ["n", "e", "d", "p", "q", "dp", "dq", "qi"] {
        let bytes = base64url::decode(member(RSA, name).as_bytes()).unwrap();
        let json = with(RSA, name, base64url::encode(&[&[0], &bytes[..]].concat()));
        assert_eq!(refused(&json), "jwk_leading_zero", "{name}");
    }
}

#[test]
fn rsa_with_more_than_two_primes_is_refused() {
    assert_eq!(refused(&with(RSA, "oth", Vec::<String>::new())), "jwk_oth_refused");
    let public = jwk(RSA).to_public_json().unwrap();
    assert_eq!(refused(&with(&public, "oth", Vec::<String>::new())), "jwk_oth_refused");
}

#[test]
fn members_that_are_not_known_and_certificates_are_ignored() {
    let mut json = P256.to_owned();
    for name in ["ext", "x5u", "x5c", "x5t", "x5t#S256", "iat", "k"] {
        json = with(&json, name, serde_json::json!([{"a": [1, "x"]}]));
    }
    assert_eq!(jwk(&json).thumbprint(), jwk(P256).thumbprint());
    let out = jwk(&json).to_private_json();
    assert_eq!(Jwk::parse(out.expose().as_bytes()).unwrap().thumbprint(), jwk(P256).thumbprint());
    assert!(!out.expose().contains("x5"));
}

#[test]
fn kinds_that_are_not_read_are_named() {
    assert_eq!(refused(r#"{"kty":"ec","crv":"P-256"}"#), "jwk_kty_refused");
    assert_eq!(refused(r#"{"kty":"AKP","alg":"EdDSA"}"#), "jwk_kty_refused");
    assert_eq!(refused(r#"{"kty":"OKP","crv":"Ed448","x":"AA"}"#), "jwk_crv_refused");
    for (alg, code) in [
        ("none", "alg_none_refused"),
        ("nOnE", "alg_none_refused"),
        ("RSA1_5", "alg_rsa1_5_refused"),
        ("PBES2-HS256+A128KW", "alg_pbes2_refused"),
        ("ES256K", "jwk_alg_refused"),
        ("es256", "jwk_alg_refused"),
        ("", "jwk_alg_refused"),
    ] {
        for json in [P256, RSA, &oct()] {
            assert_eq!(refused(&with(json, "alg", alg)), code, "{alg}");
        }
    }
}

#[test]
fn an_alg_for_another_kind_of_key_is_refused() {
    let fitting = |json: &str| -> Vec<&str> {
        let is_read = |alg: &&str| Jwk::parse(with(json, "alg", *alg).as_bytes()).is_ok();
        JwsAlgorithm::ALL.map(JwsAlgorithm::name).into_iter().filter(is_read).collect()
    };
    assert_eq!(fitting(P256), ["ES256"]);
    assert_eq!(fitting(P521), ["ES512"]);
    assert_eq!(fitting(&ed25519()), ["EdDSA"]);
    assert_eq!(fitting(RSA), ["PS256", "PS384", "PS512", "RS256", "RS384", "RS512"]);
    assert_eq!(fitting(&oct()), ["HS256", "HS384", "HS512"]);
    assert_eq!(refused(&with(P256, "alg", "ES384")), "jwk_alg_mismatch");
    assert_eq!(refused(&with(&oct(), "alg", "A256GCM")), "jwk_member_length");
}

#[test]
fn the_algorithm_is_one_that_the_caller_accepts() {
    let rs256 = jwk(&with(RSA, "alg", "RS256"));
    assert!(rs256.to_key(&any_jws()).is_ok());
    for accepted in [&[][..], &[HS256], &[ES256, EDDSA], &[Algorithm::Jws(JwsAlgorithm::Ps256)]] {
        assert_eq!(key_error(&rs256, accepted), Some("jwk_alg_mismatch"));
    }
    // One algorithm is all that fits these, without an `alg`.
    for json in [P256, P521, &ed25519()] {
        assert!(jwk(json).to_key(&any_jws()).is_ok());
    }
    // More than one fits these.
    for json in [RSA, &oct()] {
        assert_eq!(key_error(&jwk(json), &any_jws()), Some("jwk_alg_ambiguous"));
    }
    assert!(jwk(RSA).to_key(&[RS256, RS256, ES256]).is_ok(), "said twice is not ambiguous");
}

#[test]
fn a_jwk_can_be_told_its_algorithm_and_name_once() {
    let named = jwk(RSA).with_kid("a").unwrap().with_algorithm(RS256).unwrap();
    assert_eq!((named.kid(), named.alg()), (Some("a"), Some("RS256")));
    let json = named.to_public_json().unwrap();
    assert!(json.starts_with(r#"{"kty":"RSA","kid":"a","use":"sig","alg":"RS256","n":"#), "{json}");
    let other = named.with_algorithm(Algorithm::Jws(JwsAlgorithm::Ps256));
    assert_eq!(other.err(), Some(JwkError::AlgorithmMismatch));
    assert_eq!(jwk(RSA).with_algorithm(ES256).err(), Some(JwkError::AlgorithmMismatch));
    assert_eq!(jwk(RSA).with_kid("").err(), Some(JwkError::Key(KeyError::Kid)));
    let encrypts = jwk(&with(RSA, "use", "enc"));
    assert_eq!(encrypts.with_algorithm(RS256).err(), Some(JwkError::UseMismatch));
}

#[test]
fn a_kid_that_could_break_a_log_is_refused() {
    for kid in ["", "a\nb", "\u{85}", &"x".repeat(129)] {
        assert_eq!(refused(&with(P256, "kid", kid)), "kid_refused", "{kid:?}");
    }
}

#[test]
fn a_kid_that_json_escapes_comes_out_as_it_went_in() {
    for kid in ["\"", "\\", "a\"b\\c", "é😀", "\\u0041", &"\"".repeat(128)] {
        let json = jwk(&with(P256, "kid", kid)).to_private_json();
        assert_eq!(jwk(json.expose()).kid(), Some(kid));
    }
}

#[test]
fn what_is_too_long_is_refused_before_it_is_read() {
    let long = format!("{}{}", P256.trim_end(), " ".repeat(Jwk::MAX_BYTES));
    assert_eq!(refused(&long), "jwk_too_long");
}

#[test]
fn a_jwk_prints_nothing_of_its_key() {
    for json in [P256, RSA, &ed25519(), &oct()] {
        let printed = format!("{:?} {:#?}", jwk(json), jwk(json));
        let object: serde_json::Value = serde_json::from_str(json).unwrap();
        for (name, value) in object.as_object().unwrap() {
            if name != "kty" && name != "crv" {
                let text = value.as_str().unwrap();
                // The exponent of everybody is no more than `AQAB`.
                assert!(text.len() < 8 || !printed.contains(text), "{name}: {printed}");
            }
        }
    }
}

#[test]
fn a_public_json_never_has_a_private_member() {
    for json in [P256, P521, RSA, &ed25519()] {
        let public = jwk(json).to_public_json().unwrap();
        let object: serde_json::Value = serde_json::from_str(&public).unwrap();
        for name in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert!(object.get(name).is_none(), "{name}");
        }
        assert!(!jwk(&public).is_private());
    }
    assert_eq!(jwk(&oct()).to_public_json().err(), Some(JwkError::SharedKey));
}

#[test]
fn json_in_is_json_out() {
    for json in [P256, P521, RSA, &ed25519(), &oct()] {
        let json = with(json, "kid", "a\"b");
        let json = with(&json, "key_ops", vec!["sign", "verify"]);
        let out = jwk(&json).to_private_json();
        let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(value(out.expose()), value(&json));
    }
}
