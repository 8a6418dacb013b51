//! Logouts that outlive the process that acknowledged them.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use serde_json::json;
use tempfile::TempDir;

use crate::credentials::Users;
use crate::support::{Answer, Client, PASSWORD, Sealpass, USERNAME};

/// An account, a secret that survives a restart, and a journal.
struct Site {
    users: Users,
    folder: TempDir,
}

impl Site {
    fn new() -> Self {
        let site = Self { users: Users::with(USERNAME, &[]), folder: tempfile::tempdir().unwrap() };
        let secret = site.path("secret");
        fs::write(&secret, "q1vUnfyLBMbqe5xBvXXP4sHCmEKA2wSsWSDQ-A6J9nU").unwrap();
        fs::set_permissions(secret, fs::Permissions::from_mode(0o600)).unwrap();
        site
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn settings(&self) -> String {
        let secret = self.path("secret");
        let journal = self.path("revocations");
        format!(
            "{}keys.secret = \"file:{}\"\nrevocation.journal = \"{}\"\n",
            self.users.setting(),
            secret.display(),
            journal.display()
        )
    }

    fn serve(&self) -> Sealpass {
        Sealpass::serve(&self.settings())
    }
}

fn login(server: &Sealpass) -> Client {
    let client = Client::new();
    let body = json!({ "username": USERNAME, "password": PASSWORD });
    client.post(&server.url("/auth/login")).json(&body).send().expect(200);
    expect_alive(server, &client);
    client
}

fn post(server: &Sealpass, client: &Client, path: &str) -> Answer {
    let csrf = client.cookie("__Host-csrf").expect("a session").value;
    client.post(&server.url(path)).header(&format!("X-CSRF-Token: {csrf}")).send()
}

fn expect_revoked(server: &Sealpass, client: &Client) {
    client.get(&server.url("/auth/session")).send().expect_problem(401, "token_revoked");
}

fn expect_alive(server: &Sealpass, client: &Client) {
    client.get(&server.url("/auth/session")).send().expect(200);
}

#[test]
fn a_logout_is_true_after_the_server_was_killed_and_nobody_else_is_logged_out() {
    let site = Site::new();
    let server = site.serve();
    let (leaving, staying) = (login(&server), login(&server));
    let stolen = leaving.copy();
    post(&server, &leaving, "/auth/logout").expect(204);
    expect_revoked(&server, &stolen);

    drop(server); // with a kill that no process can catch
    let server = site.serve();
    expect_revoked(&server, &stolen);
    post(&server, &stolen, "/auth/refresh").expect_problem(401, "token_revoked");
    expect_alive(&server, &staying);
}

#[test]
fn a_logout_everywhere_is_true_after_the_server_was_killed() {
    let site = Site::new();
    let server = site.serve();
    let (here, there) = (login(&server), login(&server));
    post(&server, &here, "/auth/logout-everywhere").expect(204);
    let again = login(&server);

    drop(server);
    let server = site.serve();
    expect_revoked(&server, &there);
    expect_alive(&server, &again);
}

#[test]
fn a_server_whose_journal_is_gone_lets_in_nobody_from_before() {
    let site = Site::new();
    let server = site.serve();
    let client = login(&server);
    drop(server);
    fs::remove_file(site.path("revocations")).unwrap();
    expect_revoked(&site.serve(), &client);
}

#[test]
fn a_crash_in_the_last_write_is_survived() {
    let site = Site::new();
    let server = site.serve();
    let (leaving, staying) = (login(&server), login(&server));
    let stolen = leaving.copy();
    post(&server, &leaving, "/auth/logout").expect(204);
    drop(server);
    let journal = site.path("revocations");
    let mut bytes = fs::read(&journal).unwrap();
    bytes.extend_from_slice(&[0, 0, 0, 40, 1, 2, 3]);
    fs::write(&journal, bytes).unwrap();

    let server = site.serve();
    assert!(server.child.said().contains("cut the revocation journal short"));
    expect_revoked(&server, &stolen);
    expect_alive(&server, &staying);
}

#[test]
fn a_damaged_journal_is_refused_with_its_place_and_so_is_a_second_server() {
    let site = Site::new();
    let server = site.serve();
    for _ in 0..2 {
        post(&server, &login(&server), "/auth/logout").expect(204);
    }
    let second = Sealpass::refused(&site.settings());
    assert!(second.contains("in use by another process"), "{second}");
    drop(server);
    let journal = site.path("revocations");
    let mut bytes = fs::read(&journal).unwrap();
    bytes[20] ^= 1;
    fs::write(&journal, bytes).unwrap();
    let refusal = Sealpass::refused(&site.settings());
    let place = format!("{}: the bytes at offset 16 are damaged", journal.display());
    assert!(refusal.contains(&place), "{refusal}");
}

#[test]
fn a_logout_that_cannot_be_recorded_did_not_happen_and_says_so() {
    let site = Site::new();
    let server = site.serve();
    let client = login(&server);
    drop(server);
    // No file may grow past a kibibyte: what a full disk is, without one.
    let server = Sealpass::serve_limited(&site.settings(), 1);
    let mut failed = None;
    for _ in 0..100 {
        let leaving = login(&server);
        let answer = post(&server, &leaving, "/auth/logout");
        if answer.status != 204 {
            failed = Some((leaving, answer));
            break;
        }
    }
    let (leaving, answer) = failed.expect("the journal has no room left");
    assert!(answer.all("set-cookie").is_empty(), "{answer:#?}");
    let detail = answer.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("did not take effect"), "{detail}");
    answer.expect_problem(503, "logout_not_recorded");
    expect_alive(&server, &leaving);
    post(&server, &leaving, "/auth/logout-everywhere").expect_problem(503, "logout_not_recorded");
    expect_alive(&server, &leaving);

    drop(server);
    let server = site.serve();
    expect_alive(&server, &leaving);
    expect_alive(&server, &client);
    let stolen = leaving.copy();
    post(&server, &leaving, "/auth/logout").expect(204);
    expect_revoked(&server, &stolen);
}
