//! Which keys sessions may be sealed with.

use sealpass_tower::sealpass::jose::{
    Algorithm, ContentEncryption, JweAlgorithm, Jwk, JwkError, JwsAlgorithm, Key,
};

/// Why a key is none for sessions.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(super) enum SessionKeyError {
    /// The key is refused, or is for nothing unambiguously.
    #[error("{code}: {0}", code = .0.code())]
    Jwk(#[from] JwkError),
    /// A shared key without a name would be called after a hash of itself (RFC 7638 §7).
    #[error("a shared key needs a `kid`")]
    NoName,
    /// Whoever has the public half could make a session.
    #[error(
        "it is a key for public-key encryption, with which anyone could make a session; use one for \
         signatures, or a shared one"
    )]
    PublicKeyEncryption,
}

/// The key, prepared for its algorithm.
///
/// # Errors
/// [`SessionKeyError`].
pub(super) fn prepare(jwk: &Jwk) -> Result<Key, SessionKeyError> {
    if jwk.kid().is_none() && jwk.to_public().is_none() {
        return Err(SessionKeyError::NoName);
    }
    match jwk.to_key(&accepted()) {
        Ok(key) => Ok(key),
        Err(JwkError::AlgorithmMismatch | JwkError::UseMismatch)
            if jwk.to_public().is_some()
                && (jwk.alg().is_some() || jwk.key_use() == Some("enc")) =>
        {
            Err(SessionKeyError::PublicKeyEncryption)
        }
        Err(error) => Err(error.into()),
    }
}

/// Whether new keys may be made for it.
pub(super) fn is_accepted(algorithm: Algorithm) -> bool {
    accepted().contains(&algorithm)
}

/// Signatures, and encryption under a shared key. A key that says neither `alg` nor `use` is for a
/// signature if only one fits; of RSA and of shared keys several do, so these must say theirs.
fn accepted() -> Vec<Algorithm> {
    let jws = JwsAlgorithm::ALL.into_iter().map(Algorithm::Jws);
    let shared = JweAlgorithm::ALL.into_iter().filter(|alg| is_shared(*alg));
    let jwe = shared.flat_map(|alg| {
        ContentEncryption::ALL.into_iter().map(move |enc| Algorithm::Jwe(alg, enc))
    });
    jws.chain(jwe).collect()
}

const fn is_shared(alg: JweAlgorithm) -> bool {
    matches!(
        alg,
        JweAlgorithm::A128GcmKw
            | JweAlgorithm::A128Kw
            | JweAlgorithm::A192GcmKw
            | JweAlgorithm::A192Kw
            | JweAlgorithm::A256GcmKw
            | JweAlgorithm::A256Kw
            | JweAlgorithm::Dir
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_with_which_anyone_could_make_a_session_is_refused() {
        for alg in JweAlgorithm::ALL {
            let algorithm = Algorithm::Jwe(alg, ContentEncryption::A256Gcm);
            let jwk = Jwk::generate(algorithm).unwrap();
            let prepared = prepare(&jwk);
            if is_shared(alg) {
                assert_eq!(prepared.unwrap().algorithm().alg(), alg.name());
            } else {
                for jwk in [jwk.clone(), jwk.to_public().unwrap()] {
                    let refused = prepare(&jwk).unwrap_err();
                    assert!(matches!(refused, SessionKeyError::PublicKeyEncryption), "{alg}");
                }
            }
        }
    }

    #[test]
    fn every_signature_is_accepted_and_pem_where_it_says_enough() {
        for alg in JwsAlgorithm::ALL {
            let jwk = Jwk::generate(Algorithm::Jws(alg)).unwrap();
            assert_eq!(prepare(&jwk).unwrap().algorithm(), Algorithm::Jws(alg));
            let Ok(pem) = jwk.to_private_pem() else { continue };
            let from_pem = prepare(&Jwk::from_pem(pem.expose().as_bytes()).unwrap());
            match (jwk.key_type(), from_pem) {
                ("RSA", Err(SessionKeyError::Jwk(JwkError::AlgorithmAmbiguous))) => {}
                (_, Ok(key)) => assert_eq!(key.algorithm(), Algorithm::Jws(alg)),
                (kind, prepared) => panic!("{alg:?} {kind}: {prepared:?}"),
            }
        }
    }

    #[test]
    fn a_shared_key_without_a_name_is_not_called_after_a_hash_of_itself() {
        let json = br#"{"kty":"oct","alg":"A256GCM",
            "k":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}"#;
        let jwk = Jwk::parse(json).unwrap();
        assert!(matches!(prepare(&jwk), Err(SessionKeyError::NoName)));
        assert!(prepare(&jwk.with_kid("a").unwrap()).is_ok());
    }
}
