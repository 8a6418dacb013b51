//! Where the vectors are.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// The folder `name` of the vectors; none when this machine does not have them.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    let vectors = match env::var_os("SEALPASS_VECTORS") {
        Some(path) => PathBuf::from(path),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors"),
    };
    let folder = vectors.join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    let is_required = env::var_os("CI").is_some_and(|ci| ci == "true");
    assert!(!is_required, "{} is missing: SEALPASS_VECTORS says where it is", folder.display());
    println!("\nvectors: SKIPPED {name}: {} is missing", folder.display());
    None
}

pub(crate) fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(crate) fn read_text(path: &Path) -> String {
    String::from_utf8(read(path)).expect("UTF-8").trim().to_owned()
}

pub(crate) fn read_json(path: &Path) -> Value {
    serde_json::from_slice(&read(path))
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The files of `folder` and what is in it with the extension `extension`, in order.
pub(crate) fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut files = Vec::new();
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            files.extend(self::files(&path, extension));
        } else if path.extension().is_some_and(|found| found == extension) {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The name of a file without its extension.
pub(crate) fn stem(path: &Path) -> &str {
    path.file_stem().and_then(|stem| stem.to_str()).expect("a name")
}
