//! Changing a folder of key files: one command at a time, each file whole or not at all.

use std::fs::{self, DirBuilder, File, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{
    DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _,
};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use sealpass_tower::sealpass::jose::{Algorithm, Jwk};
use sealpass_tower::sealpass::{NumericDate, Secret};

use super::directory::{KeyDirectory, StoredKey};
use super::{Purpose, Refusal, Usage, file};
use crate::config::{self, KeySource};
use crate::date;

/// A folder of keys that nobody else changes meanwhile.
#[derive(Debug)]
pub(super) struct KeyFolder {
    purpose: Purpose,
    path: PathBuf,
    /// Who the folder is for: root may rotate the keys of a server that runs as somebody else.
    owner: (u32, u32),
    _lock: File,
}

impl KeyFolder {
    /// The folder of the configuration, made if it is not there.
    ///
    /// # Errors
    /// [`Usage`] when the keys come from elsewhere; whatever the system says.
    pub(super) fn open(config: &config::Keys) -> anyhow::Result<Self> {
        let purpose = config.purpose;
        let directory = match &config.source {
            KeySource::Files { directory } => directory,
            KeySource::Ephemeral => {
                let why = format!(
                    "`{}` is not set: the keys are those of a running server, in its memory only, \
                     and a restart makes new ones",
                    purpose.directory_setting()
                );
                return Err(Usage(why).into());
            }
            KeySource::Shared { .. } => {
                let why = "the keys are derived from the secret of `keys.secret`: there are new \
                           ones every period, and a compromised secret is replaced by one of \
                           `sealpass keys secret`";
                return Err(Usage(why.to_owned()).into());
            }
        };
        let cannot = || format!("cannot change the keys in {}", directory.display());
        match DirBuilder::new().mode(0o700).create(directory) {
            // Also when another rotation was first.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => made.with_context(cannot)?,
        }
        // Where it really is: a folder that is swapped meanwhile is another one.
        let path = fs::canonicalize(directory).with_context(cannot)?;
        let lock = File::options().create(true).append(true).mode(0o600).open(path.join(LOCK));
        let lock = lock.with_context(cannot)?;
        lock.lock().with_context(cannot)?;
        let metadata = fs::metadata(&path).with_context(cannot)?;
        Ok(Self { purpose, path, owner: (metadata.uid(), metadata.gid()), _lock: lock })
    }

    /// What is in it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn read(&self) -> anyhow::Result<KeyDirectory> {
        let read = KeyDirectory::read(&self.path, self.purpose);
        read.with_context(|| format!("cannot use the keys in {}", self.path.display()))
    }

    /// Adds a new key for `algorithm`, which seals from `from` on; its name.
    ///
    /// # Errors
    /// That there is no randomness; whatever the system says.
    pub(super) fn add(&self, algorithm: Algorithm, from: NumericDate) -> anyhow::Result<String> {
        let jwk = Jwk::generate(algorithm).map_err(Refusal::from)?;
        // A name that says when, and a few letters in case there are two of one day.
        let random = jwk.kid().unwrap_or_default().chars().filter(char::is_ascii_alphanumeric);
        let kid = format!("{}-{}", date::day(from), random.take(6).collect::<String>());
        let jwk = jwk.with_kid(&kid).map_err(Refusal::from)?;
        let path = self.path.join(format!("{kid}.jwk"));
        let own = fs::metadata(self.path.join(LOCK)).map(|lock| (lock.uid(), lock.gid()));
        let is_own = own.is_ok_and(|own| own == self.owner);
        let owner = (!is_own).then_some(self.owner);
        file::create_for(&path, &dated_json(&jwk, Some(from.as_secs())), owner)?;
        Ok(kid)
    }

    /// Takes keys away: their files, or their part of a file with others in it.
    ///
    /// # Errors
    /// Whatever the system says.
    pub(super) fn remove(&self, keys: &KeyDirectory, kids: &[String]) -> anyhow::Result<()> {
        let is_gone = |stored: &&StoredKey| kids.iter().any(|kid| kid == stored.key.kid());
        let mut files: Vec<&Path> =
            keys.keys.iter().filter(is_gone).map(|stored| stored.file.as_path()).collect();
        files.dedup();
        for path in files {
            let rest = keys.keys.iter().filter(|stored| stored.file == path && !is_gone(stored));
            let rest: Vec<_> =
                rest.map(|stored| dated_json(&stored.jwk, stored.not_before)).collect();
            let removed = if rest.is_empty() {
                fs::remove_file(path).map_err(Into::into)
            } else {
                self.rewrite(path, &rest)
            };
            removed.with_context(|| format!("cannot take a key out of {}", path.display()))?;
        }
        // A name that is gone is only as durable as its folder.
        File::open(&self.path).and_then(|folder| folder.sync_all()).map_err(Into::into)
    }

    fn rewrite(&self, path: &Path, keys: &[Secret<String>]) -> anyhow::Result<()> {
        let old = fs::metadata(path)?;
        let mut file = tempfile::Builder::new()
            .prefix(".sealpass-key-")
            .permissions(Permissions::from_mode(0o600))
            .tempfile_in(&self.path)?;
        std::os::unix::fs::fchown(file.as_file(), Some(old.uid()), Some(old.gid()))?;
        file.write_all(b"{\"keys\":[")?;
        for (index, key) in keys.iter().enumerate() {
            file.write_all(if index == 0 { b"" } else { b"," })?;
            file.write_all(key.expose().as_bytes())?;
        }
        file.write_all(b"]}\n")?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    }
}

/// The whole key with the date from which it seals, in memory that is never moved.
fn dated_json(jwk: &Jwk, not_before: Option<u64>) -> Secret<String> {
    let json = jwk.to_private_json();
    let Some(from) = not_before else { return json };
    let members = json.expose().strip_prefix('{').unwrap_or_default();
    let mut dated = String::with_capacity(members.len() + 32);
    dated.push_str("{\"nbf\":");
    dated.push_str(&from.to_string());
    dated.push(',');
    dated.push_str(members);
    Secret::new(dated)
}

/// Begins with a dot, so it is no key file.
const LOCK: &str = ".sealpass.lock";
