//! Texts that may be sets of keys.

use sealpass_jose::{Algorithm, JwkSet, JwksCache, JwksSchedule, JwsAlgorithm, NumericDate};

use crate::jwk::require_round_trips;
use crate::{ACCEPTED, Outcome};

/// The bytes as a JWK Set, and as what a cache has fetched.
///
/// A set that is read comes out as it went in; one that a cache refuses leaves it as it was.
pub fn jwks(bytes: &[u8]) -> Outcome {
    cache(bytes);
    let set = match JwkSet::parse(bytes) {
        Ok(set) => set,
        Err(error) => return error.code(),
    };
    assert!(set.keys().len() + set.skipped().len() <= JwkSet::MAX_KEYS);
    for key in set.keys() {
        require_round_trips(key);
        if let Some(kid) = key.kid() {
            let found = set.get(kid).expect("the key of that name");
            assert_eq!(found.thumbprint(), key.thumbprint(), "two keys are named {kid}");
        }
    }
    let json = set.to_private_json();
    // Numbers are written in full, so that what was within the limit may come out beyond it.
    if json.expose().len() <= JwkSet::MAX_BYTES {
        let again = JwkSet::parse(json.expose().as_bytes()).expect("what came out goes in");
        assert_eq!(again.to_private_json().expose(), json.expose());
    }
    match set.to_ring(&accepted()) {
        Ok(ring) => {
            assert!(ring.keys().len() <= set.keys().len());
            ACCEPTED
        }
        Err(error) => error.code(),
    }
}

fn cache(bytes: &[u8]) {
    let now = NumericDate::from_secs(1_700_000_000);
    let good = br#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"good",
        "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
    let mut cache = JwksCache::new(JwksSchedule::recommended(), &accepted()).expect("a schedule");
    let fetch = cache.due(now).expect("a first fetch");
    cache.loaded(fetch, good, now).expect("a good set");
    let later = NumericDate::from_secs(1_700_100_000);
    let fetch = cache.due(later).expect("a second fetch");
    let has_good =
        |cache: &JwksCache| cache.keys(now).is_some_and(|keys| keys.get("good").is_some());
    if cache.loaded(fetch, bytes, later).is_err() {
        assert!(has_good(&cache), "a set that was refused took the place of a good one");
    }
}

fn accepted() -> [Algorithm; 13] {
    JwsAlgorithm::ALL.map(Algorithm::Jws)
}
