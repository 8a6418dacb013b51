//! A folder of key files: what an operator, Vault or Kubernetes puts there.
//!
//! A file `*.jwk`, `*.json`, `*.jwks`, `*.pem` or `*.key` holds one key or several. What begins with a dot
//! is passed over, so a folder that Kubernetes swaps through `..data` reads as any other; so is what
//! has another ending. The member `nbf` of a JWK is the second from which it seals; without it, as
//! in PEM, it has done so from the beginning. A public key opens, and never seals.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sealpass_tower::sealpass::NumericDate;
use sealpass_tower::sealpass::jose::{Jwk, Key};
use sealpass_tower::sealpass::schedule::{DatedKey, Timeline, TimelineError};
use serde::Deserialize;

use super::{Purpose, Refusal, file};
use crate::private_file::{self, PrivateFileError, Stamp};

/// What is in a folder of keys.
#[derive(Debug)]
pub(crate) struct KeyDirectory {
    pub(super) keys: Vec<StoredKey>,
    /// The files whose ending is not one of a key.
    pub(super) passed_over: Vec<String>,
    stamp: DirectoryStamp,
}

/// A key, and the file it is in.
#[derive(Clone, Debug)]
pub(super) struct StoredKey {
    pub(super) file: PathBuf,
    pub(super) jwk: Jwk,
    pub(super) key: Key,
    /// The member `nbf`, if there is one.
    pub(super) not_before: Option<u64>,
}

/// What a folder looked like; another stamp, another content.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct DirectoryStamp {
    /// Where it really is: links are followed.
    path: PathBuf,
    files: Vec<(PathBuf, Option<Stamp>)>,
}

/// Why a folder of keys cannot be used. Holds nothing of a key but its name.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum DirectoryError {
    /// It changed again and again while it was read.
    #[error("it changes all the time")]
    Changing,
    /// A file in it is no key file, or one that others may read.
    #[error("{}: {why}", .file.display())]
    File { file: PathBuf, why: String },
    /// It cannot be listed.
    #[error(transparent)]
    List(#[from] io::Error),
    /// Nothing says which key is to seal.
    #[error("{0}")]
    Timeline(#[from] TimelineError),
    /// More files than anybody has keys.
    #[error("there are more than {MAX_FILES} files in it")]
    TooManyFiles,
}

impl KeyDirectory {
    /// Reads the folder of keys for `purpose`: all of it as it was at one moment, or nothing.
    ///
    /// # Errors
    /// [`DirectoryError`], except for [`DirectoryError::Timeline`].
    pub(crate) fn read(path: &Path, purpose: Purpose) -> Result<Self, DirectoryError> {
        for _ in 0..ATTEMPTS {
            let stamp = DirectoryStamp::of(path)?;
            let read = Self::read_files(&stamp, purpose);
            // What is wrong with a folder that is being swapped is nobody's fault.
            if DirectoryStamp::of(path)? == stamp {
                return read.map(|(keys, passed_over)| Self { keys, passed_over, stamp });
            }
        }
        Err(DirectoryError::Changing)
    }

    pub(crate) const fn stamp(&self) -> &DirectoryStamp {
        &self.stamp
    }

    /// The keys by their dates; those of `held` that are the same keys are taken from there, with
    /// the count of what they have sealed.
    ///
    /// # Errors
    /// [`DirectoryError::Timeline`].
    pub(crate) fn timeline(
        &self,
        retention: u64,
        held: &[HeldKey],
    ) -> Result<Timeline, DirectoryError> {
        let (mut dated, mut opening) = (Vec::new(), Vec::new());
        for stored in &self.keys {
            let same = held.iter().find(|held| held.is(stored));
            let key = same.map_or(&stored.key, |held| &held.key).clone();
            if stored.seals() {
                dated.push(DatedKey::new(key, stored.seals_from()));
            } else {
                opening.push(key);
            }
        }
        Ok(Timeline::new(dated, retention)?.with_opening(opening)?)
    }

    /// What [`KeyDirectory::timeline`] needs to know the keys of `timeline` again.
    pub(crate) fn held(&self, timeline: &Timeline, now: NumericDate) -> Vec<HeldKey> {
        let ring = timeline.at(now).ok();
        let held = self.keys.iter().filter_map(|stored| {
            let key = ring.as_ref()?.ring().get(stored.key.kid())?.clone();
            Some(HeldKey { thumbprint: stored.jwk.thumbprint(), key })
        });
        held.collect()
    }

    fn read_files(
        stamp: &DirectoryStamp,
        purpose: Purpose,
    ) -> Result<(Vec<StoredKey>, Vec<String>), DirectoryError> {
        let (mut keys, mut passed_over) = (Vec::new(), Vec::new());
        for (file, _) in &stamp.files {
            if has_key_ending(file) {
                let refused = |why| DirectoryError::File { file: file.clone(), why };
                keys.extend(read_file(file, purpose).map_err(refused)?);
            } else {
                passed_over.extend(file.file_name().map(|name| name.to_string_lossy().into()));
            }
        }
        Ok((keys, passed_over))
    }
}

impl StoredKey {
    /// Whether it may ever be the active key.
    pub(super) fn seals(&self) -> bool {
        self.jwk.is_private() && self.key.can_make()
    }

    /// The second from which it seals.
    pub(super) fn seals_from(&self) -> NumericDate {
        NumericDate::from_secs(self.not_before.unwrap_or_default())
    }
}

/// A key that is in use, and what tells it from another of its name.
#[derive(Clone, Debug)]
pub(crate) struct HeldKey {
    thumbprint: String,
    key: Key,
}

impl HeldKey {
    fn is(&self, stored: &StoredKey) -> bool {
        self.key.kid() == stored.key.kid()
            && self.key.algorithm() == stored.key.algorithm()
            && self.key.can_make() == stored.key.can_make()
            && self.thumbprint == stored.jwk.thumbprint()
    }
}

impl DirectoryStamp {
    /// The stamp of the folder at `path`.
    ///
    /// # Errors
    /// [`DirectoryError::List`], [`DirectoryError::TooManyFiles`].
    pub(crate) fn of(path: &Path) -> Result<Self, DirectoryError> {
        let path = fs::canonicalize(path)?;
        let mut files = Vec::new();
        for entry in fs::read_dir(&path)? {
            let entry = entry?;
            if !entry.file_name().as_encoded_bytes().starts_with(b".") {
                files.push((entry.path(), Stamp::of(&entry.path())));
            }
            if files.len() > MAX_FILES {
                return Err(DirectoryError::TooManyFiles);
            }
        }
        files.sort_by(|(one, _), (other, _)| one.cmp(other));
        Ok(Self { path, files })
    }
}

/// The keys of a file that nobody else can read.
fn read_file(path: &Path, purpose: Purpose) -> Result<Vec<StoredKey>, String> {
    let (opened, _) = private_file::open(path).map_err(|error| match error {
        PrivateFileError::Open { .. } => format!("{error} (in Kubernetes, `defaultMode: 0400`)"),
        error => error.to_string(),
    })?;
    let bytes = file::read(opened).map_err(|error| error.to_string())?;
    let set = file::parse(&bytes).map_err(|refusal: Refusal| refusal.to_string())?;
    if let Some(skipped) = set.skipped().first() {
        return Err(format!(
            "the key at index {} is refused: {}",
            skipped.index(),
            skipped.error()
        ));
    }
    let dates = not_before(bytes.expose())?;
    let keys = set.keys().iter().enumerate().map(|(index, jwk)| {
        let key = purpose.prepare(jwk).map_err(|error| error.to_string())?;
        let not_before = dates.get(index).copied().flatten();
        Ok(StoredKey { file: path.to_owned(), jwk: jwk.clone(), key, not_before })
    });
    keys.collect()
}

/// The `nbf` of every key of a file; PEM has none.
fn not_before(bytes: &[u8]) -> Result<Vec<Option<u64>>, String> {
    #[derive(Deserialize)]
    struct File {
        keys: Option<Vec<Dated>>,
        nbf: Option<u64>,
    }
    #[derive(Deserialize)]
    struct Dated {
        nbf: Option<u64>,
    }
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Ok(Vec::new());
    }
    let file: File = serde_json::from_slice(bytes)
        .map_err(|_| "`nbf` must be a number of whole seconds since 1970".to_owned())?;
    Ok(match file.keys {
        Some(keys) => keys.iter().map(|key| key.nbf).collect(),
        None => vec![file.nbf],
    })
}

fn has_key_ending(file: &Path) -> bool {
    let ending = file.extension().and_then(|ending| ending.to_str());
    ending.is_some_and(|ending| ENDINGS.contains(&ending.to_ascii_lowercase().as_str()))
}

const ENDINGS: [&str; 5] = ["jwk", "json", "jwks", "pem", "key"];
const MAX_FILES: usize = 128;
/// A swap is over when it is seen; a second one at once is rare, and a third is not waited for.
const ATTEMPTS: usize = 3;

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use sealpass_tower::sealpass::jose::{Algorithm, JwsAlgorithm};
    use tempfile::TempDir;

    use super::*;

    fn write(folder: &Path, name: &str, text: &str) {
        fs::write(folder.join(name), text).unwrap();
        fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// A JWK for `EdDSA` that seals from `nbf`.
    fn jwk(kid: &str, nbf: u64) -> String {
        let jwk = Jwk::generate(Algorithm::Jws(JwsAlgorithm::EdDsa)).unwrap();
        let json = jwk.with_kid(kid).unwrap().to_private_json();
        json.expose().replacen('{', &format!("{{\"nbf\":{nbf},"), 1)
    }

    fn read(path: &Path) -> Result<KeyDirectory, DirectoryError> {
        KeyDirectory::read(path, Purpose::Sessions)
    }

    fn kids(path: &Path) -> Result<Vec<String>, String> {
        let read = read(path).map_err(|error| error.to_string())?;
        Ok(read.keys.iter().map(|stored| stored.key.kid().to_owned()).collect())
    }

    #[test]
    fn a_folder_that_kubernetes_swaps_is_read_whole() {
        let mount = TempDir::new().unwrap();
        let secret = |version: &str, kid: &str| {
            let folder = mount.path().join(version);
            fs::create_dir(&folder).unwrap();
            write(&folder, "a.jwk", &jwk(kid, 1));
            symlink(version, mount.path().join("..new")).unwrap();
            fs::rename(mount.path().join("..new"), mount.path().join("..data")).unwrap();
        };
        secret("..2026_11_26", "old");
        symlink("..data/a.jwk", mount.path().join("a.jwk")).unwrap();
        assert_eq!(kids(mount.path()).unwrap(), ["old"]);
        let before = DirectoryStamp::of(mount.path()).unwrap();
        assert_eq!(DirectoryStamp::of(mount.path()).unwrap(), before);
        secret("..2026_11_27", "new");
        assert_ne!(DirectoryStamp::of(mount.path()).unwrap(), before);
        assert_eq!(kids(mount.path()).unwrap(), ["new"]);
    }

    #[test]
    fn a_folder_that_is_a_link_is_swapped_with_it() {
        let root = TempDir::new().unwrap();
        for (version, kid) in [("1", "old"), ("2", "new")] {
            fs::create_dir(root.path().join(version)).unwrap();
            write(&root.path().join(version), "a.jwk", &jwk(kid, 1));
            symlink(version, root.path().join("next")).unwrap();
            fs::rename(root.path().join("next"), root.path().join("keys")).unwrap();
            assert_eq!(kids(&root.path().join("keys")).unwrap(), [kid]);
        }
    }

    #[test]
    fn other_files_are_passed_over_and_named() {
        let folder = TempDir::new().unwrap();
        write(folder.path(), "a.jwk", &jwk("a", 1));
        write(
            folder.path(),
            "set.json",
            &format!("{{\"keys\":[{},{}]}}", jwk("b", 2), jwk("c", 3)),
        );
        write(folder.path(), ".b.jwk.swp", "half a key");
        write(folder.path(), "tls.crt", "-----BEGIN CERTIFICATE-----");
        fs::create_dir(folder.path().join("..data")).unwrap();
        let read = read(folder.path()).unwrap();
        let dates: Vec<_> = read.keys.iter().map(|key| key.seals_from().as_secs()).collect();
        assert_eq!(dates, [1, 2, 3]);
        assert_eq!(read.passed_over, ["tls.crt"]);
    }

    #[test]
    fn keys_of_assertions_are_for_the_two_signatures_that_everyone_verifies() {
        let purpose = Purpose::Assertions(JwsAlgorithm::EdDsa);
        for algorithm in JwsAlgorithm::ALL {
            let folder = TempDir::new().unwrap();
            let jwk = Jwk::generate(Algorithm::Jws(algorithm)).unwrap();
            write(folder.path(), "a.jwk", jwk.to_private_json().expose());
            let read = KeyDirectory::read(folder.path(), purpose);
            if matches!(algorithm, JwsAlgorithm::EdDsa | JwsAlgorithm::Es256) {
                assert_eq!(read.unwrap().keys.len(), 1);
            } else {
                let refused = read.unwrap_err().to_string();
                assert!(refused.contains("a.jwk: jwk_"), "{refused}");
                assert!(refused.ends_with("signed with EdDSA or ES256"), "{refused}");
            }
        }
    }

    #[test]
    fn one_bad_file_refuses_the_folder_and_is_named() {
        let public = Jwk::generate(Algorithm::Jws(JwsAlgorithm::EdDsa)).unwrap();
        let dated = |nbf: &str| jwk("b", 0).replacen(":0,", &format!(":{nbf},"), 1);
        for (name, text, why) in [
            ("b.jwk", String::new(), "b.jwk: "),
            ("b.pem", "-----BEGIN CERTIFICATE-----\nAA==\n".to_owned(), "b.pem: pem_"),
            ("b.json", "{\"kty\":\"oct\"".to_owned(), "b.json: jwk_"),
            (
                "b.json",
                "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed448\",\"x\":\"AA\"}]}".into(),
                "index 0",
            ),
            ("b.jwk", dated("-1"), "`nbf` must be a number"),
            ("b.jwk", dated("\"soon\""), "`nbf` must be a number"),
            ("b.jwk", dated("1,\"nbf\":2"), "b.jwk: jwk_duplicate_member"),
        ] {
            let folder = TempDir::new().unwrap();
            write(folder.path(), "a.jwk", &jwk("a", 1));
            write(folder.path(), name, &text);
            let refused = kids(folder.path()).unwrap_err();
            assert!(refused.contains(why), "{name} {text}: {refused}");
        }
        let folder = TempDir::new().unwrap();
        write(folder.path(), "p.jwk", &public.to_public_json().unwrap());
        assert!(kids(folder.path()).is_ok(), "a public key is one that opens");
        fs::set_permissions(folder.path().join("p.jwk"), fs::Permissions::from_mode(0o644))
            .unwrap();
        assert!(kids(folder.path()).unwrap_err().contains("mode is 0644"));
        assert!(kids(&folder.path().join("nowhere")).is_err());
    }
}
