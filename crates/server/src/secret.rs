//! Reading a secret from where the configuration says it is.

use std::env;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use sealpass_tower::sealpass::Secret;

use crate::config::SecretSource;
use crate::private_file::{self, PrivateFileError, Stamp};

/// Why a secret cannot be read. Holds nothing of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum SecretError {
    /// There is no `$CREDENTIALS_DIRECTORY`.
    #[error(
        "systemd has given this service no credentials: its unit needs `LoadCredential=` or \
         `LoadCredentialEncrypted=`"
    )]
    NoCredentials,
    /// The variable is not there, or is no text.
    #[error("there is no such variable, or its value is no text")]
    NoVariable,
    /// The file cannot be opened, or others may.
    #[error(transparent)]
    Open(#[from] PrivateFileError),
    /// The file cannot be read.
    #[error(transparent)]
    Read(#[from] io::Error),
    /// It is longer than any secret.
    #[error("it is longer than {MAX_BYTES} bytes")]
    TooLong,
    /// It is no text.
    #[error("it is no text; write it in base64url or in hexadecimal")]
    NoText,
}

/// The text of a secret, and the stamp of the file it is from.
///
/// # Errors
/// [`SecretError`].
pub(crate) fn read(source: &SecretSource) -> Result<(Secret<String>, Option<Stamp>), SecretError> {
    match source {
        SecretSource::Variable(name) => {
            let text = env::var_os(name).and_then(|text| text.into_string().ok());
            Ok((Secret::new(text.ok_or(SecretError::NoVariable)?), None))
        }
        SecretSource::File(path) => read_file(path),
        SecretSource::Credential(name) => read_file(&credential(name)?),
    }
}

/// The stamp of the file that a secret is in; none for a variable, which cannot change.
pub(crate) fn stamp(source: &SecretSource) -> Option<Stamp> {
    match source {
        SecretSource::Variable(_) => None,
        SecretSource::File(path) => Stamp::of(path),
        SecretSource::Credential(name) => Stamp::of(&credential(name).ok()?),
    }
}

fn credential(name: &str) -> Result<PathBuf, SecretError> {
    let folder = env::var_os("CREDENTIALS_DIRECTORY").filter(|folder| !folder.is_empty());
    Ok(PathBuf::from(folder.ok_or(SecretError::NoCredentials)?).join(name))
}

fn read_file(path: &Path) -> Result<(Secret<String>, Option<Stamp>), SecretError> {
    let (file, stamp) = private_file::open(path)?;
    // Room for all that is read: a buffer that grows leaves copies behind.
    let mut bytes = Vec::with_capacity(MAX_BYTES + 1);
    let read = file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes);
    let bytes = Secret::new(bytes);
    read?;
    if bytes.expose().len() > MAX_BYTES {
        return Err(SecretError::TooLong);
    }
    let text = str::from_utf8(bytes.expose()).map_err(|_| SecretError::NoText)?;
    Ok((Secret::new(text.to_owned()), Some(stamp)))
}

/// Two shared secrets in hexadecimal, with room to spare.
const MAX_BYTES: usize = 8 * 1024;
