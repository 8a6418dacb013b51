//! The thread that writes: many logouts, one `fsync`.

use std::io;
use std::sync::Arc;
use std::thread;

use sealpass_tower::sealpass::NumericDate;
use sealpass_tower::sealpass::revocation::{Revocation, RevocationList, journal};
use sealpass_tower::store::StoreError;
use tokio::sync::{mpsc, oneshot};

use super::file::{JournalFile, Rewritten};

/// What the thread is told.
#[derive(Debug)]
pub(super) enum Message {
    /// Keep these, then say so.
    Record { facts: Vec<Revocation>, done: oneshot::Sender<Result<(), StoreError>> },
    /// The rewrite that was going on is done.
    Rewritten(io::Result<Rewritten>),
}

#[derive(Debug)]
pub(super) struct Writer {
    file: JournalFile,
    list: Arc<RevocationList>,
    clock: fn() -> NumericDate,
    /// To be told of the end of a rewrite; it keeps nobody waiting.
    messages: mpsc::WeakSender<Message>,
    rewrite: Option<Meanwhile>,
    /// How many facts make the next rewrite worth it.
    rewrite_at: usize,
}

/// What was written to the journal while it is being rewritten.
#[derive(Debug, Default)]
struct Meanwhile {
    bytes: Vec<u8>,
    facts: usize,
}

impl Writer {
    pub(super) fn new(
        file: JournalFile,
        list: Arc<RevocationList>,
        clock: fn() -> NumericDate,
        messages: mpsc::WeakSender<Message>,
    ) -> Self {
        let rewrite_at = worth_rewriting(list.len());
        Self { file, list, clock, messages, rewrite: None, rewrite_at }
    }

    /// Writes until nobody is left to send.
    pub(super) fn run(mut self, mut messages: mpsc::Receiver<Message>) {
        let (mut batch, mut waiting) = (Vec::new(), Vec::new());
        while messages.blocking_recv_many(&mut batch, BATCH) > 0 {
            let mut facts = Vec::new();
            for message in batch.drain(..) {
                match message {
                    Message::Record { facts: more, done } => {
                        facts.extend(more);
                        waiting.push(done);
                    }
                    Message::Rewritten(rewritten) => self.finish_rewrite(rewritten),
                }
            }
            let recorded = self.record(&facts);
            for done in waiting.drain(..) {
                // A client that went away is logged out all the same.
                let _ = done.send(recorded.clone());
            }
            if self.file.facts() >= self.rewrite_at && self.rewrite.is_none() {
                self.begin_rewrite();
            }
        }
    }

    /// Makes `facts` durable, then lets them take effect: what a rewrite finds in the list is then
    /// never less than what the file has.
    fn record(&mut self, facts: &[Revocation]) -> Result<(), StoreError> {
        if facts.is_empty() {
            return Ok(());
        }
        self.append(facts)
            .map_err(|error| StoreError::new(format!("{}: {error}", self.file.path().display())))?;
        let now = (self.clock)();
        for fact in facts {
            self.list.apply(fact, now);
        }
        Ok(())
    }

    fn append(&mut self, facts: &[Revocation]) -> io::Result<()> {
        if self.file.is_suspect() {
            if self.rewrite.is_some() {
                return Err(io::Error::other("it is being rewritten after an earlier failure"));
            }
            let rewritten = Rewritten::write(self.file.path(), &self.list, (self.clock)())?;
            self.file.replace_by(rewritten)?;
        }
        // One frame at a time: of two, a crash could leave the second alone.
        for facts in facts.chunks(FACTS_OF_FRAME) {
            let mut frame = Vec::new();
            journal::append(facts, &mut frame);
            self.file.append(&frame, facts.len())?;
            if let Some(meanwhile) = &mut self.rewrite {
                meanwhile.bytes.append(&mut frame);
                meanwhile.facts += facts.len();
            }
        }
        Ok(())
    }

    /// Rewrites the journal beside this thread, so that logouts go on.
    fn begin_rewrite(&mut self) {
        self.rewrite_at = worth_rewriting(self.file.facts());
        let Some(messages) = self.messages.upgrade() else {
            return; // nobody is left to send: this is the end
        };
        let (path, list) = (self.file.path().to_owned(), Arc::clone(&self.list));
        let now = (self.clock)();
        let rewrite = move || {
            let rewritten = Rewritten::write(&path, &list, now);
            // The journal was closed meanwhile: the next one begins with the whole file again.
            let _ = messages.blocking_send(Message::Rewritten(rewritten));
        };
        match thread::Builder::new().name("revocations-rewrite".to_owned()).spawn(rewrite) {
            Ok(_) => self.rewrite = Some(Meanwhile::default()),
            Err(error) => tracing::warn!(%error, "the revocation journal was not rewritten"),
        }
    }

    fn finish_rewrite(&mut self, rewritten: io::Result<Rewritten>) {
        let meanwhile = self.rewrite.take().unwrap_or_default();
        let replaced = rewritten.and_then(|mut rewritten| {
            rewritten.append(&meanwhile.bytes, meanwhile.facts)?;
            self.file.replace_by(rewritten)
        });
        match replaced {
            Ok(()) => {
                self.rewrite_at = worth_rewriting(self.file.facts());
                tracing::debug!(facts = self.file.facts(), "revocation journal rewritten");
            }
            Err(error) => tracing::warn!(
                path = %self.file.path().display(), %error,
                "the revocation journal was not rewritten; it grows until that works"
            ),
        }
    }
}

/// A journal of `facts` is rewritten once it has twice as many: so each fact is written again at
/// most about once.
const fn worth_rewriting(facts: usize) -> usize {
    2 * facts + 16 * 1_024
}

/// Logouts that share an `fsync`.
const BATCH: usize = 1_024;

/// Facts that surely fit into one frame.
const FACTS_OF_FRAME: usize = journal::MAX_FRAME / (2 + Revocation::MAX_ENCODED);
