//! The configuration as an operator meets it: through `sealpass config` and `sealpass serve`.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test stops where it is surprised")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

/// A folder with a configuration file, and the program run in it.
struct Folder(TempDir);

/// How a run of the program ended.
struct Ended {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Folder {
    fn with(toml: &str) -> Self {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("sealpass.toml"), toml).unwrap();
        Self(folder)
    }

    fn run(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Ended {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sealpass"));
        command.args(arguments).current_dir(self.0.path()).env_clear();
        command.envs(variables.iter().copied()).output().unwrap().into()
    }

    /// `sealpass config check` with the file.
    fn check(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Ended {
        self.run(
            &[&["config", "check", "--config", "sealpass.toml"], arguments].concat(),
            variables,
        )
    }
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ended {
    /// The value and the source of a setting in the printout of `config check`.
    fn setting(&self, key: &str) -> Vec<&str> {
        assert_eq!(self.code, Some(0), "{}", self.stderr);
        let mut lines = self.stdout.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
        let line = lines.find(|line| line.first() == Some(&key));
        line.expect("a line for the setting").split_off(1)
    }
}

const COMPLETE: &str = "origin = 'https://app.example'\nbackend.users = 'users.toml'\n";

#[test]
fn a_flag_wins_over_a_variable_over_the_file_over_the_default() {
    let folder = Folder::with(COMPLETE);
    let all = folder.check(&[], &[]);
    assert_eq!(all.setting("listen"), ["127.0.0.1:8080", "default"]);
    // The longest name of all.
    assert_eq!(all.setting("revocation.redis_sentinel_password")[0], "(none:");

    let folder = Folder::with(&format!("listen = '127.0.0.1:1'\n{COMPLETE}"));
    assert_eq!(folder.check(&[], &[]).setting("listen"), ["127.0.0.1:1", "sealpass.toml:1"]);

    let variable = [("SEALPASS_LISTEN", "127.0.0.1:2")];
    let ended = folder.check(&[], &variable);
    assert_eq!(ended.setting("listen"), ["127.0.0.1:2", "SEALPASS_LISTEN"]);

    let ended = folder.check(&["--listen", "127.0.0.1:3"], &variable);
    assert_eq!(ended.setting("listen"), ["127.0.0.1:3", "--listen"]);
}

#[test]
fn variables_and_flags_are_enough() {
    let folder = Folder::with("");
    let ended = folder.run(
        &["config", "check", "--backend-url", "http://localhost:1/"],
        &[
            ("SEALPASS_ORIGIN", "http://localhost:8080"),
            ("SEALPASS_TRUSTED_PROXIES", "10.0.0.1, 10.1.0.0/16"),
            ("SEALPASS_UPSTREAM_CLAIMS", ""),
            ("PATH", "/bin"),
        ],
    );
    assert_eq!(ended.setting("backend.url"), ["http://localhost:1/", "--backend-url"]);
    let proxies = ["10.0.0.1,", "10.1.0.0/16", "SEALPASS_TRUSTED_PROXIES"];
    assert_eq!(ended.setting("trusted_proxies"), proxies);
    assert_eq!(ended.setting("upstream.claims"), ["SEALPASS_UPSTREAM_CLAIMS"]);
}

#[test]
fn every_table_of_an_array_is_printed_with_its_place() {
    let rules = "[[routes]]\npath = '/a'\n[[routes]]\npath = '/b'\nclaims = {role = ['x', 'y']}\n";
    let ended = Folder::with(&format!("{COMPLETE}{rules}")).check(&[], &[]);
    assert_eq!(ended.setting("routes[0].path"), ["/a", "sealpass.toml:4"]);
    assert_eq!(ended.setting("routes[0].access"), ["session", "default"]);
    let claims = ["role=\\\"x\\\",", "role=\\\"y\\\"", "sealpass.toml:7"];
    assert_eq!(ended.setting("routes[1].claims"), claims);
    let refused = Folder::with(COMPLETE).check(&[], &[("SEALPASS_ROUTES", "[]")]);
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("`routes` is an array of tables"), "{}", refused.stderr);
}

#[test]
fn the_file_may_be_named_by_a_variable() {
    let folder = Folder::with(COMPLETE);
    let ended = folder.run(&["config", "check"], &[("SEALPASS_CONFIG", "sealpass.toml")]);
    assert_eq!(ended.setting("origin"), ["https://app.example", "sealpass.toml:1"]);
}

#[test]
fn problems_of_all_sources_are_reported_at_once_with_exit_code_2() {
    let folder = Folder::with("bearer.enabled = 'maybe'\nlisten_on = 1\n");
    let ended = folder.check(
        &["--upstream", "api.internal"],
        &[("SEALPASS_LISTEN", ""), ("SEALPASS_LSTEN", "hunter2"), ("SEALPASS_ORIGIN", "http://a")],
    );
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""));
    for expected in [
        "sealpass: the configuration has 7 problems:",
        "  sealpass.toml:2: there is no setting `listen_on`",
        "  environment: there is no setting `SEALPASS_LSTEN`; did you mean `SEALPASS_LISTEN`?",
        "  SEALPASS_LISTEN: `listen`: `` is no IP address with a port; expected an IP address",
        "  SEALPASS_ORIGIN: `origin` is http on a host that is not this machine; expected `https:",
        "  sealpass.toml:1: `bearer.enabled`: `maybe` is none of the choices; expected `true` or",
        "  `backend.kind` cannot follow from anything: give `backend.users`",
        "  --upstream: `upstream.url` is no absolute URL; expected `http://host[:port]`",
    ] {
        let is_there = ended.stderr.lines().any(|line| line.starts_with(expected));
        assert!(is_there, "no {expected:?} in:\n{}", ended.stderr);
    }
    assert!(!ended.stderr.contains("hunter2"), "{}", ended.stderr);
}

#[test]
fn serve_binds_no_port_before_the_configuration_stands() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let folder = Folder::with("");
    // Binding first would fail with the taken port, and with another exit code.
    let ended = folder.run(&["serve", "--listen", &address], &[]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("`origin` is missing"), "{}", ended.stderr);
}

#[test]
fn a_file_that_cannot_be_read_hides_nothing_else() {
    let folder = Folder::with("");
    let ended = folder
        .run(&["config", "check", "--config", "missing.toml"], &[("SEALPASS_LOG_LEVEL", "loud")]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("  missing.toml: cannot read the configuration: "));
    assert!(ended.stderr.contains("SEALPASS_LOG_LEVEL: `log.level`: `loud`"), "{}", ended.stderr);
    assert!(!ended.stderr.contains("is missing"), "{}", ended.stderr);

    let ended = folder.run(&["config", "check", "--config", "/dev/zero"], &[]);
    assert!(ended.stderr.contains("it is longer than 1048576 bytes"), "{}", ended.stderr);
}

#[test]
fn a_variable_that_is_not_utf8_is_a_problem_and_no_panic() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    let folder = Folder::with(COMPLETE);
    let ended: Ended = Command::new(env!("CARGO_BIN_EXE_sealpass"))
        .args(["config", "check", "--config", "sealpass.toml"])
        .current_dir(folder.0.path())
        .env_clear()
        .env("SEALPASS_ISSUER", OsStr::from_bytes(b"\xff"))
        .env(OsStr::from_bytes(b"\xfe"), OsStr::from_bytes(b"\xff"))
        .output()
        .unwrap()
        .into();
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("SEALPASS_ISSUER: `issuer` is not UTF-8"), "{}", ended.stderr);
    assert_eq!(ended.stderr.lines().count(), 2, "{}", ended.stderr);
}

#[test]
fn wrong_usage_exits_with_2_and_says_what_is_right() {
    let folder = Folder::with("");
    for arguments in [&["serve", "--lisen", "x"][..], &["nonsense"], &["user", "add"], &[]] {
        let ended = folder.run(arguments, &[]);
        assert_eq!(ended.code, Some(2), "{arguments:?}");
        assert!(ended.stderr.contains("Usage: sealpass"), "{arguments:?}: {}", ended.stderr);
    }
    let ended = folder.run(&["--version"], &[]);
    assert_eq!(ended.code, Some(0));
    assert_eq!(ended.stdout, format!("sealpass {}\n", env!("CARGO_PKG_VERSION")));
}

/// To renew the page: `cargo run -p sealpass-server -- config reference > docs/configuration.md`.
#[test]
fn the_page_of_the_documentation_is_the_printed_reference() {
    let printed = Folder::with("").run(&["config", "reference"], &[]);
    assert_eq!(printed.code, Some(0));
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/configuration.md");
    let page = fs::read_to_string(page).expect("docs/configuration.md");
    assert!(page == printed.stdout, "docs/configuration.md is not what is printed; renew it");
}
