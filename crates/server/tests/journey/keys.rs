//! Keys in running servers: shared, changed, replaced, broken and compromised.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::credentials::Users;
use crate::support::{Answer, Client, PASSWORD, Peer, Sealpass, USERNAME};

/// An account, and a folder for the secret or the keys.
struct Site {
    users: Users,
    folder: TempDir,
}

impl Site {
    fn new() -> Self {
        Self { users: Users::with(USERNAME, &[]), folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Replaces a file by another of the same name.
    fn put(&self, name: &str, text: &str) {
        let new = self.path(".new");
        fs::write(&new, text).unwrap();
        fs::set_permissions(&new, Permissions::from_mode(0o600)).unwrap();
        fs::rename(new, self.path(name)).unwrap();
    }

    /// The settings of a server whose keys are derived from the file `secret`.
    fn shared(&self) -> String {
        self.settings(&format!("secret = \"file:{}\"", self.path("secret").display()))
    }

    /// The settings of a server whose keys are the files of the folder.
    fn files(&self) -> String {
        self.settings(&format!("directory = \"{}\"", self.folder.path().display()))
    }

    fn settings(&self, keys: &str) -> String {
        format!("{}[keys]\npoll = '100ms'\n{keys}\n", self.users.setting())
    }
}

fn login(server: &Sealpass) -> Client {
    let client = Client::new();
    let body = json!({ "username": USERNAME, "password": PASSWORD });
    client.post(&server.url("/auth/login")).json(&body).send().expect(200);
    client
}

fn session(server: &Sealpass, client: &Client) -> Answer {
    client.get(&server.url("/auth/session")).send()
}

/// A session of `server` that the others accept. What was granted in the second in which one of them
/// started is from before, for all that one knows.
fn login_for(server: &Sealpass, others: &[&Sealpass]) -> Client {
    loop {
        let client = login(server);
        if others.iter().all(|other| session(other, &client).status == 200) {
            return client;
        }
    }
}

/// Waits until a server says of its keys what is wanted.
fn wait_for_keys(server: &Sealpass, is_wanted: impl Fn(&Value) -> bool) -> Value {
    loop {
        let keys = Client::new().get(&server.admin_url("/keys")).send().expect(200).json();
        if is_wanted(&keys) {
            return keys;
        }
    }
}

fn names(keys: &Value, state: &str) -> Vec<String> {
    let keys = keys["keys"].as_array().unwrap().iter();
    let of_state = keys.filter(|key| key["state"] == state);
    of_state.map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

/// The name of the secret that seals.
fn secret_name(keys: &Value) -> String {
    names(keys, "active")[0].split_once('.').unwrap().0.to_owned()
}

fn jwks(server: &Sealpass) -> Vec<String> {
    let answer = Client::new().get(&server.url("/.well-known/jwks.json")).send().expect(200);
    assert_eq!(answer.header("content-type"), Some("application/jwk-set+json"));
    assert_eq!(answer.header("cache-control"), Some("public, max-age=300"));
    for secret in ["\"d\"", "\"k\"", "\"p\""] {
        assert!(!answer.body.contains(secret), "{}", answer.body);
    }
    let set = answer.json();
    let keys = set["keys"].as_array().unwrap().iter();
    keys.map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

fn seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

const ONE: &str = "q1vUnfyLBMbqe5xBvXXP4sHCmEKA2wSsWSDQ-A6J9nU";
const TWO: &str = "3f9c1d0e5b7a48264c1f90e7d3b8a65274e1c0f93b6d8a5217f4e0c9b3d68a15";

#[test]
fn processes_with_one_secret_accept_each_others_sessions_wherever_they_have_it_from() {
    let site = Site::new();
    site.put("secret", ONE);
    let file = Sealpass::serve(&site.shared());
    let in_variable = site.settings("secret = 'env:SHARED_SECRET'");
    let variable = Sealpass::serve_with(&in_variable, &[("SHARED_SECRET", &format!(" {ONE}\n"))]);
    let folder = site.folder.path().display().to_string();
    let in_credential = site.settings("secret = 'credential:secret'");
    let credential = Sealpass::serve_with(&in_credential, &[("CREDENTIALS_DIRECTORY", &folder)]);
    let stranger = Sealpass::serve(&site.users.setting());

    for (here, others) in [
        (&file, [&variable, &credential]),
        (&variable, [&file, &credential]),
        (&credential, [&file, &variable]),
    ] {
        let ada = login_for(here, &others);
        session(&stranger, &ada).expect_problem(401, "token_invalid");
        // Renewed there, it is as good here.
        let csrf = session(others[0], &ada).json()["csrf_token"].as_str().unwrap().to_owned();
        let renewal = ada.post(&others[1].url("/auth/refresh"));
        renewal.header(&format!("X-CSRF-Token: {csrf}")).send().expect(200);
        session(here, &ada).expect(200);
    }
    for server in [&file, &variable, &credential] {
        assert!(!server.child.said().contains(ONE), "{}", server.child.said());
    }
}

#[test]
fn keys_that_survive_a_restart_open_nothing_from_before_it() {
    let site = Site::new();
    site.put("secret", ONE);
    let before = Sealpass::serve(&site.shared());
    let ada = login(&before);
    session(&before, &ada).expect(200);
    let active = names(&wait_for_keys(&before, |_| true), "active");
    // A login in the second of a start is dated a second ahead: until that is over, too.
    let granted = seconds();
    while seconds() < granted + 2 {
        session(&before, &ada).expect(200);
    }
    drop(before);
    let after = Sealpass::serve(&site.shared());
    assert!(after.child.said().contains("sessions of before this start are refused"));
    // It opens, and it is not known whether it was logged out.
    session(&after, &ada).expect_problem(401, "token_revoked");
    // Unless an hour has just begun.
    let keys = wait_for_keys(&after, |_| true);
    assert!(names(&keys, "active") == active || names(&keys, "retired").contains(&active[0]));
    session(&after, &login(&after)).expect(200);
}

#[test]
fn with_a_journal_a_restart_keeps_who_was_logged_in_and_refuses_who_was_logged_out() {
    let site = Site::new();
    site.put("secret", ONE);
    let journal = format!("[revocation]\njournal = \"{}\"\n", site.path("journal").display());
    let settings = site.shared() + &journal;
    let before = Sealpass::serve(&settings);
    let (stays, leaves) = (login(&before), login(&before));
    let of_leaver = leaves.copy();
    let csrf = session(&before, &leaves).json()["csrf_token"].as_str().unwrap().to_owned();
    let logout = leaves.post(&before.url("/auth/logout"));
    logout.header(&format!("X-CSRF-Token: {csrf}")).send().expect(204);
    drop(before);
    let after = Sealpass::serve(&settings);
    assert!(after.child.said().contains("logouts survive a restart"), "{}", after.child.said());
    session(&after, &stays).expect(200);
    session(&after, &of_leaver).expect_problem(401, "token_revoked");
}

#[test]
fn a_change_of_the_secret_logs_nobody_out() {
    let site = Site::new();
    site.put("secret", ONE);
    let [here, there] = [(); 2].map(|()| Sealpass::serve(&site.shared()));
    let both = [&here, &there];
    let ada = login_for(&here, &[&there]);
    let old = secret_name(&wait_for_keys(&here, |_| true));
    let accepted = |step: &str| {
        for server in both {
            assert_eq!(session(server, &ada).status, 200, "{step}");
        }
    };

    site.put("secret", &format!("{ONE}\n{TWO}\n"));
    for server in both {
        let all = |keys: &Value| keys["keys"].as_array().unwrap().len();
        wait_for_keys(server, |keys| all(keys) >= 4 && secret_name(keys) == old);
    }
    accepted("the new one is known");
    site.put("secret", &format!("{TWO}\n{ONE}\n"));
    wait_for_keys(&here, |keys| secret_name(keys) != old);
    // Whether the other has seen it or not.
    accepted("the new one seals");
    wait_for_keys(&there, |keys| secret_name(keys) != old);
    accepted("the new one seals everywhere");
    let as_of_before = ada.copy();
    let csrf = session(&here, &ada).json()["csrf_token"].as_str().unwrap().to_owned();
    let renewal = ada.post(&here.url("/auth/refresh"));
    renewal.header(&format!("X-CSRF-Token: {csrf}")).send().expect(200);
    site.put("secret", TWO);
    for server in both {
        wait_for_keys(server, |keys| !keys.to_string().contains(&old));
    }
    accepted("the old one is gone");
    session(&here, &as_of_before).expect_problem(401, "token_invalid");

    // A secret that is no good is refused where an operator can see it, and nothing changes.
    site.put("secret", "correct horse battery staple");
    let keys = wait_for_keys(&here, |keys| !keys["problem"].is_null());
    assert!(keys["problem"].as_str().unwrap().contains("neither base64url"), "{keys}");
    accepted("a password is no secret");
    let said = here.child.wait_for(|line| line.contains("cannot be used").then(|| line.to_owned()));
    assert!(said.contains("\"level\":\"ERROR\"") && !said.contains("horse"), "{said}");
}

#[test]
fn sessions_are_sealed_by_whatever_kind_of_key_is_in_the_folder() {
    for (alg, public) in [
        (&["EdDSA"][..], true),
        (&["ES256"], true),
        (&["HS256"], false),
        (&["dir"], false),
        (&["A256KW"], false),
    ] {
        let site = Site::new();
        Sealpass::keys(&[&["rotate", "--alg"], alg].concat(), &site.files());
        let server = Sealpass::serve(&site.files());
        session(&server, &login(&server)).expect(200);
        assert_eq!(jwks(&server).len(), usize::from(public), "{alg:?}");
    }
}

#[test]
fn a_next_key_is_published_takes_over_in_time_and_logs_nobody_out() {
    let site = Site::new();
    Sealpass::keys(&["rotate", "--alg", "EdDSA"], &site.files());
    let server = Sealpass::serve(&site.files());
    let ada = login(&server);
    let old = jwks(&server);
    // Sooner than `sealpass keys rotate` would have it.
    let now = seconds();
    let key = site.path("b");
    let key_file = key.display().to_string();
    Sealpass::keys(&["generate", "--alg", "ES256", "--kid", "b", "--out", &key_file], "");
    let mut next: Value = serde_json::from_str(&fs::read_to_string(key).unwrap()).unwrap();
    next["nbf"] = json!(now + 4);
    site.put("b.jwk", &next.to_string());
    let keys = wait_for_keys(&server, |keys| keys.to_string().contains("\"b\""));
    if names(&keys, "next") == ["b"] {
        session(&server, &ada).expect(200);
    }
    assert_eq!(jwks(&server), [old[0].as_str(), "b"]);
    let warned = |line: &str| line.contains("seals before every reader").then_some(());
    server.child.wait_for(warned);

    let keys = wait_for_keys(&server, |keys| names(keys, "active") == ["b"]);
    assert_eq!(names(&keys, "retired"), old);
    session(&server, &ada).expect(200);
    session(&server, &login(&server)).expect(200);
}

#[test]
fn a_broken_file_keeps_the_old_keys_and_a_compromised_one_is_gone() {
    let site = Site::new();
    Sealpass::keys(&["rotate", "--alg", "EdDSA"], &site.files());
    let server = Sealpass::serve(&site.files());
    let ada = login(&server);
    let old = jwks(&server);

    site.put("broken.jwk", "{");
    let keys = wait_for_keys(&server, |keys| !keys["problem"].is_null());
    assert!(keys["problem"].as_str().unwrap().contains("broken.jwk"), "{keys}");
    server.child.wait_for(|line| line.contains("those of before are kept").then_some(()));
    session(&server, &ada).expect(200);
    session(&server, &login(&server)).expect(200);
    assert_eq!(jwks(&server), old);
    fs::remove_file(site.path("broken.jwk")).unwrap();
    wait_for_keys(&server, |keys| keys["problem"].is_null());

    let said = Sealpass::keys(&["compromise", &old[0]], &site.files());
    assert!(said.contains(&format!("deleted the key {}", old[0])), "{said}");
    wait_for_keys(&server, |keys| !keys.to_string().contains(&old[0]));
    session(&server, &ada).expect_problem(401, "token_invalid");
    assert!(!jwks(&server).contains(&old[0]));
    session(&server, &login(&server)).expect(200);
}

#[test]
fn without_key_files_the_path_of_the_jwk_set_is_the_apis() {
    let site = Site::new();
    site.put("secret", ONE);
    let api = Peer::api();
    let upstream = format!("upstream.url = \"{}\"\n", api.url(""));
    for settings in [site.users.setting(), site.shared()] {
        let alone = Sealpass::serve(&settings);
        let path = "/.well-known/jwks.json";
        Client::new().get(&alone.url(path)).send().expect_problem(404, "not_found");
        let proxy = Sealpass::serve(&format!("{upstream}{settings}"));
        Client::new().get(&proxy.url(path)).send().expect_problem(401, "token_missing");
        let arrived = api.one_request(|| {
            login(&proxy).get(&proxy.url(path)).send().expect(200);
        });
        assert_eq!(arrived.target, path);
    }
    Sealpass::keys(&["rotate"], &site.files());
    let proxy = Sealpass::serve(&format!("{upstream}{}", site.files()));
    assert_eq!(api.no_request(|| jwks(&proxy)), [""; 0]);
    let post = Client::new().post(&proxy.url("/.well-known/jwks.json"));
    api.no_request(|| post.send()).expect_problem(405, "method_not_allowed");
}
