//! What others may see of the keys: their names, states and dates, and the public halves.

use std::sync::{Arc, Mutex, PoisonError};

use sealpass_tower::sealpass::jose::{Jwk, SealError};
use sealpass_tower::sealpass::schedule::{ScheduledKey, ScheduledKeys};
use serde::Serialize;
use serde_json::{Value, json};

#[cfg(test)]
use super::Purpose;
use crate::config;

/// The latest snapshot, for whoever is asked about keys.
#[derive(Clone, Debug)]
pub(crate) struct KeyView {
    is_published: bool,
    source: &'static str,
    latest: Arc<Mutex<Arc<Snapshot>>>,
}

/// The keys of a moment.
#[derive(Debug)]
pub(super) struct Snapshot {
    keys: ScheduledKeys,
    problem: Option<String>,
    /// The public halves. Of a shared key there is none, so it is never among them.
    public: Vec<Jwk>,
}

impl Snapshot {
    pub(super) fn new(keys: ScheduledKeys, problem: Option<String>) -> Self {
        let public = keys.keys().iter().filter_map(|key| key.key().to_public_jwk()).collect();
        Self { keys, problem, public }
    }
}

impl KeyView {
    pub(super) fn new(config: &config::Keys, snapshot: Snapshot) -> Self {
        let (is_published, source) = (config.are_published(), config.source.name());
        Self { is_published, source, latest: Arc::new(Mutex::new(Arc::new(snapshot))) }
    }

    /// A view of one new key that nobody looks after.
    #[cfg(test)]
    pub(crate) fn of_new_keys(purpose: Purpose) -> Self {
        use sealpass_tower::sealpass::NumericDate;
        use sealpass_tower::sealpass::schedule::{DatedKey, Timeline};

        let epoch = NumericDate::from_secs(0);
        let key = DatedKey::new(purpose.generate().unwrap(), epoch);
        let keys = Timeline::new(vec![key], 60).unwrap().at(epoch).unwrap();
        let latest = Arc::new(Mutex::new(Arc::new(Snapshot::new(keys, None))));
        Self { is_published: purpose.is_published(), source: "ephemeral", latest }
    }

    pub(super) fn set(&self, snapshot: Snapshot) {
        *self.latest.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(snapshot);
    }

    /// Whether there may be public halves, now or later.
    pub(crate) const fn is_published(&self) -> bool {
        self.is_published
    }

    /// The public halves of the keys that hold now, and of the next ones.
    pub(crate) fn public(&self) -> Vec<Jwk> {
        self.latest().public.clone()
    }

    /// A token of the kind `typ` that says `claims`, made with the active key.
    ///
    /// # Errors
    /// [`SealError`].
    pub(crate) fn seal<T: Serialize>(&self, typ: &str, claims: &T) -> Result<String, SealError> {
        self.latest().keys.ring().seal(typ, claims)
    }

    /// For an operator.
    pub(crate) fn describe(&self) -> Value {
        let latest = self.latest();
        json!({
            "source": self.source,
            "problem": latest.problem,
            "keys": latest.keys.keys().iter().map(describe).collect::<Vec<_>>(),
        })
    }

    fn latest(&self) -> Arc<Snapshot> {
        Arc::clone(&self.latest.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn describe(key: &ScheduledKey) -> Value {
    json!({
        "kid": key.key().kid(),
        "alg": key.key().algorithm().alg(),
        "enc": key.key().algorithm().enc(),
        "state": key.state().name(),
        "seals_from": key.seals_from(),
        "opens_until": key.opens_until(),
        "sealed": key.key().sealed(),
    })
}
