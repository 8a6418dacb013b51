//! nginx, with a configuration and a directory of its own.

use std::net::TcpListener;
use std::process::Command;

use tempfile::TempDir;

use super::{Child, Peer, Sealpass};

const EXAMPLE: &str = include_str!("../../../../../examples/nginx/nginx.conf");

/// A running nginx in front of Sealpass and an API.
#[derive(Debug)]
pub(crate) struct Nginx {
    address: String,
    _child: Child,
    _directory: TempDir,
}

impl Nginx {
    /// Starts nginx with `examples/nginx/nginx.conf`, its addresses replaced.
    pub(crate) fn start(sealpass: &Sealpass, api: &Peer) -> Self {
        Self::start_with(sealpass, api, |configuration| configuration)
    }

    /// Starts nginx with what `change` makes of that.
    pub(crate) fn start_with(
        sealpass: &Sealpass,
        api: &Peer,
        change: impl Fn(String) -> String,
    ) -> Self {
        loop {
            // nginx takes no port 0. Another program may be quicker to take the one found here.
            let free = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
            let address = free.expect("a free port").to_string();
            let configuration = [
                ("listen 127.0.0.1:8000;", format!("listen {address};")),
                ("server 127.0.0.1:8080;", format!("server {};", sealpass.address)),
                ("server 127.0.0.1:8081;", format!("server {};", sealpass.forward_auth)),
                ("server 127.0.0.1:3000;", format!("server {};", api.address())),
            ]
            .into_iter()
            .fold(EXAMPLE.to_owned(), |configuration, (shipped, ours)| {
                assert_eq!(configuration.matches(shipped).count(), 1, "{shipped}");
                configuration.replace(shipped, &ours)
            });

            let directory = tempfile::tempdir().expect("a directory");
            let file = directory.path().join("nginx.conf");
            std::fs::write(&file, change(configuration)).expect("written");
            let child = Child::start(
                Command::new("nginx")
                    // One process, so that its end is the end of all of it.
                    .args(["-g", "master_process off;", "-e", "stderr", "-p"])
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
