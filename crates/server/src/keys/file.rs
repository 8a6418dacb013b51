//! Key files: JWK, JWK Set or PEM, read whole and bounded, and written for their owner alone.

use std::fs::{File, Permissions};
use std::io::{self, Read, Write as _};
use std::os::unix::fs::{PermissionsExt as _, fchown};
use std::path::Path;

use anyhow::Context as _;
use sealpass_tower::sealpass::Secret;
use sealpass_tower::sealpass::jose::{Jwk, JwkSet, KeyRing};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{Accepted, Refusal, Usage};

/// The keys of a file, `-` being standard input.
///
/// # Errors
/// [`Usage`] for a file that cannot be read, [`Refusal`] for one that has no keys in it.
pub(super) fn load_or_stdin(path: &Path) -> anyhow::Result<JwkSet> {
    if path == Path::new("-") {
        let bytes = read(io::stdin().lock());
        let bytes = bytes.map_err(|error| Usage(format!("cannot read standard input: {error}")))?;
        return parse(&bytes).context("cannot use the keys on standard input");
    }
    load(path)
}

/// The keys of a file.
///
/// # Errors
/// As [`load_or_stdin`].
pub(crate) fn load(path: &Path) -> anyhow::Result<JwkSet> {
    let bytes = File::open(path).and_then(read);
    let bytes = bytes
        .map_err(|error| Usage(format!("cannot read the key file {}: {error}", path.display())))?;
    parse(&bytes).with_context(|| format!("cannot use the key file {}", path.display()))
}

/// The keys of the file at `path` that are accepted.
///
/// # Errors
/// [`Refusal`] when there are none, or it cannot be told what one is for.
pub(crate) fn to_ring(keys: &JwkSet, path: &Path, accepted: &Accepted) -> anyhow::Result<KeyRing> {
    let ring = keys.to_ring(accepted.as_slice()).map_err(Refusal::from);
    ring.with_context(|| format!("cannot use the key file {}", path.display()))
}

/// Writes a file that only its owner may read, which was not there before, whole or not at all.
///
/// # Errors
/// [`Usage`] when it is there: a key that is overwritten is gone. Whatever the system says.
pub(super) fn create(path: &Path, text: &Secret<String>) -> anyhow::Result<()> {
    create_for(path, text, None)
}

/// As [`create`], for the owner with these ids of user and group.
pub(super) fn create_for(
    path: &Path,
    text: &Secret<String>,
    owner: Option<(u32, u32)>,
) -> anyhow::Result<()> {
    let cannot = || format!("cannot write the key file {}", path.display());
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let mut file = tempfile::Builder::new()
        .prefix(".sealpass-key-")
        .permissions(Permissions::from_mode(0o600))
        .tempfile_in(folder)
        .with_context(cannot)?;
    file.write_all(text.expose().as_bytes()).with_context(cannot)?;
    file.write_all(b"\n").with_context(cannot)?;
    if let Some((user, group)) = owner {
        fchown(file.as_file(), Some(user), Some(group)).with_context(cannot)?;
    }
    file.as_file().sync_all().with_context(cannot)?;
    match file.persist_noclobber(path) {
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
            let why = format!("{} is already there, and no key is overwritten", path.display());
            return Err(Usage(why).into());
        }
        Err(error) => return Err(error.error).with_context(cannot),
        Ok(_) => {}
    }
    // The new name is only as durable as its folder.
    File::open(folder).and_then(|folder| folder.sync_all()).with_context(cannot)
}

/// One byte more than is accepted of any form, so that the form itself can refuse it.
pub(super) fn read(source: impl Read) -> io::Result<Secret<Vec<u8>>> {
    // Room for all that is read: a buffer that grows leaves copies behind.
    let mut bytes = Vec::with_capacity(MAX_BYTES + 1);
    let read = source.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes);
    let bytes = Secret::new(bytes);
    read.map(|_| bytes)
}

pub(super) fn parse(bytes: &Secret<Vec<u8>>) -> Result<JwkSet, Refusal> {
    let bytes = bytes.expose().as_slice();
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Ok(JwkSet::new(Jwk::all_from_pem(bytes)?)?);
    }
    if is_set(bytes) { Ok(JwkSet::parse(bytes)?) } else { Ok(JwkSet::new([Jwk::parse(bytes)?])?) }
}

/// A JWK has no `keys`; the reader of either refuses what is neither.
fn is_set(json: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Set {
        #[serde(rename = "keys")]
        _keys: IgnoredAny,
    }
    serde_json::from_slice::<Set>(json).is_ok()
}

/// The most of all forms.
const MAX_BYTES: usize = Jwk::MAX_PEM_BYTES;
