//! What others may see of the keys: their names, states and dates, and the public halves.

use std::sync::{Arc, Mutex, PoisonError};

use sealpass_tower::sealpass::jose::JwkSet;
use sealpass_tower::sealpass::schedule::{ScheduledKey, ScheduledKeys};
use serde_json::{Value, json};

/// The latest snapshot, for whoever is asked about keys.
#[derive(Clone, Debug)]
pub(crate) struct KeyView {
    source: &'static str,
    latest: Arc<Mutex<Arc<Snapshot>>>,
}

/// The keys of a moment.
#[derive(Debug)]
pub(super) struct Snapshot {
    keys: ScheduledKeys,
    problem: Option<String>,
    jwks: String,
}

impl Snapshot {
    pub(super) fn new(keys: ScheduledKeys, problem: Option<String>) -> Self {
        // Of a shared key there is no public half, so it is never among them.
        let public = keys.keys().iter().filter_map(|key| key.key().to_public_jwk());
        let set = JwkSet::new(public).and_then(|set| set.to_public_json());
        Self { keys, problem, jwks: set.unwrap_or_else(|_| NO_KEYS.to_owned()) }
    }
}

impl KeyView {
    pub(super) fn new(source: &'static str, snapshot: Snapshot) -> Self {
        Self { source, latest: Arc::new(Mutex::new(Arc::new(snapshot))) }
    }

    /// A view of keys that nobody looks after.
    #[cfg(test)]
    pub(crate) fn of_new_keys() -> Self {
        use sealpass_tower::sealpass::NumericDate;
        use sealpass_tower::sealpass::jose::Key;
        use sealpass_tower::sealpass::schedule::{DatedKey, Timeline};

        let epoch = NumericDate::from_secs(0);
        let key = DatedKey::new(Key::generate_a256gcm().unwrap(), epoch);
        let keys = Timeline::new(vec![key], 60).unwrap().at(epoch).unwrap();
        Self::new("ephemeral", Snapshot::new(keys, None))
    }

    pub(super) fn set(&self, snapshot: Snapshot) {
        *self.latest.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(snapshot);
    }

    /// Whether there is a JWK Set at all, empty or not.
    pub(crate) fn has_jwks(&self) -> bool {
        self.source == "files"
    }

    /// The public halves as a JWK Set (RFC 7517 §5).
    pub(super) fn jwks(&self) -> String {
        self.latest().jwks.clone()
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

const NO_KEYS: &str = r#"{"keys":[]}"#;
