//! `X-Auth-Assertion`: what an API receives, and what it can verify with the published keys alone.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use sealpass_tower::sealpass::NumericDate;
use sealpass_tower::sealpass::jose::{
    Algorithm, JwkSet, JwsAlgorithm, Scratch, UnverifiedToken, Verifier, VerifyError, base64url,
};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::credentials::Users;
use crate::support::{Client, ORIGIN, PASSWORD, Peer, SPELLINGS, Sealpass, USERNAME};

/// An account, an API, and a folder for secrets and keys.
pub(crate) struct Site {
    users: Users,
    pub(crate) api: Peer,
    folder: TempDir,
}

impl Site {
    pub(crate) fn new() -> Self {
        let users = Users::with(USERNAME, &["--claim", "role=\"admin\"", "--claim", "team=\"a\""]);
        Self { users, api: Peer::api(), folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The key files in a folder.
    pub(crate) fn key_files(&self, folder: &str) -> Vec<PathBuf> {
        let files = fs::read_dir(self.path(folder)).unwrap().map(|file| file.unwrap().path());
        files.filter(|file| file.extension().is_some_and(|ending| ending == "jwk")).collect()
    }

    fn put(&self, name: &str, text: &str) {
        let new = self.path(".new");
        fs::write(&new, text).unwrap();
        fs::set_permissions(&new, Permissions::from_mode(0o600)).unwrap();
        fs::rename(new, self.path(name)).unwrap();
    }

    /// The settings of a server in front of the API, `more` last.
    pub(crate) fn settings(&self, more: &str) -> String {
        let upstream = format!("upstream.url = \"{}\"\n", self.api.url(""));
        format!("{}{upstream}upstream.claims = ['role']\n{more}", self.users.setting())
    }

    /// The same with key files, looked at often.
    pub(crate) fn files(&self, algorithm: &str, more: &str) -> String {
        let keys = self.path("assertions").display().to_string();
        self.settings(&format!(
            "assertion.algorithm = '{algorithm}'\nassertion.keys = '{keys}'\nkeys.poll = '100ms'\n\
             {more}"
        ))
    }
}

pub(crate) fn login(server: &Sealpass) -> Client {
    let client = Client::new();
    let body = json!({ "username": USERNAME, "password": PASSWORD });
    client.post(&server.url("/auth/login")).json(&body).send().expect(200);
    client
}

/// The assertion about `client` that the API receives.
fn assertion(site: &Site, server: &Sealpass, client: &Client) -> String {
    let received = site.api.one_request(|| {
        client.get(&server.url("/api/me")).send().expect(200);
    });
    received.header("x-auth-assertion").unwrap().to_owned()
}

/// The JWK Set as a reader gets it.
fn jwks(server: &Sealpass) -> String {
    let answer = Client::new().get(&server.url("/.well-known/jwks.json")).send().expect(200);
    assert_eq!(answer.header("cache-control"), Some("public, max-age=300"));
    for secret in ["\"d\"", "\"k\""] {
        assert!(!answer.body.contains(secret), "{}", answer.body);
    }
    answer.body
}

fn kids(server: &Sealpass) -> Vec<String> {
    let set = JwkSet::parse(jwks(server).as_bytes()).unwrap();
    set.keys().iter().map(|key| key.kid().unwrap().to_owned()).collect()
}

/// What an API does: the claims of an assertion, by the keys that `server` publishes.
fn verify(server: &Sealpass, assertion: &str, audience: &str) -> Result<Value, VerifyError> {
    let accepted = [JwsAlgorithm::EdDsa, JwsAlgorithm::Es256].map(Algorithm::Jws);
    let keys = JwkSet::parse(jwks(server).as_bytes()).unwrap().to_ring(&accepted).unwrap();
    let verifier = Verifier::builder().issuer(ORIGIN).audience(audience).typ("at+jwt");
    let token = UnverifiedToken::parse(assertion).unwrap();
    let now = NumericDate::from_secs(seconds());
    verifier.build().unwrap().verify(&keys, token, &mut Scratch::new(), now)?;
    Ok(claims(assertion))
}

pub(crate) fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&base64url::decode(payload.as_bytes()).unwrap()).unwrap()
}

pub(crate) fn seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// Waits until a server says of its keys of assertions what is wanted.
fn wait_for_keys(server: &Sealpass, is_wanted: impl Fn(&Value) -> bool) {
    loop {
        let keys = Client::new().get(&server.admin_url("/keys")).send().expect(200).json();
        if is_wanted(&keys["assertions"]) {
            return;
        }
    }
}

fn active(keys: &Value) -> Option<&str> {
    let mut keys = keys["keys"].as_array()?.iter();
    keys.find(|key| key["state"] == "active")?["kid"].as_str()
}

#[test]
fn an_api_is_told_who_calls_in_a_way_that_it_can_verify() {
    for algorithm in ["EdDSA", "ES256"] {
        let site = Site::new();
        let server =
            Sealpass::serve(&site.settings(&format!("assertion.algorithm = '{algorithm}'\n")));
        let ada = login(&server);
        let received = site.api.one_request(|| {
            ada.get(&server.url("/api/me")).send().expect(200);
        });
        let assertion = received.header("x-auth-assertion").unwrap();
        let told = verify(&server, assertion, &site.api.url("")).unwrap();
        assert_eq!(told["sub"], received.header("x-auth-subject").unwrap());
        assert_eq!(told["sid"], received.header("x-auth-session").unwrap());
        assert_eq!((&told["role"], &told["team"]), (&json!("admin"), &Value::Null));
        let lifetime = told["exp"].as_u64().unwrap() - told["iat"].as_u64().unwrap();
        assert_eq!(lifetime, 60);
        let others = verify(&server, assertion, "http://127.0.0.1:1");
        assert_eq!(others, Err(VerifyError::AudienceMismatch));
        assert!(!server.child.said().contains("eyJ"), "{}", server.child.said());
        // It opens nothing here.
        for header in [
            format!("Authorization: Bearer {assertion}"),
            format!("Cookie: __Host-session={assertion}"),
        ] {
            let call = Client::new().get(&server.url("/api/me")).header(&header);
            let answer = site.api.no_request(|| call.send());
            assert_eq!(answer.status, 401, "{answer:#?}");
        }
    }
}

#[test]
fn an_assertion_that_a_client_sends_in_any_spelling_never_reaches_the_api() {
    const ASSERTIONS: [&str; 4] =
        ["X-Auth-Assertion", "x_auth_assertion", "X.Auth-Assertion", "X-AUTH_ASSERTION"];
    let site = Site::new();
    for algorithm in ["off", "EdDSA"] {
        let server =
            Sealpass::serve(&site.settings(&format!("assertion.algorithm = '{algorithm}'\n")));
        let ada = login(&server);
        let received = site.api.one_request(|| {
            let names = SPELLINGS.iter().chain(&ASSERTIONS);
            let spoofed = names.fold(ada.get(&server.url("/api/me")), |call, name| {
                call.header(&format!("{name}: mallory"))
            });
            spoofed.header("Connection: x-auth-assertion").send().expect(200);
        });
        for (name, value) in &received.headers {
            assert!(!value.contains("mallory"), "{name}: {value}");
        }
        match (algorithm, received.header("x-auth-assertion")) {
            ("off", None) => {}
            (_, Some(assertion)) => assert_eq!(claims(assertion)["sub"], USERNAME),
            (_, None) => panic!("there is no assertion: {:#?}", received.headers),
        }
    }
}

#[test]
fn a_next_key_is_published_before_it_signs_and_the_old_one_while_it_is_believed() {
    let site = Site::new();
    let settings = site.files("EdDSA", "");
    Sealpass::keys(&["rotate", "--assertions"], &settings);
    let server = Sealpass::serve(&settings);
    let ada = login(&server);
    let before = assertion(&site, &server, &ada);
    let old = kids(&server);

    // Sooner than `sealpass keys rotate --assertions` would have it.
    let key = site.path("next").display().to_string();
    Sealpass::keys(&["generate", "--alg", "ES256", "--kid", "next", "--out", &key], "");
    let mut next: Value = serde_json::from_str(&fs::read_to_string(&key).unwrap()).unwrap();
    next["nbf"] = json!(seconds() + 3);
    site.put("assertions/next.jwk", &next.to_string());
    wait_for_keys(&server, |keys| keys.to_string().contains("\"next\""));
    assert_eq!(kids(&server), [old[0].as_str(), "next"]);

    wait_for_keys(&server, |keys| active(keys) == Some("next"));
    let after = assertion(&site, &server, &ada);
    assert!(after.split('.').next() != before.split('.').next(), "another key signs");
    assert_eq!(kids(&server), [old[0].as_str(), "next"]);
    for assertion in [before, after] {
        verify(&server, &assertion, &site.api.url("")).unwrap();
    }
}

#[test]
fn instances_with_one_secret_vouch_with_the_same_keys() {
    let site = Site::new();
    site.put("secret", "q1vUnfyLBMbqe5xBvXXP4sHCmEKA2wSsWSDQ-A6J9nU");
    let secret = site.path("secret").display().to_string();
    let settings = site.settings(&format!(
        "assertion.algorithm = 'EdDSA'\nkeys.secret = 'file:{secret}'\nassertion.period = '366d'\n"
    ));
    let (here, there) = (Sealpass::serve(&settings), Sealpass::serve(&settings));
    assert_eq!(jwks(&here), jwks(&there));
    assert_eq!(kids(&here).len(), 2, "the one that signs, and the next one");
    let assertion = assertion(&site, &here, &login(&here));
    assert_eq!(verify(&there, &assertion, &site.api.url("")).unwrap()["sub"], USERNAME);
    let keys = Client::new().get(&here.admin_url("/keys")).send().expect(200).json();
    assert_eq!(active(&keys["assertions"]), Some(kids(&here)[0].as_str()));
    assert!(kids(&here).iter().all(|kid| !keys["keys"].to_string().contains(kid)));
}

#[test]
fn keys_of_assertions_are_made_and_taken_away_like_those_of_sessions_and_apart_from_them() {
    let site = Site::new();
    let sessions = site.path("sessions").display().to_string();
    let settings = site.files("ES256", &format!("keys.directory = '{sessions}'\n"));
    Sealpass::keys(&["rotate", "--alg", "EdDSA"], &settings);
    let said = Sealpass::keys(&["rotate", "--assertions"], &settings);
    assert!(said.contains("for ES256, which seals from"), "{said}");
    let again = Sealpass::keys(&["rotate", "--assertions"], &settings);
    assert!(again.starts_with("nothing is due\n"), "{again}");
    for folder in ["sessions", "assertions"] {
        assert_eq!(site.key_files(folder).len(), 1, "{folder}");
    }

    // Another algorithm from the next key on.
    let eddsa = site.files("EdDSA", &format!("keys.directory = '{sessions}'\n"));
    let said = Sealpass::keys(&["rotate", "--assertions", "--early"], &eddsa);
    assert!(said.contains("\tEdDSA\tnext\t") && said.contains("\tES256\tactive\t"), "{said}");

    let server = Sealpass::serve(&settings);
    let ada = login(&server);
    assert_eq!(kids(&server).len(), 3, "that of sessions, and two of assertions");
    let stolen = assertion(&site, &server, &ada);
    let header = stolen.split('.').next().unwrap();
    let header: Value =
        serde_json::from_slice(&base64url::decode(header.as_bytes()).unwrap()).unwrap();
    let kid = header["kid"].as_str().unwrap().to_owned();
    let said = Sealpass::keys(&["compromise", "--assertions", &kid], &settings);
    assert!(said.contains("signs nothing with it"), "{said}");
    wait_for_keys(&server, |keys| !keys.to_string().contains(&kid));
    let refused = verify(&server, &stolen, &site.api.url(""));
    assert_eq!(refused, Err(VerifyError::KeyUnknown));
    verify(&server, &assertion(&site, &server, &ada), &site.api.url("")).unwrap();
}

#[test]
fn a_key_of_sessions_among_those_of_assertions_refuses_the_start() {
    let site = Site::new();
    let sessions = site.path("sessions").display().to_string();
    let settings = site.files("EdDSA", &format!("keys.directory = '{sessions}'\n"));
    Sealpass::keys(&["rotate", "--alg", "EdDSA"], &settings);
    fs::create_dir(site.path("assertions")).unwrap();
    let [key] = &site.key_files("sessions")[..] else { panic!("there is one key") };
    site.put("assertions/copy.jwk", &fs::read_to_string(key).unwrap());
    let said = Sealpass::refused(&settings);
    assert!(said.contains("is one of sessions and one of assertions"), "{said}");
}
