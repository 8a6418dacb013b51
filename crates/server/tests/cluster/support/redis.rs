//! A real Redis, on a socket of its own or on a port.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Child, Store};

/// A running `redis-server`.
pub(crate) struct Redis {
    /// Its configuration, in its folder.
    conf: PathBuf,
    url: String,
    /// How `redis-cli` reaches it.
    place: [String; 2],
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
        let (append, sync) = match persistence {
            Persistence::Always => ("yes", "always"),
            Persistence::Never => ("no", "no"),
        };
        let socket = folder.join("redis.sock").display().to_string();
        let conf =
            format!("port 0\nunixsocket {socket}\nappendonly {append}\nappendfsync {sync}\n");
        let url = format!("unix://{socket}");
        Self::run(folder, &conf, url, ["-s".to_owned(), socket]).expect("it takes its socket")
    }

    /// Starts one in `folder` on a free port, with the settings that `conf` makes of it.
    pub(crate) fn on_a_port(folder: &Path, conf: impl Fn(u16) -> String) -> Self {
        std::fs::create_dir(folder).expect("a folder");
        loop {
            // Not every Redis takes port 0. Another program may be quicker to take the one found here.
            let port = free_port();
            let url = format!("redis://127.0.0.1:{port}");
            let place = ["-p".to_owned(), port.to_string()];
            if let Some(redis) = Self::run(folder, &conf(port), url, place) {
                return redis;
            }
        }
    }

    /// None: the port was taken.
    fn run(folder: &Path, conf: &str, url: String, place: [String; 2]) -> Option<Self> {
        let file = folder.join("redis.conf");
        let conf = format!("bind 127.0.0.1\nsave \"\"\ndir {}\n{conf}", folder.display());
        std::fs::write(&file, conf).expect("written");
        let mut redis = Self { conf: file, url, place, child: None };
        redis.serves().then_some(redis)
    }

    /// Starts it again after [`Redis::kill`].
    pub(crate) fn restart(&mut self) {
        assert!(self.serves(), "what was its own is still so");
    }

    fn serves(&mut self) -> bool {
        // What it says goes to standard output.
        let mut command = Command::new("sh");
        command.args(["-c", "exec redis-server \"$@\" >&2", "redis-server"]).arg(&self.conf);
        if self.is_sentinel() {
            command.arg("--sentinel");
        }
        let child = Child::start(&mut command);
        let is_serving = child.wait_for(|line| {
            let says = |words: &[&str]| words.iter().any(|words| line.contains(words));
            if says(&["Ready to accept connections", "+monitor master", "The server is now ready"])
            {
                return Some(true);
            }
            says(&["Address already in use", "Failed listening on port"]).then_some(false)
        });
        self.child = Some(child);
        is_serving
    }

    fn is_sentinel(&self) -> bool {
        std::fs::read_to_string(&self.conf).expect("its configuration").contains("sentinel monitor")
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn port(&self) -> &str {
        &self.place[1]
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
        let asked = Command::new("redis-cli").args(&self.place).args(command).output();
        let output =
            asked.expect("redis-cli is needed for this test (apt-get install redis-server)");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

impl Store for Redis {
    fn settings(&self) -> String {
        format!("revocation.redis = [\"{}\"]\n", self.url)
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

pub(crate) fn free_port() -> u16 {
    let free = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
    free.expect("a free port").port()
}

/// The user that docs/revocation.md tells operators to make, with this password and `more` rights, as
/// a line of the configuration.
pub(crate) fn documented_user(password: &str, more: &str) -> String {
    let page = include_str!("../../../../../docs/revocation.md");
    let (_, command) = page.split_once("ACL SETUSER ").expect("the command");
    let (command, _) = command.split_once("```").expect("its end");
    let rights = command.replace("\\\n", " ").replace(">PASSWORD", &format!(">{password}"));
    format!("user default off\nuser {} {more}\n", rights.trim())
}
