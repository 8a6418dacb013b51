//! Files that hold secrets: opened only if no other user could read or change them.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// What a file looked like when it was read; another stamp, another content.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Stamp {
    /// The time of the last change of content, owner or mode; unlike `mtime` nobody can set it.
    changed: (i64, i64),
    length: u64,
    inode: u64,
}

/// Why a file is not read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum PrivateFileError {
    /// The system says so.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A folder, or a device.
    #[error("it is no file")]
    NoFile,
    /// Others than the owner may change it, or anyone may read it.
    #[error("its mode is {mode:04o}, so that others may {}; run `chmod 600` on it", others_may(*.mode))]
    Open { mode: u32 },
}

/// Opens the file at `path`, a link being the file it leads to.
///
/// # Errors
/// [`PrivateFileError::Open`] when others than its owner could have written it or anyone could read
/// it, [`PrivateFileError::NoFile`], [`PrivateFileError::Io`].
pub(crate) fn open(path: &Path) -> Result<(File, Stamp), PrivateFileError> {
    let file = File::open(path)?;
    // Of the open file, not of the path: what is checked is what is read.
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(PrivateFileError::NoFile);
    }
    let mode = metadata.mode() & 0o777;
    if mode & OPEN_TO_OTHERS != 0 {
        return Err(PrivateFileError::Open { mode });
    }
    Ok((file, Stamp::from(&metadata)))
}

impl Stamp {
    /// The stamp of the file at `path`; none when there is none to be seen.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        fs::metadata(path).ok().map(|metadata| Self::from(&metadata))
    }
}

impl From<&fs::Metadata> for Stamp {
    fn from(metadata: &fs::Metadata) -> Self {
        Self {
            changed: (metadata.ctime(), metadata.ctime_nsec()),
            length: metadata.len(),
            inode: metadata.ino(),
        }
    }
}

/// Anyone may read, write or enter, or the group may write.
const OPEN_TO_OTHERS: u32 = 0o027;

fn others_may(mode: u32) -> &'static str {
    if mode & 0o022 != 0 { "change it" } else { "read it" }
}
