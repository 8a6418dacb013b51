//! A journal is found or made, locked, and read into the list.

use std::fs::{self, File, Permissions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sealpass_tower::sealpass::NumericDate;
use sealpass_tower::sealpass::revocation::{Revocation, RevocationList, journal};

use super::file::{JournalFile, folder_of, sync_folder};
use super::{Before, OpenError};

pub(super) fn open(
    path: &Path,
    list: &RevocationList,
    before: Before,
    now: NumericDate,
) -> Result<JournalFile, OpenError> {
    let failed = |error| OpenError::Io { path: path.to_owned(), error };
    if !fs::exists(path).map_err(failed)? {
        begin(path, before, now).map_err(failed)?;
        let path = path.display();
        match before {
            Before::Elsewhere => tracing::info!(%path, "a new revocation journal"),
            Before::Unknown => {
                // A login in the second that was refused would be dated ahead, and outlive a journal
                // that were begun anew in that second.
                thread::sleep(rest_of_the_second());
                tracing::info!(%path, "a new revocation journal: earlier sessions are refused");
            }
        }
    }
    // A link stays a link: what it points to is replaced.
    let path = fs::canonicalize(path).map_err(failed)?;
    let mut file = lock(&path)?;
    let metadata = file.metadata().map_err(failed)?;
    let mode = metadata.mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(OpenError::Open { path, mode });
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default());
    file.read_to_end(&mut bytes).map_err(failed)?;
    let (mut facts, mut knows_its_beginning) = (0, false);
    let mut load = list.load(now);
    let whole = journal::read(&bytes, |fact| {
        facts += 1;
        knows_its_beginning |= matches!(fact, Revocation::Issued { .. });
        load.add(&fact);
    })
    .map_err(|error| OpenError::Content { path: path.clone(), error, before })?;
    load.finish();
    if whole < bytes.len() {
        let dropped = bytes.len() - whole;
        tracing::warn!(path = %path.display(), offset = whole, bytes = dropped,
            "a crash cut the revocation journal short; what it had not acknowledged is dropped");
        file.set_len(whole as u64).map_err(failed)?;
    }
    // Whoever wrote it may have been killed before it was on the disk, or in its folder. What is known
    // is taken for safe from here on.
    file.sync_all().and_then(|()| sync_folder(&path)).map_err(failed)?;
    file.seek(SeekFrom::Start(whole as u64)).map_err(failed)?;
    let mut file = JournalFile::new(path.clone(), file, whole as u64, facts);
    if before == Before::Unknown && !knows_its_beginning {
        let past = Revocation::unknown_before(now);
        let mut frame = Vec::new();
        journal::append(&past, &mut frame);
        file.append(&frame, past.len()).map_err(failed)?;
        for fact in &past {
            list.apply(fact, now);
        }
    }
    tracing::info!(path = %path.display(), facts, entries = list.len(), "revocation journal read");
    Ok(file)
}

/// Makes a journal that begins at `now`, whole or not at all.
fn begin(path: &Path, before: Before, now: NumericDate) -> io::Result<()> {
    let mut bytes = journal::HEADER.to_vec();
    if before == Before::Unknown {
        let everyone = Revocation::Everyone { not_before: now };
        // Whoever begins it waits for this second to be over.
        let issued = Revocation::Issued { before: now.saturating_add(1) };
        journal::append([&everyone, &issued], &mut bytes);
    }
    let mut file = tempfile::Builder::new()
        .prefix(".sealpass-revocations-")
        .permissions(Permissions::from_mode(0o600))
        .tempfile_in(folder_of(path))?;
    file.write_all(&bytes)?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        // Another process was faster; the lock decides between the two.
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error.error),
        Ok(_) => sync_folder(path),
    }
}

fn rest_of_the_second() -> Duration {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Duration::from_secs(1).saturating_sub(Duration::from_nanos(since_epoch.subsec_nanos().into()))
}

/// The file at `path`, for this process alone.
fn lock(path: &Path) -> Result<File, OpenError> {
    let failed = |error| OpenError::Io { path: path.to_owned(), error };
    loop {
        let file = File::options().read(true).write(true).open(path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(OpenError::Locked { path: path.to_owned() });
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        // Whoever had it may have put another file in its place before they let go of it.
        let (ours, current) = (file.metadata(), fs::metadata(path));
        let (ours, current) = (ours.map_err(failed)?, current.map_err(failed)?);
        if (ours.dev(), ours.ino()) == (current.dev(), current.ino()) {
            return Ok(file);
        }
    }
}
