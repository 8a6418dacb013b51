//! What is done to the file itself.

use std::fs::File;
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use sealpass_tower::sealpass::NumericDate;
use sealpass_tower::sealpass::revocation::{RevocationList, journal};

/// The file, locked, with its cursor at the end.
#[derive(Debug)]
pub(super) struct JournalFile {
    path: PathBuf,
    file: File,
    /// Bytes that are known to be safe.
    length: u64,
    /// Facts in them, those that mean nothing any more included.
    facts: usize,
    /// Whether more may be in the file than what is known to be safe.
    is_suspect: bool,
}

impl JournalFile {
    pub(super) const fn new(path: PathBuf, file: File, length: u64, facts: usize) -> Self {
        Self { path, file, length, facts, is_suspect: false }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) const fn facts(&self) -> usize {
        self.facts
    }

    /// Whether only a rewrite makes the file good again.
    pub(super) const fn is_suspect(&self) -> bool {
        self.is_suspect
    }

    /// Appends `bytes` with `facts` in them; they are on the disk when this returns.
    ///
    /// # Errors
    /// What the system says. The file is then as it was, or suspect.
    pub(super) fn append(&mut self, bytes: &[u8], facts: usize) -> io::Result<()> {
        let written = self.file.write_all(bytes).and_then(|()| self.file.sync_data());
        if let Err(error) = written {
            // After a failed fsync nobody knows what the disk has. Cutting off what was written
            // must itself be known to be safe.
            let cut = self.file.set_len(self.length).and_then(|()| {
                self.file.seek(SeekFrom::Start(self.length))?;
                self.file.sync_all()
            });
            self.is_suspect = cut.is_err();
            return Err(error);
        }
        self.length += bytes.len() as u64;
        self.facts += facts;
        Ok(())
    }

    /// Puts `next`, which has everything that this one has, in the place of this one.
    ///
    /// # Errors
    /// What the system says; this one stays in use.
    pub(super) fn replace_by(&mut self, next: Rewritten) -> io::Result<()> {
        std::fs::rename(&next.path, &self.path)?;
        self.file = next.file;
        self.length = next.length;
        self.facts = next.facts;
        // From here on the new file is what a restart finds, unless the folder forgets its name.
        self.is_suspect = true;
        sync_folder(&self.path)?;
        self.is_suspect = false;
        Ok(())
    }
}

/// A smaller journal under another name, not yet in use.
#[derive(Debug)]
pub(super) struct Rewritten {
    path: PathBuf,
    file: File,
    length: u64,
    facts: usize,
}

impl Rewritten {
    /// Writes what `list` holds and still means something at `now` beside the journal at `path`.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn write(path: &Path, list: &RevocationList, now: NumericDate) -> io::Result<Self> {
        let mut name = path.as_os_str().to_owned();
        name.push(".new");
        let path = PathBuf::from(name);
        // What a crash left behind may be anyone's.
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let mut file = File::options().write(true).create_new(true).mode(0o600).open(&path)?;
        // Whoever finds it in the journal's place must find it taken.
        file.try_lock()?;
        let (mut buffer, mut facts, mut length) = (journal::HEADER.to_vec(), 0, 0);
        let mut chunk = Vec::with_capacity(CHUNK);
        let mut living =
            list.iter().filter(|fact| fact.until().is_none_or(|until| now < until)).peekable();
        while living.peek().is_some() {
            chunk.clear();
            chunk.extend(living.by_ref().take(CHUNK));
            journal::append(&chunk, &mut buffer);
            file.write_all(&buffer)?;
            facts += chunk.len();
            length += buffer.len() as u64;
            buffer.clear();
        }
        file.sync_all()?;
        Ok(Self { path, file, length, facts })
    }

    /// Appends what was written to the journal meanwhile.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn append(&mut self, bytes: &[u8], facts: usize) -> io::Result<()> {
        if !bytes.is_empty() {
            self.file.write_all(bytes)?;
            self.file.sync_all()?;
            self.length += bytes.len() as u64;
            self.facts += facts;
        }
        Ok(())
    }
}

/// A new name is only as durable as its folder.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(folder_of(path))?.sync_all()
}

pub(super) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

/// Facts that a rewrite has in its hands at a time.
const CHUNK: usize = 4_096;
