//! A file of everything that was revoked, for one machine.
//!
//! | file | is |
//! |---|---|
//! | `open.rs` | found or made, locked, read into the list |
//! | `file.rs` | what is done to the file itself: append, rewrite |
//! | `write.rs` | the thread that writes: many logouts, one `fsync` |

mod file;
mod open;
mod write;

use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;

use sealpass_tower::sealpass::NumericDate;
use sealpass_tower::sealpass::revocation::journal::JournalError;
use sealpass_tower::sealpass::revocation::{Revocation, RevocationList};
use sealpass_tower::store::{Recording, RevocationStore, StoreError};
use tokio::sync::{mpsc, oneshot};

use self::write::{Message, Writer};

/// The open journal. What it records is on the disk, and in its list, when the answer comes.
///
/// Dropping it closes the file; another process can open it then.
#[derive(Debug)]
pub(crate) struct Journal {
    writer: Option<mpsc::Sender<Message>>,
    thread: Option<JoinHandle<()>>,
}

/// Who was logged out before a journal began.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Before {
    /// Someone else knows.
    Elsewhere,
    /// Nobody knows.
    Unknown,
}

/// Why a journal cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum OpenError {
    /// It is not what it was when it was written.
    #[error("the revocation journal {}: {error}; {}", .path.display(), advice(*.before))]
    Content { path: PathBuf, error: JournalError, before: Before },
    /// It cannot be read, made or repaired.
    #[error("the revocation journal {}: {error}", .path.display())]
    Io { path: PathBuf, error: std::io::Error },
    /// Another process has it.
    #[error("the revocation journal {} is in use by another process", .path.display())]
    Locked { path: PathBuf },
    /// Others than its owner can read or write it.
    #[error(
        "the revocation journal {} has mode {mode:04o}, so that others may open it; run `chmod 600` on it",
        .path.display()
    )]
    Open { path: PathBuf, mode: u32 },
}

fn advice(before: Before) -> &'static str {
    match before {
        Before::Elsewhere => {
            "put it back from a backup, or move it away: logouts in it that never reached Redis are \
             lost then"
        }
        Before::Unknown => {
            "put it back from a backup, or move it away: a new one is begun then, and everyone logs \
             in again"
        }
    }
}

impl Journal {
    /// Opens the journal at `path`, or begins one there, and applies what it has to `list`.
    ///
    /// A new journal does not know who was logged out before it. Unless someone else does, it begins
    /// with the fact that every login up to now is refused.
    ///
    /// # Errors
    /// [`OpenError`]; what a crash cut short is no error.
    pub(crate) fn open(
        path: PathBuf,
        list: Arc<RevocationList>,
        before: Before,
        clock: fn() -> NumericDate,
    ) -> Result<Self, OpenError> {
        let file = open::open(&path, &list, before, clock())?;
        let (sender, receiver) = mpsc::channel(QUEUE);
        let writer = Writer::new(file, list, clock, sender.downgrade());
        let thread = std::thread::Builder::new()
            .name("revocations".to_owned())
            .spawn(move || writer.run(receiver))
            .map_err(|error| OpenError::Io { path, error })?;
        Ok(Self { writer: Some(sender), thread: Some(thread) })
    }
}

impl RevocationStore for Journal {
    fn record<'a>(&'a self, revocations: &'a [Revocation]) -> Recording<'a> {
        Box::pin(async move {
            let stopped = || StoreError::new("the journal's thread has ended");
            let (done, answer) = oneshot::channel();
            let message = Message::Record { facts: revocations.to_vec(), done };
            let writer = self.writer.as_ref().ok_or_else(stopped)?;
            writer.send(message).await.map_err(|_| stopped())?;
            answer.await.map_err(|_| stopped())?
        })
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        drop(self.writer.take());
        if let Some(thread) = self.thread.take() {
            // It ends as soon as it has written what it was sent. Its panic would be logged.
            let _ = thread.join();
        }
    }
}

/// Logouts that may wait to be written; any more wait to be let in.
const QUEUE: usize = 1_024;

#[cfg(test)]
mod tests;
