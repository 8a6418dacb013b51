//! The released program, `sealpass serve`.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::Child;

/// A running `sealpass serve` and its configuration.
#[derive(Debug)]
pub(crate) struct Sealpass {
    pub(crate) child: Child,
    /// Where clients connect: `127.0.0.1` and a port.
    pub(crate) address: String,
    /// Where front proxies ask.
    pub(crate) forward_auth: String,
    /// Where operators connect.
    pub(crate) admin: String,
    /// Those that it was started with, and that say as much to `emit-config`.
    variables: Vec<(String, String)>,
    directory: TempDir,
}

/// What browsers would call the server, whatever its port is.
pub(crate) const ORIGIN: &str = "https://app.example";

impl Sealpass {
    /// Starts the server with the settings of `toml`, and waits until it can be connected to.
    pub(crate) fn serve(toml: &str) -> Self {
        Self::start(program(), toml)
    }

    /// The same, with variables of its own.
    pub(crate) fn serve_with(toml: &str, variables: &[(&str, &str)]) -> Self {
        let mut command = program();
        command.envs(variables.iter().copied());
        let owned = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
        Self { variables: variables.iter().map(owned).collect(), ..Self::start(command, toml) }
    }

    /// The same, where no file may grow past `blocks` of 512 bytes.
    pub(crate) fn serve_limited(toml: &str, blocks: usize) -> Self {
        let limited = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
        let mut command = without_settings("sh");
        command.args(["-c", &limited]).arg(program().get_program());
        Self::start(command, toml)
    }

    /// What a server with the settings of `toml` says when it refuses to start.
    pub(crate) fn refused(toml: &str) -> String {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join(CONFIG);
        let text = format!("listen = \"127.0.0.1:0\"\norigin = \"{ORIGIN}\"\n{toml}");
        std::fs::write(&file, text).expect("written");
        let output = program().arg("serve").arg("--config").arg(&file).output().expect("it ends");
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        String::from_utf8(output.stderr).expect("text")
    }

    fn start(mut command: Command, toml: &str) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join(CONFIG);
        let addresses = ["listen", "admin.listen", "forward_auth.listen"]
            .map(|setting| format!("{setting} = \"127.0.0.1:0\"\n"));
        let text = format!("{}origin = \"{ORIGIN}\"\n{toml}", addresses.concat());
        std::fs::write(&file, text).expect("written");

        let child = Child::start(command.arg("serve").arg("--config").arg(&file));
        let address = child.wait_for(|line| logged_address(line, "listening"));
        let forward_auth = child.wait_for(|line| logged_address(line, "forward-auth listening"));
        let admin = child.wait_for(|line| logged_address(line, "admin listening"));
        Self { child, address, forward_auth, admin, variables: Vec::new(), directory }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn forward_auth_url(&self, path: &str) -> String {
        format!("http://{}{path}", self.forward_auth)
    }

    pub(crate) fn admin_url(&self, path: &str) -> String {
        format!("http://{}{path}", self.admin)
    }

    /// What `sealpass emit-config` prints with `arguments`, for this server.
    pub(crate) fn emit_config(&self, arguments: &[&str]) -> String {
        let mut command = program();
        command.arg("emit-config").args(arguments);
        command.arg("--config").arg(self.directory.path().join(CONFIG));
        // Of the file they are any free ports.
        let taken = ["--listen", &self.address, "--forward-auth-listen", &self.forward_auth];
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        let output = command.args(taken).output().expect("sealpass emit-config");
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "sealpass emit-config {arguments:?}: {error}");
        String::from_utf8(output.stdout).expect("text")
    }

    /// Runs `sealpass keys` with the configuration `toml`, which must not fail; what it prints.
    pub(crate) fn keys(arguments: &[&str], toml: &str) -> String {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join(CONFIG);
        std::fs::write(&file, toml).expect("written");
        let mut command = program();
        command.arg("keys").args(arguments).env("SEALPASS_CONFIG", &file);
        let output = command.output().expect("sealpass keys");
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "sealpass keys {arguments:?}: {error}");
        String::from_utf8(output.stdout).expect("text")
    }

    /// Runs `sealpass` to its end, with variables of its own and a line on standard input.
    pub(crate) fn run(arguments: &[&str], variables: &[(&str, &Path)], line: &str) -> Output {
        let mut child = program()
            .args(arguments)
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("sealpass");
        // Whoever has no use for it does not read it.
        let _ = writeln!(child.stdin.take().expect("piped"), "{line}");
        child.wait_with_output().expect("it ends")
    }

    /// Adds an account to a users file with `sealpass user add`, the password from standard input.
    pub(crate) fn add_user(users: &Path, name: &str, password: &str, options: &[&str]) {
        let mut child = program()
            .args(["user", "add", name, "--password-stdin", "--users"])
            .arg(users)
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("sealpass user add");
        let mut stdin = child.stdin.take().expect("piped");
        writeln!(stdin, "{password}").expect("written");
        drop(stdin);
        assert!(child.wait().expect("it ends").success(), "sealpass user add {name}");
    }
}

/// The configuration, in a directory of its own.
const CONFIG: &str = "sealpass.toml";

fn program() -> Command {
    without_settings(env!("CARGO_BIN_EXE_sealpass"))
}

/// A command without the settings of whoever runs the test.
fn without_settings(program: &str) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("SEALPASS_") {
            command.env_remove(name);
        }
    }
    command
}

/// The address of the log line `message`.
fn logged_address(line: &str, message: &str) -> Option<String> {
    let line: Value = serde_json::from_str(line).ok()?;
    if line["message"] != message {
        return None;
    }
    Some(line["address"].as_str().expect("an address").to_owned())
}
