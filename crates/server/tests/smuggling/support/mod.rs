//! The server between a client and an API that are raw sockets.

#[path = "../../journey/support/child.rs"]
mod child;
#[path = "../../cluster/support/http.rs"]
mod http;
mod received;
mod recorder;

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use child::Child;
use http::{Backend, call};
pub(crate) use received::Received;
pub(crate) use recorder::Recorder;

/// The server, an API behind it that records, and a session.
pub(crate) struct Gate {
    pub(crate) address: String,
    /// Header lines of the session, each with its end.
    pub(crate) session: String,
    pub(crate) cookies: String,
    pub(crate) csrf: String,
    child: Child,
    api: Recorder,
    _backend: Backend,
    _folder: TempDir,
}

impl Gate {
    pub(crate) fn start() -> Self {
        Self::with("")
    }

    /// The same, with the further settings `toml`.
    pub(crate) fn with(toml: &str) -> Self {
        let (backend, api) = (Backend::start(), Recorder::start());
        let folder = tempfile::tempdir().expect("a folder");
        let config = folder.path().join("sealpass.toml");
        let text = format!(
            "listen = \"127.0.0.1:0\"\nadmin.listen = \"off\"\norigin = \"https://app.example\"\n\
             backend.url = \"{}\"\nupstream.url = \"http://{}\"\n{toml}",
            backend.url(),
            api.address(),
        );
        fs::write(&config, text).expect("written");
        let mut program = Command::new(env!("CARGO_BIN_EXE_sealpass"));
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("SEALPASS_") {
                program.env_remove(name);
            }
        }
        let child = Child::start(program.arg("serve").arg("--config").arg(&config));
        let address = child.wait_for(|line| {
            let line: Value = serde_json::from_str(line).ok()?;
            (line["message"] == "listening").then(|| line["address"].as_str().unwrap().to_owned())
        });
        let body = json!({ "username": "ada", "password": "any" }).to_string();
        let headers = [("Content-Type", "application/json")];
        let answer = call(&address, "POST", "/auth/login", &headers, &body).expect("an answer");
        assert_eq!((answer.status, answer.code().as_str()), (200, ""), "{}", answer.body);
        let pairs = answer.all("set-cookie").into_iter().filter_map(|set| set.split(';').next());
        let pairs: Vec<&str> = pairs.collect();
        let csrf = pairs.iter().find_map(|pair| pair.strip_prefix("__Host-csrf="));
        let csrf = csrf.expect("an anti-CSRF cookie").to_owned();
        let cookies = pairs.join("; ");
        let session = format!("Cookie: {cookies}\r\nX-CSRF-Token: {csrf}\r\n");
        Self { address, session, cookies, csrf, child, api, _backend: backend, _folder: folder }
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).expect("a connection");
        stream.set_read_timeout(Some(PATIENCE)).expect("set");
        stream
    }

    /// A request of the session, `lines` being further headers with their ends.
    pub(crate) fn request(&self, method: &str, target: &str, lines: &str) -> String {
        format!("{method} {target} HTTP/1.1\r\nHost: app.example\r\n{}{lines}\r\n", self.session)
    }

    /// A request that would be passed on, if anyone took it for one.
    pub(crate) fn smuggled(&self) -> String {
        self.request("GET", "/smuggled", "X-Auth-Subject: root\r\n")
    }

    /// Everything that comes back for `bytes` until the server closes the connection, as whatever is
    /// sent must make it do.
    pub(crate) fn exchange(&self, bytes: impl AsRef<[u8]>) -> String {
        let mut stream = self.connect();
        // The server may refuse what it has not read to the end.
        let _ = stream.write_all(bytes.as_ref());
        rest(stream)
    }

    /// The process, as the system numbers it.
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Ends the server; every request that arrived at the API whole.
    pub(crate) fn end(mut self) -> Vec<Received> {
        self.child.signal("TERM");
        assert!(self.child.wait().success());
        assert!(!self.child.said().contains("panicked"), "{}", self.child.said());
        self.api.requests()
    }
}

/// What comes until the other side closes or breaks the connection.
pub(crate) fn rest(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    if let Err(error) = stream.read_to_end(&mut bytes) {
        let text = String::from_utf8_lossy(&bytes);
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "after {text}");
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The statuses of all answers in a text, informational ones included.
pub(crate) fn statuses(text: &str) -> Vec<u16> {
    let starts = text.split("HTTP/1.1 ").skip(1);
    starts.filter_map(|start| start.get(..3)?.parse().ok()).collect()
}

/// Far more than anything here takes: only what never happens takes longer.
const PATIENCE: Duration = Duration::from_mins(1);
