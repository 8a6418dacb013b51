//! Where a secret is: never the secret itself, so that no configuration has one in it.

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};

use super::setting::{Accept, VARIABLE_PREFIX};

/// Where a secret is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum SecretSource {
    /// A file of this name in `$CREDENTIALS_DIRECTORY`, where systemd puts credentials.
    Credential(String),
    File(PathBuf),
    Variable(String),
}

impl SecretSource {
    /// The same, with a relative file found in `folder`.
    pub(super) fn relative_to(self, folder: &Path) -> Self {
        match self {
            Self::File(path) => Self::File(folder.join(path)),
            Self::Credential(_) | Self::Variable(_) => self,
        }
    }
}

impl fmt::Display for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Credential(name) => write!(f, "the credential {name}"),
            Self::File(path) => write!(f, "the file {}", path.display()),
            Self::Variable(name) => write!(f, "the variable {name}"),
        }
    }
}

/// The place of a secret.
#[derive(Debug)]
pub(crate) struct SecretPlace;

impl Accept for SecretPlace {
    type Value = SecretSource;

    fn read(&self, text: &str) -> Result<SecretSource, Cow<'static, str>> {
        let is_name = |name: &str| {
            let name = name.as_bytes();
            !name.is_empty() && name.iter().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(b))
        };
        match text.split_once(':') {
            Some(("file", path)) if !path.is_empty() => Ok(SecretSource::File(path.into())),
            Some(("env", name)) if name.starts_with(VARIABLE_PREFIX) => {
                Err("is a variable whose name is that of a setting: give it another name".into())
            }
            Some(("env", name)) if is_name(name) => Ok(SecretSource::Variable(name.to_owned())),
            Some(("credential", name)) if is_name(name) && !name.starts_with('.') => {
                Ok(SecretSource::Credential(name.to_owned()))
            }
            _ => Err("says no place of a secret".into()),
        }
    }

    fn accepted(&self) -> Cow<'static, str> {
        "`file:PATH`, `env:NAME` or, for a credential of systemd, `credential:NAME`".into()
    }

    /// What is no place may be the secret itself.
    fn may_be_shown(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_in_a_file_a_variable_or_a_credential() {
        let read = |text| SecretPlace.read(text).unwrap();
        assert_eq!(read("file:/run/secrets/a b"), SecretSource::File("/run/secrets/a b".into()));
        assert_eq!(read("env:APP_SECRET"), SecretSource::Variable("APP_SECRET".into()));
        assert_eq!(read("credential:app.secret"), SecretSource::Credential("app.secret".into()));
    }

    #[test]
    fn anything_else_is_refused_and_not_shown() {
        for text in [
            "",
            "file:",
            "env:",
            "env:A B",
            "env:A=B",
            "env:SEALPASS_SECRET",
            "credential:",
            "credential:..",
            "credential:../shadow",
            "credential:a/b",
            "FILE:a",
            "/run/secrets/a",
            "q1vUnfyLBMbqe5xBvXXP4sHCmEKA2wSsWSDQ-A6J9nU",
        ] {
            assert!(SecretPlace.read(text).is_err(), "{text:?}");
        }
        assert!(!SecretPlace.may_be_shown());
    }
}
