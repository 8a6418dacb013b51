//! The program in a folder of its own.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use tempfile::TempDir;

pub(crate) struct Folder(TempDir);

pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Folder {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> &Self {
        fs::write(self.path(name), text).unwrap();
        self
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Runs `sealpass` in the folder.
    pub(crate) fn run(&self, arguments: &[&str], stdin: impl Into<Vec<u8>>) -> Ended {
        run_in(self.0.path(), arguments, stdin.into())
    }

    /// Standard output of a run that must not fail.
    pub(crate) fn done(&self, arguments: &[&str], stdin: impl Into<Vec<u8>>) -> String {
        let ended = self.run(arguments, stdin);
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{arguments:?}");
        ended.stdout
    }

    /// A new key for `alg` in the file `name`.
    pub(crate) fn generate(&self, alg: &str, name: &str) {
        self.done(&["keys", "generate", "--alg", alg, "--out", name], "");
    }

    /// A token of these claims by the key of that file.
    pub(crate) fn seal(&self, key: &str, claims: &str) -> String {
        let arguments = ["token", "seal", "--key", key, "--typ", "JWT", "--now", NOW];
        self.done(&arguments, claims).trim_end().to_owned()
    }

    /// Verifies a token at [`NOW`]: its claims, or the code why it is refused.
    pub(crate) fn verify(&self, arguments: &[&str], token: &str) -> Result<String, String> {
        let all = [&["token", "verify", "--now", NOW], arguments].concat();
        let Ended { code, stdout, stderr } = self.run(&all, token);
        if code == Some(0) {
            assert_eq!(stderr, "", "{arguments:?}");
            return Ok(stdout.strip_suffix('\n').unwrap().to_owned());
        }
        assert_eq!((code, stdout.as_str()), (Some(1), ""), "{arguments:?}: {stderr}");
        Err(stderr.strip_suffix('\n').unwrap().to_owned())
    }
}

pub(crate) const NOW: &str = "1700000000";

/// A file with an example of an RFC.
pub(crate) fn rfc(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../jose/tests/keys/rfc");
    fs::read_to_string(folder.join(name)).unwrap()
}

fn run_in(folder: &Path, arguments: &[&str], stdin: Vec<u8>) -> Ended {
    let mut child = Command::new(env!("CARGO_BIN_EXE_sealpass"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = child.stdin.take().unwrap();
    // Beside the reading, or both would wait for each other; what the program does not want to
    // read breaks the pipe.
    let writer = thread::spawn(move || {
        let _ = pipe.write_all(&stdin);
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    Ended {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}
