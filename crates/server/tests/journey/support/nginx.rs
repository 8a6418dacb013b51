//! nginx, with a configuration and a directory of its own.

use std::net::TcpListener;
use std::process::Command;

use tempfile::TempDir;

use super::{Child, Peer, Sealpass};

/// A running nginx in front of Sealpass and an API.
#[derive(Debug)]
pub(crate) struct Nginx {
    address: String,
    _child: Child,
    _directory: TempDir,
}

impl Nginx {
    /// Starts nginx with `nginx.conf`.
    pub(crate) fn start(sealpass: &Sealpass, api: &Peer) -> Self {
        Self::start_with(sealpass, api, |configuration| configuration)
    }

    /// Starts nginx with what `change` makes of `nginx.conf`.
    pub(crate) fn start_with(
        sealpass: &Sealpass,
        api: &Peer,
        change: impl Fn(String) -> String,
    ) -> Self {
        loop {
            // nginx takes no port 0. Another program may be quicker to take the one found here.
            let free = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
            let address = free.expect("a free port").to_string();
            let configuration = include_str!("nginx.conf")
                .replace("@SEALPASS@", &sealpass.address)
                .replace("@API@", api.address())
                .replace("@LISTEN@", &address);

            let directory = tempfile::tempdir().expect("a directory");
            let file = directory.path().join("nginx.conf");
            std::fs::write(&file, change(configuration)).expect("written");
            let child = Child::start(
                Command::new("nginx")
                    .args(["-e", "stderr", "-p"])
                    .arg(directory.path())
                    .arg("-c")
                    .arg(&file),
            );
            let is_serving = child.wait_for(|line| match line {
                line if line.contains("using the \"epoll\" event method") => Some(true),
                line if line.contains("Address already in use") => Some(false),
                _ => None,
            });
            if is_serving {
                return Self { address, _child: child, _directory: directory };
            }
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}
