//! Accounts, and what they must not be taken for.

use std::path::PathBuf;

use tempfile::TempDir;

use super::{PASSWORD, Sealpass};

/// A users file with one account.
pub(crate) struct Users {
    pub(crate) file: PathBuf,
    _directory: TempDir,
}

impl Users {
    pub(crate) fn with(name: &str, options: &[&str]) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("users.toml");
        Sealpass::add_user(&file, name, PASSWORD, options);
        Self { file, _directory: directory }
    }

    /// The setting that names the file.
    pub(crate) fn setting(&self) -> String {
        format!("backend.users = \"{}\"\n", self.file.display())
    }
}

/// The same header to one program or another behind us.
pub(crate) const SPELLINGS: [&str; 8] = [
    "X-Auth-Subject",
    "x-auth-subject",
    "X_Auth_Subject",
    "X-Auth_Subject",
    "X-Auth-Session",
    "X_AUTH-SESSION",
    "X-Auth-Claims-Roles",
    "X-Auth-Assertion",
];
