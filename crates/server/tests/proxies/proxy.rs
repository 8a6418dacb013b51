//! The real proxies, each with what `sealpass emit-config` prints and a directory of its own.

use std::collections::HashSet;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{LazyLock, Mutex};
use std::time::Duration;

use tempfile::TempDir;

use crate::support::{Child, Peer, Sealpass};

/// A program that asks Sealpass, and how.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    Caddy,
    EnvoyGrpc,
    EnvoyHttp,
    Haproxy,
    Nginx,
}

/// A running proxy in front of Sealpass and an API.
#[derive(Debug)]
pub(crate) struct Proxy {
    pub(crate) address: String,
    _child: Child,
    _directory: TempDir,
}

/// One file of a configuration: what it is called, and what `emit-config` is told to print it.
struct File {
    name: &'static str,
    arguments: &'static [&'static str],
}

impl Kind {
    /// The files of the configuration, the one that the program is started with first.
    const fn files(self) -> &'static [File] {
        match self {
            Self::Caddy => &[File { name: "Caddyfile", arguments: &["caddy"] }],
            Self::EnvoyGrpc => &[File { name: "envoy.yaml", arguments: &["envoy", "--grpc"] }],
            Self::EnvoyHttp => &[File { name: "envoy.yaml", arguments: &["envoy"] }],
            Self::Haproxy => &[
                File { name: "haproxy.cfg", arguments: &["haproxy"] },
                File { name: "sealpass.lua", arguments: &["haproxy", "--part", "lua"] },
            ],
            Self::Nginx => &[File { name: "nginx.conf", arguments: &["nginx"] }],
        }
    }

    /// The program in the foreground, one process, so that its end is the end of all of it.
    fn command(self, directory: &Path) -> Command {
        let file = directory.join(self.files()[0].name);
        let mut command = match self {
            Self::Caddy => Command::new("caddy"),
            Self::EnvoyGrpc | Self::EnvoyHttp => Command::new(envoy()),
            Self::Haproxy => Command::new("haproxy"),
            Self::Nginx => Command::new("nginx"),
        };
        match self {
            Self::Caddy => {
                command.args(["run", "--adapter", "caddyfile", "--config"]).arg(file);
                // Where it writes what it remembers.
                command.env("HOME", directory).env_remove("XDG_CONFIG_HOME");
                command.env_remove("XDG_DATA_HOME")
            }
            Self::EnvoyGrpc | Self::EnvoyHttp => command
                .args(["--disable-hot-restart", "--concurrency", "1", "--log-level", "info", "-c"])
                .arg(file),
            Self::Haproxy => command.args(["-db", "-C"]).arg(directory).arg("-f").arg(file),
            Self::Nginx => command
                .args(["-g", "master_process off;", "-e", "stderr", "-p"])
                .arg(directory)
                .arg("-c")
                .arg(file),
        };
        command
    }

    /// What this proxy says when it has read its configuration; HAProxy says nothing.
    const fn says(self) -> Option<&'static str> {
        match self {
            Self::Caddy => Some("serving initial configuration"),
            Self::EnvoyGrpc | Self::EnvoyHttp => Some("starting workers"),
            Self::Haproxy => None,
            Self::Nginx => Some("using the \"epoll\" event method"),
        }
    }
}

impl Proxy {
    /// Starts the proxy with what `change` makes of each file that `sealpass emit-config` prints.
    pub(crate) fn start(
        kind: Kind,
        sealpass: &Sealpass,
        api: &Peer,
        change: impl Fn(String) -> String,
    ) -> Self {
        loop {
            if let Some(proxy) = Self::start_at(free_address(), kind, sealpass, api, &change) {
                return proxy;
            }
        }
    }

    /// The same at an address, unless another program was quicker to take it.
    pub(crate) fn start_at(
        address: String,
        kind: Kind,
        sealpass: &Sealpass,
        api: &Peer,
        change: impl Fn(String) -> String,
    ) -> Option<Self> {
        let api = api.url("");
        let directory = tempfile::tempdir().expect("a directory");
        for File { name, arguments } in kind.files() {
            let settings = ["--api", &api, "--proxy-listen", &address];
            let configuration = sealpass.emit_config(&[*arguments, &settings].concat());
            std::fs::write(directory.path().join(name), change(configuration)).expect("written");
        }
        let child = Child::start(&mut kind.command(directory.path()));
        serves(kind, &child, &address).then(|| Self {
            address,
            _child: child,
            _directory: directory,
        })
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

/// Waits until the proxy serves, or until the address was not free after all.
fn serves(kind: Kind, child: &Child, address: &str) -> bool {
    let is_taken = |said: &str| said.contains("ddress already in use");
    if let Some(says) = kind.says() {
        let verdict = |line: &str| is_taken(line).then_some(false);
        if !child.wait_for(|line| line.contains(says).then_some(true).or(verdict(line))) {
            return false;
        }
    }
    loop {
        let is_connected = TcpStream::connect(address).is_ok();
        let said = child.said();
        assert!(!said.contains("[warn]"), "nginx has something against what is printed");
        let fails = said.contains("[ALERT]");
        assert!(!fails || is_taken(&said), "{kind:?} does not start");
        if is_connected || fails {
            return !fails;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// An address that no other proxy of this process was given: two Envoys would share it unasked.
pub(crate) fn free_address() -> String {
    static GIVEN: LazyLock<Mutex<HashSet<SocketAddr>>> = LazyLock::new(Mutex::default);
    loop {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
        let free = free.expect("a free port");
        if GIVEN.lock().expect("no test panics here").insert(free) {
            return free.to_string();
        }
    }
}

/// Where `ci/envoy` puts it.
fn envoy() -> PathBuf {
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("envoy").join("envoy");
    assert!(program.exists(), "Envoy is needed for this test: run ./ci/envoy");
    program
}
