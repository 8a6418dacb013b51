//! The header of a token chooses nothing.

use aws_lc_rs::hmac;
use sealpass_jose::{Key, KeyRing, Secret, base64url};

use crate::support::{
    KEY, KID, TYP, a256gcm, claims, claims_json, ed25519, hs256, judge, jwe, jws_ed25519,
    jws_hs256, makers, rings,
};

/// Every casing of `none`.
fn nones() -> impl Iterator<Item = String> {
    (0..16).map(|mask| {
        let cased = |(index, letter): (usize, char)| {
            if mask >> index & 1 == 1 { letter.to_ascii_uppercase() } else { letter }
        };
        "none".chars().enumerate().map(cased).collect()
    })
}

#[test]
fn alg_none_is_refused_in_every_casing() {
    let payload = base64url::encode(&claims_json());
    for none in nones() {
        for kid in [format!(r#","kid":"{KID}""#), String::new()] {
            let header = format!(r#"{{"alg":"{none}"{kid},"typ":"{TYP}"}}"#);
            let header = base64url::encode(header.as_bytes());
            for keys in rings() {
                let unsigned = format!("{header}.{payload}.");
                assert_eq!(judge(&keys, &unsigned), Err("token_part_empty"), "{none}");
                let signed = format!("{header}.{payload}.AAAA");
                assert_eq!(judge(&keys, &signed), Err("alg_none_refused"), "{none}");
                let sealed = format!("{header}..{payload}.{payload}.{payload}");
                assert_eq!(judge(&keys, &sealed), Err("alg_none_refused"), "{none}");
            }
        }
    }
}

#[test]
fn alg_none_with_an_authentic_mac_is_refused() {
    for none in nones().chain(["\\u006eone".to_owned()]) {
        let header = format!(r#"{{"alg":"{none}","kid":"{KID}","typ":"{TYP}"}}"#);
        for maker in makers() {
            assert_eq!(
                judge(&maker.keys, &maker.token_with_header(&header)),
                Err("alg_none_refused"),
                "{none}"
            );
        }
    }
}

#[test]
fn alg_none_is_refused_when_only_its_bytes_are_looked_at() {
    let [_, keys, _] = rings();
    let payload = base64url::encode(&claims_json());
    for text in
        ["{\"alg\":\"none\"}", "{ \"alg\" : \"none\" }", "{\"alg\":\"none\",\"alg\":\"HS256\"}"]
    {
        let token = format!("{}.{payload}.AAAA", base64url::encode(text.as_bytes()));
        assert!(judge(&keys, &token).is_err(), "{text}");
    }
}

/// CVE-2015-9235: a token signed with the public key as an HMAC secret, `alg` changed to HS256.
#[test]
fn an_ed25519_public_key_is_not_an_hmac_secret() {
    let key = ed25519(KID);
    let public = *key.ed25519_public_key().unwrap();
    let header =
        base64url::encode(format!(r#"{{"alg":"HS256","kid":"{KID}","typ":"{TYP}"}}"#).as_bytes());
    let input = format!("{header}.{}", base64url::encode(&claims_json()));
    let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &public), input.as_bytes());
    let forged = format!("{input}.{}", base64url::encode(mac.as_ref()));

    for keys in [
        KeyRing::new(key.clone()),
        KeyRing::new(Key::ed25519_public(KID, &public).unwrap()),
        KeyRing::new(a256gcm("other")).with_retired(key).unwrap(),
    ] {
        assert_eq!(judge(&keys, &forged), Err("alg_mismatch"));
    }
    // The same token is fine for somebody whose HMAC secret these bytes are: it is well made.
    let secret = KeyRing::new(Key::hs256(KID, &Secret::new(public.to_vec())).unwrap());
    assert_eq!(judge(&secret, &forged).as_deref(), Ok("ada"));
}

#[test]
fn a_key_of_one_algorithm_is_not_used_for_another() {
    let header = |algorithm: &str| format!(r#"{{{algorithm},"kid":"{KID}","typ":"{TYP}"}}"#);
    let names = [r#""alg":"dir","enc":"A256GCM""#, r#""alg":"HS256""#, r#""alg":"EdDSA""#];
    let make = [jwe, jws_hs256, jws_ed25519];
    for (key_index, keys) in rings().into_iter().enumerate() {
        for (index, (name, make)) in names.iter().zip(make).enumerate() {
            let verdict = judge(&keys, &make(&header(name), &claims_json()));
            if index == key_index {
                assert_eq!(verdict.as_deref(), Ok("ada"));
            } else {
                assert_eq!(verdict, Err("alg_mismatch"), "{name}");
            }
        }
    }
}

/// The form of a token and its header must agree (RFC 7516 §9).
#[test]
fn a_jwe_header_on_a_jws_and_the_other_way_round_are_refused() {
    for keys in rings() {
        let token = keys.seal(TYP, &claims()).unwrap();
        let header = token.split('.').next().unwrap();
        let other = if token.split('.').count() == 5 {
            format!("{header}.{}.{}", base64url::encode(&claims_json()), base64url::encode(&KEY))
        } else {
            format!(
                "{header}..AAAAAAAAAAAAAAAA.{0}.AAAAAAAAAAAAAAAAAAAAAA",
                base64url::encode(b"{}")
            )
        };
        let verdict = judge(&keys, &other).unwrap_err();
        assert!(["alg_mismatch", "enc_unexpected", "enc_missing"].contains(&verdict), "{verdict}");
    }
}

#[test]
fn algorithms_that_are_refused_have_their_own_codes() {
    let [_, keys, _] = rings();
    for (alg, code) in [
        ("RSA1_5", "alg_rsa1_5_refused"),
        ("PBES2-HS256+A128KW", "alg_pbes2_refused"),
        ("PBES2-HS512+A256KW", "alg_pbes2_refused"),
        ("ES256K", "alg_refused"),
        ("hs256", "alg_refused"),
        ("HS256 ", "alg_refused"),
        ("", "alg_refused"),
    ] {
        let header = format!(r#"{{"alg":"{alg}","kid":"{KID}","typ":"{TYP}"}}"#);
        assert_eq!(judge(&keys, &jws_hs256(&header, &claims_json())), Err(code), "{alg}");
    }
}

#[test]
fn a_kid_of_another_key_does_not_verify() {
    let ours = hs256(KID);
    let theirs = Key::hs256("theirs", &Secret::new(vec![1; 32])).unwrap();
    let keys = KeyRing::new(ours).with_retired(theirs).unwrap();
    let header = |kid: &str| format!(r#"{{"alg":"HS256","kid":"{kid}","typ":"{TYP}"}}"#);
    assert_eq!(judge(&keys, &jws_hs256(&header(KID), &claims_json())).as_deref(), Ok("ada"));
    assert_eq!(
        judge(&keys, &jws_hs256(&header("theirs"), &claims_json())),
        Err("token_not_authentic")
    );
}

#[test]
fn an_injected_kid_is_only_ever_compared() {
    let [_, keys, _] = rings();
    for kid in [
        "../../../../dev/null",
        "/dev/null",
        "' OR '1'='1",
        "2026-11\\u0000",
        "2026-11 ",
        " 2026-11",
        "2026-1\\u00311",
        "",
        "2026-11/../2026-11",
    ] {
        let header = format!(r#"{{"alg":"HS256","kid":"{kid}","typ":"{TYP}"}}"#);
        assert_eq!(judge(&keys, &jws_hs256(&header, &claims_json())), Err("key_unknown"), "{kid}");
    }
}
