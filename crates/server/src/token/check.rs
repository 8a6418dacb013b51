//! What a token is checked against.

use sealpass_tower::sealpass::jose::danger::{PartialClaims, PartialVerifier};
use sealpass_tower::sealpass::jose::{
    JwkSet, Key, KeyRing, Scratch, UnverifiedToken, Verified, VerifierError, VerifyError,
};

use super::args::VerifyArgs;
use super::{input, json};
use crate::keys::{self, Accepted, Refusal, Usage};

/// The keys of a file and what their tokens must be.
pub(super) struct Check {
    policy: PartialVerifier,
    keys: KeyRing,
    /// Keys of the ring that do not say their name, as in PEM: their issuer may use any.
    nameless: Vec<Key>,
    required: Vec<String>,
    now: Option<u64>,
}

impl Check {
    /// # Errors
    /// [`Usage`] for a policy that no token meets, [`Refusal`] for keys that cannot be used.
    pub(super) fn new(args: &VerifyArgs) -> anyhow::Result<Self> {
        // What contradicts itself is told before any file is looked at.
        let (accepted, policy) = (args.accepted.accepted()?, policy(args)?);
        let keys = keys::load(&args.keys)?;
        Ok(Self {
            policy,
            keys: keys::to_ring(&keys, &args.keys, &accepted)?,
            nameless: nameless(&keys, &accepted),
            required: args.require.clone(),
            now: args.now,
        })
    }

    /// The claims of a token on one line.
    pub(super) fn claims(&self, token: &str, scratch: &mut Scratch) -> Result<String, Refusal> {
        let token = UnverifiedToken::parse(token)?;
        let now = input::now(self.now);
        match self.policy.verify(&self.keys, token, scratch, now) {
            Err(VerifyError::KeyUnknown) => {}
            verdict => return self.require(&verdict?),
        }
        for key in &self.nameless {
            match self.policy.verify_by(key, token, scratch, now) {
                Err(VerifyError::AlgorithmMismatch) => {}
                verdict => return self.require(&verdict?),
            }
        }
        Err(VerifyError::KeyUnknown.into())
    }

    fn require(&self, verified: &Verified<PartialClaims<'_>>) -> Result<String, Refusal> {
        let claims = verified.claims();
        let is_missing = |name: &&String| claims.raw(name).is_none_or(|json| json == "null");
        match self.required.iter().find(is_missing) {
            Some(name) => {
                let reason = format!("`{}` is missing", name.escape_debug());
                Err(Refusal { code: "claim_missing", reason })
            }
            None => Ok(json::one_line(claims.json())),
        }
    }
}

fn policy(args: &VerifyArgs) -> Result<PartialVerifier, Usage> {
    let usage = |error: VerifierError| Usage(error.to_string());
    let mut policy = PartialVerifier::of_any_token().leeway(args.leeway).map_err(usage)?;
    if let Some(issuer) = &args.issuer {
        policy = policy.issuer(issuer).map_err(usage)?;
    }
    if let Some(audience) = &args.audience {
        policy = policy.audience(audience).map_err(usage)?;
    }
    if let Some(typ) = &args.typ {
        policy = policy.typ(typ).map_err(usage)?;
    }
    if args.insecure_no_exp {
        policy = policy.accept_missing_expiry();
    }
    Ok(policy)
}

/// Of several for the same algorithm a token could mean any, and none is tried on the chance.
fn nameless(keys: &JwkSet, accepted: &Accepted) -> Vec<Key> {
    let nameless = keys.keys().iter().filter(|key| key.kid().is_none());
    let nameless: Vec<Key> =
        nameless.filter_map(|key| key.to_key(accepted.as_slice()).ok()).collect();
    let alg = |key: &Key| key.algorithm().alg();
    let is_only = |key: &&Key| nameless.iter().filter(|other| alg(other) == alg(key)).count() == 1;
    nameless.iter().filter(is_only).cloned().collect()
}
