//! Logouts that outlive this process.

pub(crate) mod journal;

use std::sync::Arc;

use sealpass_tower::RevocationStore;
use sealpass_tower::sealpass::revocation::RevocationList;

use crate::{clock, config};
use journal::Journal;

/// What is known of logouts from before, and who keeps those to come.
pub(crate) struct Revocations {
    /// None: nothing is known, so whoever logged in before is refused.
    pub(crate) known: Option<Arc<RevocationList>>,
    /// None: a logout lasts as long as the process.
    pub(crate) store: Option<Arc<dyn RevocationStore>>,
}

impl Revocations {
    /// Opens what the configuration names.
    ///
    /// # Errors
    /// A store that cannot be used: without it a logout might be forgotten.
    pub(crate) fn open(config: &config::Revocation) -> anyhow::Result<Self> {
        let Some(path) = &config.journal else {
            return Ok(Self { known: None, store: None });
        };
        let list = Arc::new(RevocationList::with_max_entries(config.max_entries.get()));
        let journal = Journal::open(path.clone(), Arc::clone(&list), clock::now)?;
        Ok(Self { known: Some(list), store: Some(Arc::new(journal)) })
    }
}
