//! The settings of keys, and that a key is there for as long as what it sealed.

use std::time::Duration;

use sealpass_tower::sealpass::Lifetimes;
use sealpass_tower::sealpass::schedule::{KeyTimes, KeyTimesError};

use super::reader::{Reader, Reported};
use super::resolve::{path, secret};
use super::scalar::time_text;
use super::setting::Described;
use super::{KeySource, KeySourceKind, Keys, table};
use crate::keys::Purpose;

/// The keys; `lifetimes` are those of the sessions, unless these are refused already.
pub(super) fn keys(reader: &mut Reader, lifetimes: Option<Lifetimes>) -> Result<Keys, Reported> {
    let source = source(reader);
    let period = reader.optional(&table::KEYS_PERIOD);
    let retention = reader.optional(&table::KEYS_RETENTION);
    let lead = reader.get(&table::KEYS_LEAD);
    let poll = reader.get(&table::KEYS_POLL);
    let (source, period, retention, lead) = (source?, period?, retention?, lead?);
    // Whether they go together cannot be told then, and the configuration is refused anyway.
    let lifetimes = lifetimes.unwrap_or(Lifetimes::DEFAULT);
    let times = times(reader, &source, period, retention, lifetimes)?;
    require_lead(reader, &source, lead, times, &table::KEYS_PERIOD)?;
    Ok(Keys { purpose: Purpose::Sessions, source, times, lead, poll: poll? })
}

/// That a key file is made while the one before it is in use for the time that `period` says.
pub(super) fn require_lead(
    reader: &mut Reader,
    source: &KeySource,
    lead: u64,
    times: KeyTimes,
    period: &dyn Described,
) -> Result<(), Reported> {
    if !matches!(source, KeySource::Files { .. }) || lead < times.period() {
        return Ok(());
    }
    let why = format!(
        "is {}, not shorter than `{}`, {}: the next key is made that long before the active one \
         has sealed for a period",
        text(lead),
        period.key(),
        text(times.period()),
    );
    Err(reader.conflict(&table::KEYS_LEAD, why))
}

fn source(reader: &mut Reader) -> Result<KeySource, Reported> {
    let kind = reader.optional(&table::KEYS_SOURCE);
    let secret = secret(reader, &table::KEYS_SECRET);
    let directory = path(reader, &table::KEYS_DIRECTORY);
    let (kind, secret, directory) = (kind?, secret?, directory?);
    let kind = match (kind, &secret, &directory) {
        // Said outright, so that a variable can choose between what the file describes.
        (Some(kind), _, _) => kind,
        (None, None, None) => KeySourceKind::Ephemeral,
        (None, Some(_), None) => KeySourceKind::Shared,
        (None, None, Some(_)) => KeySourceKind::Files,
        (None, Some(_), Some(_)) => {
            let why = "is missing, and both `keys.secret` and `keys.directory` are there; set it \
                       to `shared` or `files`";
            return Err(reader.conflict(&table::KEYS_SOURCE, why.to_owned()));
        }
    };
    match (kind, secret, directory) {
        (KeySourceKind::Ephemeral, _, _) => Ok(KeySource::Ephemeral),
        (KeySourceKind::Shared, Some(secret), _) => Ok(KeySource::Shared { secret }),
        (KeySourceKind::Shared, None, _) => Err(reader.missing(&table::KEYS_SECRET)),
        (KeySourceKind::Files, _, Some(directory)) => Ok(KeySource::Files { directory }),
        (KeySourceKind::Files, _, None) => Err(reader.missing(&table::KEYS_DIRECTORY)),
    }
}

fn times(
    reader: &mut Reader,
    source: &KeySource,
    period: Option<u64>,
    retention: Option<u64>,
    lifetimes: Lifetimes,
) -> Result<KeyTimes, Reported> {
    let retention = retention.unwrap_or(lifetimes.presentable());
    let usual = match source {
        KeySource::Ephemeral => 24 * 3600,
        KeySource::Files { .. } => 30 * 24 * 3600,
        KeySource::Shared { .. } => 3600,
    };
    let times = match KeyTimes::new(period.unwrap_or(usual), retention, lifetimes) {
        // Nobody said an hour, so nobody is told that it is too short.
        Err(KeyTimesError::PeriodTooShort { min }) if period.is_none() => {
            KeyTimes::new(min, retention, lifetimes)
        }
        times => times,
    };
    times.map_err(|error| match error {
        KeyTimesError::RetentionTooShort { min } => {
            let why = format!(
                "is {}, so that keys would be gone before what they sealed: a token may be \
                 presented for `lifetimes.idle`, {}, and `lifetimes.leeway`, {}; give at least {}",
                text(retention),
                text(lifetimes.idle()),
                text(lifetimes.leeway()),
                text(min),
            );
            reader.conflict(&table::KEYS_RETENTION, why)
        }
        KeyTimesError::PeriodTooShort { min } => {
            let why = format!(
                "is {}, too short for `keys.retention`, {}: there would be more than {} retired \
                 keys; give at least {}",
                text(period.unwrap_or_default()),
                text(retention),
                KeyTimes::MAX_RETIRED,
                text(min),
            );
            reader.conflict(&table::KEYS_PERIOD, why)
        }
        error => reader.conflict(&table::KEYS_PERIOD, format!("is refused: {error}")),
    })
}

fn text(seconds: u64) -> String {
    time_text(Duration::from_secs(seconds))
}

impl Keys {
    /// Whether there may be public halves, now or later: files may have keys of any kind.
    pub(crate) fn are_published(&self) -> bool {
        self.purpose.is_published() || matches!(self.source, KeySource::Files { .. })
    }
}

impl KeySource {
    /// What the source is called in the configuration.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Ephemeral => "ephemeral",
            Self::Files { .. } => "files",
            Self::Shared { .. } => "shared",
        }
    }
}
