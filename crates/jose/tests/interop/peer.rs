//! A program that answers.

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

pub(crate) struct Peer {
    child: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Peer {
    /// A program of the virtual environment; none when that is not installed.
    pub(crate) fn python(script: &str) -> Option<Self> {
        let python = project().join("target/interop/venv/bin/python");
        Self::start(&python, &python, script)
    }

    /// A program of Node.js; none when its packages are not installed.
    pub(crate) fn node(script: &str) -> Option<Self> {
        Self::start(&scripts().join("node_modules/jose"), Path::new("node"), script)
    }

    fn start(needed: &Path, program: &Path, script: &str) -> Option<Self> {
        if !needed.exists() {
            let is_required = env::var_os("CI").is_some_and(|ci| ci == "true");
            assert!(!is_required, "{} is missing: ./ci/test interop installs it", needed.display());
            println!("\ninterop: SKIPPED {script}: {} is missing", needed.display());
            return None;
        }
        let mut child = Command::new(program)
            .arg(scripts().join(script))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        let requests = child.stdin.take().expect("a pipe");
        let answers = BufReader::new(child.stdout.take().expect("a pipe"));
        Some(Self { child, requests, answers })
    }

    /// What it answers.
    pub(crate) fn ask(&mut self, request: &Value) -> Value {
        writeln!(self.requests, "{request}").expect("a peer that listens");
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("a line");
        serde_json::from_str(&line)
            .unwrap_or_else(|_| panic!("{request} was answered with {line:?}"))
    }

    /// The text `member` of its answer, or what it says is wrong.
    pub(crate) fn text(&mut self, request: &Value, member: &str) -> Result<String, String> {
        let answer = self.ask(request);
        match answer[member].as_str() {
            Some(text) => Ok(text.to_owned()),
            None => Err(answer["error"].as_str().expect("an answer or an error").to_owned()),
        }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn scripts() -> PathBuf {
    project().join("tests/interop")
}
