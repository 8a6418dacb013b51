//! The command line of `sealpass doctor`.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use sealpass_tower::sealpass::{Origin, Secret};

use crate::cli::OutputFormat;
use crate::config::SecretSource;
use crate::{secret, user};

/// What to probe, and as whom. A password is never an argument: every user of the machine can read
/// those.
#[derive(Clone, Debug, Args)]
pub(crate) struct DoctorArgs {
    /// Where browsers reach the deployment, such as `https://app.example`
    #[arg(value_parser = origin)]
    pub(super) url: Origin,
    /// A path of the API that needs a session and may be asked for with GET
    #[arg(long, value_name = "PATH", value_parser = path)]
    pub(super) path: Option<String>,
    /// A path of the API that needs none: tricks with paths are tried from there to `--path`
    #[arg(long, value_name = "PATH", value_parser = path, requires = "path")]
    pub(super) public: Option<String>,
    /// The name of a test account, to log in with: one that may be logged in and out at any time
    #[arg(long, value_name = "NAME", requires = "password_file")]
    pub(super) username: Option<String>,
    /// The file with its password, which nobody else may read; `-` is standard input
    #[arg(long, value_name = "FILE", requires = "username")]
    pub(super) password_file: Option<PathBuf>,
    /// A path of the API that answers GET with the headers it received
    #[arg(long, value_name = "PATH", value_parser = path, requires = "username")]
    pub(super) echo: Option<String>,
    /// Wait until the session is due for renewal, half of its access lifetime, and look at how that
    /// arrives
    #[arg(long, requires_all = ["username", "path"])]
    pub(super) wait_renewal: bool,
    /// How long to wait for an answer, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = clap::value_parser!(u64).range(1..=600))]
    timeout: u64,
    /// How to print the findings
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) format: OutputFormat,
}

/// Whom to log in as.
pub(super) struct Account {
    pub(super) username: String,
    pub(super) password: Secret<String>,
}

impl DoctorArgs {
    pub(super) const fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout)
    }

    /// The account, its password read.
    ///
    /// # Errors
    /// Why the password cannot be read.
    pub(super) fn account(&self) -> anyhow::Result<Option<Account>> {
        let (Some(username), Some(file)) = (&self.username, &self.password_file) else {
            return Ok(None);
        };
        let password = if file.as_os_str() == "-" {
            user::read_password_line()?
        } else {
            let source = SecretSource::File(file.clone());
            let (text, _) = secret::read(&source)
                .with_context(|| format!("cannot read the password in {}", file.display()))?;
            Secret::new(text.expose().trim_end_matches(['\r', '\n']).to_owned())
        };
        Ok(Some(Account { username: username.clone(), password }))
    }
}

fn origin(text: &str) -> Result<Origin, String> {
    let url = text.strip_suffix('/').unwrap_or(text);
    Origin::parse(url).map_err(|_| {
        "the URL of a deployment is `https://host` or `https://host:port`, without a path".into()
    })
}

/// A path that is sent as it is written. What it is compared with is made of it, so it is a plain one.
fn path(text: &str) -> Result<String, String> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte);
    if text.starts_with('/') && text.bytes().all(is_plain) && !text.contains("//") {
        Ok(text.to_owned())
    } else {
        Err("a path begins with `/` and has letters, digits, `-`, `_`, `.` and `~`".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deployment_is_named_by_its_origin() {
        assert_eq!(origin("https://App.example/").unwrap().to_string(), "https://app.example");
        for text in ["app.example", "https://app.example/login", "ftp://app.example", ""] {
            assert!(origin(text).unwrap_err().contains("https://host"), "{text}");
        }
    }

    #[test]
    fn a_path_is_plain() {
        assert_eq!(path("/api/v1/me.json").as_deref(), Ok("/api/v1/me.json"));
        for text in ["", "api", "/a?b", "/a#b", "/a b", "/a%2fb", "//a", "/a\r\nHost: b"] {
            assert!(path(text).is_err(), "{text}");
        }
    }
}
