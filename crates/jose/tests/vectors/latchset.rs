//! The examples of RFC 7515, 7517, 7520 and 7638 as the files of another implementation.

use std::fs;
use std::path::{Path, PathBuf};

use sealpass_jose::{Jwk, JwkSet, UnverifiedToken};
use serde_json::Value;

use crate::folder::{files, find, read_text, stem};
use crate::open::{algorithm, header, open, part, ring};
use crate::tally::{Label, Tally};

#[test]
fn every_compact_token_is_opened() {
    let Some(folder) = find("latchset-jose/vectors") else { return };
    let mut tally = Tally::of("latchset-jose compact");
    for path in files(&folder, "jwec").into_iter().chain(files(&folder, "jwsc")) {
        let token = linked(&path);
        let header = header(&token).unwrap();
        let verdict = read(&path, &header, &token);
        if let Some(what) = unsupported(&header, &token) {
            tally.unsupported(stem(&path), what, verdict.map(|_| ()));
            continue;
        }
        let expected = content(&path).unwrap_or_else(|| part(&token, 1).unwrap());
        assert!(verdict.as_ref().is_ok_and(|found| *found == expected), "{verdict:?}");
        tally.judge(stem(&path), Label::Valid, verdict.map(|_| ()));
    }
    tally.finish();
}

#[test]
fn no_json_serialization_is_read() {
    let Some(folder) = find("latchset-jose/vectors") else { return };
    let mut tally = Tally::of("latchset-jose JSON serializations");
    for path in ["jwef", "jweg", "jwsf", "jwsg"].iter().flat_map(|kind| files(&folder, kind)) {
        let text = linked(&path);
        let refusal = UnverifiedToken::parse(&text).map(|_| ()).map_err(|error| error.code());
        tally.judge(stem(&path), Label::Invalid, refusal);
    }
    tally.finish();
}

#[test]
fn every_key_is_read() {
    let Some(folder) = find("latchset-jose/vectors") else { return };
    let mut tally = Tally::of("latchset-jose keys");
    for path in files(&folder, "jwk") {
        let read = Jwk::parse(linked(&path).as_bytes()).map(|_| ()).map_err(|error| error.code());
        tally.judge(stem(&path), Label::Valid, read);
    }
    for path in files(&folder, "jwkset") {
        let set = JwkSet::parse(linked(&path).as_bytes());
        assert!(set.as_ref().map_or(true, |set| set.skipped().is_empty()), "{set:?}");
        tally.judge(stem(&path), Label::Valid, set.map(|_| ()).map_err(|error| error.code()));
    }
    let example = Jwk::parse(read_text(&folder.join("rfc7638_3.1.jwk")).as_bytes()).unwrap();
    assert_eq!(example.thumbprint(), read_text(&folder.join("rfc7638_3.1.thp")));
    tally.finish();
}

/// CVE-2023-50967: a token that makes its reader count to a billion.
#[test]
fn a_token_that_chooses_its_own_work_is_refused() {
    let Some(folder) = find("latchset-jose/cve-2023-50967") else { return };
    let mut tally = Tally::of("latchset-jose CVE-2023-50967");
    let key = Jwk::parse(read_text(&folder.join("cve-2023-50967.jwk")).as_bytes());
    tally.judge("key", Label::Invalid, key.map(|_| ()).map_err(|error| error.code()));
    let text = read_text(&folder.join("cve-2023-50967.jwe"));
    let token = UnverifiedToken::parse(&text);
    tally.judge("token", Label::Invalid, token.map(|_| ()).map_err(|error| error.code()));
    tally.finish();
}

fn read(path: &Path, header: &Value, token: &str) -> Result<Vec<u8>, &'static str> {
    let named = algorithm(header["alg"].as_str().unwrap(), header["enc"].as_str());
    // RFC 7515 A.5 is not signed, so that no key is with it.
    let key = path.with_extension("jwk");
    let key =
        if key.exists() { linked(&key) } else { linked(&path.with_file_name("rfc7515_A.1.jwk")) };
    let named = named.or_else(|| algorithm("HS256", None)).unwrap();
    let key = serde_json::from_str(&key).unwrap();
    let other = || sealpass_jose::Key::generate(named).map(sealpass_jose::KeyRing::new);
    open(&ring(&key, &[named]).or_else(|_| other()).unwrap(), token)
}

/// What a token needs that is refused by design.
fn unsupported(header: &Value, token: &str) -> Option<&'static str> {
    match header["alg"].as_str().unwrap() {
        "RSA1_5" => Some("RSA1_5"),
        "none" => Some("none"),
        alg if alg.starts_with("PBES2-") => Some("PBES2"),
        _ if header.get("zip").is_some() => Some("zip"),
        _ if token.contains("..") && header.get("enc").is_none() => Some("detached payload"),
        _ => None,
    }
}

/// The plaintext beside a token.
fn content(path: &Path) -> Option<Vec<u8>> {
    let plaintext = path.with_extension("pt");
    plaintext.exists().then(|| linked(&plaintext).into_bytes())
}

/// The text of a file, or of the one that it names: the links of the original are such files here.
fn linked(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let target: PathBuf = path.with_file_name(text.trim());
    if !text.contains(['{', ' ']) && target.is_file() {
        linked(&target)
    } else {
        text.trim().to_owned()
    }
}
