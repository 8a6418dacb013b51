//! What a key file has in it, without any key.

use std::io::{self, Write as _};
use std::path::Path;

use anyhow::Context as _;
use sealpass_tower::sealpass::NumericDate;
use sealpass_tower::sealpass::jose::Jwk;

use super::directory::{KeyDirectory, StoredKey};
use super::{Purpose, file};
use crate::cli::print;
use crate::date;

/// One line for each key: `kid`, `alg`, `use`, which part it is, and its thumbprint, between tabs.
///
/// That of a shared key is a hash of the secret, so it is not shown (RFC 7638 §7).
pub(super) fn list(path: &Path) -> anyhow::Result<()> {
    if path.is_dir() {
        return list_folder(path);
    }
    let keys = file::load_or_stdin(path)?;
    for skipped in keys.skipped() {
        let (index, error) = (skipped.index(), skipped.error());
        // Without standard error there is nobody left to tell.
        let _ = writeln!(
            io::stderr(),
            "sealpass: the key at index {index} is skipped: {}: {error}",
            error.code()
        );
    }
    print(&keys.keys().iter().map(line).collect::<String>())
}

/// Of a folder, each line ends with the date from which the key seals.
fn list_folder(path: &Path) -> anyhow::Result<()> {
    // Whatever assertions are signed with, a session could be.
    let folder = KeyDirectory::read(path, Purpose::Sessions);
    let folder = folder.with_context(|| format!("cannot use the keys in {}", path.display()))?;
    let dated = |stored: &StoredKey| {
        let line = line(&stored.jwk);
        let seals = match (stored.seals(), stored.not_before) {
            (false, _) => NONE.to_owned(),
            (true, None) => "always".to_owned(),
            (true, Some(from)) => date::rfc3339(NumericDate::from_secs(from)),
        };
        format!("{}\t{seals}\n", line.trim_end_matches('\n'))
    };
    print(&folder.keys.iter().map(dated).collect::<String>())
}

/// The thumbprint of each key, one a line.
pub(super) fn thumbprint(path: &Path) -> anyhow::Result<()> {
    let keys = file::load_or_stdin(path)?;
    print(&keys.keys().iter().map(|key| key.thumbprint() + "\n").collect::<String>())
}

fn line(key: &Jwk) -> String {
    let kid = key.kid().map_or_else(|| NONE.to_owned(), |kid| kid.escape_debug().to_string());
    let (alg, key_use) = (key.alg().unwrap_or(NONE), key.key_use().unwrap_or(NONE));
    let (part, thumbprint) = match (key.to_public().is_some(), key.is_private()) {
        (false, _) => ("shared", NONE.to_owned()),
        (true, true) => ("private", key.thumbprint()),
        (true, false) => ("public", key.thumbprint()),
    };
    format!("{kid}\t{alg}\t{key_use}\t{part}\t{thumbprint}\n")
}

/// Stands for what a key does not say.
const NONE: &str = "-";
