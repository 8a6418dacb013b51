//! One server of the cluster.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use super::{Answer, Child, Session, call};

/// What browsers call all of them.
pub(crate) const ORIGIN: &str = "https://app.example";

pub(crate) struct Instance {
    config: PathBuf,
    child: Child,
    pub(crate) address: String,
    pub(crate) admin: String,
}

impl Instance {
    /// Starts the server with the settings `toml`, its files in `folder`.
    pub(crate) fn start(folder: &Path, index: usize, toml: &str) -> Self {
        let config = folder.join(format!("instance-{index}.toml"));
        let journal = if toml.contains("durable_outbox = false") {
            String::new()
        } else {
            format!("revocation.journal = \"journal-{index}\"\n")
        };
        let common = format!(
            "listen = \"127.0.0.1:0\"\nadmin.listen = \"127.0.0.1:0\"\norigin = \"{ORIGIN}\"\n\
             revocation.redis_timeout = \"250ms\"\n{journal}{toml}"
        );
        fs::write(&config, common).expect("written");
        Self::run(config)
    }

    /// `kill -9`, and a start with what the disk has.
    pub(crate) fn kill_and_restart(&mut self) {
        self.kill();
        self.restart();
    }

    pub(crate) fn kill(&mut self) {
        self.signal("KILL");
        self.child.wait();
    }

    pub(crate) fn signal(&self, name: &str) {
        self.child.signal(name);
    }

    pub(crate) fn restart(&mut self) {
        *self = Self::run(self.config.clone());
    }

    fn run(config: PathBuf) -> Self {
        let child = Child::start(program().arg("serve").arg("--config").arg(&config));
        let address = |message| {
            child.wait_for(|line| {
                let line: Value = serde_json::from_str(line).ok()?;
                (line["message"] == message).then(|| line["address"].as_str().unwrap().to_owned())
            })
        };
        let (public, admin) = (address("listening"), address("admin listening"));
        Self { config, address: public, admin, child }
    }

    /// Everything it said so far.
    pub(crate) fn said(&self) -> String {
        self.child.said()
    }

    /// What the admin listener tells of its list.
    pub(crate) fn revocations(&self) -> Value {
        serde_json::from_str(&self.get("/revocations").body).expect("JSON")
    }

    /// Asks the admin listener.
    pub(crate) fn get(&self, path: &str) -> Answer {
        call(&self.admin, "GET", path, &[], "").expect("an answer")
    }

    pub(crate) fn login(&self, name: &str) -> io::Result<Session> {
        let body = json!({ "username": name, "password": "any" }).to_string();
        let headers = [("Content-Type", "application/json"), ("Origin", ORIGIN)];
        let answer = call(&self.address, "POST", "/auth/login", &headers, &body)?;
        assert_eq!(answer.status, 200, "{answer:?}");
        Ok(Session::of(name, &answer))
    }

    /// A call with the cookies of `session`.
    pub(crate) fn session(&self, session: &Session) -> io::Result<Answer> {
        call(&self.address, "GET", "/auth/session", &[("Cookie", &session.cookies)], "")
    }

    pub(crate) fn renew(&self, session: &Session) -> io::Result<Session> {
        let answer = self.post("/auth/refresh", session)?;
        assert_eq!(answer.status, 200, "{answer:?}");
        Ok(Session::of(&session.subject, &answer))
    }

    pub(crate) fn logout(&self, session: &Session) -> io::Result<Answer> {
        self.post("/auth/logout", session)
    }

    pub(crate) fn post(&self, path: &str, session: &Session) -> io::Result<Answer> {
        let headers = [
            ("Cookie", session.cookies.as_str()),
            ("X-CSRF-Token", &session.csrf),
            ("Origin", ORIGIN),
        ];
        call(&self.address, "POST", path, &headers, "")
    }
}

impl Session {
    fn of(subject: &str, answer: &Answer) -> Self {
        let pairs = answer.all("set-cookie").into_iter().filter_map(|set| set.split(';').next());
        let pairs: Vec<&str> = pairs.collect();
        let csrf = pairs.iter().find_map(|pair| pair.strip_prefix("__Host-csrf="));
        let csrf = csrf.expect("an anti-CSRF cookie").to_owned();
        Self { subject: subject.to_owned(), cookies: pairs.join("; "), csrf }
    }
}

/// The program, without the settings of whoever runs the test.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sealpass"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("SEALPASS_") {
            command.env_remove(name);
        }
    }
    command
}

pub(crate) fn write_secret(path: &Path, text: &str) {
    let mut options = fs::OpenOptions::new();
    let mut file = options.write(true).create_new(true).mode(0o600).open(path).expect("a file");
    writeln!(file, "{text}").expect("written");
}
