//! The settings of `X-Auth-Assertion`, and of the keys it is signed with.

use std::borrow::Cow;
use std::error::Error;
use std::path::PathBuf;

use sealpass_tower::sealpass::Lifetimes;
use sealpass_tower::sealpass::jose::{JwsAlgorithm, Verifier};
use sealpass_tower::sealpass::schedule::KeyTimes;

use super::keys::require_lead;
use super::problem::Source;
use super::reader::{Reader, Reported};
use super::resolve::path;
use super::setting::Accept;
use super::{ClaimHeader, KeySource, Keys, table};
use crate::identity;
use crate::keys::Purpose;

/// What an API is told in a way that it can verify.
#[derive(Clone, Debug)]
pub(crate) struct Assertion {
    /// The caller's claims that are told.
    pub(crate) claims: Vec<String>,
    /// In seconds.
    pub(crate) lifetime: u64,
    pub(crate) keys: Keys,
}

/// The name of a claim in an assertion.
#[derive(Debug)]
pub(crate) struct AssertedClaim;

impl Accept for AssertedClaim {
    type Value = String;

    fn read(&self, text: &str) -> Result<String, Cow<'static, str>> {
        if text.is_empty() || text.len() > 256 || text.chars().any(char::is_control) {
            return Err("is no name of a claim".into());
        }
        if identity::is_of_assertion(text) {
            return Err("is a claim of every assertion, or of the session".into());
        }
        Ok(text.to_owned())
    }

    fn accepted(&self) -> Cow<'static, str> {
        "a claim's name of 1 to 256 bytes".into()
    }
}

/// None: there are no assertions. `sessions` are the keys of sessions, `told` the claims in headers,
/// unless these are refused already.
pub(super) fn assertion(
    reader: &mut Reader,
    sessions: Option<&Keys>,
    told: Option<&[ClaimHeader]>,
) -> Result<Option<Assertion>, Reported> {
    let algorithm = reader.get(&table::ASSERTION_ALGORITHM);
    let claims = reader.list(&table::ASSERTION_CLAIMS);
    let lifetime = reader.get(&table::ASSERTION_LIFETIME);
    let period = reader.optional(&table::ASSERTION_PERIOD);
    let directory = path(reader, &table::ASSERTION_KEYS);
    let (algorithm, lifetime, period, directory) = (algorithm?, lifetime?, period?, directory?);
    let Some(algorithm) = algorithm else { return Ok(None) };
    let is_told = matches!(reader.source(&table::ASSERTION_CLAIMS), Source::Default);
    let claims = if is_told { those_told(reader, told.unwrap_or_default()) } else { claims };
    // These are refused, and so is the configuration.
    let Some(sessions) = sessions else { return Ok(None) };
    let keys = keys(reader, algorithm, directory, period, lifetime, sessions);
    Ok(Some(Assertion { claims: claims?, lifetime, keys: keys? }))
}

fn keys(
    reader: &mut Reader,
    algorithm: JwsAlgorithm,
    directory: Option<PathBuf>,
    period: Option<u64>,
    lifetime: u64,
    sessions: &Keys,
) -> Result<Keys, Reported> {
    let source = match (directory, &sessions.source) {
        (Some(directory), KeySource::Files { directory: of_sessions })
            if directory == *of_sessions =>
        {
            let why =
                "is the folder of `keys.directory`: no key is for sessions and for assertions";
            return Err(reader.conflict(&table::ASSERTION_KEYS, why.to_owned()));
        }
        (Some(directory), _) => KeySource::Files { directory },
        (None, KeySource::Shared { .. }) if algorithm != JwsAlgorithm::EdDsa => {
            let why = "is ES256, and of `keys.secret` only keys for EdDSA can be derived; set it to \
                       `EdDSA`, or give key files in `assertion.keys`";
            return Err(reader.conflict(&table::ASSERTION_ALGORITHM, why.to_owned()));
        }
        (None, KeySource::Shared { secret }) => KeySource::Shared { secret: secret.clone() },
        (None, KeySource::Ephemeral | KeySource::Files { .. }) => KeySource::Ephemeral,
    };
    let period = period.unwrap_or(match source {
        KeySource::Files { .. } => 30 * 24 * 3600,
        KeySource::Ephemeral | KeySource::Shared { .. } => 24 * 3600,
    });
    let times = times(period, lifetime)
        .map_err(|why| reader.conflict(&table::ASSERTION_PERIOD, format!("is refused: {why}")))?;
    let (lead, poll) = (sessions.lead, sessions.poll);
    require_lead(reader, &source, lead, times, &table::ASSERTION_PERIOD)?;
    Ok(Keys { purpose: Purpose::Assertions(algorithm), source, times, lead, poll })
}

/// The claims in headers, none of which may be one of the assertion's own.
fn those_told(reader: &mut Reader, told: &[ClaimHeader]) -> Result<Vec<String>, Reported> {
    if let Some(taken) = told.iter().find(|told| identity::is_of_assertion(&told.claim)) {
        let why = format!(
            "is not set, and `upstream.claims` has `{}`, which is a claim of every assertion; say \
             here which claims are in one",
            taken.claim
        );
        return Err(reader.conflict(&table::ASSERTION_CLAIMS, why));
    }
    Ok(told.iter().map(|told| told.claim.clone()).collect())
}

/// An assertion is never renewed, and the clock of whoever verifies it may be behind.
fn times(period: u64, lifetime: u64) -> Result<KeyTimes, Box<dyn Error>> {
    let lifetimes = Lifetimes::new(lifetime, lifetime, lifetime)?;
    Ok(KeyTimes::of(period, lifetimes.with_leeway(Verifier::MAX_LEEWAY)?)?)
}
