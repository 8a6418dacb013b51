//! `sealpass user`: what it writes, what it refuses, what it never shows.

#![expect(clippy::unwrap_used, reason = "a test stops where it is surprised")]

use std::fs::{self, Permissions};
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

struct Folder(TempDir);

struct Ended {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Folder {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("users.toml")
    }

    fn text(&self) -> String {
        fs::read_to_string(self.file()).unwrap()
    }

    fn mode(&self) -> u32 {
        fs::metadata(self.file()).unwrap().mode() & 0o777
    }

    fn start(&self, arguments: &[&str], stdin: &[u8]) -> Child {
        let mut child = Command::new(env!("CARGO_BIN_EXE_sealpass"))
            .arg("user")
            .args(arguments)
            .arg("--users")
            .arg(self.file())
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A program that refuses its arguments reads no password: a broken pipe then.
        let _ = child.stdin.take().unwrap().write_all(stdin);
        child
    }

    fn run(&self, arguments: &[&str], stdin: &str) -> Ended {
        end(self.start(arguments, stdin.as_bytes()))
    }

    /// Adds a user who must not be refused.
    fn add(&self, name: &str, more: &[&str]) {
        let ended = self.run(&[&["add", name], more].concat(), "correct horse\n");
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    }

    fn list(&self) -> String {
        let ended = self.run(&["list"], "");
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        ended.stdout
    }
}

fn end(child: Child) -> Ended {
    let output = child.wait_with_output().unwrap();
    Ended {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn a_user_is_added_listed_and_removed() {
    let folder = Folder::new();
    folder.add("Ada", &[]);
    folder.add("bob@example.org", &["--subject", "u-2", "--claim", "role=admin", "--claim", "n=3"]);
    assert_eq!(folder.list(), "ada\tada\t{}\nbob@example.org\tu-2\t{\"n\":3,\"role\":\"admin\"}\n");
    let ended = folder.run(&["remove", "ADA"], "");
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    assert_eq!(folder.list(), "bob@example.org\tu-2\t{\"n\":3,\"role\":\"admin\"}\n");

    let ended = folder.run(&["remove", "ada"], "");
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("there is no user `ada`"), "{}", ended.stderr);
}

#[test]
fn neither_password_nor_hash_is_ever_printed() {
    let folder = Folder::new();
    let added = folder.run(&["add", "ada"], "correct horse\n");
    let text = folder.text();
    assert!(text.contains("$argon2id$v=19$m=19456,t=2,p=1$"), "{text}");
    assert!(!text.contains("correct horse"), "{text}");
    for printed in [added.stdout, added.stderr, folder.list()] {
        assert!(!printed.contains("argon2") && !printed.contains("horse"), "{printed}");
    }
}

#[test]
fn the_file_is_for_its_owner_alone_whatever_the_umask() {
    let folder = Folder::new();
    let script = format!(
        "umask 0; printf 'correct horse\\n' | '{}' user add ada --users '{}'",
        env!("CARGO_BIN_EXE_sealpass"),
        folder.file().display()
    );
    assert!(Command::new("sh").args(["-c", &script]).output().unwrap().status.success());
    assert_eq!(folder.mode(), 0o600);
    let lock = fs::metadata(folder.0.path().join("users.toml.lock")).unwrap();
    assert_eq!(lock.mode() & 0o777, 0o600);
}

#[test]
fn a_group_that_may_read_keeps_that_and_gains_nothing() {
    let folder = Folder::new();
    folder.add("ada", &[]);
    fs::set_permissions(folder.file(), Permissions::from_mode(0o640)).unwrap();
    folder.add("bob", &[]);
    assert_eq!(folder.mode(), 0o640);
}

#[test]
fn a_file_of_somebody_else_stays_theirs_when_root_changes_it() {
    let folder = Folder::new();
    folder.add("ada", &[]);
    // Only root can give files away, and only root can meet this.
    if fs::metadata(folder.file()).unwrap().uid() == 0 {
        chown(folder.file(), Some(65_534), Some(65_534)).unwrap();
        folder.add("bob", &[]);
        let metadata = fs::metadata(folder.file()).unwrap();
        assert_eq!((metadata.uid(), metadata.gid()), (65_534, 65_534));
        assert_eq!(folder.mode(), 0o600);
    }
}

#[test]
fn a_file_that_others_may_read_or_change_is_refused_and_left_alone() {
    let folder = Folder::new();
    folder.add("ada", &[]);
    let before = folder.text();
    for (mode, may) in
        [(0o644, "read it"), (0o604, "read it"), (0o666, "change it"), (0o620, "change it")]
    {
        fs::set_permissions(folder.file(), Permissions::from_mode(mode)).unwrap();
        for arguments in [&["list"][..], &["add", "bob"], &["remove", "ada"]] {
            let ended = folder.run(arguments, "correct horse\n");
            assert_eq!(ended.code, Some(1), "{arguments:?} with mode {mode:o}");
            let expected =
                format!("its mode is {mode:04o}, so that others may {may}; run `chmod 600`");
            assert!(ended.stderr.contains(&expected), "{}", ended.stderr);
        }
    }
    assert_eq!(folder.text(), before);
}

#[test]
fn many_at_the_same_time_lose_nobody() {
    let folder = Folder::new();
    let names: Vec<_> = (0..12).map(|n| format!("user-{n:02}")).collect();
    let adding: Vec<_> =
        names.iter().map(|name| folder.start(&["add", name], b"correct horse\n")).collect();
    for child in adding {
        let ended = end(child);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    }
    let listed = folder.list();
    let listed: Vec<_> = listed.lines().filter_map(|line| line.split('\t').next()).collect();
    assert_eq!(listed, names);
}

#[test]
fn one_name_at_the_same_time_is_added_once() {
    let folder = Folder::new();
    let adding: Vec<_> =
        (0..6).map(|_| folder.start(&["add", "ada"], b"correct horse\n")).collect();
    let codes: Vec<_> = adding.into_iter().map(|child| end(child).code).collect();
    assert_eq!(codes.iter().filter(|code| **code == Some(0)).count(), 1, "{codes:?}");
    assert_eq!(codes.iter().filter(|code| **code == Some(1)).count(), 5, "{codes:?}");
}

#[test]
fn a_reader_sees_the_old_file_or_the_new_one_and_nothing_between() {
    let folder = Folder::new();
    folder.add("ada", &[]);
    let before = fs::metadata(folder.file()).unwrap().ino();
    let held = fs::File::open(folder.file()).unwrap();
    folder.add("bob", &[]);
    assert_ne!(fs::metadata(folder.file()).unwrap().ino(), before, "the file was changed in place");
    let old = std::io::read_to_string(held).unwrap();
    assert!(old.contains("[users.ada]") && !old.contains("bob"), "{old}");
    assert_eq!(left_behind(folder.0.path()), ["users.toml", "users.toml.lock"]);
}

#[test]
fn a_failed_change_leaves_the_file_and_no_rubbish() {
    let folder = Folder::new();
    folder.add("ada", &[]);
    let before = folder.text();
    for (arguments, stdin) in [
        (&["add", "ada"][..], "correct horse\n"),
        (&["add", "bob"], "short\n"),
        (&["add", "bob", "--claim", "sub=eve"], "correct horse\n"),
        (&["remove", "bob"], ""),
    ] {
        assert_eq!(folder.run(arguments, stdin).code, Some(1), "{arguments:?}");
    }
    assert_eq!(folder.text(), before);
    assert_eq!(left_behind(folder.0.path()), ["users.toml", "users.toml.lock"]);
}

fn left_behind(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

#[test]
fn replacing_needs_to_be_said_and_keeps_who_it_is() {
    let folder = Folder::new();
    folder.add("ada", &["--subject", "u-1", "--claim", "role=admin"]);
    let before = folder.text();
    let ended = folder.run(&["add", "ADA"], "another horse\n");
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("--replace gives it a new password"), "{}", ended.stderr);

    folder.add("ada", &["--replace"]);
    assert_eq!(folder.list(), "ada\tu-1\t{\"role\":\"admin\"}\n");
    assert_ne!(folder.text(), before, "the hash is the old one");
    folder.add("ada", &["--replace", "--claim", "role=user"]);
    assert_eq!(folder.list(), "ada\tu-1\t{\"role\":\"user\"}\n");
}

#[test]
fn a_password_is_one_line_of_sensible_length() {
    let folder = Folder::new();
    let longest = "x".repeat(1024);
    for (n, fits) in
        ["8 chars!", "8 chars!\r\n", "\u{1F511}\u{1F511}12345\u{e9}", &longest].iter().enumerate()
    {
        let name = format!("fits-{n}");
        assert_eq!(folder.run(&["add", &name], fits).code, Some(0), "{fits:?}");
    }
    let too_long = "x".repeat(1025);
    let endless = "x".repeat(100_000);
    for (refused, expected) in [
        ("", "at least 8 characters"),
        ("\n", "at least 8 characters"),
        ("7 chars", "at least 8 characters"),
        ("\u{e9}\u{e9}\u{e9}\u{e9}\n", "at least 8 characters"),
        (&too_long, "at most 1024 bytes"),
        (&endless, "at most 1024 bytes"),
        ("correct horse\nbattery staple\n", "a password is one line"),
    ] {
        let ended = folder.run(&["add", "ada"], refused);
        assert_eq!(ended.code, Some(1));
        assert!(ended.stderr.contains(expected), "{}", ended.stderr);
        assert!(!ended.stderr.contains("battery"), "{}", ended.stderr);
    }
    let ended = end(folder.start(&["add", "ada"], b"correct \xff horse\n"));
    assert!(ended.stderr.contains("is not UTF-8"), "{}", ended.stderr);
}

#[test]
fn a_link_to_the_file_stays_a_link() {
    let folder = Folder::new();
    let elsewhere = TempDir::new().unwrap();
    let target = elsewhere.path().join("real.toml");
    folder.add("ada", &[]);
    fs::rename(folder.file(), &target).unwrap();
    symlink(&target, folder.file()).unwrap();
    folder.add("bob", &[]);
    assert!(fs::symlink_metadata(folder.file()).unwrap().is_symlink());
    assert!(fs::read_to_string(target).unwrap().contains("[users.bob]"));
}

#[test]
fn a_wrong_path_says_which() {
    let folder = Folder::new();
    let ended = folder.run(&["list"], "");
    assert_eq!(ended.code, Some(1));
    let path = folder.file().display().to_string();
    assert!(
        ended.stderr.contains(&path) && ended.stderr.contains("No such file"),
        "{}",
        ended.stderr
    );
    let ended = folder.run(&["remove", "ada"], "");
    assert_eq!(ended.code, Some(1));
    assert_eq!(left_behind(folder.0.path()), [""; 0], "removing made a file");
}
