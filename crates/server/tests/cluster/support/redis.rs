//! A real Redis on a socket of its own.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Child, until};

pub(crate) struct Redis {
    folder: PathBuf,
    persistence: Persistence,
    child: Option<Child>,
}

/// What is left of its data when it is killed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Persistence {
    /// Everything it had answered.
    Always,
    /// Nothing.
    Never,
}

impl Redis {
    pub(crate) fn start(folder: &Path, persistence: Persistence) -> Self {
        let mut redis = Self { folder: folder.to_owned(), persistence, child: None };
        redis.restart();
        redis
    }

    pub(crate) fn url(&self) -> String {
        format!("unix://{}", self.socket().display())
    }

    /// Starts it again after [`Redis::kill`].
    pub(crate) fn restart(&mut self) {
        let (append, sync) = match self.persistence {
            Persistence::Always => ("yes", "always"),
            Persistence::Never => ("no", "no"),
        };
        let mut command = Command::new("redis-server");
        command.args(["--port", "0", "--save", "", "--appendonly", append]);
        command.args(["--appendfsync", sync]).arg("--dir").arg(&self.folder);
        command.arg("--unixsocket").arg(self.socket());
        self.child = Some(Child::start(&mut command));
        until("Redis answers", || self.ask(&["PING"]).contains("PONG"));
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        let mut child = self.child.take().expect("it runs");
        child.signal("KILL");
        child.wait();
    }

    /// Stops it, as a partition does: connections stay, and nobody answers.
    pub(crate) fn pause(&self) {
        self.child.as_ref().expect("it runs").signal("STOP");
    }

    pub(crate) fn resume(&self) {
        self.child.as_ref().expect("it runs").signal("CONT");
    }

    /// What `redis-cli` prints.
    pub(crate) fn ask(&self, command: &[&str]) -> String {
        let asked = Command::new("redis-cli").arg("-s").arg(self.socket()).args(command).output();
        let output =
            asked.expect("redis-cli is needed for this test (apt-get install redis-server)");
        String::from_utf8(output.stdout).expect("text")
    }

    fn socket(&self) -> PathBuf {
        self.folder.join("redis.sock")
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        // A stopped process would be killed too, but not say its last words.
        if let Some(child) = &self.child {
            child.signal("CONT");
        }
    }
}
